//===- PackRowsTest.cpp - Row-major parameters ----------------------------===//

#include "compiler/codegen/common/packing/PackRows.h"
#include "test/unit/packing/Fixture.h"
#include <cstring>

using namespace weft;
using namespace weft::test;

using PackRows = PackingTest;

TEST_F(PackRows, StacksAndConvertsSources) {
  std::vector<uint8_t> halves = {0x00, 0x3c, 0x00, 0xc0}; // 1, -2
  std::vector<uint8_t> bfloats = {0x40, 0x40};            // 3
  std::vector<packing::Numbers> sources = {stored("tensor<2xf16>", halves),
                                           stored("tensor<1xbf16>", bfloats)};
  auto attr = layout<program::RowsAttr>("#program.rows<tensor<3xf32>>");
  std::string packed;
  llvm::raw_string_ostream out(packed);
  ASSERT_TRUE(succeeded(packRows(module.get(), attr, sources, out)));
  const float expected[] = {1, -2, 3};
  ASSERT_EQ(packed.size(), sizeof(expected));
  EXPECT_EQ(std::memcmp(packed.data(), expected, sizeof(expected)), 0);
}

TEST_F(PackRows, KeepsIntegersOfAnySize) {
  std::vector<uint8_t> bytes = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f};
  auto attr = layout<program::RowsAttr>("#program.rows<tensor<1xi64>>");
  std::string packed;
  llvm::raw_string_ostream out(packed);
  packing::Numbers source = stored("tensor<1xi64>", bytes);
  ASSERT_TRUE(succeeded(packRows(module.get(), attr, source, out)));
  EXPECT_EQ(std::memcmp(packed.data(), bytes.data(), 8), 0);
}

TEST_F(PackRows, RoundsToNearestEven) {
  auto source =
      packing::Numbers::computed({4}, {1 + 1. / 256, 1 + 3. / 256, 1e30, 0.1});
  auto attr = layout<program::RowsAttr>("#program.rows<tensor<4xbf16>>");
  std::string packed;
  llvm::raw_string_ostream out(packed);
  ASSERT_TRUE(succeeded(packRows(module.get(), attr, source, out)));
  const uint16_t expected[] = {0x3f80, 0x3f82, 0x714a, 0x3dcd};
  EXPECT_EQ(std::memcmp(packed.data(), expected, sizeof(expected)), 0);
}
