//===- Placement.h - Offsets of buffers that live for a while ---*- C++ -*-===//

#ifndef WEFT_PASSES_MEMORY_PLACEMENT_H
#define WEFT_PASSES_MEMORY_PLACEMENT_H

#include <cstdint>
#include <vector>

namespace weft {

/// Every buffer of the arena begins at a multiple of this.
constexpr int64_t kArenaAlignment = 64;

/// A buffer of `size` bytes that is needed from op `first` to op `last`, both
/// included.
struct Interval {
  int64_t first, last;
  int64_t size, offset;
};

/// Sets the offsets such that no two buffers that are needed at the same time
/// overlap, and returns the bytes needed in all. Sizes are multiples of the
/// alignment. The largest buffers are placed first, each in the smallest gap
/// that is large enough (Pisarchyk and Lee 2020, greedy by size).
int64_t placeIntervals(std::vector<Interval> &intervals);

} // namespace weft

#endif // WEFT_PASSES_MEMORY_PLACEMENT_H
