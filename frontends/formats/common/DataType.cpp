//===- DataType.cpp - How numbers are stored in model files ---------------===//

#include "frontends/formats/common/DataType.h"

using namespace weft::formats;

// In the order of the enumeration. The numbers of GGUF are those of
// `ggml_type`.
static constexpr DataTypeFacts kFacts[kNumDataTypes] = {
    {DataType::F32, "f32", "F32", 0, 1, 4},
    {DataType::F16, "f16", "F16", 1, 1, 2},
    {DataType::BF16, "bf16", "BF16", 30, 1, 2},
    {DataType::F64, "f64", "F64", 28, 1, 8},
    {DataType::I8, "i8", "I8", 24, 1, 1},
    {DataType::U8, "u8", "U8", -1, 1, 1},
    {DataType::I16, "i16", "I16", 25, 1, 2},
    {DataType::I32, "i32", "I32", 26, 1, 4},
    {DataType::I64, "i64", "I64", 27, 1, 8},
    {DataType::Bool, "bool", "BOOL", -1, 1, 1},
    {DataType::Q4_0, "q4_0", nullptr, 2, 32, 18},
    {DataType::Q4_1, "q4_1", nullptr, 3, 32, 20},
    {DataType::Q5_0, "q5_0", nullptr, 6, 32, 22},
    {DataType::Q5_1, "q5_1", nullptr, 7, 32, 24},
    {DataType::Q8_0, "q8_0", nullptr, 8, 32, 34},
    {DataType::Q4_K, "q4_K", nullptr, 12, 256, 144},
    {DataType::Q6_K, "q6_K", nullptr, 14, 256, 210},
    {DataType::U16, "u16", "U16", -1, 1, 2},
    {DataType::U32, "u32", "U32", -1, 1, 4},
    {DataType::U64, "u64", "U64", -1, 1, 8},
};

static constexpr bool isInOrder() {
  for (unsigned i = 0; i < kNumDataTypes; ++i)
    if (static_cast<unsigned>(kFacts[i].type) != i)
      return false;
  return true;
}
static_assert(isInOrder(), "the table is indexed by the enumeration");

const DataTypeFacts &weft::formats::getFacts(DataType type) {
  return kFacts[static_cast<unsigned>(type)];
}

std::optional<DataType>
weft::formats::parseSafetensorsType(std::string_view name) {
  for (const DataTypeFacts &facts : kFacts)
    if (facts.safetensors && name == facts.safetensors)
      return facts.type;
  return std::nullopt;
}

std::optional<DataType> weft::formats::parseGgufType(uint32_t number) {
  for (const DataTypeFacts &facts : kFacts)
    if (facts.gguf >= 0 && static_cast<uint32_t>(facts.gguf) == number)
      return facts.type;
  return std::nullopt;
}

std::string weft::formats::getGgufTypeName(uint32_t number) {
  // Types that ggml has and that are not read here, for messages.
  static constexpr struct {
    uint32_t number;
    const char *name;
  } kOthers[] = {
      {9, "q8_1"},    {10, "q2_K"},    {11, "q3_K"},   {13, "q5_K"},
      {15, "q8_K"},   {16, "iq2_xxs"}, {17, "iq2_xs"}, {18, "iq3_xxs"},
      {19, "iq1_s"},  {20, "iq4_nl"},  {21, "iq3_s"},  {22, "iq2_s"},
      {23, "iq4_xs"}, {29, "iq1_m"},   {34, "tq1_0"},  {35, "tq2_0"},
      {39, "mxfp4"},
  };
  if (auto type = parseGgufType(number))
    return getName(*type);
  for (const auto &other : kOthers)
    if (other.number == number)
      return other.name;
  return "type " + std::to_string(number);
}

std::optional<uint64_t>
weft::formats::getNumElements(const std::vector<int64_t> &shape) {
  int64_t product = 1;
  for (int64_t size : shape)
    if (size < 0 || __builtin_mul_overflow(product, size, &product))
      return std::nullopt;
  return static_cast<uint64_t>(product);
}

std::optional<uint64_t>
weft::formats::getStorageSize(DataType type,
                              const std::vector<int64_t> &shape) {
  std::optional<uint64_t> count = getNumElements(shape);
  const DataTypeFacts &facts = getFacts(type);
  if (!count)
    return std::nullopt;
  uint64_t row = shape.empty() ? 1 : static_cast<uint64_t>(shape.back());
  if (row % facts.elements != 0)
    return std::nullopt;
  int64_t size;
  if (__builtin_mul_overflow(static_cast<int64_t>(*count / facts.elements),
                             static_cast<int64_t>(facts.bytes), &size))
    return std::nullopt;
  return static_cast<uint64_t>(size);
}

std::string weft::formats::formatShape(const std::vector<int64_t> &shape) {
  std::string text = "[";
  for (size_t i = 0; i < shape.size(); ++i)
    text += (i ? ", " : "") + std::to_string(shape[i]);
  return text + "]";
}
