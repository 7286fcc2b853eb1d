//===- TileDecays.cpp - Decays between the tokens of a chunk --------------===//

#include "compiler/codegen/cpu/scan/tiles/TileScan.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace weft;
using namespace weft::cpu;

//===----------------------------------------------------------------------===//
// Decays without rows: a triangle
//===----------------------------------------------------------------------===//

/// Row t has P_{t,s} for s <= t, else zeros: the row before, times the decay of
/// t, and 1 at t.
void TileScan::prepareTriangle(const Chunk &chunk) {
  VectorType words = b.vectorType(b.getI32Type());
  SmallVector<int32_t> numbers;
  for (int32_t lane = 0; lane < kTile; ++lane)
    numbers.push_back(lane);
  Value lanes = arith::ConstantOp::create(
      b, DenseElementsAttr::get(words, ArrayRef<int32_t>(numbers)));
  Value one = b.splat(1.0), zero = b.splat(0.0);
  b.loop(0, kChunk, 1, {zero, zero, one}, [&](Value t, ValueRange old) {
    Values next(old);
    Values gates = scanRows.loadGates(getToken(chunk, t), getRows(0));
    Value own = keepInside(chunk, t, kernel.transition.buildDecay(b, gates), 1);
    for (Value &factor : next)
      factor = b.mulf(factor, own);
    b.storeScalar(vector::ExtractOp::create(b, next[2], int64_t(0)), decay,
                  {b.add(t, 1)});
    for (int64_t tile = 0; tile < kTiles; ++tile) {
      Value place =
          arith::IndexCastOp::create(b, b.getI32Type(), b.sub(t, tile * kTile));
      Value isOwn = arith::CmpIOp::create(b, arith::CmpIPredicate::eq, lanes,
                                          b.broadcast(place, words));
      next[tile] = arith::SelectOp::create(b, isOwn, one, next[tile]);
      b.store(next[tile], triangle, {t, tile * kTile});
    }
    return next;
  });
}

//===----------------------------------------------------------------------===//
// Decays with rows: borders of the rows of tiles
//===----------------------------------------------------------------------===//

/// Queries and rights come to the begin of their row of tiles, updates to its
/// end. On their way there they meet the updates, or decays, of all tokens
/// between.
void TileScan::moveToBorders(const Chunk &chunk) {
  if (chunk.reads)
    multiplyOwn(staged[0], sums, /*isBefore=*/false);
  if (corrects())
    multiplyOwn(staged[2], seenPairs, /*isBefore=*/true);
  b.loop(0, rows, kTile, [&](Value row) {
    for (int64_t tile = 0; tile < kTiles; ++tile) {
      Value product;
      for (int64_t s = (tile + 1) * kTile - 1; s >= tile * kTile; --s) {
        Value own = b.load(stagedDecays, {s, row});
        if (product)
          b.store(b.mulf(b.load(staged[1], {s, row}), product), staged[1],
                  {s, row});
        product = product ? b.mulf(product, own) : own;
      }
      b.store(product, tileKeep, {tile, row});
    }
  });
}

/// Products of row t of `rows` with updates s of the same row of tiles: s <= t,
/// or s < t with the decays up to t - 1.
void TileScan::multiplyOwn(Value rowsOf, Value to, bool isBefore) {
  b.loop(0, kTiles, 1, [&](Value tile) {
    Value first = b.mul(tile, kTile);
    for (int64_t t = 0; t < kTile; ++t) {
      int64_t count = isBefore ? t : t + 1;
      Values zeros(count, b.splat(0.0));
      Values dots = b.loop(0, rows, kTile, zeros, [&](Value r, ValueRange old) {
        Values sums(old);
        Value x = b.load(rowsOf, {b.add(first, t), r});
        for (int64_t s = count - 1; s >= 0; --s) {
          Value at = b.add(first, s);
          sums[s] = b.fma(x, b.load(staged[1], {at, r}), sums[s]);
          x = b.mulf(x, b.load(stagedDecays, {at, r}));
        }
        b.store(x, rowsOf, {b.add(first, t), r});
        return sums;
      });
      dots.resize(kTile, b.splat(0.0));
      b.store(sumLanes(b, dots), to, {b.add(first, t), first});
    }
  });
}

//===----------------------------------------------------------------------===//
// Decays to the borders of the chunk
//===----------------------------------------------------------------------===//

Value TileScan::getReadDecay(int64_t tile, Index t, Index row) {
  if (decaysByRow)
    return tile ? b.load(tileKeep, {0, row}) : Value();
  return b.loadBroadcast(decay, {b.add(t, tile * kTile + 1)});
}

Value TileScan::getSeenDecay(int64_t tile, Index t, Index row) {
  if (decaysByRow)
    return getReadDecay(tile, t, row);
  return b.loadBroadcast(decay, {b.add(t, tile * kTile)});
}

Value TileScan::getPushDecay(int64_t tile, Index t, Index row) {
  if (decaysByRow)
    return tile ? Value() : b.load(tileKeep, {1, row});
  return b.loadBroadcast(triangle, {kChunk - 1, b.add(t, tile * kTile)});
}

Value TileScan::getKeep(Index row) {
  if (!decaysByRow)
    return b.loadBroadcast(decay, {kChunk});
  return b.mulf(b.loadBroadcast(tileKeep, {0, row}),
                b.loadBroadcast(tileKeep, {1, row}));
}
