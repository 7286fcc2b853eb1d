//===- WeightFetch.h - Weights on their way ahead of their use --*- C++ -*-===//
//
// Packed weights are read once in order, but a thread that multiplies does not
// look far enough ahead to keep the memory busy.
//
//===----------------------------------------------------------------------===//

#ifndef WEFT_CODEGEN_CPU_LINEAR_WEIGHTFETCH_H
#define WEFT_CODEGEN_CPU_LINEAR_WEIGHTFETCH_H

#include "compiler/codegen/cpu/KernelBuilder.h"

namespace weft::cpu {

constexpr int64_t kCacheLine = 64;

/// Fetches what lies at `base` of a weight's buffer to the second-level cache
/// bit by bit, while what comes before it is multiplied.
class LineFetch {
public:
  LineFetch(KernelBuilder &b, mlir::Value buffer, program::PanelsAttr layout,
            mlir::Value base)
      : b(b), buffer(buffer), bytes(layout.getBytes()), base(base) {}

  /// Fetches `lines` lines from byte `offset` on.
  void emit(KernelBuilder::Index offset, int64_t lines);

private:
  KernelBuilder &b;
  mlir::Value buffer;
  int64_t bytes;
  mlir::Value base;
};

/// Fetches a part of a panel some lines ahead of its use, in the end those of
/// the next panel: the distance at which the processor's own prefetcher takes
/// over within a page. Measured best between 1 and 2 KiB.
class StreamFetch {
public:
  StreamFetch(KernelBuilder &b, mlir::Value buffer, program::PanelsAttr layout,
              mlir::Value panel, mlir::Value last)
      : b(b), buffer(buffer), layout(layout), panel(panel), last(last) {}

  /// Step `step`, which uses `bytes` bytes of the part [begin, end) of a panel.
  void emit(int64_t begin, int64_t end, mlir::Value step, int64_t bytes);

private:
  static constexpr int64_t kAhead = 1536;
  KernelBuilder &b;
  mlir::Value buffer;
  program::PanelsAttr layout;
  mlir::Value panel, last;
};

/// Both for panels of blocks that few rows read: codes are a stream; scales and
/// minima are few bytes at the end of a panel, and come with the one before.
class BlockFetch {
public:
  BlockFetch(KernelBuilder &b, mlir::Value buffer, program::PanelsAttr layout,
             mlir::Value panel, mlir::Value last);

  /// Step `step` of K, of `numbers` numbers of each output.
  void fetchCodes(mlir::Value step, int64_t numbers);
  /// Beside group `group` of this panel, as much of the next panel's.
  void fetchScales(mlir::Value group);

private:
  KernelBuilder &b;
  program::PanelsAttr layout;
  StreamFetch stream;
  LineFetch next;
};

} // namespace weft::cpu

#endif // WEFT_CODEGEN_CPU_LINEAR_WEIGHTFETCH_H
