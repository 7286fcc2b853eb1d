//===- Granularity.h - How much work a task is ------------------*- C++ -*-===//
//
// A launch is cut into tasks that threads take. The cut is made here, at
// compile time, and in this file alone, so that results never depend on the
// number of threads. A task should be long against handing it out (some 200 ns)
// and short against the launch, so that the threads end together. The numbers
// hold for cores of about 50 GFLOP/s in f32 that read some 10 GB/s each; they
// are no more than that until a cost model takes their place.
//
//===----------------------------------------------------------------------===//

#ifndef WEFT_PASSES_LOWER_GRANULARITY_H
#define WEFT_PASSES_LOWER_GRANULARITY_H

#include <algorithm>
#include <cstdint>

namespace weft::granularity {

/// Outputs a panel: six vectors of 8 lanes, three of 16, as many accumulators
/// as registers hold beside 8 rows.
constexpr int64_t kPanelWidth = 48;

/// Rows of a block of `linear`: a multiple of the 8 rows (AVX-512) and 4 rows
/// (AVX2) of accumulators. Many, so that making f32 of a panel costs little;
/// few enough that their K numbers take about 1 MiB, half of the L2 cache.
inline int64_t getLinearRows(int64_t k) {
  return std::clamp<int64_t>(
      (1 << 20) / (4 * std::max<int64_t>(k, 1)) / 24 * 24, 96, 264);
}

/// Panels a task. With many rows: at least 4 MFLOP, 0.1 ms, for 96 rows. With
/// one row the weights are read once: at least 64 KiB, some 6 us.
inline int64_t getPanelsPerTask(int64_t k, int64_t panels, int64_t panelBytes,
                                bool isOneRow) {
  int64_t wanted = isOneRow ? 65536 / std::max<int64_t>(panelBytes, 1)
                            : 4000000 / (2 * 96 * kPanelWidth * k);
  return std::clamp<int64_t>(wanted, 1, panels);
}

/// Rows that a matrix unit takes at once where a call has so many, whose taken
/// apart numbers have `rowBytes` a row: at most 1 MiB, so that half of the
/// second cache holds them while weights and results pass; many, as weights are
/// made ready once for them; a power of two, as tasks have.
inline int64_t getTileRows(int64_t rowBytes) {
  int64_t rows = 64;
  while (rows < 512 && 2 * rows * rowBytes <= 1 << 20)
    rows *= 2;
  return rows;
}

/// Rows of a block of them: few, so that each of some threads has rows of its
/// own, which its cache holds from launch to launch. Fewer of bytes, as who
/// shares rows rounds all of them, while weights are read fast.
inline int64_t getTileRowsPerTask(int64_t rowBytes, bool isCodes) {
  return std::min<int64_t>(getTileRows(rowBytes), isCodes ? 64 : 128);
}

/// Panels a task on a matrix unit: an even number, so that their tiles are
/// pairs, and at least 8 MFLOP with 128 rows.
inline int64_t getTilePanels(int64_t k, int64_t panels) {
  int64_t pairs = 8000000 / (2 * 128 * 2 * kPanelWidth * k);
  return 2 * std::clamp<int64_t>(pairs, 1, (panels + 1) / 2);
}

/// Numbers that a task of an element-wise or row kernel works on: 64 KiB in
/// f32, a few microseconds.
constexpr int64_t kElementsPerTask = 16384;

inline int64_t getRowsPerTask(int64_t elementsPerRow) {
  return std::max<int64_t>(1, kElementsPerTask /
                                  std::max<int64_t>(elementsPerRow, 1));
}

/// Whether a row of numbers is still in the second cache when it is read again.
inline bool staysInCache(int64_t elementsPerRow) {
  return elementsPerRow <= (1 << 20) / 4;
}

/// Queries of a task of attention: they stand in the lanes of a few vectors, so
/// that keys and values are read once for all of them.
constexpr int64_t kQueriesPerTask = 64;

/// Key heads of a task of attention with few queries, some of `heads`: their
/// rows lie side by side, and a task reads them as one stream; with rows of
/// more than 512 numbers a part of each.
inline int64_t getKeyHeadsPerTask(int64_t heads, int64_t channels) {
  int64_t count = std::clamp<int64_t>(512 / channels, 1, heads);
  while (heads % count)
    --count;
  return count;
}

/// Keys of such a task, of `numbers` each: some 192 KiB in f32, and as much of
/// values; enough that there is little to merge and that the stream seldom
/// ends.
inline int64_t getKeysPerTask(int64_t numbers) {
  return std::clamp<int64_t>(49152 / numbers / 64 * 64, 64, 256);
}

/// The same on packed keys: what a block of queries needs lies in the first
/// cache.
constexpr int64_t kPackedQueriesPerTask = 32;

/// Blocks of 32 keys and values that a task packs, some 20 KiB of 64 channels.
constexpr int64_t kPackedBlocksPerTask = 2;

/// Most rows of a state of which a vector of columns stays in registers.
constexpr int64_t kScanRowsInRegisters = 16;

/// Columns of the state of a scan that a task carries: 32 KiB of it at most. A
/// few rows leave room for more, of which tokens bring whole lines side by
/// side: 64 take 1.3 times as long as 128 where tokens come from memory, 256
/// 0.97.
inline int64_t getScanColumns(int64_t rows) {
  return rows <= kScanRowsInRegisters ? 128 : 64;
}

/// The same where a matrix unit multiplies chunks of tokens: queries and keys
/// are rounded once a task, which costs more than the products.
constexpr int64_t kChunkColumnsPerTask = 128;

/// Channels of a task of a short convolution: each is by itself along the
/// tokens.
constexpr int64_t kConvChannelsPerTask = 256;

/// Channels of a task of a long convolution: a few pairs of vectors. Where so
/// many share a filter, more, since a task transforms the filter for itself.
constexpr int64_t kLongConvChannels = 64;
constexpr int64_t kSharedFilter = 16;
constexpr int64_t kGroupConvChannels = 256;

} // namespace weft::granularity

#endif // WEFT_PASSES_LOWER_GRANULARITY_H
