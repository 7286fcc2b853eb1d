//===- WeightFetch.cpp - Weights on their way ahead of their use ----------===//

#include "compiler/codegen/cpu/linear/WeightFetch.h"
#include "dialects/program/layouts/BlockPanels.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace weft;
using namespace weft::cpu;

/// Fetches lines from byte `at` on, inside the buffer.
static void fetchLines(KernelBuilder &b, Value buffer, int64_t bytes, Value at,
                       int64_t lines, unsigned locality) {
  at = b.min(at, std::max<int64_t>(bytes - lines * kCacheLine, 0));
  for (int64_t i = 0; i < lines; ++i)
    b.prefetch(buffer, {b.add(at, i * kCacheLine)}, locality);
}

void LineFetch::emit(KernelBuilder::Index offset, int64_t lines) {
  fetchLines(b, buffer, bytes, b.add(base, offset), lines, /*locality=*/2);
}

void StreamFetch::emit(int64_t begin, int64_t end, Value step, int64_t bytes) {
  int64_t panelBytes = layout.getPanelBytes();
  Value at = b.add(b.mul(step, bytes), kAhead);
  Value next = b.mul(b.sub(b.min(b.add(panel, 1), last), panel), panelBytes);
  Value jump = arith::SelectOp::create(b, b.less(at, end - begin), b.index(0),
                                       b.sub(next, end - begin));
  at = b.add(b.add(b.mul(panel, panelBytes), begin), b.add(at, jump));
  fetchLines(b, buffer, layout.getBytes(), at,
             llvm::divideCeil(bytes, kCacheLine), /*locality=*/3);
}

BlockFetch::BlockFetch(KernelBuilder &b, Value buffer,
                       program::PanelsAttr layout, Value panel, Value last)
    : b(b), layout(layout), stream(b, buffer, layout, panel, last),
      next(b, buffer, layout,
           b.mul(b.min(b.add(panel, 1), last), layout.getPanelBytes())) {}

void BlockFetch::fetchCodes(Value step, int64_t numbers) {
  int64_t columns = layout.getColumns(), width = layout.getWidth();
  auto fetch = [&](int64_t begin, int64_t bits) {
    stream.emit(begin, begin + columns * width * bits / 8, step,
                numbers * width * bits / 8);
  };
  fetch(layout.getCodesOffset(), layout.getCodeBits());
  if (int64_t bits = getHighBits(layout))
    fetch(getHighBitsOffset(layout), bits);
}

void BlockFetch::fetchScales(Value group) {
  int64_t first = getScaleCodesOffset(layout);
  int64_t groups = layout.getColumns() / layout.getScheme().getGroupSize();
  int64_t bytes = llvm::divideCeil(layout.getPanelBytes() - first, groups);
  next.emit(b.add(b.mul(group, bytes), first),
            llvm::divideCeil(bytes, kCacheLine));
}
