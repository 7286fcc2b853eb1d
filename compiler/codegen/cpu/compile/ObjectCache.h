//===- ObjectCache.h - Objects that were compiled before --------*- C++ -*-===//

#ifndef WEFT_CODEGEN_CPU_COMPILE_OBJECTCACHE_H
#define WEFT_CODEGEN_CPU_COMPILE_OBJECTCACHE_H

#include "llvm/ADT/StringRef.h"
#include "llvm/IR/Module.h"
#include <optional>
#include <string>

namespace weft::cpu {

/// Files of a folder, named by a hash of what they were made of. Several
/// threads and processes may use a folder. A file that does not match its own
/// hash is as if it were not there; so is a folder that cannot be written.
class ObjectCache {
public:
  /// No folder: nothing is found or kept.
  explicit ObjectCache(llvm::StringRef folder) : folder(folder) {}

  /// The name for code made of `module` for the level of that name.
  std::string getKey(const llvm::Module &module, llvm::StringRef level) const;
  std::optional<std::string> find(llvm::StringRef key) const;
  void keep(llvm::StringRef key, llvm::StringRef object) const;

private:
  std::string getPath(llvm::StringRef key) const;
  std::string folder;
};

} // namespace weft::cpu

#endif // WEFT_CODEGEN_CPU_COMPILE_OBJECTCACHE_H
