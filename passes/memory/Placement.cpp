//===- Placement.cpp - Offsets of buffers that live for a while -----------===//

#include "passes/memory/Placement.h"
#include <algorithm>
#include <limits>
#include <numeric>

using namespace weft;

/// Finds the smallest gap for `interval` between those already placed, which
/// are sorted by offset.
static int64_t findOffset(const Interval &interval,
                          const std::vector<const Interval *> &placed) {
  int64_t best = -1, bestSize = std::numeric_limits<int64_t>::max();
  int64_t end = 0;
  for (const Interval *other : placed) {
    if (other->last < interval.first || interval.last < other->first)
      continue;
    int64_t gap = other->offset - end;
    if (gap >= interval.size && gap < bestSize) {
      best = end;
      bestSize = gap;
    }
    end = std::max(end, other->offset + other->size);
  }
  return best < 0 ? end : best;
}

int64_t weft::placeIntervals(std::vector<Interval> &intervals) {
  std::vector<size_t> order(intervals.size());
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    if (intervals[a].size != intervals[b].size)
      return intervals[a].size > intervals[b].size;
    return a < b;
  });
  std::vector<const Interval *> placed;
  int64_t total = 0;
  for (size_t i : order) {
    Interval &interval = intervals[i];
    interval.offset = findOffset(interval, placed);
    total = std::max(total, interval.offset + interval.size);
    auto after = std::upper_bound(placed.begin(), placed.end(), interval.offset,
                                  [](int64_t offset, const Interval *other) {
                                    return offset < other->offset;
                                  });
    placed.insert(after, &interval);
  }
  return total;
}
