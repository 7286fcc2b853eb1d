//===- ObjectCache.h - Objects that were compiled before --------*- C++ -*-===//

#ifndef WEFT_CODEGEN_CPU_COMPILE_OBJECTCACHE_H
#define WEFT_CODEGEN_CPU_COMPILE_OBJECTCACHE_H

#include "dialects/program/ops/ProgramOps.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/IR/Module.h"
#include <optional>
#include <string>

namespace weft::cpu {

/// Files of a folder, named by a hash of what they were made of: objects, of
/// LLVM IR; and for kernels, which object is theirs, so that nothing has to be
/// lowered to find it. Several threads and processes may use a folder. A file
/// that does not match its own hash is as if it were not there; so is a folder
/// that cannot be written.
class ObjectCache {
public:
  /// No folder: nothing is found or kept.
  explicit ObjectCache(llvm::StringRef folder) : folder(folder) {}

  /// The name for code made of `module` for the level of that name.
  static std::string getKey(const llvm::Module &module, llvm::StringRef level);
  /// The name for what this build of the compiler makes of `kernel` for a
  /// level; empty if the build has no name.
  static std::string getKey(program::KernelOp kernel, llvm::StringRef level);

  std::optional<std::string> find(llvm::StringRef key) const;
  void keep(llvm::StringRef key, llvm::StringRef bytes) const;
  /// Removes what was not used for a month, and the oldest beyond 512 MiB.
  /// Looks at most every 20 minutes.
  void prune() const;

private:
  std::string getPath(llvm::StringRef key) const;
  std::string folder;
};

} // namespace weft::cpu

#endif // WEFT_CODEGEN_CPU_COMPILE_OBJECTCACHE_H
