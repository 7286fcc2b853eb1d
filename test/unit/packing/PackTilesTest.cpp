//===- PackTilesTest.cpp - Weights in tiles -------------------------------===//
//
// Tiles are read back as dialects/program/layouts/Tiles.h draws them.
//
//===----------------------------------------------------------------------===//

#include "compiler/codegen/common/packing/PackTiles.h"
#include "test/unit/packing/Fixture.h"
#include "llvm/ADT/bit.h"
#include <cmath>
#include <cstring>

using namespace weft;
using namespace weft::test;

namespace {
constexpr int64_t kRows = 20, kColumns = 37, kSteps = 2, kWidth = 32;

class PackTiles : public PackingTest {
protected:
  PackTiles() : numbers(kRows * kColumns) {
    for (size_t i = 0; i < numbers.size(); ++i)
      numbers[i] = std::sin(float(i)) * (i % 7 ? 1 : 1000);
  }

  std::string pack(llvm::StringRef storage, int64_t rows = kRows) {
    std::vector<uint8_t> bytes(numbers.size() * 4);
    std::memcpy(bytes.data(), numbers.data(), bytes.size());
    auto attr = layout<program::PanelsAttr>(
        "#program.panels<" + std::to_string(rows) + " by 37 of " +
        storage.str() + ", width 32>");
    std::string packed;
    llvm::raw_string_ostream out(packed);
    packing::Numbers source = stored("tensor<20x37xf32>", bytes);
    bool done = succeeded(packing::packTiles(module.get(), attr, source, out));
    EXPECT_EQ(done, rows == kRows);
    if (done) {
      EXPECT_EQ(packed.size(), size_t(attr.getBytes()));
    }
    return packed;
  }

  std::vector<float> numbers;
};
} // namespace

/// A part of the number in row `row` and column `k` of one panel.
static float getPart(llvm::StringRef packed, int64_t parts, int64_t part,
                     int64_t row, int64_t k) {
  int64_t tile = (row / 16 * kSteps + k / 32) * parts + part;
  int64_t at = tile * 1024 + k % 32 / 2 * 64 + row % 16 * 4 + k % 2 * 2;
  uint16_t bits;
  std::memcpy(&bits, packed.data() + at, 2);
  return llvm::bit_cast<float>(uint32_t(bits) << 16);
}

TEST_F(PackTiles, RoundsToTheNearest) {
  std::string packed = pack("tuple<bf16>");
  for (int64_t row = 0; row < kRows; ++row)
    for (int64_t k = 0; k < kColumns; ++k) {
      float number = numbers[row * kColumns + k];
      EXPECT_LE(std::abs(getPart(packed, 1, 0, row, k) - number),
                std::ldexp(std::abs(number), -8));
    }
}

TEST_F(PackTiles, KeepsSixteenBitsInTwoParts) {
  std::string packed = pack("tuple<bf16, bf16>");
  for (int64_t row = 0; row < kRows; ++row)
    for (int64_t k = 0; k < kColumns; ++k) {
      float number = numbers[row * kColumns + k];
      double sum =
          double(getPart(packed, 2, 0, row, k)) + getPart(packed, 2, 1, row, k);
      EXPECT_LE(std::abs(sum - number), std::ldexp(std::abs(number), -17));
    }
}

TEST_F(PackTiles, PadsWithZeros) {
  std::string packed = pack("tuple<bf16>");
  for (int64_t row = 0; row < kWidth; ++row)
    for (int64_t k = 0; k < 64; ++k)
      if (row >= kRows || k >= kColumns) {
        EXPECT_EQ(getPart(packed, 1, 0, row, k), 0.0f);
      }
}

TEST_F(PackTiles, KeepsWhatIsNoNumber) {
  numbers[0] = INFINITY;
  numbers[1] = NAN;
  std::string packed = pack("tuple<bf16, bf16>");
  EXPECT_EQ(getPart(packed, 2, 0, 0, 0), INFINITY);
  EXPECT_EQ(getPart(packed, 2, 1, 0, 0), 0.0f);
  EXPECT_TRUE(std::isnan(getPart(packed, 2, 0, 0, 1)));
}

TEST_F(PackTiles, RoundsToCodesWithAScaleAnOutput) {
  std::string packed = pack("tuple<i8>");
  auto read = [&](auto value, int64_t at) {
    std::memcpy(&value, packed.data() + at, sizeof value);
    return value;
  };
  constexpr int64_t kTiles = kWidth / 16 * 1024; // 37 inputs are one step
  for (int64_t row = 0; row < kWidth; ++row) {
    float scale = read(float(), kTiles + row * 4), most = 0;
    int32_t sum = 0;
    for (int64_t k = 0; k < 64; ++k) {
      int code =
          read(int8_t(), row / 16 * 1024 + k / 4 * 64 + row % 16 * 4 + k % 4);
      bool isThere = row < kRows && k < kColumns;
      float number = isThere ? numbers[row * kColumns + k] : 0;
      EXPECT_LE(std::abs(code * scale - number), 0.5001f * scale);
      sum += code;
      most = std::max(most, std::abs(number));
    }
    EXPECT_EQ(scale, most / 127);
    EXPECT_EQ(read(int32_t(), kTiles + kWidth * 4 + row * 4), sum);
  }
}

TEST_F(PackTiles, MakesAScaleOfNoNumberOfWhatIsNone) {
  numbers[0] = INFINITY;
  numbers[kColumns] = NAN;
  std::string packed = pack("tuple<i8>");
  float scales[2];
  std::memcpy(scales, packed.data() + kWidth / 16 * 1024, 8);
  EXPECT_EQ(scales[0], INFINITY);
  EXPECT_TRUE(std::isnan(scales[1]));
}

TEST_F(PackTiles, RefusesSourcesOfAnotherShape) {
  mlir::ScopedDiagnosticHandler handler(&context, [](mlir::Diagnostic &text) {
    EXPECT_EQ(text.str(),
              "'builtin.module' op expected 21 rows but its sources have 20");
  });
  pack("tuple<bf16>", 21);
}
