//===- TileProduct.cpp - Tasks, blocks and steps on a matrix unit ---------===//
//
// A block is 32 rows by 32 outputs: four tiles of sums, two of rows and two of
// weights. It runs over the whole of K. The order is outputs, then rows, so
// that the weights of a block stay in the cache.
//
// The matrix unit works beside the rest, but only on what is near in the
// program. So sums are stored tile by tile in the first step of the next
// product, and the vector work is spread over its other steps: writing the
// block before back, and making the next two columns of weights ready.
//
//===----------------------------------------------------------------------===//

#include "compiler/codegen/cpu/linear/tiles/ByteInput.h"
#include "compiler/codegen/cpu/linear/tiles/TileKernel.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace weft;
using namespace weft::cpu;

static constexpr int64_t kTile = TileUnit::kRows;
/// Rows and outputs of a block.
static constexpr int64_t kBlock = 2 * kTile;
/// Tiles of sums, and bytes of a row of them in scratch.
static constexpr int64_t kSums = 4, kRowBytes = kBlock * 4;

bool cpu::usesTileUnit(KernelBuilder &b, const LinearKernel &kernel) {
  bool hasUnit = b.getLevel().has(kernel.hasCodes() ? "amx-int8" : "amx-bf16");
  bool isRounded = kernel.precision == "bf16" || kernel.precision == "split";
  if (!hasUnit || !(isRounded || kernel.hasCodes()))
    return false;
  // Tasks must not share a pair of columns of tiles.
  bool isPaired = kernel.panelsPerTask * kernel.width % kBlock == 0;
  return isPaired && llvm::all_of(kernel.layouts, [&](auto layout) {
           SchemeAttrInterface scheme = layout.getScheme();
           return scheme ? scheme.getBlockSize() == kBlock
                         : program::hasTiles(layout);
         });
}

namespace {
/// Two columns of tiles of a task.
struct Columns {
  Value block;   ///< Of rows.
  Value column;  ///< The first column.
  Value half;    ///< Of the scratch of weights.
  Value isThere; ///< Whether there are outputs.
};

/// Some units of making weights ready: [from, from + count).
struct Share {
  Value from, count;
};

class TileEmitter {
public:
  TileEmitter(KernelBuilder &b, const LinearKernel &kernel);
  LogicalResult emit();

private:
  Columns locate(Value pair);
  void emitColumns(const Columns &own, const Columns &next, Value hasNext);
  void emitBlock(Value rowPair, const Columns &own, const Columns &next,
                 const Share &units, int64_t rowTiles);
  void multiply(unsigned product, Value firstTile, int64_t rowTiles,
                Value before, const Columns &next, const Share &units);
  void multiplyStep(TileWeights &weights, Value firstTile, Value step,
                    int64_t rowTiles, Value before = {});
  void makeReady(const Columns &columns);
  Value getSums(Value half, int64_t product);
  void storeTile(int64_t tile, Value block);
  Value readSums(int64_t product, Value r, int64_t tile);

  Value waits(int64_t i) { return b.loadScalar(waiting, {i}); }
  void writeRow(Value r);
  void writeRows(Value step);

  KernelBuilder &b;
  const LinearKernel &kernel;
  TileUnit unit;
  TileInput input;
  std::vector<TileWeights> weights;
  int64_t steps, groups, pairsPerTask;
  Value sums; ///< [half][products][32][32] of f32
  /// The block to be written: row, rows, column, half, scale of its first row.
  Value waiting;
  Value row, count; ///< Of the row block.
  LogicalResult result = success();
};
} // namespace

TileEmitter::TileEmitter(KernelBuilder &b, const LinearKernel &kernel)
    : b(b), kernel(kernel), unit(b), input(b, kernel),
      steps(llvm::divideCeil(kernel.k, input.format.inputs)),
      groups(llvm::divideCeil(kernel.panels, kernel.panelsPerTask)),
      pairsPerTask(kernel.panelsPerTask * kernel.width / kBlock) {
  unsigned products = kernel.getNumProducts();
  for (unsigned p = 0; p < products; ++p)
    weights.emplace_back(b, kernel, p, input.format.parts);
  Type sum = input.format.isCodes() ? Type(b.getI32Type()) : b.getF32Type();
  sums = b.scratch({2, products, kBlock, kBlock}, sum);
  waiting = b.scratch({5}, b.getIndexType());
}

//===----------------------------------------------------------------------===//
// A block
//===----------------------------------------------------------------------===//

/// Adds the products of one step of K. Tiles 0-3 are sums, 4 and 5 rows, 6 and
/// 7 weights. Neighbouring products of parts share one, which is loaded once.
/// With `before`, each sum is stored there and begins anew.
void TileEmitter::multiplyStep(TileWeights &weights, Value firstTile,
                               Value step, int64_t rowTiles, Value before) {
  struct Parts {
    int64_t rows, weights;
  };
  SmallVector<Parts> products;
  if (input.format.parts == 2)
    products.push_back({1, 0});
  products.push_back({0, 0});
  if (weights.parts == 2)
    products.push_back({0, 1});
  Parts loaded = {-1, -1};
  for (Parts parts : products) {
    if (parts.rows != loaded.rows)
      for (int64_t i = 0; i < rowTiles; ++i)
        unit.load(4 + i, input.getTile(b.add(firstTile, i), step, parts.rows));
    if (parts.weights != loaded.weights)
      for (int64_t j = 0; j < 2; ++j)
        unit.load(6 + j, weights.getTile(j, step, parts.weights));
    for (int64_t tile = 0; tile < kSums; ++tile) {
      if (before) {
        storeTile(tile, before);
        unit.zero(tile);
      }
      if (tile / 2 >= rowTiles)
        continue;
      if (input.format.isCodes())
        unit.multiplyBytes(tile, 4 + tile / 2, 6 + tile % 2);
      else
        unit.multiplyBf16(tile, 4 + tile / 2, 6 + tile % 2);
    }
    before = {};
    loaded = parts;
  }
}

/// One product over the whole of K. Stores the sums of the one before to
/// `before`; a block's first product then writes the block before back.
void TileEmitter::multiply(unsigned product, Value firstTile, int64_t rowTiles,
                           Value before, const Columns &next,
                           const Share &units) {
  TileWeights &own = weights[product];
  auto makeReady = [&](Value from, Value step) {
    Value done = b.div(b.mul(units.count, b.add(step, 1)), steps);
    Value to = b.add(units.from, done);
    b.loop(from, to, 1,
           [&](Value unit) { own.makeReady(unit, next.column, next.half); });
    return to;
  };
  Value first = b.index(0);
  multiplyStep(own, firstTile, first, rowTiles, before);
  Value ready = makeReady(units.from, first);
  b.loop(1, steps, 1, {ready}, [&](Value step, ValueRange at) {
    multiplyStep(own, firstTile, step, rowTiles);
    if (product == 0)
      writeRows(step);
    return KernelBuilder::Values{makeReady(at[0], step)};
  });
  if (product == 0 && steps == 1)
    b.loop(0, waits(1), 1, [&](Value r) { writeRow(r); });
}

/// Where the sums of a product of a block go.
Value TileEmitter::getSums(Value half, int64_t product) {
  Value number = b.add(b.mul(half, int64_t(kernel.getNumProducts())), product);
  return b.add(getAddress(b, sums), b.mul(number, kBlock * kRowBytes));
}

void TileEmitter::storeTile(int64_t tile, Value block) {
  int64_t at = tile / 2 * kTile * kRowBytes + tile % 2 * kTile * 4;
  unit.store(tile, b.add(block, at), kRowBytes);
}

/// Sums of row `r` of the block that waits, of 16 outputs, as numbers.
Value TileEmitter::readSums(int64_t product, Value r, int64_t tile) {
  Value sum = b.load(sums, {waits(3), product, r, tile * kTile});
  if (!input.format.isCodes())
    return sum;
  ByteScales scales(b, kernel, product);
  // A pair of columns may end beyond the last panel.
  Value column = b.min(b.add(waits(2), tile * kTile),
                       kernel.panels * kernel.width - kTile);
  return scales.apply(sum, input.getScale(b.add(waits(4), r)),
                      scales.getScales(column));
}

/// Writes row `r` of the block that waits.
void TileEmitter::writeRow(Value r) {
  int64_t products = kernel.getNumProducts();
  Value at = b.add(waits(0), r), column = waits(2);
  Accumulators acc(products, 1, 2);
  for (int64_t p = 0; p < products; ++p)
    acc.set(p, {readSums(p, r, 0), readSums(p, r, 1)});
  if (failed(writeBack(b, kernel, acc, at, column)))
    result = failure();
}

/// The rows whose turn is beside step `step`, 1 or more: few in straight code,
/// so that branches are foreseen.
void TileEmitter::writeRows(Value step) {
  int64_t perStep = llvm::divideCeil(kBlock, std::max<int64_t>(steps - 1, 1));
  Value first = b.mul(b.sub(step, 1), perStep), rows = waits(1);
  if (perStep > 4) {
    b.loop(first, b.min(b.add(first, perStep), rows), 1,
           [&](Value r) { writeRow(r); });
    return;
  }
  for (int64_t i = 0; i < perStep; ++i) {
    Value r = b.add(first, i);
    b.when(b.less(r, rows), [&] { writeRow(r); });
  }
}

/// 32 rows, or 16 with one tile, of two columns of tiles. Makes `units` of
/// `next` ready, and writes the block before back.
void TileEmitter::emitBlock(Value rowPair, const Columns &own,
                            const Columns &next, const Share &units,
                            int64_t rowTiles) {
  int64_t products = kernel.getNumProducts();
  Value half = b.sub(1, waits(3));
  Value before = getSums(waits(3), products - 1);
  for (int64_t p = 0; p < products; ++p) {
    multiply(p, b.mul(rowPair, 2), rowTiles, before, next, units);
    before = getSums(half, p);
  }
  Value first = b.mul(rowPair, kBlock);
  Value rows = b.min(b.sub(count, first), rowTiles * kTile);
  b.storeScalar(b.add(row, first), waiting, {0});
  b.storeScalar(rows, waiting, {1});
  b.storeScalar(b.mul(own.column, kTile), waiting, {2});
  b.storeScalar(half, waiting, {3});
  b.storeScalar(b.add(input.getFirstScale(own.block), first), waiting, {4});
}

//===----------------------------------------------------------------------===//
// Columns
//===----------------------------------------------------------------------===//

/// The pairs of columns of a call have numbers, task by task. Row blocks are
/// slowest, so that the rows of one are taken apart once.
Columns TileEmitter::locate(Value pair) {
  Value task = b.div(pair, pairsPerTask);
  Value column = b.mul(b.rem(task, groups), 2 * pairsPerTask);
  column = b.add(column, b.mul(b.rem(pair, pairsPerTask), 2));
  return {b.div(task, groups), column, b.rem(pair, 2),
          b.less(column, int64_t(llvm::divideCeil(kernel.n, kTile)))};
}

/// Makes columns ready at once.
void TileEmitter::makeReady(const Columns &columns) {
  for (TileWeights &w : weights)
    b.loop(0, w.getUnits(), 1, [&](Value unit) {
      w.makeReady(unit, columns.column, columns.half);
    });
}

/// All rows of the block for two columns of tiles.
void TileEmitter::emitColumns(const Columns &own, const Columns &next,
                              Value hasNext) {
  for (TileWeights &w : weights)
    w.select(own.column, own.half);
  Value whole = b.div(b.add(count, kTile - 1), kBlock);
  Value all = b.ceilDiv(count, kBlock);
  Value units = arith::SelectOp::create(
      b, hasNext, b.index(weights[0].getUnits()), b.index(0));
  auto unitsBefore = [&](Value rowPair) {
    return b.div(b.mul(units, rowPair), all);
  };
  auto unitsOf = [&](Value rowPair) -> Share {
    Value from = unitsBefore(rowPair);
    return {from, b.sub(unitsBefore(b.add(rowPair, 1)), from)};
  };
  b.loop(0, whole, 1,
         [&](Value pair) { emitBlock(pair, own, next, unitsOf(pair), 2); });
  // One to sixteen rows are left.
  b.when(b.less(b.mul(whole, kBlock), count),
         [&] { emitBlock(whole, own, next, unitsOf(whole), 1); });
}

LogicalResult TileEmitter::emit() {
  unit.configure();
  for (int64_t i = 0; i < 5; ++i)
    b.storeScalar(b.index(0), waiting, {i});
  Value rows = kernel.getStaticRows(b) < 0 ? b.scalar(0)
                                           : b.index(kernel.getStaticRows(b));
  Value begin = b.mul(b.begin(), pairsPerTask);
  Value end = b.mul(b.end(), pairsPerTask);
  b.when(b.less(begin, end), [&] { makeReady(locate(begin)); });
  b.loop(begin, end, 1, {b.index(-1)}, [&](Value pair, ValueRange filled) {
    Columns own = locate(pair), next = locate(b.add(pair, 1));
    row = b.mul(own.block, kernel.rowsPerTask);
    count = b.min(b.sub(rows, row), kernel.rowsPerTask);
    b.when(
        b.equal(own.block, filled[0]), [] {},
        [&] { input.fill(own.block, row, count); });
    Value hasNext = b.less(b.add(pair, 1), end);
    b.when(
        own.isThere, [&] { emitColumns(own, next, hasNext); },
        [&] { b.when(hasNext, [&] { makeReady(next); }); });
    return KernelBuilder::Values{own.block};
  });
  Value last = getSums(waits(3), kernel.getNumProducts() - 1);
  for (int64_t tile = 0; tile < kSums; ++tile)
    storeTile(tile, last);
  b.loop(0, waits(1), 1, [&](Value r) { writeRow(r); });
  unit.release();
  return result;
}

LogicalResult cpu::emitTileTasks(KernelBuilder &b, const LinearKernel &kernel) {
  return TileEmitter(b, kernel).emit();
}
