//===- CacheStorage.cpp - Numbers that a cache holds ----------------------===//

#include "passes/cache/CacheStorage.h"
#include "llvm/ADT/StringSwitch.h"

using namespace mlir;
using namespace weft;

std::optional<CacheStorage> weft::parseCacheStorage(StringRef name) {
  return llvm::StringSwitch<std::optional<CacheStorage>>(name)
      .Case("f32", CacheStorage::F32)
      .Case("f16", CacheStorage::F16)
      .Case("bf16", CacheStorage::Bf16)
      .Case("int8", CacheStorage::Int8)
      .Default(std::nullopt);
}

Type weft::getElementType(CacheStorage storage, MLIRContext *context) {
  switch (storage) {
  case CacheStorage::F32:
    return Float32Type::get(context);
  case CacheStorage::F16:
    return Float16Type::get(context);
  case CacheStorage::Bf16:
    return BFloat16Type::get(context);
  case CacheStorage::Int8:
    return IntegerType::get(context, 8);
  }
  llvm_unreachable("unknown storage");
}

int64_t weft::getRowSize(CacheStorage storage, int64_t channels) {
  constexpr int64_t kScaleBytes = 4;
  return channels + (storage == CacheStorage::Int8 ? kScaleBytes : 0);
}
