//===- Link.cpp - Objects to a shared object ------------------------------===//

#include "compiler/codegen/cpu/compile/Link.h"
#include "lld/Common/Driver.h"
#include "llvm/ADT/ScopeExit.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"
#include <mutex>

LLD_HAS_DRIVER(elf)

using namespace llvm;

static Error writeFile(StringRef path, StringRef bytes) {
  std::error_code error;
  raw_fd_ostream out(path, error);
  if (!error) {
    out << bytes;
    out.close();
    error = out.error();
    out.clear_error();
  }
  return error ? createFileError(path, error) : Error::success();
}

static Error runLld(ArrayRef<std::string> arguments) {
  static std::mutex mutex; // LLD has globals
  std::lock_guard<std::mutex> lock(mutex);
  SmallVector<const char *> argv;
  for (const std::string &argument : arguments)
    argv.push_back(argument.c_str());
  std::string text;
  raw_string_ostream out(text);
  lld::Result result =
      lld::lldMain(argv, out, out, {{lld::Gnu, &lld::elf::link}});
  if (result.retCode)
    return createStringError("linking the kernels failed: " +
                             StringRef(text).trim());
  return Error::success();
}

/// Runs LLD with `flags` on the objects.
static Expected<std::unique_ptr<MemoryBuffer>>
link(ArrayRef<StringRef> objects, ArrayRef<const char *> flags) {
  SmallString<128> folder;
  if (std::error_code error =
          sys::fs::createUniqueDirectory("weft-link", folder))
    return createFileError("temporary folder", error);
  auto remove = scope_exit([&] { (void)sys::fs::remove_directories(folder); });

  auto inFolder = [&](const Twine &name) {
    SmallString<128> path(folder);
    sys::path::append(path, name);
    return path.str().str();
  };
  std::string result = inFolder("kernels");
  std::vector<std::string> arguments = {"ld.lld", "--threads=1", "-o", result};
  arguments.insert(arguments.end(), flags.begin(), flags.end());
  for (auto [i, object] : enumerate(objects)) {
    arguments.push_back(inFolder(Twine(i) + ".o"));
    if (Error error = writeFile(arguments.back(), object))
      return std::move(error);
  }
  if (Error error = runLld(arguments))
    return std::move(error);
  auto buffer = MemoryBuffer::getFile(result, /*IsText=*/false,
                                      /*RequiresNullTerminator=*/false,
                                      /*IsVolatile=*/true);
  if (!buffer)
    return createFileError(result, buffer.getError());
  return std::move(*buffer);
}

Expected<std::unique_ptr<MemoryBuffer>>
weft::cpu::linkShared(ArrayRef<StringRef> objects) {
  return link(objects, {"-shared", "--no-undefined", "-Bsymbolic",
                        "--strip-all", "--build-id=none", "--hash-style=gnu",
                        "-soname", "kernels", "-z", "noexecstack"});
}

Expected<std::unique_ptr<MemoryBuffer>>
weft::cpu::linkRelocatable(ArrayRef<StringRef> objects) {
  return link(objects, {"-r", "--discard-all"});
}
