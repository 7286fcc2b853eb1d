//===- Tensor.cpp - A value of an ONNX graph during import ----------------===//

#include "frontends/onnx/Tensor.h"

using namespace mlir;
using namespace weft::onnx;

std::optional<double> Tensor::getSplat() const {
  if (known) {
    if (known->empty())
      return std::nullopt;
    for (const Size &size : *known)
      if (size != known->front())
        return std::nullopt;
    auto number = known->front().asNumber();
    return number ? std::optional(double(*number)) : std::nullopt;
  }
  if (!literal || literal.empty() || !literal.isSplat())
    return std::nullopt;
  if (isa<FloatType>(literal.getElementType()))
    return literal.getSplatValue<APFloat>().convertToDouble();
  const APInt number = literal.getSplatValue<APInt>();
  return number.getBitWidth() == 1 ? double(number.getZExtValue())
                                   : double(number.getSExtValue());
}

std::optional<std::vector<int64_t>> Tensor::getNumbers() const {
  if (!known)
    return std::nullopt;
  std::vector<int64_t> numbers;
  for (const Size &size : *known) {
    auto number = size.asNumber();
    if (!number)
      return std::nullopt;
    numbers.push_back(*number);
  }
  return numbers;
}
