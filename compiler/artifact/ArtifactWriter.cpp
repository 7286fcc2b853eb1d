//===- ArtifactWriter.cpp - The file that the runtime loads ---------------===//

#include "compiler/artifact/ArtifactWriter.h"
#include "compiler/artifact/HashingStream.h"
#include "compiler/artifact/OutputFile.h"
#include "compiler/artifact/TranslateProgram.h"
#include "runtime/module/Header.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace weft;
using namespace weft::artifact;

LogicalResult artifact::writeParameters(
    ModuleOp module, fb::ProgramT &tables, const PackParameter &pack,
    const std::function<void(size_t)> &progress, llvm::raw_ostream &out) {
  HashingStream stream(out);
  auto ops = llvm::to_vector(module.getOps<program::ParameterOp>());
  for (auto [i, op, row] : llvm::enumerate(ops, tables.parameters)) {
    stream.padTo(row->offset);
    if (failed(pack(op, stream)))
      return failure();
    uint64_t written = stream.tell() - row->offset;
    if (written != row->bytes)
      return op.emitOpError() << "expected " << row->bytes
                              << " packed bytes but got " << written;
    if (progress)
      progress(i + 1);
  }
  tables.segments[0]->hash = stream.hash();
  return success();
}

fb::SegmentT &artifact::addVariant(fb::ProgramT &tables, const Code &level) {
  auto variant = std::make_unique<fb::VariantT>();
  variant->level = level.level;
  variant->features = level.features;
  variant->rank = level.rank;
  variant->segment = tables.segments.size();
  tables.variants.push_back(std::move(variant));
  tables.segments.push_back(std::make_unique<fb::SegmentT>());
  tables.segments.back()->kind = fb::SegmentKind::Code;
  return *tables.segments.back();
}

/// Adds the code of each level; offsets are not set yet.
static void addCode(fb::ProgramT &tables, ArrayRef<Code> code) {
  for (const Code &level : code) {
    StringRef bytes = level.object->getBuffer();
    fb::SegmentT &segment = addVariant(tables, level);
    segment.bytes = bytes.size();
    segment.hash = XXH3_64bits(bytes.data(), bytes.size());
  }
}

/// Places the segments after tables of `tablesBytes`: code, then parameters.
/// Returns the end of the file.
static uint64_t placeSegments(fb::ProgramT &tables, uint64_t tablesBytes) {
  uint64_t end =
      llvm::alignTo(sizeof(FileHeader), kTablesAlignment) + tablesBytes;
  auto place = [&](fb::SegmentT &segment) {
    // Nothing lies anywhere inside the file.
    segment.offset = segment.bytes ? llvm::alignTo(end, kSegmentAlignment)
                                   : llvm::alignDown(end, kSegmentAlignment);
    end = std::max(end, segment.offset + segment.bytes);
  };
  for (auto &segment : llvm::drop_begin(tables.segments))
    place(*segment);
  place(*tables.segments[0]);
  return end;
}

/// Parameters are written in large pieces: Linux may keep a piece in large
/// pages, which whoever maps the file reads faster.
static constexpr size_t kParameterWrite = size_t(32) << 20;

static LogicalResult writeTo(llvm::raw_fd_ostream &out, ModuleOp module,
                             fb::ProgramT &tables, ArrayRef<Code> code,
                             const PackParameter &pack,
                             const std::function<void(size_t)> &progress) {
  addCode(tables, code);
  FileHeader header{};
  std::copy(std::begin(kMagic), std::end(kMagic), header.magic);
  header.majorVersion = kMajorVersion;
  header.minorVersion = kMinorVersion;
  header.tablesOffset = llvm::alignTo(sizeof(FileHeader), kTablesAlignment);
  header.tablesBytes = serialize(tables).size();
  header.fileBytes = placeSegments(tables, header.tablesBytes);

  // Segments first, since the tables state their hashes.
  for (auto [level, segment] :
       llvm::zip_equal(code, llvm::drop_begin(tables.segments))) {
    out.seek(segment->offset);
    out << level.object->getBuffer();
  }
  out.seek(tables.segments[0]->offset);
  out.SetBufferSize(kParameterWrite);
  if (failed(writeParameters(module, tables, pack, progress, out)))
    return failure();

  flatbuffers::DetachedBuffer buffer = serialize(tables);
  assert(buffer.size() == header.tablesBytes && "hashes changed the size");
  header.tablesHash = XXH3_64bits(buffer.data(), buffer.size());
  out.seek(header.tablesOffset);
  out.write(reinterpret_cast<const char *>(buffer.data()), buffer.size());
  out.seek(0);
  out.write(reinterpret_cast<const char *>(&header), sizeof(header));
  return success();
}

LogicalResult
artifact::writeArtifact(ModuleOp module, fb::ProgramT &tables,
                        ArrayRef<Code> code, const PackParameter &pack,
                        const std::function<void(size_t)> &progress,
                        StringRef path) {
  // Errors of the stream come back as text, others are on the module already.
  bool isReported = false;
  llvm::Error error = writeOutputFile(path, [&](llvm::raw_fd_ostream &out) {
    isReported = failed(writeTo(out, module, tables, code, pack, progress));
    return isReported ? llvm::createStringError("") : llvm::Error::success();
  });
  std::string message = llvm::toString(std::move(error));
  if (!isReported && !message.empty())
    module.emitError() << message;
  return success(!isReported && message.empty());
}
