//===- MemoryTest.cpp - Pages, small and large ----------------------------===//

#include "runtime/core/Memory.h"

#include <gtest/gtest.h>

using namespace weft;

static bool isFilled(const uint8_t *data, uint64_t bytes, uint8_t value) {
  for (uint64_t i = 0; i < bytes; ++i)
    if (data[i] != value)
      return false;
  return true;
}

TEST(Pages, AreAlignedAndZero) {
  for (uint64_t alignment : {uint64_t(0), uint64_t(1) << 16, Pages::kLarge}) {
    Pages pages;
    ASSERT_TRUE(pages.reserve(10000, alignment));
    EXPECT_EQ(10000u, pages.size());
    EXPECT_TRUE(isFilled(pages.data(), pages.size(), 0));
    if (alignment)
      EXPECT_EQ(0u, uintptr_t(pages.data()) % alignment);
  }
}

TEST(Pages, ALargePageKeepsItsContents) {
  Pages pages;
  ASSERT_TRUE(pages.reserve(3 * Pages::kLarge, Pages::kLarge));
  constexpr uint64_t kPart = 100000;
  uint8_t *block = pages.data() + Pages::kLarge;
  for (uint64_t i = 0; i < kPart; ++i)
    block[i] = 7;
  pages.makeLarge(Pages::kLarge);
  EXPECT_TRUE(isFilled(pages.data(), Pages::kLarge, 0));
  EXPECT_TRUE(isFilled(block, kPart, 7));
  EXPECT_TRUE(isFilled(block + kPart, 2 * Pages::kLarge - kPart, 0));
}

TEST(Pages, TooManyBytesAreRefused) {
  Pages pages;
  EXPECT_FALSE(pages.reserve(uint64_t(1) << 60));
  EXPECT_EQ(nullptr, pages.data());
  EXPECT_TRUE(pages.reserve(0));
}
