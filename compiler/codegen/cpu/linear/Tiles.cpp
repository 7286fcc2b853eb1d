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
              Value panel, Value row, Value count)
      : b(b), kernel(kernel), panels(panels), panel(panel), row(row),
        count(count), shape(getShape()) {}
  LogicalResult emit(int64_t staticCount);

private:
  TileShape getShape();
  LogicalResult emitHeight(int64_t height);
  LogicalResult emitTile(int64_t height, Value first, Value column);

  KernelBuilder &b;
  const LinearKernel &kernel;
  ValueRange panels;
  Value panel, row, count;
  TileShape shape;
};
} // namespace

/// 8 x 48 with 32 registers of 16 lanes, 6 x 16 with 16 of 8 (measured best,
/// with neighbours within 5 %); several products share the registers by rows.
TileShape TileEmitter::getShape() {
  bool wide = b.getLevel().registers >= 32;
  int64_t vectors = wide ? 3 : 2;
  while (kernel.getVectors(b) % vectors)
    --vectors;
  int64_t accumulators = wide ? 24 : 12;
  int64_t rows = accumulators / (vectors * kernel.getNumProducts());
  return {std::clamp<int64_t>(rows, 1, 8), vectors};
}

LogicalResult TileEmitter::emitTile(int64_t height, Value first, Value column) {
  Accumulators acc(kernel.getNumProducts(), height, shape.vectors);
  Value zero = b.splat(0);
  acc.values.assign(acc.values.size(), zero);
  SmallVector<Value> rows;
  for (int64_t r = 0; r < height; ++r)
    rows.push_back(b.add(first, r));

  acc.values = b.loop(0, kernel.k, 1, acc.values, [&](Value k, ValueRange in) {
    Accumulators next = acc;
    next.values.assign(in.begin(), in.end());
    Accumulators weights(kernel.getNumProducts(), 1, shape.vectors);
    for (unsigned p = 0; p < kernel.getNumProducts(); ++p)
      for (int64_t v = 0; v < shape.vectors; ++v)
        weights.at(p, 0, v) =
            b.load(panels[p], {k, b.add(column, v * b.lanes())});
    for (int64_t r = 0; r < height; ++r) {
      Value x = b.loadBroadcast(kernel.input(b), {rows[r], k});
      for (unsigned p = 0; p < kernel.getNumProducts(); ++p)
        for (int64_t v = 0; v < shape.vectors; ++v)
          next.at(p, r, v) = b.fma(x, weights.at(p, 0, v), next.at(p, r, v));
    }
    return next.values;
  });
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

LogicalResult TileEmitter::emit(int64_t staticCount) {
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
                             ValueRange panels, Value panel, Value row,
                             Value count, int64_t staticCount) {
  return TileEmitter(b, kernel, panels, panel, row, count).emit(staticCount);
}
