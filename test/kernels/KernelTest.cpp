//===- KernelTest.cpp - The fast cases as a unit test ---------------------===//

#include "test/kernels/KernelRunner.h"
#include <gtest/gtest.h>

using namespace weft;
using namespace weft::test;

namespace weft::test {
void PrintTo(const CaseEntry &entry, std::ostream *out);
} // namespace weft::test

static std::vector<CaseEntry> getFastCases() {
  std::vector<CaseEntry> fast;
  for (CaseEntry &entry : getCases())
    if (entry.fast)
      fast.push_back(std::move(entry));
  return fast;
}

/// How GoogleTest names a case.
void weft::test::PrintTo(const CaseEntry &entry, std::ostream *out) {
  *out << entry.name;
}

namespace {
struct Kernels : testing::TestWithParam<CaseEntry> {};
} // namespace

TEST_P(Kernels, IsRightOnEveryLevelOfThisCpu) {
  const CaseEntry &entry = GetParam();
  for (const cpu::CpuLevel &level : cpu::CpuLevel::getAll()) {
    if (!canRun(level))
      continue;
    SCOPED_TRACE(level.name.str());
    KernelCase kernelCase = entry.make();
    KernelRunner runner(kernelCase, level);
    ASSERT_EQ(runner.getError(), "");
    double worst;
    EXPECT_EQ(runner.check(worst), "");
  }
}

/// The result, the last operand, of a case; nothing where it fails.
static std::vector<uint8_t> getResult(const std::string &name,
                                      const cpu::CpuLevel &level) {
  for (const CaseEntry &entry : getCases()) {
    if (entry.name != name)
      continue;
    KernelCase kernelCase = entry.make();
    KernelRunner runner(kernelCase, level);
    double worst;
    if (runner.getError().empty() && runner.check(worst).empty())
      return runner.getBytes(kernelCase.operands.size() - 1);
  }
  return {};
}

// On a matrix unit, rows that a kernel rounds give the bits of rows that were
// handed to it in tiles.
TEST(RowTiles, KeepBits) {
  for (const cpu::CpuLevel &level : cpu::CpuLevel::getAll()) {
    if (!level.has("amx-bf16") || !canRun(level))
      continue;
    for (const char *name : {"residual-17x37x100", "gated-49x37x200"}) {
      SCOPED_TRACE(name);
      std::string rows = "linear/bf16-bf16-", tiles = "linear/bf16-in-bf16-";
      std::vector<uint8_t> expected = getResult(rows + name, level);
      EXPECT_FALSE(expected.empty());
      EXPECT_EQ(getResult(tiles + name, level), expected);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Fast, Kernels, testing::ValuesIn(getFastCases()),
                         [](const testing::TestParamInfo<CaseEntry> &info) {
                           std::string name = std::to_string(info.index) + "_" +
                                              info.param.name;
                           for (char &c : name)
                             if (!std::isalnum(static_cast<unsigned char>(c)))
                               c = '_';
                           return name;
                         });
