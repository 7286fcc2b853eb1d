//===- TileAttention.cpp - Products of attention on a matrix unit ---------===//
//
// As everywhere scores stand transposed, so that rows of tiles are keys:
//
//   scores[key, query]  =  K  Q^T       tiles of keys, tiles of pairs of
//   channels out[channel, query] += V^T P        tiles of channels, tiles of
//   pairs of keys
//
// Keys and values come in tiles (PackedKeys.h); queries are turned once a
// block. A block is 32 queries: with as many keys its scores are four tiles of
// sums, beside two of each factor. Scores of a tile become pairs of weights
// (TileWeights.cpp) that wait until the batch meets the values
// (TileResults.cpp).
//
// The matrix unit works beside the vectors on what is near in the program, so
// its instructions stand between theirs: products of later keys between the
// weights of a tile, and sums of weights between the products with the values.
//
//===----------------------------------------------------------------------===//

#include "compiler/codegen/cpu/attention/tiles/TileAttention.h"
#include "compiler/codegen/cpu/attention/tiles/PackedKeys.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace weft;
using namespace weft::cpu;

using Values = KernelBuilder::Values;

TileAttentionEmitter::TileAttentionEmitter(KernelBuilder &b,
                                           AttentionKernel kernel,
                                           int64_t queriesPerTask)
    : AttentionEmitter(b, std::move(kernel), queriesPerTask,
                       {/*vectors=*/2, /*keys=*/kPackedKeys,
                        /*tilesPerBlock=*/16, /*batch=*/16, /*anyKeys=*/false}),
      unit(b), steps(getPackedChannels(a.channels) / kTileNumbers),
      groups(llvm::divideCeil(a.valueChannels, kTile)),
      usesWords(weighsByExp()) {
  int64_t blocks = llvm::divideCeil(queriesPerTask, width);
  queryTiles = b.scratch({blocks, tiling.vectors, steps, kTile, kTileNumbers},
                         b.getBF16Type());
  outs = b.scratch({blocks, groups * kTile, width}, b.getF32Type());
  weights =
      b.scratch({tiling.batch, tiling.vectors, kTile, lanes}, b.getI32Type());
}

//===----------------------------------------------------------------------===//
// Places
//===----------------------------------------------------------------------===//

/// The address of item `number` of `bytes` each.
Value TileAttentionEmitter::getAt(Value buffer, Value number, int64_t bytes) {
  return b.add(getAddress(b, buffer), b.mul(number, bytes));
}

Value TileAttentionEmitter::getKeyBlock(Value buffer, const Tile &tile,
                                        int64_t channels) {
  Value blocks = b.ceilDiv(a.keys, kPackedKeys);
  Value head = b.add(b.mul(place.batch, a.keyHeads), place.keyHead);
  Value number = b.add(b.mul(head, blocks), b.div(tile.key, kPackedKeys));
  return getAt(buffer, number, kPackedKeys * getPackedChannels(channels) * 2);
}

Values TileAttentionEmitter::forPartial(QueryBlock block, Value slot,
                                        function_ref<Values(bool)> body) {
  return b.select(
      b.less(getTile(block, slot).state, Shape::kPartial),
      [&] { return body(false); }, [&] { return body(true); });
}

//===----------------------------------------------------------------------===//
// Queries
//===----------------------------------------------------------------------===//

/// A row of a tile is two channels of each query.
void TileAttentionEmitter::startQueries(QueryBlock block, int64_t vector,
                                        ValueRange rows) {
  VectorType wide = b.vectorType(b.getF32Type(), kTileNumbers);
  VectorType narrow = b.vectorType(b.getBF16Type(), kTileNumbers);
  Value scale = b.real(a.scale, wide);
  for (int64_t step = 0; step < steps; ++step) {
    int64_t channel = step * kTileNumbers, left = a.channels - channel;
    Value mask = left < kTileNumbers ? b.tailMask(left, kTileNumbers) : Value();
    SmallVector<Value> square;
    for (Value row : rows) {
      Value x =
          b.load(a.query, {place.batch, row, place.head, channel}, mask, wide);
      Value pairs = arith::TruncFOp::create(b, narrow, b.mulf(x, scale));
      square.push_back(vector::BitCastOp::create(b, b.vectorType(), pairs));
    }
    transpose(b, square);
    for (auto [i, pairs] : llvm::enumerate(square))
      b.store(vector::BitCastOp::create(b, narrow, pairs), queryTiles,
              {block.number, vector, step, int64_t(i), 0});
  }
}

//===----------------------------------------------------------------------===//
// Scores
//===----------------------------------------------------------------------===//

Value TileAttentionEmitter::getScoreRow(Value slot) {
  return b.mul(b.rem(slot, kScoreTiles), keyTile);
}

/// Tiles 0-3 are sums, 4 and 5 keys, 6 and 7 queries.
SmallVector<TileAttentionEmitter::Step>
TileAttentionEmitter::getProducts(QueryBlock block, Value slot) {
  Value keys = getKeyBlock(a.key, getTile(block, slot), a.channels);
  Value first = b.mul(block.number, tiling.vectors * steps);
  Value tiles = getAt(queryTiles, first, kTileBytes);
  SmallVector<Step> list{[=] {
    for (int64_t sums = 0; sums < 4; ++sums)
      unit.zero(sums);
  }};
  for (int64_t step = 0; step < steps; ++step) {
    auto loadKeys = [=](int64_t half) {
      unit.load(4 + half, b.add(keys, (half * steps + step) * kTileBytes));
    };
    auto loadQueries = [=](int64_t n) {
      unit.load(6 + n, b.add(tiles, (n * steps + step) * kTileBytes));
    };
    auto multiply = [=](int64_t half, int64_t n) {
      unit.multiplyBf16(half * 2 + n, 4 + half, 6 + n);
    };
    list.append({[=] { loadKeys(0); }, [=] { loadQueries(0); },
                 [=] { loadQueries(1); }, [=] { multiply(0, 0); },
                 [=] { loadKeys(1); }, [=] { multiply(0, 1); },
                 [=] { multiply(1, 0); }, [=] { multiply(1, 1); }});
  }
  return list;
}

SmallVector<TileAttentionEmitter::Step>
TileAttentionEmitter::getScoreStores(QueryBlock block, Value slot) {
  int64_t rowBytes = width * kScoreBytes;
  Value row =
      b.add(b.mul(block.number, tiling.batch * keyTile), getScoreRow(slot));
  Value at = getAt(scores, row, rowBytes);
  SmallVector<Step> list;
  for (int64_t sums = 0; sums < 4; ++sums)
    list.push_back([=] {
      int64_t offset =
          sums / 2 * kTile * rowBytes + sums % 2 * lanes * kScoreBytes;
      unit.store(sums, b.add(at, offset), rowBytes);
    });
  return list;
}

void TileAttentionEmitter::makeScores(QueryBlock block, Value slot) {
  take(getProducts(block, slot));
  take(getScoreStores(block, slot));
}

/// What the region makes of the products, and which pairs are allowed.
void TileAttentionEmitter::finishScores(QueryBlock block, Value slot,
                                        bool isPartial) {
  bool hasRegion = !b.getKernel().getElement().empty();
  if (!isPartial && !hasRegion)
    return;
  Tile tile = getTile(block, slot);
  b.loop(0, keyTile, 1, [&](Value r) {
    Value row = b.add(getScoreRow(slot), r), key = b.add(tile.key, r), inRange;
    if (isPartial) {
      inRange = b.less(key, a.keys);
      key = b.min(key, b.sub(a.keys, 1));
      if (a.valid)
        inRange = arith::AndIOp::create(b, inRange,
                                        a.buildValid(b, place.batch, key));
    }
    for (int64_t n = 0; n < tiling.vectors; ++n) {
      if (isPartial)
        storeAllowed(buildAllowed(block, n, key, inRange), block, row, n);
      if (!hasRegion)
        continue;
      Value score = b.load(scores, {block.number, row, n * lanes});
      FailureOr<Value> changed = a.buildScore(
          b, score, place, getPairs(block, n, key), buildInside(block, n));
      if (failed(changed)) {
        status = failure();
        return;
      }
      b.store(*changed, scores, {block.number, row, n * lanes});
    }
  });
}
