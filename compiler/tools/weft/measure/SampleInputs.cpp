//===- SampleInputs.cpp - Plausible inputs for timing ---------------------===//

#include "compiler/tools/weft/measure/SampleInputs.h"

using namespace weft::cli;

std::optional<size_t> weft::cli::findTokensSymbol(const Function &function) {
  for (const Port &input : function.inputs) {
    size_t axis = input.dims.size() > 1 ? 1 : 0;
    if (axis < input.dims.size() && input.dims[axis] < 0)
      return size_t(-1 - input.dims[axis]);
  }
  return std::nullopt;
}

/// Tokens that every vocabulary has, none of them special as a rule.
static int64_t sampleId(int64_t i) { return 5 + i * 37 % 89; }

/// Writes `number(i)` to each element i.
template <typename Number> static void fill(const Array &array, Number number) {
  for (int64_t i = 0, e = array.elements(); i != e; ++i) {
    if (array.type() == WEFT_F32)
      array.as<float>()[i] = float(number(i));
    else if (array.type() == WEFT_F64)
      array.as<double>()[i] = double(number(i));
    else if (array.type() == WEFT_I64)
      array.as<int64_t>()[i] = int64_t(number(i));
    else if (array.type() == WEFT_I32)
      array.as<int32_t>()[i] = int32_t(number(i));
    else if (array.type() == WEFT_I1)
      array.as<uint8_t>()[i] = number(i) != 0;
  }
}

Array weft::cli::makeFallback(const Port &port,
                              const std::vector<int64_t> &dims) {
  Array array(port.type, dims);
  fill(array, [&](int64_t) { return double(*port.fallback); });
  return array;
}

static Array makeSample(const Port &port, const std::vector<int64_t> &dims) {
  if (port.fallback)
    return makeFallback(port, dims);
  Array array(port.type, dims);
  bool isReal = port.type == WEFT_F32 || port.type == WEFT_F64;
  fill(array, [&](int64_t i) {
    return isReal ? double(i * 37 % 201 - 100) / 100 : double(sampleId(i));
  });
  return array;
}

std::vector<Array> weft::cli::makeSampleInputs(const Function &function,
                                               int64_t tokens) {
  std::optional<size_t> sequence = findTokensSymbol(function);
  std::vector<Array> arrays;
  for (const Port &port : function.inputs) {
    std::vector<int64_t> dims;
    for (int64_t dim : port.dims)
      dims.push_back(dim >= 0                       ? dim
                     : size_t(-1 - dim) == sequence ? tokens
                                                    : 1);
    arrays.push_back(makeSample(port, dims));
  }
  return arrays;
}
