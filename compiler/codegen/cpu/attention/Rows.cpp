//===- Rows.cpp - Rows that are known before they meet the values ---------===//
//
// Where each weight is finished by itself, or the normaliser needs whole rows,
// a task goes over the keys more than once. What was computed of them is there
// in the next pass where it fits into one batch, and is computed again where
// not. The passes are turns of one loop, so that the products stand there once.
//
//===----------------------------------------------------------------------===//

#include "compiler/codegen/cpu/attention/Attention.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace weft;
using namespace weft::cpu;

using Values = KernelBuilder::Values;

//===----------------------------------------------------------------------===//
// Numbers of a row
//===----------------------------------------------------------------------===//

int64_t AttentionEmitter::countKept() {
  // How many there are shows when they are built.
  OwningOpRef<ModuleOp> scratch = ModuleOp::create(b.getLoc());
  auto inner = ImplicitLocOpBuilder::atBlockEnd(b.getLoc(), scratch->getBody());
  Value number = arith::ConstantOp::create(inner, inner.getF32FloatAttr(1.0));
  return a.normaliser.buildRowStart(inner, number, number).size();
}

Values AttentionEmitter::loadKept(QueryBlock block, int64_t vector) {
  Values values;
  int64_t count = cast<MemRefType>(kept.getType()).getDimSize(1);
  for (int64_t i = 0; i < count; ++i)
    values.push_back(b.load(kept, {block.number, i, vector * lanes}));
  return values;
}

void AttentionEmitter::storeKept(QueryBlock block, int64_t vector,
                                 ValueRange values) {
  for (auto [i, value] : llvm::enumerate(values))
    b.store(value, kept, {block.number, int64_t(i), vector * lanes});
}

void AttentionEmitter::startRow(QueryBlock block, int64_t vector) {
  RowState init;
  if (a.keepsRow())
    init = {b.splat(-std::numeric_limits<double>::infinity()), b.splat(0.0)};
  else
    init = a.normaliser.buildInit(b, b.vectorType());
  if (init.max && !a.keepsRow() && !tracksMaxima)
    init.max = b.splat(0.0);
  if (init.max)
    b.store(init.max, maxima, {block.number, vector * lanes});
  if (init.sum)
    b.store(init.sum, sums, {block.number, vector * lanes});
  if (batches)
    b.storeScalar(b.index(0), batches, {block.number});
}

//===----------------------------------------------------------------------===//
// Passes
//===----------------------------------------------------------------------===//

void AttentionEmitter::inPasses(int64_t from, int64_t to,
                                function_ref<void()> body) {
  if (from >= to)
    return;
  b.when(arith::AndIOp::create(b, b.less(from - 1, pass), b.less(pass, to)),
         body);
}

Value AttentionEmitter::areResident(QueryBlock block) {
  return arith::AndIOp::create(
      b, b.less(0, pass), b.less(b.loadScalar(batches, {block.number}), 2));
}

void AttentionEmitter::takeTilesInPass(QueryBlock block, Value count) {
  Value resident = areResident(block);
  inPasses(0, 1, [&] {
    Value before = b.loadScalar(batches, {block.number});
    b.storeScalar(b.add(before, 1), batches, {block.number});
    b.storeScalar(count, lastCounts, {block.number});
  });
  if (a.keepsRow())
    takeTilesOfKeptRow(block, count, resident);
  else
    takeTilesOfStreamedRow(block, count, resident);
}

void AttentionEmitter::takeTilesOfStreamedRow(QueryBlock block, Value count,
                                              Value resident) {
  auto loadMaxima = [&] {
    Values loaded;
    if (tracksMaxima)
      for (int64_t n = 0; n < tiling.vectors; ++n)
        loaded.push_back(b.load(maxima, {block.number, n * lanes}));
    return loaded;
  };
  Values newMaxima =
      b.select(resident, loadMaxima, [&] { return emitScores(block, count); });
  inPasses(0, 1, [&] { emitWeights(block, count, newMaxima); });
  inPasses(1, 2, [&] {
    // What is resident are weights already, under the maxima of all keys.
    b.when(resident, [] {}, [&] { emitKnownWeights(block, count); });
    emitFinalWeights(block, count);
    addValues(block, count);
  });
}

void AttentionEmitter::takeTilesOfKeptRow(QueryBlock block, Value count,
                                          Value resident) {
  b.when(resident, [] {}, [&] { emitScores(block, count); });
  int64_t sweeps = a.normaliser.getNumSweeps();
  inPasses(0, 1, [&] { emitExtremes(block, count); });
  inPasses(1, 1 + sweeps, [&] {
    Value sweep = b.sub(pass, 1);
    emitSums(block, count, [&](Value score, ValueRange kept) {
      return a.normaliser.buildSwept(b, score, kept, sweep);
    });
  });
  inPasses(1 + sweeps, 2 + sweeps, [&] {
    emitSums(block, count, [&](Value score, ValueRange kept) {
      Value weight = a.normaliser.buildRowWeight(b, score, kept);
      return a.normaliser.buildTerm(b, weight);
    });
  });
  inPasses(2 + sweeps, 3 + sweeps, [&] {
    emitKnownWeights(block, count);
    if (a.finishesWeights())
      emitFinalWeights(block, count);
    addValues(block, count);
  });
}

void AttentionEmitter::endPass(QueryBlock block) {
  if (!a.keepsRow())
    return;
  int64_t sweeps = a.normaliser.getNumSweeps();
  auto forVectors =
      [&](function_ref<SmallVector<Value>(int64_t vector, Value sum)> next) {
        for (int64_t n = 0; n < tiling.vectors; ++n) {
          Value sum = b.load(sums, {block.number, n * lanes});
          storeKept(block, n, next(n, sum));
          b.store(b.splat(0.0), sums, {block.number, n * lanes});
        }
      };
  inPasses(0, 1, [&] {
    forVectors([&](int64_t n, Value count) {
      Value max = b.load(maxima, {block.number, n * lanes});
      return a.normaliser.buildRowStart(b, max, count);
    });
  });
  inPasses(1, 1 + sweeps, [&] {
    Value sweep = b.sub(pass, 1);
    forVectors([&](int64_t n, Value sum) {
      return a.normaliser.buildSweepNext(b, loadKept(block, n), sum, sweep);
    });
  });
}

//===----------------------------------------------------------------------===//
// Over the scores of a batch
//===----------------------------------------------------------------------===//

Values
AttentionEmitter::forScores(QueryBlock block, Value count, ValueRange init,
                            function_ref<void(int64_t vector, Value score,
                                              Value pairs, Values &carried)>
                                step) {
  return b.loop(0, count, 1, init, [&](Value slot, ValueRange old) {
    Tile tile = getTile(block, slot);
    return forShape(tile.state, [&](const Shape &shape) {
      return b.loop(0, shape.rows, 1, old, [&](Value r, ValueRange old) {
        Values next(old);
        Value at = b.add(tile.row, r);
        for (int64_t n = shape.from; n < shape.to; ++n) {
          Value pairs = shape.partial ? loadAllowed(block, at, n) : Value();
          step(n, b.load(scores, {block.number, at, n * lanes}), pairs, next);
        }
        return next;
      });
    });
  });
}

static Value where(KernelBuilder &b, Value pairs, Value value,
                   Value otherwise) {
  return pairs ? arith::SelectOp::create(b, pairs, value, otherwise) : value;
}

void AttentionEmitter::emitExtremes(QueryBlock block, Value count) {
  Values init;
  for (Value numbers : {maxima, sums})
    for (int64_t n = 0; n < tiling.vectors; ++n)
      init.push_back(b.load(numbers, {block.number, n * lanes}));
  Value one = b.splat(1.0);
  Values ends = forScores(
      block, count, init,
      [&](int64_t n, Value score, Value pairs, Values &carried) {
        Value &max = carried[n], &number = carried[tiling.vectors + n];
        max = where(b, pairs, arith::MaximumFOp::create(b, max, score), max);
        number = where(b, pairs, b.addf(number, one), number);
      });
  size_t i = 0;
  for (Value numbers : {maxima, sums})
    for (int64_t n = 0; n < tiling.vectors; ++n)
      b.store(ends[i++], numbers, {block.number, n * lanes});
}

void AttentionEmitter::emitSums(
    QueryBlock block, Value count,
    function_ref<Value(Value score, ValueRange kept)> term) {
  Values init;
  SmallVector<Values> known;
  for (int64_t n = 0; n < tiling.vectors; ++n) {
    init.push_back(b.load(sums, {block.number, n * lanes}));
    known.push_back(loadKept(block, n));
  }
  Values ends =
      forScores(block, count, init,
                [&](int64_t n, Value score, Value pairs, Values &carried) {
                  Value next = b.addf(carried[n], term(score, known[n]));
                  carried[n] = where(b, pairs, next, carried[n]);
                });
  for (int64_t n = 0; n < tiling.vectors; ++n)
    b.store(ends[n], sums, {block.number, n * lanes});
}

void AttentionEmitter::emitKnownWeights(QueryBlock block, Value count) {
  Values references;
  SmallVector<Values> known;
  for (int64_t n = 0; n < tiling.vectors; ++n) {
    if (a.keepsRow())
      known.push_back(loadKept(block, n));
    else if (a.hasMaximum())
      references.push_back(
          a.buildReference(b, b.load(maxima, {block.number, n * lanes})));
  }
  Value zero = b.splat(0.0);
  b.loop(0, count, 1, [&](Value slot) {
    Tile tile = getTile(block, slot);
    forShape(tile.state, [&](const Shape &shape) {
      b.loop(0, shape.rows, 1, [&](Value r) {
        Value at = b.add(tile.row, r);
        for (int64_t n = shape.from; n < shape.to; ++n) {
          Value pairs = shape.partial ? loadAllowed(block, at, n) : Value();
          Value score = b.load(scores, {block.number, at, n * lanes});
          Value weight =
              a.keepsRow()
                  ? a.normaliser.buildRowWeight(b, score, known[n])
                  : a.buildWeight(b, score,
                                  references.empty() ? Value() : references[n]);
          b.store(where(b, pairs, weight, zero), scores,
                  {block.number, at, n * lanes});
        }
      });
      return Values();
    });
  });
}
