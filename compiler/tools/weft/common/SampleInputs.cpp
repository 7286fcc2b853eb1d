//===- SampleInputs.cpp - Plausible inputs for timing ---------------------===//

#include "compiler/tools/weft/common/SampleInputs.h"

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

static void fill(const Port &port, const Array &array) {
  bool isMask = port.name == "attention_mask";
  bool isZero = port.name == "token_type_ids";
  auto integer = [&](int64_t i) {
    return isMask ? 1 : isZero ? 0 : sampleId(i);
  };
  for (int64_t i = 0, e = array.elements(); i != e; ++i) {
    if (array.type() == WEFT_F32)
      array.as<float>()[i] = float(i * 37 % 201 - 100) / 100;
    else if (array.type() == WEFT_I64)
      array.as<int64_t>()[i] = integer(i);
    else if (array.type() == WEFT_I32)
      array.as<int32_t>()[i] = int32_t(integer(i));
    else if (array.type() == WEFT_I1)
      array.as<uint8_t>()[i] = 1;
  }
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
    arrays.emplace_back(port.type, dims);
    fill(port, arrays.back());
  }
  return arrays;
}
