//===- Numbers.cpp - The numbers that are packed --------------------------===//

#include "compiler/codegen/common/packing/Numbers.h"
#include "frontends/formats/dequantize/Dequantize.h"
#include "llvm/ADT/APFloat.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/ADT/bit.h"

using namespace mlir;
using namespace weft;
using namespace weft::packing;
using formats::DataType;

static std::optional<DataType> blockTypeOf(SchemeAttrInterface scheme) {
  return llvm::TypeSwitch<Attribute, std::optional<DataType>>(scheme)
      .Case<Q4_0Attr>([](auto) { return DataType::Q4_0; })
      .Case<Q4_1Attr>([](auto) { return DataType::Q4_1; })
      .Case<Q5_0Attr>([](auto) { return DataType::Q5_0; })
      .Case<Q5_1Attr>([](auto) { return DataType::Q5_1; })
      .Case<Q8_0Attr>([](auto) { return DataType::Q8_0; })
      .Case<Q4_KAttr>([](auto) { return DataType::Q4_K; })
      .Case<Q6_KAttr>([](auto) { return DataType::Q6_K; })
      .Default([](auto) { return std::nullopt; });
}

/// How a file stores elements of `type`.
static std::optional<DataType> storageOf(Type type) {
  if (auto blocks = dyn_cast<BlocksType>(type))
    return blockTypeOf(blocks.getScheme());
  if (auto real = dyn_cast<FloatType>(type))
    return type.isF32()    ? std::optional(DataType::F32)
           : type.isF16()  ? std::optional(DataType::F16)
           : type.isBF16() ? std::optional(DataType::BF16)
           : type.isF64()  ? std::optional(DataType::F64)
                           : std::nullopt;
  auto integer = dyn_cast<IntegerType>(type);
  switch (integer ? integer.getWidth() : 0) {
  case 1:
    return DataType::Bool;
  case 8:
    return integer.isUnsigned() ? DataType::U8 : DataType::I8;
  case 16:
    return DataType::I16;
  case 32:
    return DataType::I32;
  case 64:
    return DataType::I64;
  default:
    return std::nullopt;
  }
}

FailureOr<Numbers> Numbers::stored(ParameterOp parameter,
                                   const FindFile &findFile) {
  auto type = cast<RankedTensorType>(parameter.getType());
  auto storage = storageOf(type.getElementType());
  if (!storage)
    return parameter.emitOpError()
           << "expected numbers that a file can hold but got " << type;
  auto file = findFile(parameter.getFile());
  if (!file)
    return parameter.emitOpError()
           << "expected file '" << parameter.getFile() << "' to be open";
  auto size = formats::getStorageSize(*storage, type.getShape().vec());
  uint64_t offset = parameter.getOffset();
  if (!size || offset > file->size || *size > file->size - offset)
    return parameter.emitOpError()
           << "expected its bytes inside file '" << parameter.getFile()
           << "' of " << file->size << " bytes but it is at " << offset;
  Numbers numbers;
  numbers.shape = SmallVector<int64_t>(type.getShape());
  numbers.bytes = file->slice(offset, *size);
  numbers.type = *storage;
  numbers.element = type.getElementType();
  if (auto blocks = dyn_cast<BlocksType>(type.getElementType()))
    numbers.scheme = blocks.getScheme();
  return numbers;
}

Numbers Numbers::computed(ArrayRef<int64_t> shape, std::vector<double> values) {
  Numbers numbers;
  numbers.shape = SmallVector<int64_t>(shape);
  numbers.values = std::move(values);
  return numbers;
}

int64_t Numbers::size() const { return ShapedType::getNumElements(shape); }

std::optional<formats::Bytes> Numbers::bytesIf(Type wanted) const {
  return element && element == wanted ? std::optional(bytes) : std::nullopt;
}

void Numbers::read(int64_t first, int64_t count, float *out) const {
  if (!element) {
    std::copy_n(values.begin() + first, count, out);
    return;
  }
  const formats::DataTypeFacts &facts = formats::getFacts(type);
  formats::dequantize(type, bytes.data + first / facts.elements * facts.bytes,
                      count, out);
}

void Numbers::read(int64_t first, int64_t count, double *out) const {
  if (!element) {
    std::copy_n(values.begin() + first, count, out);
    return;
  }
  std::vector<float> rounded(count);
  read(first, count, rounded.data());
  std::copy(rounded.begin(), rounded.end(), out);
}

/// The bits of a half that is nearest to `value`.
static uint16_t toHalf(float value) {
  llvm::APFloat number(value);
  bool isInexact;
  number.convert(llvm::APFloat::IEEEhalf(), llvm::APFloat::rmNearestTiesToEven,
                 &isInexact);
  return uint16_t(number.bitcastToAPInt().getZExtValue());
}

static uint16_t toBfloat(float value) {
  uint32_t bits = llvm::bit_cast<uint32_t>(value);
  if (value != value) // NaN must not become infinity
    return uint16_t(bits >> 16 | 0x40);
  return uint16_t((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

template <typename T> static void put(T value, llvm::raw_ostream &out) {
  out.write(reinterpret_cast<const char *>(&value), sizeof(T));
}

void packing::writeNumber(double value, Type type, llvm::raw_ostream &out) {
  if (type.isF64())
    return put(value, out);
  if (type.isF32())
    return put(float(value), out);
  if (type.isF16())
    return put(toHalf(float(value)), out);
  if (type.isBF16())
    return put(toBfloat(float(value)), out);
  switch (type.getIntOrFloatBitWidth()) {
  case 16:
    return put(int16_t(value), out);
  case 32:
    return put(int32_t(value), out);
  case 64:
    return put(int64_t(value), out);
  default:
    return put(int8_t(value), out);
  }
}

void packing::writeNumber(float value, Type type, uint8_t *out) {
  uint16_t bits;
  if (type.isF32()) {
    std::memcpy(out, &value, 4);
    return;
  }
  bits = type.isF16() ? toHalf(value) : toBfloat(value);
  std::memcpy(out, &bits, 2);
}
