//===- ObjectCache.cpp - Objects that were compiled before ----------------===//

#include "compiler/codegen/cpu/compile/ObjectCache.h"
#include "compiler/codegen/cpu/compile/BuildId.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Bitcode/BitcodeWriter.h"
#include "llvm/Config/llvm-config.h"
#include "llvm/Support/CachePruning.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/SHA256.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;
using namespace weft::cpu;

/// Raised when the way from IR to objects changes.
static constexpr char kVersion[] = "1 " LLVM_VERSION_STRING;
static constexpr size_t kHashSize = 32;

static std::string hash(StringRef bytes) {
  std::array<uint8_t, kHashSize> digest =
      SHA256::hash(arrayRefFromStringRef(bytes));
  return toStringRef(digest).str();
}

std::string ObjectCache::getKey(program::KernelOp kernel, StringRef level) {
  if (getBuildIds().empty())
    return {};
  std::string bytes;
  raw_string_ostream out(bytes);
  out << getBuildIds() << '\n' << level << '\n';
  kernel->print(out, mlir::OpPrintingFlags().useLocalScope());
  return toHex(hash(bytes), /*LowerCase=*/true);
}

std::string ObjectCache::getKey(const Module &module, StringRef level) {
  std::string bytes;
  raw_string_ostream out(bytes);
  out << kVersion << '\n' << level << '\n';
  WriteBitcodeToFile(module, out);
  return toHex(hash(bytes), /*LowerCase=*/true);
}

std::string ObjectCache::getPath(StringRef key) const {
  SmallString<128> path(folder);
  sys::path::append(path, "llvmcache-" + key); // as pruneCache wants it
  return path.str().str();
}

std::optional<std::string> ObjectCache::find(StringRef key) const {
  if (folder.empty() || key.empty())
    return std::nullopt;
  auto file = MemoryBuffer::getFile(getPath(key), /*IsText=*/false,
                                    /*RequiresNullTerminator=*/false,
                                    /*IsVolatile=*/true);
  if (!file || (*file)->getBufferSize() < kHashSize)
    return std::nullopt;
  StringRef bytes = (*file)->getBuffer();
  StringRef kept = bytes.drop_front(kHashSize);
  if (hash(kept) != bytes.take_front(kHashSize))
    return std::nullopt;
  return kept.str();
}

void ObjectCache::keep(StringRef key, StringRef bytes) const {
  if (folder.empty() || key.empty() || sys::fs::create_directories(folder))
    return;
  // Written aside and renamed, so that nobody reads half a file.
  int descriptor;
  SmallString<128> part;
  if (sys::fs::createUniqueFile(getPath(key) + ".%%%%%%", descriptor, part))
    return;
  raw_fd_ostream out(descriptor, /*shouldClose=*/true);
  out << hash(bytes) << bytes;
  out.close();
  bool failed = out.has_error();
  out.clear_error();
  if (failed || sys::fs::rename(part, getPath(key)))
    (void)sys::fs::remove(part); // else it is pruned one day
}

void ObjectCache::prune() const {
  if (folder.empty() || !sys::fs::is_directory(folder))
    return;
  CachePruningPolicy policy;
  policy.Expiration = std::chrono::hours(24 * 30);
  policy.MaxSizeBytes = uint64_t(512) << 20;
  pruneCache(folder, policy);
}
