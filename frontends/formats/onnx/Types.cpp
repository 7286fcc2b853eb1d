//===- Types.cpp - Element types of ONNX ----------------------------------===//

#include "frontends/formats/onnx/Onnx.h"

using namespace weft::formats;

namespace {
struct OnnxTypeFacts {
  const char *name;
  std::optional<DataType> type;
};
} // namespace

// By the numbers of TensorProto.DataType.
static const OnnxTypeFacts kTypes[] = {
    {"undefined", std::nullopt},      {"float", DataType::F32},
    {"uint8", DataType::U8},          {"int8", DataType::I8},
    {"uint16", DataType::U16},        {"int16", DataType::I16},
    {"int32", DataType::I32},         {"int64", DataType::I64},
    {"string", std::nullopt},         {"bool", DataType::Bool},
    {"float16", DataType::F16},       {"double", DataType::F64},
    {"uint32", DataType::U32},        {"uint64", DataType::U64},
    {"complex64", std::nullopt},      {"complex128", std::nullopt},
    {"bfloat16", DataType::BF16},     {"float8e4m3fn", std::nullopt},
    {"float8e4m3fnuz", std::nullopt}, {"float8e5m2", std::nullopt},
    {"float8e5m2fnuz", std::nullopt}, {"uint4", std::nullopt},
    {"int4", std::nullopt},           {"float4e2m1", std::nullopt},
    {"float8e8m0", std::nullopt},     {"uint2", std::nullopt},
    {"int2", std::nullopt},
};
static constexpr int32_t kTypeCount = sizeof(kTypes) / sizeof(*kTypes);

std::optional<DataType> weft::formats::findOnnxType(int32_t number) {
  return number >= 0 && number < kTypeCount ? kTypes[number].type
                                            : std::nullopt;
}

std::string weft::formats::getOnnxTypeName(int32_t number) {
  return number >= 0 && number < kTypeCount ? kTypes[number].name
                                            : "type " + std::to_string(number);
}

std::optional<std::vector<int64_t>>
weft::formats::getOnnxShape(const onnx::Tensor &tensor) {
  std::vector<int64_t> shape(tensor.dims().begin(), tensor.dims().end());
  for (int64_t size : shape)
    if (size < 0)
      return std::nullopt;
  return shape;
}
