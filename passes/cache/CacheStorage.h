//===- CacheStorage.h - Numbers that a cache holds --------------*- C++ -*-===//

#ifndef WEFT_PASSES_CACHE_CACHESTORAGE_H
#define WEFT_PASSES_CACHE_CACHESTORAGE_H

#include "mlir/IR/BuiltinTypes.h"
#include "llvm/ADT/StringRef.h"
#include <optional>

namespace weft {

/// How keys and values are kept, as `--cache` names it. Int8: codes with a
/// scale of f32 for each token and head.
enum class CacheStorage { F32, F16, Bf16, Int8 };

std::optional<CacheStorage> parseCacheStorage(llvm::StringRef name);
mlir::Type getElementType(CacheStorage storage, mlir::MLIRContext *context);
/// Elements that a row of `channels` numbers takes.
int64_t getRowSize(CacheStorage storage, int64_t channels);

} // namespace weft

#endif // WEFT_PASSES_CACHE_CACHESTORAGE_H
