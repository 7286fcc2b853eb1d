//===- TileTasks.cpp - Tasks of a call as rectangles ----------------------===//

#include "compiler/codegen/cpu/linear/tiles/TileTasks.h"
#include "compiler/codegen/cpu/linear/tiles/TileUnit.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace weft;
using namespace weft::cpu;

/// Row blocks begin with a pair of tiles.
static constexpr int64_t kPair = 2 * TileUnit::kRows;

TileTasks::TileTasks(KernelBuilder &b, const LinearKernel &kernel)
    : b(b), kernel(kernel),
      groups(llvm::divideCeil(kernel.panels, kernel.panelsPerTask)) {
  int64_t known = kernel.getStaticRows(b);
  rows = known < 0 ? b.scalar(0) : b.index(known);
  blocks = b.ceilDiv(rows, kernel.rowsPerTask);
}

int64_t TileTasks::getMostRows(const LinearKernel &kernel) {
  return llvm::alignTo(kernel.rowsAtOnce, kPair);
}

/// Blocks are as even as can be.
Value TileTasks::getFirstRow(Value block) {
  Value pairs = b.mul(block, b.ceilDiv(rows, kPair));
  return b.min(b.mul(b.div(pairs, blocks), kPair), rows);
}

void TileTasks::forRectangles(function_ref<void(const Rectangle &)> body) {
  int64_t most = getMostRows(kernel) / llvm::alignTo(kernel.rowsPerTask, kPair);
  auto isLeft = [&](ValueRange at) { return b.less(at[0], b.end()); };
  b.loopWhile({b.begin(), b.index(0)}, isLeft, [&](ValueRange at) {
    Value block = b.div(at[0], groups), first = b.rem(at[0], groups);
    Value whole = b.min(b.div(b.sub(b.end(), at[0]), groups), most);
    // Of the block there; or all of it and of the next ones.
    Value isPart = arith::OrIOp::create(b, b.less(0, first), b.equal(whole, 0));
    Value endBlock = b.add(block, b.choose(isPart, 1, whole));
    Value end = b.min(b.mul(endBlock, groups), b.end());
    Value endTask = b.choose(isPart, b.sub(end, b.mul(block, groups)), groups);
    Value row = getFirstRow(block);
    body({row, b.sub(getFirstRow(endBlock), row), first, endTask, at[1]});
    return KernelBuilder::Values{end, b.add(at[1], 1)};
  });
}
