//===- Tiles.cpp - Register tiles over the whole of K ---------------------===//
//
// A tile holds rows x vectors of accumulators for each product and runs over K
// once: per k some loads of the panel, a broadcast a row, the rest FMA. Heights
// are equalised, so that 9 rows are tiles of 5 and 5 (sharing one row), not 8
// and 1; each height is code of its own, chosen at run time.
//
//===----------------------------------------------------------------------===//

#include "compiler/codegen/cpu/linear/LinearKernel.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace weft;
using namespace weft::cpu;

namespace {
struct TileShape {
  int64_t maxRows, vectors;
};

class TileEmitter {
public:
  TileEmitter(KernelBuilder &b, const LinearKernel &kernel, ValueRange panels,
              Value panel, const RowBlock &rows, Value memory);
  LogicalResult emit();

private:
  LogicalResult emitHeight(int64_t height);
  LogicalResult emitTile(int64_t height, Value first, Value column);
  SmallVector<Value> multiply(Value panel, int64_t height, Value first,
                              Value column);

  KernelBuilder &b;
  const LinearKernel &kernel;
  ValueRange panels;
  Value panel, row, count;
  int64_t staticCount;
  Value memory;
  TileShape shape;
};
} // namespace

/// 8 x 48 with 32 registers of 16 lanes, 6 x 16 with 16 of 8: measured best,
/// with neighbours within 5 %.
static TileShape getTileShape(KernelBuilder &b, const LinearKernel &kernel) {
  bool wide = b.getLevel().registers >= 32;
  int64_t vectors = wide ? 3 : 2;
  while (kernel.getVectors(b) % vectors)
    --vectors;
  return {wide ? 8 : 6, vectors};
}

Value cpu::createTileMemory(KernelBuilder &b, const LinearKernel &kernel) {
  if (kernel.getNumProducts() == 1)
    return {};
  TileShape shape = getTileShape(b, kernel);
  return b.scratch(
      {kernel.getNumProducts() - 1, shape.maxRows, shape.vectors * b.lanes()},
      b.getF32Type());
}

TileEmitter::TileEmitter(KernelBuilder &b, const LinearKernel &kernel,
                         ValueRange panels, Value panel, const RowBlock &rows,
                         Value memory)
    : b(b), kernel(kernel), panels(panels), panel(panel), row(rows.row),
      count(rows.count), staticCount(rows.staticCount), memory(memory),
      shape(getTileShape(b, kernel)) {}

/// The sums of one product, by row, then vector.
SmallVector<Value> TileEmitter::multiply(Value weights, int64_t height,
                                         Value first, Value column) {
  SmallVector<Value> rows, zeros(height * shape.vectors, b.splat(0));
  for (int64_t r = 0; r < height; ++r)
    rows.push_back(b.add(first, r));
  return b.loop(0, kernel.k, 1, zeros, [&](Value k, ValueRange in) {
    SmallVector<Value> next(in), w;
    for (int64_t v = 0; v < shape.vectors; ++v)
      w.push_back(b.load(weights, {k, b.add(column, v * b.lanes())}));
    for (int64_t r = 0; r < height; ++r) {
      Value x = b.loadBroadcast(kernel.input(b), {rows[r], k});
      for (int64_t v = 0; v < shape.vectors; ++v) {
        Value &sum = next[r * shape.vectors + v];
        sum = b.fma(x, w[v], sum);
      }
    }
    return next;
  });
}

LogicalResult TileEmitter::emitTile(int64_t height, Value first, Value column) {
  unsigned products = kernel.getNumProducts();
  Accumulators acc(products, height, shape.vectors);
  for (unsigned p = 0; p < products; ++p)
    acc.set(b, p, multiply(panels[p], height, first, column),
            p + 1 < products ? memory : Value());
  Value outColumn = b.add(b.mul(panel, kernel.width), column);
  return writeBack(b, kernel, acc, first, outColumn);
}

/// Tiles of one height over all rows; the last one ends at the last row and may
/// compute rows of the one before again.
LogicalResult TileEmitter::emitHeight(int64_t height) {
  LogicalResult result = success();
  Value last = b.sub(count, height);
  b.loop(0, kernel.width, shape.vectors * b.lanes(), [&](Value column) {
    b.loop(0, count, height, [&](Value r) {
      Value first = b.opaque(b.add(row, b.min(r, last)));
      if (failed(emitTile(height, first, column)))
        result = failure();
    });
  });
  return result;
}

LogicalResult TileEmitter::emit() {
  auto equalize = [&](int64_t n) {
    return llvm::divideCeil(n, llvm::divideCeil(n, shape.maxRows));
  };
  if (staticCount >= 0)
    return emitHeight(equalize(staticCount));
  Value height = b.ceilDiv(count, b.ceilDiv(count, shape.maxRows));
  SmallVector<int64_t> cases;
  for (int64_t h = 1; h < shape.maxRows; ++h)
    cases.push_back(h);
  auto choose =
      scf::IndexSwitchOp::create(b, TypeRange(), height, cases, cases.size());
  LogicalResult result = success();
  auto fill = [&](Region &region, int64_t height) {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(&region.emplaceBlock());
    if (failed(emitHeight(height)))
      result = failure();
    scf::YieldOp::create(b);
  };
  for (auto [h, region] : llvm::zip(cases, choose.getCaseRegions()))
    fill(region, h);
  fill(choose.getDefaultRegion(), shape.maxRows);
  return result;
}

LogicalResult cpu::emitTiles(KernelBuilder &b, const LinearKernel &kernel,
                             ValueRange panels, Value panel,
                             const RowBlock &rows, Value memory) {
  return TileEmitter(b, kernel, panels, panel, rows, memory).emit();
}
