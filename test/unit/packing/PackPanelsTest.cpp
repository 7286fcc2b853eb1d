//===- PackPanelsTest.cpp - Weights in panels -----------------------------===//
//
// Panels are read back as docs and Layouts.td describe them, and must hold what
// formats::dequantize says that the blocks mean, to the last bit.
//
//===----------------------------------------------------------------------===//

#include "compiler/codegen/common/packing/PackPanels.h"
#include "dialects/program/layouts/BlockPanels.h"
#include "frontends/formats/dequantize/Dequantize.h"
#include "test/unit/packing/Fixture.h"
#include <cstring>

using namespace weft;
using namespace weft::test;
using formats::DataType;

namespace {
struct Scheme {
  const char *name;
  DataType type;
};

class PackBlocks : public PackingTest,
                   public testing::WithParamInterface<Scheme> {
protected:
  /// Blocks of any bits, but with scales that are numbers.
  std::vector<uint8_t> makeBlocks(int64_t rows, int64_t columns) {
    const formats::DataTypeFacts &facts = formats::getFacts(GetParam().type);
    std::vector<uint8_t> bytes(rows * columns / facts.elements * facts.bytes);
    for (uint8_t &byte : bytes)
      byte = uint8_t(random());
    for (size_t at = 0; at < bytes.size(); at += facts.bytes) {
      bool isLast = GetParam().type == DataType::Q6_K;
      uint8_t *halves = &bytes[isLast ? at + 208 : at];
      for (unsigned i = 1; i < (isLast ? 2u : 4u); i += 2)
        halves[i] = 0x20 | (halves[i] & 0x9f); // no infinity, no NaN
    }
    return bytes;
  }
};
} // namespace

template <typename T> static T get(const char *data) {
  T value;
  std::memcpy(&value, data, sizeof(T));
  return value;
}

/// The number in row `row` and column `k` of packed panels.
static float unpack(program::PanelsAttr layout, llvm::StringRef packed,
                    int64_t row, int64_t k) {
  int64_t width = layout.getWidth(), lane = row % width;
  const char *panel = packed.data() + row / width * layout.getPanelBytes();
  SchemeAttrInterface scheme = layout.getScheme();
  auto word = [&](int64_t part, int64_t at) {
    return get<uint32_t>(panel + part + (at * width + lane) * 4);
  };
  int64_t bits = scheme.getCodeBits(), high = bits - 4, code;
  if (bits == 8) {
    code = word(0, k / 4) >> 8 * (k % 4) & 255;
  } else {
    code = word(0, k / 8) >> (8 * (k % 4) + k % 8 / 4 * 4) & 15;
    int64_t perWord = high ? 32 / high : 1;
    if (high)
      code |= (word(getHighBitsOffset(layout), k / perWord) >>
                   (8 * (k % 4) + k % perWord / 4 * high) &
               ((1 << high) - 1))
              << 4;
  }
  int64_t block = k / scheme.getBlockSize();
  int64_t group = k % scheme.getBlockSize() / scheme.getGroupSize();
  auto number = [&](int64_t part) {
    return formats::halfToFloat(
        get<uint16_t>(panel + part + (block * width + lane) * 2));
  };
  auto scaleByte = [&](int64_t i) {
    int64_t words = getScaleCodeWords(layout);
    return int(word(getScaleCodesOffset(layout), block * words + i / 4) >>
                   8 * (i % 4) &
               255);
  };
  float scale = number(layout.getScalesOffset());
  if (scheme.getBlockSize() == scheme.getGroupSize())
    return scheme.hasMinimum()
               ? scale * float(code) + number(layout.getMinimaOffset())
               : scale * float(code - layout.getZeroCode());
  if (!scheme.hasMinimum()) // q6_k
    return scale * float(int8_t(scaleByte(group))) *
           float(code - layout.getZeroCode());
  int of = group % 4; // q4_k
  int s = group < 4 ? scaleByte(of) & 63
                    : (scaleByte(8 + of) & 15) | scaleByte(of) >> 6 << 4;
  int m = group < 4 ? scaleByte(4 + of) & 63
                    : scaleByte(8 + of) >> 4 | scaleByte(4 + of) >> 6 << 4;
  return scale * float(s) * float(code) -
         number(layout.getMinimaOffset()) * float(m);
}

TEST_P(PackBlocks, HoldsWhatTheBlocksMean) {
  constexpr int64_t kRows[] = {5, 4}, kColumns = 512, kWidth = 8;
  std::string type = "!weft.blocks<#weft." + std::string(GetParam().name) + ">";
  std::vector<uint8_t> bytes[2];
  std::vector<packing::Numbers> sources;
  std::vector<float> expected;
  for (unsigned i = 0; i < 2; ++i) {
    bytes[i] = makeBlocks(kRows[i], kColumns);
    sources.push_back(stored(
        "tensor<" + std::to_string(kRows[i]) + "x512x" + type + ">", bytes[i]));
    std::vector<float> part(kRows[i] * kColumns);
    formats::dequantize(GetParam().type, bytes[i].data(), part.size(),
                        part.data());
    expected.insert(expected.end(), part.begin(), part.end());
  }
  auto attr = layout<program::PanelsAttr>("#program.panels<9 by 512 of " +
                                          type + ", width 8>");
  std::string packed;
  llvm::raw_string_ostream out(packed);
  ASSERT_TRUE(succeeded(packPanels(module.get(), attr, sources, out)));
  ASSERT_EQ(int64_t(packed.size()), attr.getBytes());
  // A panel is as large as its rows are in a file.
  ASSERT_EQ(attr.getPanelBytes(),
            int64_t(llvm::alignTo(bytes[0].size() / kRows[0] * kWidth, 64)));
  for (int64_t row = 0; row < 9; ++row)
    for (int64_t k = 0; k < kColumns; ++k)
      ASSERT_EQ(unpack(attr, packed, row, k), expected[row * kColumns + k])
          << "row " << row << ", column " << k;
  // Rows that pad the last panel are zero.
  for (int64_t lane = 1; lane < kWidth; ++lane)
    EXPECT_EQ(get<uint32_t>(packed.data() + attr.getPanelBytes() + lane * 4),
              0u);
}

INSTANTIATE_TEST_SUITE_P(Schemes, PackBlocks,
                         testing::Values(Scheme{"q4_0", DataType::Q4_0},
                                         Scheme{"q4_1", DataType::Q4_1},
                                         Scheme{"q5_0", DataType::Q5_0},
                                         Scheme{"q5_1", DataType::Q5_1},
                                         Scheme{"q8_0", DataType::Q8_0},
                                         Scheme{"q4_k", DataType::Q4_K},
                                         Scheme{"q6_k", DataType::Q6_K}),
                         [](auto &info) {
                           return std::string(info.param.name);
                         });

using PackPanels = PackingTest;

TEST_F(PackPanels, TransposesNumbersAndPadsRows) {
  std::vector<float> numbers = {0, 1, 2, 3, 4, 5}; // 3 x 2
  std::vector<uint8_t> bytes(24);
  std::memcpy(bytes.data(), numbers.data(), 24);
  auto attr =
      layout<program::PanelsAttr>("#program.panels<3 by 2 of f32, width 2>");
  std::string packed;
  llvm::raw_string_ostream out(packed);
  packing::Numbers source = stored("tensor<3x2xf32>", bytes);
  ASSERT_TRUE(succeeded(packPanels(module.get(), attr, source, out)));
  ASSERT_EQ(packed.size(), 128u); // two panels of 64 bytes
  const float expected[] = {0, 2, 1, 3};
  EXPECT_EQ(std::memcmp(packed.data(), expected, 16), 0);
  const float second[] = {4, 0, 5, 0};
  EXPECT_EQ(std::memcmp(packed.data() + 64, second, 16), 0);
}

TEST_F(PackPanels, RefusesSourcesOfAnotherShape) {
  std::vector<uint8_t> bytes(24);
  auto attr =
      layout<program::PanelsAttr>("#program.panels<4 by 2 of f32, width 2>");
  std::string packed;
  llvm::raw_string_ostream out(packed);
  mlir::ScopedDiagnosticHandler handler(&context, [](mlir::Diagnostic &text) {
    EXPECT_EQ(text.str(),
              "'builtin.module' op expected 4 rows but its sources have 3");
  });
  packing::Numbers source = stored("tensor<3x2xf32>", bytes);
  EXPECT_TRUE(failed(packPanels(module.get(), attr, source, out)));
}
