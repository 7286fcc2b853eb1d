//===- DequantizeTest.cpp - Stored numbers against golden values ----------===//
//
// blocks.safetensors holds blocks of random bits and what the gguf package
// makes of them (data/make_data.py).
//
//===----------------------------------------------------------------------===//

#include "frontends/formats/dequantize/Dequantize.h"

#include "frontends/formats/safetensors/Safetensors.h"
#include "gtest/gtest.h"

#include <cmath>

using namespace weft::formats;

namespace {

class Blocks
    : public testing::TestWithParam<std::pair<DataType, const char *>> {};

} // namespace

TEST_P(Blocks, EqualTheGoldenValues) {
  auto [type, name] = GetParam();
  auto store = openSafetensors(WEFT_TEST_DATA "/blocks.safetensors");
  ASSERT_TRUE(store) << store.error().str();
  const TensorInfo *blocks = store->find(std::string(name) + ".blocks");
  const TensorInfo *values = store->find(std::string(name) + ".values");
  ASSERT_TRUE(blocks && values);
  ASSERT_EQ(blocks->shape[1], getFacts(type).bytes);
  ASSERT_EQ(values->shape[1], getFacts(type).elements);

  const uint64_t count = *getNumElements(values->shape);
  std::vector<float> expected(count), actual(count, NAN);
  std::memcpy(expected.data(), store->getBytes(*values).data, count * 4);
  dequantize(type, store->getBytes(*blocks).data, count, actual.data());
  for (uint64_t i = 0; i < count; ++i)
    ASSERT_EQ(actual[i], expected[i]) << "element " << i;
}

INSTANTIATE_TEST_SUITE_P(Dequantize, Blocks,
                         testing::Values(std::pair(DataType::Q4_0, "Q4_0"),
                                         std::pair(DataType::Q4_1, "Q4_1"),
                                         std::pair(DataType::Q5_0, "Q5_0"),
                                         std::pair(DataType::Q5_1, "Q5_1"),
                                         std::pair(DataType::Q8_0, "Q8_0"),
                                         std::pair(DataType::Q4_K, "Q4_K"),
                                         std::pair(DataType::Q6_K, "Q6_K")),
                         [](const auto &info) { return info.param.second; });

TEST(Dequantize, ReadsEveryHalf) {
  for (uint32_t bits = 0; bits < 0x10000; ++bits) {
    const auto narrow = static_cast<uint16_t>(bits);
    _Float16 half;
    std::memcpy(&half, &narrow, 2);
    const float expected = static_cast<float>(half);
    const float actual = halfToFloat(narrow);
    if (std::isnan(expected)) {
      ASSERT_TRUE(std::isnan(actual)) << bits;
      continue;
    }
    ASSERT_EQ(actual, expected) << bits;
    ASSERT_EQ(std::signbit(actual), std::signbit(expected)) << bits;
  }
}

TEST(Dequantize, ReadsPlainNumbers) {
  auto read = [](DataType type, uint64_t bits) {
    uint8_t data[9];
    for (unsigned i = 0; i < 8; ++i) // at an odd address
      data[i + 1] = static_cast<uint8_t>(bits >> (8 * i));
    float value = NAN;
    dequantize(type, data + 1, 1, &value);
    return value;
  };
  EXPECT_EQ(read(DataType::F32, 0xc0490fdb), -3.14159274f);
  EXPECT_EQ(read(DataType::F64, 0x3ff8000000000000), 1.5f);
  EXPECT_EQ(read(DataType::F16, 0x3555), 0.333251953125f);
  EXPECT_EQ(read(DataType::BF16, 0xbf80), -1.0f);
  EXPECT_EQ(read(DataType::I8, 0xff), -1.0f);
  EXPECT_EQ(read(DataType::U8, 0xff), 255.0f);
  EXPECT_EQ(read(DataType::I16, 0x8000), -32768.0f);
  EXPECT_EQ(read(DataType::I32, 0xffffffff), -1.0f);
  EXPECT_EQ(read(DataType::I64, uint64_t(-3)), -3.0f);
  EXPECT_EQ(read(DataType::I32, 16777217), 16777216.0f); // to even
  EXPECT_EQ(read(DataType::Bool, 1), 1.0f);
}

TEST(DataType, ChecksSizes) {
  EXPECT_EQ(getStorageSize(DataType::F32, {2, 3}), 24u);
  EXPECT_EQ(getStorageSize(DataType::F32, {}), 4u);
  EXPECT_EQ(getStorageSize(DataType::F32, {0, 7}), 0u);
  EXPECT_EQ(getStorageSize(DataType::Q4_0, {3, 64}), 3u * 36);
  EXPECT_EQ(getStorageSize(DataType::Q4_0, {32, 3}), std::nullopt);
  EXPECT_EQ(getStorageSize(DataType::Q4_0, {}), std::nullopt);
  EXPECT_EQ(getStorageSize(DataType::F32, {int64_t(1) << 61}), std::nullopt);
  EXPECT_EQ(getStorageSize(DataType::U8, {int64_t(1) << 62, 2}), std::nullopt);
  EXPECT_EQ(getStorageSize(DataType::U8, {-1}), std::nullopt);
}
