//===- Dequantize.cpp - What stored numbers mean --------------------------===//

#include "frontends/formats/dequantize/Dequantize.h"

#include "frontends/formats/common/Bytes.h"
#include "frontends/formats/dequantize/Blocks.h"

#include <cmath>

using namespace weft::formats;

float weft::formats::halfToFloat(uint16_t bits) {
  const uint32_t sign = static_cast<uint32_t>(bits & 0x8000) << 16;
  const uint32_t exponent = (bits >> 10) & 31, fraction = bits & 0x3ff;
  if (exponent == 0) { // zero and subnormals: fraction · 2^-24
    const float value = std::ldexp(static_cast<float>(fraction), -24);
    return sign ? -value : value;
  }
  // Infinity and NaN keep their fraction; else the bias goes from 15 to 127.
  const uint32_t wide =
      sign | (exponent == 31 ? 255u : exponent + 112) << 23 | fraction << 13;
  float value;
  std::memcpy(&value, &wide, sizeof value);
  return value;
}

float weft::formats::bfloat16ToFloat(uint16_t bits) {
  const uint32_t wide = static_cast<uint32_t>(bits) << 16;
  float value;
  std::memcpy(&value, &wide, sizeof value);
  return value;
}

/// Reads a number of type T at any alignment.
template <typename T> static T load(const uint8_t *data) {
  const uint64_t raw = loadLittleEndian(data, sizeof(T));
  T value;
  if constexpr (sizeof(T) == 8) {
    std::memcpy(&value, &raw, 8);
  } else if constexpr (sizeof(T) == 4) {
    const auto narrow = static_cast<uint32_t>(raw);
    std::memcpy(&value, &narrow, 4);
  } else {
    value = static_cast<T>(raw);
  }
  return value;
}

template <typename T> static void convert(const uint8_t *data, float *out) {
  *out = static_cast<float>(load<T>(data));
}

/// The function that decodes one block of a type.
using BlockFunction = void (*)(const uint8_t *, float *);

static BlockFunction getBlockFunction(DataType type) {
  switch (type) {
  case DataType::F32:
    return convert<float>;
  case DataType::F16:
    return [](const uint8_t *data, float *out) {
      *out = halfToFloat(load<uint16_t>(data));
    };
  case DataType::BF16:
    return [](const uint8_t *data, float *out) {
      *out = bfloat16ToFloat(load<uint16_t>(data));
    };
  case DataType::F64:
    return convert<double>;
  case DataType::I8:
    return convert<int8_t>;
  case DataType::U8:
    return convert<uint8_t>;
  case DataType::I16:
    return convert<int16_t>;
  case DataType::U16:
    return convert<uint16_t>;
  case DataType::U32:
    return convert<uint32_t>;
  case DataType::U64:
    return convert<uint64_t>;
  case DataType::I32:
    return convert<int32_t>;
  case DataType::I64:
    return convert<int64_t>;
  case DataType::Bool:
    return [](const uint8_t *data, float *out) { *out = *data ? 1.0f : 0.0f; };
  case DataType::Q4_0:
    return dequantizeQ4_0;
  case DataType::Q4_1:
    return dequantizeQ4_1;
  case DataType::Q5_0:
    return dequantizeQ5_0;
  case DataType::Q5_1:
    return dequantizeQ5_1;
  case DataType::Q8_0:
    return dequantizeQ8_0;
  case DataType::Q4_K:
    return dequantizeQ4_K;
  case DataType::Q6_K:
    return dequantizeQ6_K;
  }
  return nullptr;
}

void weft::formats::dequantize(DataType type, const uint8_t *data,
                               uint64_t count, float *out) {
  const DataTypeFacts &facts = getFacts(type);
  const BlockFunction decode = getBlockFunction(type);
  for (uint64_t i = 0; i < count; i += facts.elements, data += facts.bytes)
    decode(data, out + i);
}
