//===- PlacementTest.cpp - Laws of placed buffers -------------------------===//

#include "passes/memory/Placement.h"
#include "gtest/gtest.h"
#include <algorithm>
#include <random>

using namespace weft;

static bool liveTogether(const Interval &a, const Interval &b) {
  return a.first <= b.last && b.first <= a.last;
}

/// The most bytes that are needed at one time: no plan can do with less.
static int64_t getLeastBytes(const std::vector<Interval> &intervals) {
  int64_t least = 0;
  for (const Interval &at : intervals) {
    int64_t bytes = 0;
    for (const Interval &other : intervals)
      if (other.first <= at.first && at.first <= other.last)
        bytes += other.size;
    least = std::max(least, bytes);
  }
  return least;
}

static void check(std::vector<Interval> intervals) {
  int64_t total = placeIntervals(intervals);
  EXPECT_GE(total, getLeastBytes(intervals));
  for (size_t i = 0; i < intervals.size(); ++i) {
    const Interval &a = intervals[i];
    EXPECT_GE(a.offset, 0);
    EXPECT_EQ(a.offset % kArenaAlignment, 0);
    EXPECT_LE(a.offset + a.size, total);
    for (size_t j = 0; j < i; ++j) {
      const Interval &b = intervals[j];
      bool overlap =
          a.offset < b.offset + b.size && b.offset < a.offset + a.size;
      EXPECT_FALSE(liveTogether(a, b) && overlap)
          << "buffers " << j << " and " << i << " overlap";
    }
  }
}

TEST(Placement, NothingNeedsNothing) {
  std::vector<Interval> none;
  EXPECT_EQ(placeIntervals(none), 0);
}

TEST(Placement, AChainNeedsTwo) {
  std::vector<Interval> chain;
  for (int64_t i = 0; i < 10; ++i)
    chain.push_back({i, i + 1, 64, -1});
  EXPECT_EQ(placeIntervals(chain), 128);
  check(chain);
}

TEST(Placement, TakesTheSmallestGapThatFits) {
  // Two gaps open between buffers that stay: of 128 and of 64 bytes.
  std::vector<Interval> intervals{
      {0, 9, 256, -1}, {0, 1, 128, -1}, {0, 9, 192, -1}, {2, 3, 64, -1}};
  placeIntervals(intervals);
  check(intervals);
}

TEST(Placement, NeverOverlaps) {
  std::mt19937 random(1);
  for (int round = 0; round < 300; ++round) {
    std::uniform_int_distribution<int64_t> time(0, 40), size(0, 30);
    std::vector<Interval> intervals(1 + round % 60);
    for (Interval &interval : intervals) {
      int64_t a = time(random), b = time(random);
      interval = {std::min(a, b), std::max(a, b),
                  size(random) * kArenaAlignment, -1};
    }
    check(intervals);
  }
}
