//===- KernelTest.cpp - The fast cases as a unit test ---------------------===//

#include "test/kernels/KernelRunner.h"
#include <gtest/gtest.h>

using namespace weft;
using namespace weft::test;

static std::vector<CaseEntry> getFastCases() {
  std::vector<CaseEntry> fast;
  for (CaseEntry &entry : getCases())
    if (entry.fast)
      fast.push_back(std::move(entry));
  return fast;
}

TEST(Kernels, FastCasesAreRightOnEveryLevelOfThisCpu) {
  for (const CaseEntry &entry : getFastCases()) {
    for (const cpu::CpuLevel &level : cpu::CpuLevel::getAll()) {
      if (!canRun(level))
        continue;
      SCOPED_TRACE(entry.name + " for " + level.name.str());
      KernelCase kernelCase = entry.make();
      KernelRunner runner(kernelCase, level);
      ASSERT_EQ(runner.getError(), "");
      double worst;
      EXPECT_EQ(runner.check(worst), "");
    }
  }
}
