//===- ReadTensor.cpp - Tensors of numbers in ONNX messages ---------------===//

#include "frontends/formats/common/Bytes.h"
#include "frontends/formats/common/Quote.h"
#include "frontends/onnx/Node.h"

using namespace mlir;
using namespace weft;
using namespace weft::onnx;

std::optional<Type> weft::onnx::getElementType(MLIRContext *context,
                                               int32_t number) {
  Builder b(context);
  switch (number) {
  case 1:
    return b.getF32Type();
  case 3:
    return b.getI8Type();
  case 5:
    return b.getI16Type();
  case 6:
    return b.getI32Type();
  case 7:
    return b.getI64Type();
  case 9:
    return b.getI1Type();
  case 10:
    return b.getF16Type();
  case 11:
    return b.getF64Type();
  case 16:
    return b.getBF16Type();
  default:
    return std::nullopt;
  }
}

std::optional<Type> weft::onnx::getPortType(MLIRContext *context,
                                            int32_t number) {
  auto makeUnsigned = [&](unsigned width) {
    return IntegerType::get(context, width, IntegerType::Unsigned);
  };
  switch (number) {
  case 2:
    return makeUnsigned(8);
  case 4:
    return makeUnsigned(16);
  case 12:
    return makeUnsigned(32);
  case 13:
    return makeUnsigned(64);
  default:
    return getElementType(context, number);
  }
}

Type weft::onnx::getStoredType(Type type) {
  auto integer = dyn_cast<IntegerType>(type);
  return integer ? IntegerType::get(type.getContext(), integer.getWidth())
                 : type;
}

std::string weft::onnx::getTypeName(Type type) {
  for (int32_t number : {1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 13, 16})
    if (getPortType(type.getContext(), number) == type)
      return formats::getOnnxTypeName(number);
  return "another type";
}

/// The most elements of a tensor whose integers are known one by one.
static constexpr int64_t kMostKnown = 4096;

/// A tensor of these elements, which are as wide as the type.
static Tensor makeTensor(GraphBuilder &g, Type element, ArrayRef<int64_t> shape,
                         ArrayRef<APInt> bits) {
  if (element.isUnsignedInteger()) {
    Tensor result = g.makeLiteral(DenseElementsAttr::get(
        RankedTensorType::get(shape, getStoredType(element)), bits));
    result.isUnsigned = true;
    return result;
  }
  Sizes sizes(shape.begin(), shape.end());
  if (!isa<FloatType>(element) && int64_t(bits.size()) <= kMostKnown) {
    Sizes known;
    for (const APInt &value : bits)
      known.push_back(element.isInteger(1) ? int64_t(value.getZExtValue())
                                           : value.getSExtValue());
    Tensor result = g.makeKnown(known, sizes, element);
    result.isParameter = true;
    return result;
  }
  auto type = RankedTensorType::get(shape, element);
  if (auto real = dyn_cast<FloatType>(element)) {
    SmallVector<APFloat> numbers;
    for (const APInt &value : bits)
      numbers.emplace_back(real.getFloatSemantics(), value);
    return g.makeLiteral(DenseElementsAttr::get(type, numbers));
  }
  return g.makeLiteral(DenseElementsAttr::get(type, bits));
}

FailureOr<Tensor> weft::onnx::readRawTensor(GraphBuilder &g, Type element,
                                            ArrayRef<int64_t> shape,
                                            StringRef bytes) {
  const unsigned width = element.getIntOrFloatBitWidth();
  const unsigned size = (width + 7) / 8;
  auto count = formats::getNumElements(shape.vec());
  if (!count || bytes.size() / size != *count || bytes.size() % size != 0)
    return g.fail("expected numbers for shape " +
                  formats::formatShape(shape.vec()) + " but got " +
                  Twine(bytes.size()) + " bytes");
  SmallVector<APInt> bits;
  for (uint64_t i = 0; i < *count; ++i) {
    const auto *at = reinterpret_cast<const uint8_t *>(bytes.data()) + i * size;
    const uint64_t value = formats::loadLittleEndian(at, size);
    bits.emplace_back(width, width == 1 ? value != 0 : value,
                      /*isSigned=*/false, /*implicitTrunc=*/true);
  }
  return makeTensor(g, element, shape, bits);
}

FailureOr<Tensor> weft::onnx::readTensor(GraphBuilder &g,
                                         const proto::Tensor &tensor) {
  const std::string name = "tensor " + formats::quote(tensor.name());
  auto element = getPortType(g.b.getContext(), tensor.data_type());
  if (!element)
    return g.fail(name + " of type " +
                  formats::getOnnxTypeName(tensor.data_type()) +
                  " is not supported");
  if (tensor.data_location() == 1)
    return g.fail(name + " lies in another file, which only initializers may");
  auto shape = formats::getOnnxShape(tensor);
  if (!shape)
    return g.fail(name + " has a size that is negative");
  if (tensor.has_raw_data())
    return readRawTensor(g, *element, *shape, tensor.raw_data());

  // Numbers in fields of their own; halves and small integers in int32_data.
  const unsigned width = element->getIntOrFloatBitWidth();
  SmallVector<APInt> bits;
  auto add = [&](uint64_t value) {
    bits.emplace_back(width, value, /*isSigned=*/false, /*implicitTrunc=*/true);
  };
  if (element->isF32())
    for (float value : tensor.float_data())
      bits.push_back(APFloat(value).bitcastToAPInt());
  else if (element->isF64())
    for (double value : tensor.double_data())
      bits.push_back(APFloat(value).bitcastToAPInt());
  else if (element->isUnsignedInteger() && width >= 32)
    for (uint64_t value : tensor.uint64_data())
      add(value);
  else if (element->isInteger(64))
    for (int64_t value : tensor.int64_data())
      add(uint64_t(value));
  else
    for (int32_t value : tensor.int32_data())
      add(width == 1 ? value != 0 : uint64_t(int64_t(value)));
  auto count = formats::getNumElements(*shape);
  if (!count || *count != bits.size())
    return g.fail(name + ": expected numbers for shape " +
                  formats::formatShape(*shape) + " but got " +
                  Twine(bits.size()));
  return makeTensor(g, *element, *shape, bits);
}
