//===- TileProduct.cpp - Tasks, blocks and steps on a matrix unit ---------===//
//
// A call takes its tasks by rectangles of rows and columns (TileTasks.h). A
// block is 32 rows by 32 outputs: four tiles of sums, two of rows and two of
// weights. The order is outputs, products, parts of K, then rows. Packed
// weights have parts that stay in the first cache while all rows pass; sums
// wait in scratch from part to part. Blocks are one part: measured, they lose
// more by sums that move than they gain.
//
// The matrix unit works beside the rest, but only on what is near in the
// program. So sums are stored tile by tile in the first step of the next
// block, and the vector work is spread over its other steps: writing the block
// before back, and making the next two columns of weights ready.
//
//===----------------------------------------------------------------------===//

#include "compiler/codegen/cpu/linear/tiles/ByteInput.h"
#include "compiler/codegen/cpu/linear/tiles/TileKernel.h"
#include "compiler/codegen/cpu/linear/tiles/TileTasks.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace weft;
using namespace weft::cpu;

static constexpr int64_t kTile = TileUnit::kRows;
/// Rows and outputs of a block.
static constexpr int64_t kBlock = 2 * kTile;
/// Tiles of sums, and bytes of a row of them in scratch.
static constexpr int64_t kSums = 4, kRowBytes = kBlock * 4;
/// Most tiles of weights of a block: three quarters of the first cache. Rows
/// are streamed past it, sums come and go once a part.
static constexpr int64_t kPartTiles = 36;
/// Behind the fields of a block that waits: where its sums go.
static constexpr int64_t kSumsAddress = 5;

bool cpu::usesTileUnit(KernelBuilder &b, const LinearKernel &kernel) {
  bool hasUnit = b.getLevel().has(kernel.hasCodes() ? "amx-int8" : "amx-bf16");
  bool isRounded = kernel.precision == "bf16" || kernel.precision == "split";
  if (!hasUnit || !(isRounded || kernel.hasCodes()))
    return false;
  // Tasks must not share a pair of columns of tiles.
  bool isPaired = kernel.panelsPerTask * kernel.width % kBlock == 0;
  return isPaired && llvm::all_of(kernel.layouts, [&](auto layout) {
           SchemeAttrInterface scheme = layout.getScheme();
           return scheme ? scheme.getBlockSize() % kBlock == 0
                         : program::hasTiles(layout);
         });
}

namespace {
/// Two columns of tiles.
struct Columns {
  Value column;  ///< The first column.
  Value half;    ///< Of the scratch of weights.
  Value isThere; ///< Whether there are outputs.
};

/// A part of K of a product, for all rows.
struct Part {
  unsigned product;
  Value number, first, end; ///< Steps [first, end).
  Value isFirst;            ///< Null: there is one part.
  Value isFinal;            ///< Whether sums are finished with it.
};

/// Rows of a part: two tiles or one.
struct Block {
  Value rowPair;
  int64_t rowTiles;
};

/// Units of the next columns that are made ready beside a block.
struct Share {
  Value begin, count;
  Value column, half;
};

/// The block before, whose sums are stored and wait to be written.
struct Waiting {
  Value row, rows; ///< Its first one; their number, or 0: none are finished.
  Value column;
  Value sums;       ///< The number of its sums.
  Value firstScale; ///< Of codes.
};

class TileEmitter {
public:
  TileEmitter(KernelBuilder &b, const LinearKernel &kernel);
  LogicalResult emit();

private:
  void emitRectangle(const TileTasks::Rectangle &rectangle);
  Columns locate(Value pair);
  void emitColumns(const Columns &own, const Columns &next, Value hasNext);
  void emitPart(const Part &part, const Columns &own, const Columns &next,
                Value hasNext);
  void emitBlock(const Part &part, const Block &block, const Columns &own,
                 const Share &share);
  void multiply(const Part &part, const Block &block, const Share &share);
  void multiplySteps(const Part &part, const Block &block, const Share &share,
                     const Waiting *waiting);
  void beginBlock(const Part &part, const Block &block);
  enum class Begin { No, Zeros, Sums };
  void multiplyStep(TileWeights &weights, const Block &block, Value step,
                    Begin begin = Begin::No, Value sums = {});
  void makeReady(const Columns &columns);
  void makeReady(const Part &part, const Share &share, Value step);
  Share getShare(const Part &part, Value rowPair, const Columns &next,
                 Value hasNext);
  Value getSumsNumber(Value rowPair);
  Value getSums(Value rowPair, int64_t product);
  Value getSumsOfTile(int64_t tile, Value block);
  Value readSums(const Waiting &block, int64_t product, Value r, int64_t tile);

  Waiting getWaiting();
  void writeRow(const Waiting &block, Value r);
  void writeAllRows(const Waiting &block);
  void writeRowsOfTurn(const Waiting &block, Value turn);

  KernelBuilder &b;
  const LinearKernel &kernel;
  TileUnit unit;
  TileInput input;
  std::vector<TileWeights> weights;
  int64_t steps, pairsPerTask;
  int64_t partSteps; ///< Of all parts of K but the last.
  /// [pairs of rows][products][32][32] of f32 or i32; of one pair of rows if
  /// sums are written as soon as they are there.
  Value sums;
  int64_t sumPairs;
  /// The fields of Waiting; where the sums in the tiles go.
  Value waiting;
  Value row, count; ///< Of the rectangle,
  Value firstScale; ///< and the number of its row 0 for TileInput::getScale().
  LogicalResult result = success();
};
} // namespace

TileEmitter::TileEmitter(KernelBuilder &b, const LinearKernel &kernel)
    : b(b), kernel(kernel), unit(b), input(b, kernel),
      steps(llvm::divideCeil(kernel.k, input.format.inputs)),
      pairsPerTask(kernel.panelsPerTask * kernel.width / kBlock) {
  unsigned products = kernel.getNumProducts();
  for (unsigned p = 0; p < products; ++p)
    weights.emplace_back(b, kernel, p, input.format.parts);
  bool hasParts = llvm::all_of(kernel.layouts, program::hasTiles);
  int64_t tiles = steps * 2 * input.format.parts;
  int64_t parts = hasParts ? llvm::divideCeil(tiles, kPartTiles) : 1;
  partSteps = llvm::divideCeil(steps, parts);
  while (partSteps > 1 && steps % partSteps == 1) // no turn for writing rows
    ++partSteps;
  bool waitsForOthers = products > 1 || partSteps < steps;
  sumPairs = waitsForOthers ? TileTasks::getMostRows(kernel) / kBlock : 1;
  Type sum = input.format.isCodes() ? Type(b.getI32Type()) : b.getF32Type();
  sums = b.scratch({sumPairs, products, kBlock, kBlock}, sum);
  waiting = b.scratch({6}, b.getIndexType());
}

//===----------------------------------------------------------------------===//
// A block
//===----------------------------------------------------------------------===//

/// Adds the products of one step of K. Tiles 0-3 are sums, 4 and 5 rows, 6 and
/// 7 weights. Neighbouring products of parts share one, which is loaded once.
/// At the begin of a block the sums of the one before are stored, and its own
/// are zeros or those at `sums`.
void TileEmitter::multiplyStep(TileWeights &weights, const Block &block,
                               Value step, Begin begin, Value sums) {
  Value firstTile = b.mul(block.rowPair, 2);
  int64_t rowTiles = block.rowTiles;
  Value before =
      begin == Begin::No ? Value() : b.loadScalar(waiting, {kSumsAddress});
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
        unit.stream(4 + i,
                    input.getTile(b.add(firstTile, i), step, parts.rows));
    if (parts.weights != loaded.weights)
      for (int64_t j = 0; j < 2; ++j)
        unit.load(6 + j, weights.getTile(j, step, parts.weights));
    for (int64_t tile = 0; tile < kSums; ++tile) {
      if (begin != Begin::No)
        unit.store(tile, getSumsOfTile(tile, before), kRowBytes);
      if (begin == Begin::Zeros)
        unit.zero(tile);
      if (begin == Begin::Sums)
        unit.load(tile, getSumsOfTile(tile, sums), kRowBytes);
      if (tile / 2 >= rowTiles)
        continue;
      if (input.format.isCodes())
        unit.multiplyBytes(tile, 4 + tile / 2, 6 + tile % 2);
      else
        unit.multiplyBf16(tile, 4 + tile / 2, 6 + tile % 2);
    }
    begin = Begin::No;
    loaded = parts;
  }
}

void TileEmitter::beginBlock(const Part &part, const Block &block) {
  TileWeights &own = weights[part.product];
  if (!part.isFirst)
    return multiplyStep(own, block, part.first, Begin::Zeros);
  Value sums = getSums(block.rowPair, part.product);
  b.when(
      part.isFirst, [&] { multiplyStep(own, block, part.first, Begin::Zeros); },
      [&] { multiplyStep(own, block, part.first, Begin::Sums, sums); });
}

/// Steps of a block, with the vector work beside them.
void TileEmitter::multiply(const Part &part, const Block &block,
                           const Share &share) {
  beginBlock(part, block);
  Waiting before = getWaiting();
  auto writeFirst = [&] {
    writeAllRows(before);
    multiplySteps(part, block, share, nullptr);
  };
  if (block.rowTiles == 1 || partSteps == 1)
    return writeFirst();
  // Without a condition for each row.
  b.when(
      b.equal(before.rows, kBlock),
      [&] { multiplySteps(part, block, share, &before); }, writeFirst);
}

/// All but the first. Rows of `waiting`, unless null, are written beside.
void TileEmitter::multiplySteps(const Part &part, const Block &block,
                                const Share &share, const Waiting *waiting) {
  makeReady(part, share, part.first);
  Value second = b.add(part.first, 1);
  b.loop(second, part.end, 1, [&](Value step) {
    multiplyStep(weights[part.product], block, step);
    if (waiting)
      writeRowsOfTurn(*waiting, b.sub(step, second));
    makeReady(part, share, step);
  });
}

/// Where sums of a pair of rows wait.
Value TileEmitter::getSumsNumber(Value rowPair) {
  return sumPairs == 1 ? b.index(0) : rowPair;
}

Value TileEmitter::getSums(Value rowPair, int64_t product) {
  Value number = b.add(
      b.mul(getSumsNumber(rowPair), int64_t(kernel.getNumProducts())), product);
  return b.add(getAddress(b, sums), b.mul(number, kBlock * kRowBytes));
}

Value TileEmitter::getSumsOfTile(int64_t tile, Value block) {
  return b.add(block, tile / 2 * kTile * kRowBytes + tile % 2 * kTile * 4);
}

//===----------------------------------------------------------------------===//
// The block that waits
//===----------------------------------------------------------------------===//

Waiting TileEmitter::getWaiting() {
  auto field = [&](int64_t i) { return b.loadScalar(waiting, {i}); };
  return {field(0), field(1), field(2), field(3), field(4)};
}

/// Sums of row `r`, of 16 outputs, as numbers.
Value TileEmitter::readSums(const Waiting &block, int64_t product, Value r,
                            int64_t tile) {
  Value sum = b.load(sums, {block.sums, product, r, tile * kTile});
  if (!input.format.isCodes())
    return sum;
  ByteScales scales(b, kernel, product);
  // A pair of columns may end beyond the last panel.
  Value column = b.min(b.add(block.column, tile * kTile),
                       kernel.panels * kernel.width - kTile);
  return scales.apply(sum, input.getScale(b.add(block.firstScale, r)),
                      scales.getScales(column));
}

void TileEmitter::writeRow(const Waiting &block, Value r) {
  int64_t products = kernel.getNumProducts();
  Accumulators acc(products, 1, 2);
  for (int64_t p = 0; p < products; ++p)
    acc.set(p, {readSums(block, p, r, 0), readSums(block, p, r, 1)});
  if (failed(writeBack(b, kernel, acc, b.add(block.row, r), block.column)))
    result = failure();
}

void TileEmitter::writeAllRows(const Waiting &block) {
  b.loop(0, block.rows, 1, [&](Value r) { writeRow(block, r); });
}

/// Rows of a whole block whose turn is beside step `turn` + 1: few in straight
/// code.
void TileEmitter::writeRowsOfTurn(const Waiting &block, Value turn) {
  int64_t rest = steps % partSteps, turns = (rest ? rest : partSteps) - 1;
  int64_t perTurn = llvm::PowerOf2Ceil(llvm::divideCeil(kBlock, turns));
  b.when(b.less(turn, kBlock / perTurn), [&] {
    Value first = b.mul(turn, perTurn);
    if (perTurn > 4)
      return b.loop(first, b.add(first, perTurn), 1,
                    [&](Value r) { writeRow(block, r); });
    for (int64_t i = 0; i < perTurn; ++i)
      writeRow(block, b.add(first, i));
  });
}

/// A block; it waits to be written if its sums are finished.
void TileEmitter::emitBlock(const Part &part, const Block &block,
                            const Columns &own, const Share &share) {
  multiply(part, block, share);
  Value first = b.mul(block.rowPair, kBlock);
  Value rows = b.min(b.sub(count, first), block.rowTiles * kTile);
  rows = arith::SelectOp::create(b, part.isFinal, rows, b.index(0));
  b.storeScalar(b.add(row, first), waiting, {0});
  b.storeScalar(rows, waiting, {1});
  b.storeScalar(b.mul(own.column, kTile), waiting, {2});
  b.storeScalar(getSumsNumber(block.rowPair), waiting, {3});
  if (input.format.isCodes())
    b.storeScalar(b.add(firstScale, first), waiting, {4});
  b.storeScalar(getSums(block.rowPair, part.product), waiting, {kSumsAddress});
}

//===----------------------------------------------------------------------===//
// Columns
//===----------------------------------------------------------------------===//

Columns TileEmitter::locate(Value pair) {
  Value column = b.mul(pair, 2);
  return {column, b.rem(pair, 2),
          b.less(column, int64_t(llvm::divideCeil(kernel.n, kTile)))};
}

/// Makes columns ready at once.
void TileEmitter::makeReady(const Columns &columns) {
  for (TileWeights &w : weights)
    b.loop(0, w.getUnits(), 1, [&](Value unit) {
      w.makeReady(unit, columns.column, columns.half);
    });
}

/// All blocks of a product make the next columns ready together.
Share TileEmitter::getShare(const Part &part, Value rowPair,
                            const Columns &next, Value hasNext) {
  Value perPart = b.ceilDiv(count, kBlock);
  Value blocks = b.mul(perPart, int64_t(llvm::divideCeil(steps, partSteps)));
  Value units = arith::SelectOp::create(
      b, hasNext, b.index(weights[part.product].getUnits()), b.index(0));
  auto getUnitsBefore = [&](Value block) {
    return b.div(b.mul(units, block), blocks);
  };
  Value number = b.add(b.mul(part.number, perPart), rowPair);
  Value begin = getUnitsBefore(number);
  Value count = b.sub(getUnitsBefore(b.add(number, 1)), begin);
  return {begin, count, next.column, next.half};
}

/// What of a share is made ready beside a step.
void TileEmitter::makeReady(const Part &part, const Share &share, Value step) {
  // Mostly known: no division when it runs.
  Value length =
      steps % partSteps ? b.sub(part.end, part.first) : b.index(partSteps);
  auto getEnd = [&](Value steps) {
    return b.add(share.begin, b.div(b.mul(share.count, steps), length));
  };
  Value before = b.sub(step, part.first);
  b.loop(getEnd(before), getEnd(b.add(before, 1)), 1, [&](Value unit) {
    weights[part.product].makeReady(unit, share.column, share.half);
  });
}

/// All rows of the rectangle.
void TileEmitter::emitPart(const Part &part, const Columns &own,
                           const Columns &next, Value hasNext) {
  auto emit = [&](Value rowPair, int64_t rowTiles) {
    emitBlock(part, {rowPair, rowTiles}, own,
              getShare(part, rowPair, next, hasNext));
  };
  Value whole = b.div(b.add(count, kTile - 1), kBlock);
  b.loop(0, whole, 1, [&](Value rowPair) { emit(rowPair, 2); });
  // One to sixteen rows are left.
  b.when(b.less(b.mul(whole, kBlock), count), [&] { emit(whole, 1); });
}

/// All rows of the rectangle for two columns of tiles.
void TileEmitter::emitColumns(const Columns &own, const Columns &next,
                              Value hasNext) {
  for (TileWeights &w : weights)
    w.select(own.column, own.half);
  unsigned products = kernel.getNumProducts();
  for (unsigned p = 0; p < products; ++p)
    b.loop(0, steps, partSteps, [&](Value first) {
      Part part = {p,     b.div(first, partSteps),
                   first, b.min(b.add(first, partSteps), steps),
                   {},    {}};
      if (partSteps < steps)
        part.isFirst = b.equal(first, 0);
      Value isLast = b.less(steps - partSteps - 1, first);
      part.isFinal = p + 1 == products ? isLast : b.integer(0, b.getI1Type());
      emitPart(part, own, next, hasNext);
    });
}

void TileEmitter::emitRectangle(const TileTasks::Rectangle &rectangle) {
  row = rectangle.row;
  count = rectangle.count;
  firstScale = row;
  if (input.isFilled()) {
    firstScale = input.getFirstScale(rectangle.turn);
    input.fill(firstScale, row, count);
  } else {
    input.select(row);
  }
  Value first = b.mul(rectangle.firstTask, pairsPerTask);
  Value end = b.mul(rectangle.endTask, pairsPerTask);
  makeReady(locate(first));
  b.loop(first, end, 1, [&](Value pair) {
    Columns own = locate(pair), next = locate(b.add(pair, 1));
    Value hasNext = b.less(b.add(pair, 1), end);
    b.when(
        own.isThere, [&] { emitColumns(own, next, hasNext); },
        [&] { b.when(hasNext, [&] { makeReady(next); }); });
  });
}

LogicalResult TileEmitter::emit() {
  unit.configure();
  for (int64_t i = 0; i < kSumsAddress; ++i)
    b.storeScalar(b.index(0), waiting, {i});
  b.storeScalar(getAddress(b, sums), waiting, {kSumsAddress});
  TileTasks(b, kernel).forRectangles(
      [&](const TileTasks::Rectangle &r) { emitRectangle(r); });
  Value last = b.loadScalar(waiting, {kSumsAddress});
  for (int64_t tile = 0; tile < kSums; ++tile)
    unit.store(tile, getSumsOfTile(tile, last), kRowBytes);
  writeAllRows(getWaiting());
  unit.release();
  return result;
}

LogicalResult cpu::emitTileTasks(KernelBuilder &b, const LinearKernel &kernel) {
  return TileEmitter(b, kernel).emit();
}
