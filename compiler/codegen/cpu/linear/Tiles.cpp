//===- Tiles.cpp - Register tiles over a part of K ------------------------===//
//
// A tile holds rows x vectors of accumulators and runs over a part of K: per k
// some loads of the panel, a broadcast a row, the rest FMA; four k a turn,
// which takes 1 to 4 % less time than one. Heights are equalised, so that 9
// rows are tiles of 5 and 5 (sharing one row), not 8 and 1; each height is code
// of its own, chosen at run time. Sums of parts of K, and of all products but
// the last, wait in memory, where each tile has rows of its own. Meanwhile the
// next panel is fetched. Where sums are f64 a vector of them takes two
// registers, and a tile has half as many rows; as many where weights are groups
// of bytes, whose sums of integers take registers too. Those go on with the sum
// of the part before, as groups are added up in order.
//
//===----------------------------------------------------------------------===//

#include "compiler/codegen/cpu/linear/LinearKernel.h"
#include "compiler/codegen/cpu/linear/WeightFetch.h"
#include "compiler/codegen/cpu/linear/groups/GroupPart.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace weft;
using namespace weft::cpu;

using Values = SmallVector<Value>;

/// Numbers of K that a turn of the innermost loop multiplies, where K allows;
/// parts of K do.
static constexpr int64_t kTurn = 4;

namespace {
struct TileShape {
  int64_t maxRows, vectors;
};

/// Where a tile stands.
struct Tile {
  int64_t height;
  Value row;       ///< Of the output.
  Value inputRow;  ///< Of the input.
  Value memoryRow; ///< Of the sums that wait.
  Value column;    ///< In the panel.
  Value number;    ///< In the order of computation.
};

class TileEmitter {
public:
  TileEmitter(KernelBuilder &b, const LinearKernel &kernel,
              const TileWork &work);
  LogicalResult emit();

private:
  LogicalResult emitHeight(int64_t height);
  LogicalResult emitTile(const Tile &tile);
  LogicalResult finishTile(const Tile &tile, ValueRange sums);
  Values multiply(const Tile &tile);
  void multiplyStep(const Tile &tile, Value step, MutableArrayRef<Value> acc);
  void multiplyNumbers(const Tile &tile, Value k, MutableArrayRef<Value> acc);
  Values loadEarlierParts(const Tile &tile);
  Values getInitialSums(const Tile &tile);
  int64_t getFetchLines();
  void planFetch();
  Value getFetchOffset(const Tile &tile);
  Value toSum(Value number);
  bool isLastProduct() { return work.product + 1 == kernel.getNumProducts(); }

  KernelBuilder &b;
  const LinearKernel &kernel;
  const TileWork &work;
  TileShape shape;
  program::PanelsAttr layout;
  LineFetch fetch;
  Value tiles;      ///< That the rows and the panel make.
  int64_t numbers;  ///< Of K in a step.
  Value fetchEvery; ///< Steps of K between lines that are fetched.
  Value fetchBytes; ///< From one to the next.
};
} // namespace

/// 8 x 48 with 32 registers of 16 lanes, 4 x 24 with 16 of 8: measured best.
/// 6 x 16 has as many accumulators, but 8 loads where 4 x 24 has 7, and reads
/// the input once more; it takes 1.05 to 1.09 times as long. Half as many rows
/// where sums are f64 or of two kinds; 2 x 16 of those with 16 registers.
static TileShape getTileShape(KernelBuilder &b, const LinearKernel &kernel) {
  bool wide = b.getLevel().registers >= 32, hasGroups = kernel.hasGroups();
  int64_t vectors = hasGroups && !wide ? 2 : 3;
  while (kernel.getVectors(b) % vectors)
    --vectors;
  int64_t rows = wide ? 8 : hasGroups ? 4 : 12 / vectors;
  bool takesMore = hasGroups || kernel.getSumType(b).isF64();
  return {takesMore ? rows / 2 : rows, vectors};
}

int64_t cpu::getMaxTileRows(KernelBuilder &b, const LinearKernel &kernel) {
  return getTileShape(b, kernel).maxRows;
}

Value cpu::createTileMemory(KernelBuilder &b, const LinearKernel &kernel) {
  int64_t products = kernel.getNumProducts();
  if (products == 1 && kernel.getPartOfK() == kernel.k)
    return {};
  int64_t rows =
      llvm::alignTo(kernel.rowsPerTask, getTileShape(b, kernel).maxRows);
  return b.scratch({products, rows, kernel.width}, kernel.getSumType(b));
}

/// What is fetched meanwhile: the next part of numbers, or the next panel of
/// codes, to make which needs all of its parts.
static Value getFetchBase(KernelBuilder &b, const LinearKernel &kernel,
                          const TileWork &work) {
  program::PanelsAttr layout = kernel.layouts[work.product];
  int64_t bytes = layout.getPanelBytes();
  if (layout.getScheme())
    return b.mul(b.min(b.add(work.panel, 1), kernel.panels - 1), bytes);
  Value next = b.add(work.range.first, work.range.count);
  return b.add(b.mul(work.panel, bytes), b.mul(next, bytes / kernel.k));
}

TileEmitter::TileEmitter(KernelBuilder &b, const LinearKernel &kernel,
                         const TileWork &work)
    : b(b), kernel(kernel), work(work), shape(getTileShape(b, kernel)),
      layout(kernel.layouts[work.product]),
      fetch(b, kernel.weight(b, work.product), layout,
            getFetchBase(b, kernel, work)),
      numbers(work.groups        ? work.groups->getStep()
              : kernel.k % kTurn ? 1
                                 : kTurn) {}

/// Lines that are fetched together: a group is some 100 instructions, as are
/// kTurn numbers.
int64_t TileEmitter::getFetchLines() {
  if (work.groups && work.groups->fetches())
    return 0;
  return work.groups || numbers == kTurn ? 4 : 1;
}

/// Spreads the lines over the steps of K of all tiles; fetches only some of
/// them where there are more lines than steps.
void TileEmitter::planFetch() {
  int64_t bytes = layout.getPanelBytes(), most = getFetchLines() * kCacheLine;
  Value steps = b.mul(tiles, kernel.k / numbers);
  if (!most) {
    fetchEvery = steps;
    fetchBytes = b.index(0);
    return;
  }
  fetchEvery = b.max(b.div(b.mul(steps, most), bytes), 1);
  fetchBytes = b.min(b.div(b.mul(fetchEvery, bytes), steps), most);
}

/// Where the lines begin that a tile fetches.
Value TileEmitter::getFetchOffset(const Tile &tile) {
  Value done = b.mul(tile.number, work.range.count);
  if (layout.getScheme()) // by earlier parts
    done = b.add(done, b.mul(work.range.first, tiles));
  return b.mul(b.div(b.div(done, numbers), fetchEvery), fetchBytes);
}

/// A number or a vector of f32 as sums are.
Value TileEmitter::toSum(Value number) {
  Type type = kernel.getSumType(b);
  if (type.isF32())
    return number;
  if (auto vector = dyn_cast<VectorType>(number.getType()))
    type = vector.clone(type);
  return arith::ExtFOp::create(b, type, number);
}

void TileEmitter::multiplyNumbers(const Tile &tile, Value k,
                                  MutableArrayRef<Value> acc) {
  Values w;
  for (int64_t v = 0; v < shape.vectors; ++v)
    w.push_back(
        toSum(b.load(work.weights, {b.add(work.firstRow, k),
                                    b.add(tile.column, v * b.lanes())})));
  for (int64_t r = 0; r < tile.height; ++r) {
    Value x = b.broadcast(
        toSum(b.loadScalar(kernel.input(b), {b.add(tile.inputRow, r),
                                             b.add(work.range.first, k)})));
    for (int64_t v = 0; v < shape.vectors; ++v) {
      Value &sum = acc[r * shape.vectors + v];
      sum = b.fma(x, w[v], sum);
    }
  }
}

void TileEmitter::multiplyStep(const Tile &tile, Value step,
                               MutableArrayRef<Value> acc) {
  if (work.groups) {
    work.groups->multiplyStep(
        {tile.inputRow, tile.column, tile.height, shape.vectors}, step, acc);
    return;
  }
  Value first = b.mul(step, numbers);
  for (int64_t k = 0; k < numbers; ++k)
    multiplyNumbers(tile, b.add(first, k), acc);
}

Values TileEmitter::getInitialSums(const Tile &tile) {
  Values zeros(tile.height * shape.vectors,
               b.real(0, b.vectorType(kernel.getSumType(b))));
  if (!work.groups || !work.isFirst)
    return zeros;
  return b.select(
      work.isFirst, [&] { return zeros; },
      [&] { return loadEarlierParts(tile); });
}

/// The sums over the part of K, by row, then vector.
Values TileEmitter::multiply(const Tile &tile) {
  Values init = getInitialSums(tile);
  init.push_back(getFetchOffset(tile));
  Value steps = b.div(work.range.count, numbers);
  Values sums =
      b.loop(0, steps, fetchEvery, init, [&](Value from, ValueRange in) {
        Value offset = in.back();
        fetch.emit(offset, getFetchLines());
        Value to = b.min(b.add(from, fetchEvery), steps);
        Values next =
            b.loop(from, to, 1, in.drop_back(), [&](Value step, ValueRange in) {
              Values acc(in);
              multiplyStep(tile, step, acc);
              return acc;
            });
        next.push_back(b.add(offset, fetchBytes));
        return next;
      });
  sums.pop_back();
  return sums;
}

Values TileEmitter::loadEarlierParts(const Tile &tile) {
  Values sums;
  for (int64_t r = 0; r < tile.height; ++r)
    for (int64_t v = 0; v < shape.vectors; ++v)
      sums.push_back(
          b.load(work.memory, {int64_t(work.product), b.add(tile.memoryRow, r),
                               b.add(tile.column, v * b.lanes())}));
  return sums;
}

/// Keeps the sums of a part, or writes results where it was the last one.
LogicalResult TileEmitter::finishTile(const Tile &tile, ValueRange sums) {
  LogicalResult result = success();
  auto keep = [&] {
    for (int64_t r = 0; r < tile.height; ++r)
      for (int64_t v = 0; v < shape.vectors; ++v)
        b.store(sums[r * shape.vectors + v], work.memory,
                {int64_t(work.product), b.add(tile.memoryRow, r),
                 b.add(tile.column, v * b.lanes())});
  };
  auto write = [&] {
    Accumulators acc(kernel.getNumProducts(), tile.height, shape.vectors);
    acc.setMemory(work.memory, tile.memoryRow, tile.column);
    acc.set(work.product, sums);
    Value column = b.add(b.mul(work.panel, kernel.width), tile.column);
    result = writeBack(b, kernel, acc, tile.row, column);
  };
  if (!isLastProduct())
    keep();
  else if (!work.isLast)
    write();
  else
    b.when(work.isLast, write, keep);
  return result;
}

LogicalResult TileEmitter::emitTile(const Tile &tile) {
  Values sums = multiply(tile);
  if (work.isFirst && !work.groups)
    sums = b.select(
        work.isFirst, [&] { return sums; },
        [&] {
          Values total = loadEarlierParts(tile);
          for (auto [sum, part] : llvm::zip_equal(total, sums))
            sum = b.addf(sum, part);
          return total;
        });
  return finishTile(tile, sums);
}

/// Tiles of one height over all rows; the last one ends at the last row and may
/// compute rows of the one before again.
LogicalResult TileEmitter::emitHeight(int64_t height) {
  LogicalResult result = success();
  const RowBlock &rows = work.rows;
  Value last = b.sub(rows.count, height);
  int64_t columns = shape.vectors * b.lanes();
  Value down = b.ceilDiv(rows.count, height);
  tiles = b.mul(down, kernel.width / columns);
  planFetch();
  b.loop(0, kernel.width / columns, 1, [&](Value across) {
    b.loop(0, down, 1, [&](Value i) {
      Tile tile;
      tile.height = height;
      tile.memoryRow = b.mul(i, height);
      Value first = b.min(tile.memoryRow, last);
      tile.row = b.opaque(b.add(rows.row, first));
      tile.inputRow =
          rows.inputRow ? b.opaque(b.add(rows.inputRow, first)) : tile.row;
      tile.column = b.mul(across, columns);
      tile.number = b.add(b.mul(across, down), i);
      if (failed(emitTile(tile)))
        result = failure();
    });
  });
  return result;
}

LogicalResult TileEmitter::emit() {
  const RowBlock &rows = work.rows;
  if (rows.staticCount >= 0) {
    int64_t count = rows.staticCount;
    return emitHeight(
        llvm::divideCeil(count, llvm::divideCeil(count, shape.maxRows)));
  }
  Value height = b.ceilDiv(rows.count, b.ceilDiv(rows.count, shape.maxRows));
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
                             const TileWork &work) {
  return TileEmitter(b, kernel, work).emit();
}
