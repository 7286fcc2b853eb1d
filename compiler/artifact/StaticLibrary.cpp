//===- StaticLibrary.cpp - A model to link into an application ------------===//

#include "compiler/artifact/StaticLibrary.h"
#include "compiler/artifact/Assemble.h"
#include "compiler/artifact/OutputFile.h"
#include "compiler/artifact/TranslateProgram.h"
#include "llvm/ADT/ScopeExit.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Object/Archive.h"
#include "llvm/Object/ArchiveWriter.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

using namespace mlir;
using namespace weft;
using namespace weft::artifact;
using llvm::Error;
using llvm::Expected;
using llvm::NewArchiveMember;

/// `text` as a part of a C identifier.
static std::string identifier(StringRef text) {
  std::string name = text.str();
  for (char &c : name)
    if (!llvm::isAlnum(c))
      c = '_';
  return name.empty() || llvm::isDigit(name[0]) ? "_" + name : name;
}

namespace {
class LibraryWriter {
public:
  LibraryWriter(ModuleOp module, fb::ProgramT &tables, ArrayRef<Code> code,
                StringRef path)
      : module(module), tables(tables), code(code), path(path),
        prefix(identifier(llvm::sys::path::stem(path))) {}

  LogicalResult writeData(const PackParameter &pack,
                          const std::function<void(size_t)> &progress,
                          StringRef folder);
  Error addData(StringRef folder);
  Error addKernels();
  Error addRuntime(StringRef archive);
  Error writeArchive();
  Error writeHeader();

private:
  std::string levelPrefix(const Code &level) const {
    return prefix + "_" + identifier(level.level) + "_";
  }
  std::string describeLevels() const;
  std::string describeProgram(StringRef folder) const;
  void add(std::unique_ptr<llvm::MemoryBuffer> object, StringRef name);

  ModuleOp module;
  fb::ProgramT &tables;
  ArrayRef<Code> code;
  StringRef path;
  std::string prefix;
  uint64_t tablesBytes = 0;
  std::vector<NewArchiveMember> members;
  std::vector<std::string> names; // of members
};
} // namespace

/// Packs the parameters and the tables into files that the assembler takes in.
LogicalResult
LibraryWriter::writeData(const PackParameter &pack,
                         const std::function<void(size_t)> &progress,
                         StringRef folder) {
  std::error_code error;
  llvm::raw_fd_ostream parameters((folder + "/parameters").str(), error);
  if (error)
    return module.emitError() << folder << ": " << error.message();
  if (failed(writeParameters(module, tables, pack, progress, parameters)))
    return failure();
  // The code is linked: its segments have no bytes.
  for (const Code &level : code)
    addVariant(tables, level);
  flatbuffers::DetachedBuffer buffer = serialize(tables);
  tablesBytes = buffer.size();
  llvm::raw_fd_ostream out((folder + "/tables").str(), error);
  if (error)
    return module.emitError() << folder << ": " << error.message();
  out.write(reinterpret_cast<const char *>(buffer.data()), buffer.size());
  return success();
}

/// Arrays of weft_linked_level and weft_linked_kernel, see weft/program.h.
std::string LibraryWriter::describeLevels() const {
  std::string text, levels = "levels:\n";
  llvm::raw_string_ostream out(text);
  for (const Code &level : code) {
    std::string id = identifier(level.level);
    levels += "  .quad name_" + id + ", kernels_" + id + ", " +
              std::to_string(tables.kernels.size()) + "\n";
    out << "kernels_" << id << ":\n";
    for (auto [i, kernel] : llvm::enumerate(tables.kernels))
      out << "  .quad kernel_name_" << i << ", \"" << levelPrefix(level)
          << kernel->symbol << "\"\n";
  }
  out << levels << ".section .rodata.str1.1,\"aMS\",@progbits,1\n";
  for (const Code &level : code)
    out << "name_" << identifier(level.level) << ": .asciz \"" << level.level
        << "\"\n";
  for (auto [i, kernel] : llvm::enumerate(tables.kernels))
    out << "kernel_name_" << i << ": .asciz \"" << kernel->symbol << "\"\n";
  return text;
}

/// The weft_linked_program, and what it points to.
std::string LibraryWriter::describeProgram(StringRef folder) const {
  std::string text;
  llvm::raw_string_ostream out(text);
  out << ".section .rodata." << prefix << ",\"a\",@progbits\n"
      << ".balign 64\ntables: .incbin \"" << folder << "/tables\"\n"
      << ".balign 4096\nparameters: .incbin \"" << folder << "/parameters\"\n"
      << ".section .data.rel.ro." << prefix << ",\"aw\",@progbits\n"
      << ".balign 8\n.globl " << prefix << "_program\n"
      << prefix << "_program:\n"
      << "  .quad tables, " << tablesBytes << ", segments, segment_bytes, "
      << tables.segments.size() << ", levels, " << code.size() << "\n"
      << "segments:\n  .quad parameters\n  .fill " << code.size() << ", 8, 0\n"
      << "segment_bytes:\n  .quad " << tables.segments[0]->bytes << "\n  .fill "
      << code.size() << ", 8, 0\n"
      << describeLevels() << ".section .note.GNU-stack,\"\",@progbits\n";
  return text;
}

void LibraryWriter::add(std::unique_ptr<llvm::MemoryBuffer> object,
                        StringRef name) {
  names.push_back(name.str());
  NewArchiveMember &member = members.emplace_back();
  member.Buf = std::move(object);
}

Error LibraryWriter::addData(StringRef folder) {
  auto object = assemble(describeProgram(folder), prefix);
  if (!object)
    return object.takeError();
  add(std::move(*object), prefix + ".o");
  return Error::success();
}

Error LibraryWriter::addKernels() {
  for (const Code &level : code) {
    auto object =
        prefixSymbols(level.object->getMemBufferRef(), levelPrefix(level));
    if (!object)
      return object.takeError();
    add(std::move(*object), levelPrefix(level) + "kernels.o");
  }
  return Error::success();
}

Error LibraryWriter::addRuntime(StringRef archive) {
  auto buffer = llvm::MemoryBuffer::getFile(archive);
  if (!buffer)
    return llvm::createFileError(archive, buffer.getError());
  auto file = llvm::object::Archive::create(**buffer);
  if (!file)
    return file.takeError();
  Error error = Error::success();
  for (const auto &child : (*file)->children(error)) {
    auto bytes = child.getMemoryBufferRef();
    if (!bytes)
      return llvm::joinErrors(std::move(error), bytes.takeError());
    add(llvm::MemoryBuffer::getMemBufferCopy(bytes->getBuffer()),
        bytes->getBufferIdentifier());
  }
  return error;
}

Error LibraryWriter::writeArchive() {
  for (auto [member, name] : llvm::zip_equal(members, names))
    member.MemberName = name;
  auto archive = llvm::writeArchiveToBuffer(
      members, llvm::SymtabWritingMode::NormalSymtab,
      llvm::object::Archive::K_GNU, /*Deterministic=*/true, /*Thin=*/false);
  if (!archive)
    return archive.takeError();
  return writeOutputFile(path, [&](llvm::raw_fd_ostream &out) {
    out << (*archive)->getBuffer();
    return Error::success();
  });
}

Error LibraryWriter::writeHeader() {
  SmallString<128> header(path);
  llvm::sys::path::replace_extension(header, "h");
  std::string guard = StringRef(prefix).upper() + "_H";
  return writeOutputFile(header, [&](llvm::raw_fd_ostream &out) {
    out << "/* A model that weft compiled; link it with "
        << llvm::sys::path::filename(path) << ":\n"
        << " *   cc application.c " << llvm::sys::path::filename(path)
        << " -lpthread -ldl */\n"
        << "#ifndef " << guard << "\n#define " << guard << "\n\n"
        << "#include \"weft/weft.h\"\n\n"
        << "#ifdef __cplusplus\nextern \"C\" {\n#endif\n\n"
        << "/* For weft_program_create_linked. */\n"
        << "extern const weft_linked_program " << prefix << "_program;\n\n"
        << "/* Creates the program; the caller releases it. */\n"
        << "static inline weft_status " << prefix
        << "_create(weft_program **out_program) {\n"
        << "  return weft_program_create_linked(&" << prefix
        << "_program, 0, out_program);\n}\n\n"
        << "#ifdef __cplusplus\n} /* extern \"C\" */\n#endif\n\n"
        << "#endif /* " << guard << " */\n";
    return Error::success();
  });
}

LogicalResult
artifact::writeStaticLibrary(ModuleOp module, fb::ProgramT &tables,
                             ArrayRef<Code> code, const PackParameter &pack,
                             const std::function<void(size_t)> &progress,
                             StringRef path, StringRef runtimeArchive) {
  SmallString<128> folder;
  if (std::error_code error =
          llvm::sys::fs::createUniqueDirectory("weft-library", folder))
    return module.emitError() << "temporary folder: " << error.message();
  auto remove = llvm::scope_exit(
      [&] { (void)llvm::sys::fs::remove_directories(folder); });

  SmallString<128> archive(path);
  llvm::sys::path::replace_extension(archive, "a"); // model, model.a: alike
  LibraryWriter writer(module, tables, code, archive);
  if (failed(writer.writeData(pack, progress, folder)))
    return failure();
  auto run = [&]() -> Error {
    if (Error error = writer.addData(folder))
      return error;
    if (Error error = writer.addKernels())
      return error;
    if (Error error = writer.addRuntime(runtimeArchive))
      return error;
    if (Error error = writer.writeArchive())
      return error;
    return writer.writeHeader();
  };
  if (Error error = run())
    return module.emitError() << llvm::toString(std::move(error));
  return success();
}
