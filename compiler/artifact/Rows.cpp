//===- Rows.cpp - Numbers of the module's rows ----------------------------===//

#include "compiler/artifact/Rows.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace weft;

std::optional<fb::DataType> artifact::dataTypeOf(Type type) {
  if (type.isF32())
    return fb::DataType::f32;
  if (type.isF64())
    return fb::DataType::f64;
  if (type.isF16())
    return fb::DataType::f16;
  if (type.isBF16())
    return fb::DataType::bf16;
  if (type.isInteger(1))
    return fb::DataType::i1;
  if (type.isUnsignedInteger(8))
    return fb::DataType::u8;
  if (type.isUnsignedInteger(16))
    return fb::DataType::u16;
  if (type.isUnsignedInteger(32))
    return fb::DataType::u32;
  if (type.isUnsignedInteger(64))
    return fb::DataType::u64;
  if (type.isSignlessInteger(8))
    return fb::DataType::i8;
  if (type.isSignlessInteger(16))
    return fb::DataType::i16;
  if (type.isSignlessInteger(32))
    return fb::DataType::i32;
  if (type.isSignlessInteger(64))
    return fb::DataType::i64;
  return std::nullopt;
}

int64_t artifact::elementBytes(Type type) {
  return llvm::divideCeil(type.getIntOrFloatBitWidth(), 8);
}
