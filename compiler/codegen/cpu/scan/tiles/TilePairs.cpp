//===- TilePairs.cpp - What tokens of a chunk read of one another ---------===//

#include "compiler/codegen/cpu/scan/tiles/TileScan.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace weft;
using namespace weft::cpu;

void TileScan::multiplyPairs(const Factor &rowsOf, Value to) {
  unsigned wanted = decaysByRow ? kCorner : kLower;
  zero(wanted);
  accumulate(rowsOf, 0, updates, 0, wanted);
  storeSums(getAddress(b, to), kChunk * 4, wanted);
}

/// Products of token `t` of row of tiles `tile` with the updates of row of
/// tiles `by`, decayed; zeros where these come later.
Value TileScan::loadPairs(int64_t tile, Index t, int64_t by) {
  if (by > tile)
    return b.splat(0.0);
  Value token = b.add(t, tile * kTile);
  Value products = b.load(sums, {token, by * kTile});
  if (triangle)
    return b.mulf(products, b.load(triangle, {token, by * kTile}));
  if (by < tile || decaysByRow)
    return products;
  return arith::SelectOp::create(b, b.tailMask(b.add(t, 1)), products,
                                 b.splat(0.0));
}

void TileScan::weigh(const Chunk &chunk) {
  for (int64_t tile = 0; tile < kTiles; ++tile) {
    if (chunk.moves)
      b.loop(0, kTile, 1, [&](Value t) {
        storeParts(toParts(loadPairs(tile, t, 0), loadPairs(tile, t, 1)),
                   weights, tile, 0, t);
      });
    if (kernel.hasSum)
      sumWeights(chunk, tile);
  }
}

//===----------------------------------------------------------------------===//
// The sum of the weights: a column of ones
//===----------------------------------------------------------------------===//

void TileScan::sumWeights(const Chunk &chunk, int64_t tile) {
  Values starts(kTile, b.splat(0.0));
  for (int64_t t = 0; chunk.moves && t < kTile; ++t)
    starts[t] = b.addf(loadPairs(tile, t, 0), loadPairs(tile, t, 1));
  Values dots = b.loop(0, rows, kTile, starts, [&](Value row, ValueRange old) {
    Values next(old);
    Value before = isInPlace ? b.load(kernel.finalSum, {batch, head, row})
                             : b.load(sum, {row});
    for (int64_t t = 0; t < kTile; ++t) {
      Value read = getQuery(chunk, tile * kTile + t, row);
      if (chunk.moves && decays)
        if (Value factor = getReadDecay(tile, t, row))
          read = b.mulf(read, factor);
      next[t] = b.fma(read, before, next[t]);
    }
    return next;
  });
  b.store(sumLanes(b, dots), totals, {tile * kTile});
}

void TileScan::moveSum(const Chunk &chunk) {
  b.loop(0, rows, kTile, [&](Value row) {
    Value next = isInPlace ? b.load(kernel.finalSum, {batch, head, row})
                           : b.load(sum, {row});
    if (decaysByRow)
      next = b.mulf(
          next, b.mulf(b.load(tileKeep, {0, row}), b.load(tileKeep, {1, row})));
    else if (decays)
      next = b.mulf(next, getKeep(row));
    for (int64_t tile = 0; tile < kTiles; ++tile)
      next = b.loop(0, kTile, 1, next, [&](Value t, ValueRange old) -> Values {
        Value update = getUpdate(chunk, b.add(t, tile * kTile), row);
        if (decays)
          if (Value factor = getPushDecay(tile, t, row))
            update = b.mulf(update, factor);
        return {b.addf(old[0], update)};
      })[0];
    if (isInPlace)
      b.store(next, kernel.finalSum, {batch, head, row});
    else
      b.store(next, sum, {row});
  });
}

//===----------------------------------------------------------------------===//
// Corrections
//===----------------------------------------------------------------------===//

/// N times the decays between: those up to the token before.
void TileScan::decaySeen() {
  if (!decays || decaysByRow)
    return;
  b.loop(1, kChunk, 1, [&](Value t) {
    for (int64_t c = 0; c < kChunk; c += kTile)
      b.store(
          b.mulf(b.load(seenPairs, {t, c}), b.load(triangle, {b.sub(t, 1), c})),
          seenPairs, {t, c});
  });
}

/// (I + N) y = values - solved, column by column of y, which takes the place of
/// `solved`. Columns are in lanes.
void TileScan::solve(const Chunk &chunk) {
  b.loop(0, kTiles, 1, [&](Value tile) {
    Value first = b.mul(tile, kTile);
    auto factor = [&](int64_t t, Index s) {
      return b.loadBroadcast(seenPairs, {b.add(first, t), s});
    };
    auto subtract = [&](Value y, Index s, int64_t from, Values &left) {
      Value negative = arith::NegFOp::create(b, y);
      for (int64_t t = from; t < kTile; ++t)
        left[t] = b.fma(factor(t, s), negative, left[t]);
    };
    b.loop(0, columns, kTile, [&](Value column) {
      Values left;
      for (int64_t t = 0; t < kTile; ++t) {
        Value token = b.add(first, t);
        left.push_back(b.subf(getValue(chunk, token, column),
                              b.load(solved, {token, column})));
      }
      left = b.loop(0, first, 1, left, [&](Value s, ValueRange old) {
        Values next(old);
        subtract(b.load(solved, {s, column}), s, 0, next);
        return next;
      });
      for (int64_t s = 0; s < kTile; ++s) {
        b.store(left[s], solved, {b.add(first, s), column});
        subtract(left[s], b.add(first, s), s + 1, left);
      }
    });
  });
}
