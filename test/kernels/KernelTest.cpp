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

INSTANTIATE_TEST_SUITE_P(Fast, Kernels, testing::ValuesIn(getFastCases()),
                         [](const testing::TestParamInfo<CaseEntry> &info) {
                           std::string name = std::to_string(info.index) + "_" +
                                              info.param.name;
                           for (char &c : name)
                             if (!std::isalnum(static_cast<unsigned char>(c)))
                               c = '_';
                           return name;
                         });
