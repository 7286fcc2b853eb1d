//===- TileAttention.cpp - Products of attention on a matrix unit ---------===//
//
// As everywhere scores stand transposed, so that rows of tiles are keys:
//
//   scores[key, query]   = K Q^T     tiles of keys by pairs of channels
//   out[channel, query] += V^T P     tiles of channels by pairs of keys
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
#include "compiler/codegen/cpu/VectorBlocks.h"
#include "compiler/codegen/cpu/attention/tiles/PackedKeys.h"
#include "dialects/program/layouts/RowTiles.h"
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
                        /*tilesPerBlock=*/32, /*batch=*/32, /*anyKeys=*/false}),
      unit(b), steps(getPackedChannels(a.channels) / kTileNumbers),
      groups(llvm::divideCeil(a.valueChannels, kTile)),
      usesWords(a.weighsByExp(b)) {
  int64_t blocks = llvm::divideCeil(queriesPerTask, width);
  queryTiles = b.scratch({blocks, tiling.vectors, steps, kTile, kTileNumbers},
                         b.getBF16Type());
  outs = b.scratch({blocks, groups * kTile, width}, b.getF32Type());
  begun = b.scratch({blocks, 1}, b.getIndexType());
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
  VectorType numbers = b.vectorType(b.getBF16Type(), kTileNumbers);
  Value scale = b.splat(a.scale);
  auto loadHalf = [&](Value row, Value channel, int64_t left) {
    if (left <= 0)
      return b.splat(0.0);
    Value mask = left < lanes ? b.tailMask(left) : Value();
    return b.mulf(
        b.load(a.query, {place.batch, row, place.head, channel}, mask), scale);
  };
  auto turn = [&](Value step, int64_t left) {
    SmallVector<Value> square;
    Value channel = b.mul(step, kTileNumbers);
    for (Value row : rows) {
      Value low = loadHalf(row, channel, left);
      Value high = loadHalf(row, b.add(channel, lanes), left - lanes);
      Value both = b.intrinsic("llvm.x86.avx512bf16.cvtne2ps2bf16.512", numbers,
                               {high, low});
      square.push_back(vector::BitCastOp::create(b, b.vectorType(), both));
    }
    transpose(b, square);
    for (auto [i, pairs] : llvm::enumerate(square))
      b.store(vector::BitCastOp::create(b, numbers, pairs), queryTiles,
              {block.number, vector, step, int64_t(i), 0});
  };
  int64_t whole = a.channels / kTileNumbers;
  b.loop(0, whole, 1, [&](Value step) { turn(step, kTileNumbers); });
  if (whole < steps)
    turn(b.index(whole), a.channels - whole * kTileNumbers);
}

/// Fetches rows [from, to) of the results, and of the queries that come next,
/// which are of the next head with the same keys or else of its next block.
void TileAttentionEmitter::fetchRows(QueryBlock block, Value from, Value to) {
  constexpr int64_t kLine = 64 / sizeof(float), kSecondCache = 2;
  int64_t sharing = a.heads / a.keyHeads;
  Value out = b.buffer(a.firstOutput);
  // Rows in tiles are near enough.
  bool isTiled = program::RowTiles::isTiled(b.bufferType(a.firstOutput));
  Value isLast = b.equal(b.rem(place.head, sharing), sharing - 1);
  auto choose = [&](Value x, Value y) -> Value {
    return arith::SelectOp::create(b, isLast, x, y);
  };
  Value nextHead = choose(b.sub(place.head, sharing - 1), b.add(place.head, 1));
  Value first = choose(nextQuery, getQuery(queryBegin));
  auto fetch = [&](Value buffer, Value row, Value head, int64_t channels) {
    row = b.min(row, b.sub(a.queries, 1));
    for (int64_t c = 0; c < channels; c += kLine)
      b.prefetch(buffer, {place.batch, row, head, c}, kSecondCache);
  };
  b.loop(from, to, 1, [&](Value r) {
    Value query = b.add(b.mul(block.number, width), r);
    fetch(a.query, b.add(first, b.mul(query, a.stride)), nextHead, a.channels);
    if (!isTiled)
      fetch(out, getQuery(b.add(queryBegin, query)), place.head,
            a.valueChannels);
  });
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
void TileAttentionEmitter::finishScores(QueryBlock block, Value slot) {
  forPartial(block, slot, [&](bool isPartial) {
    if (isPartial || !b.getKernel().getElement().empty())
      finishRows(block, slot, isPartial);
    return Values();
  });
}

void TileAttentionEmitter::finishRows(QueryBlock block, Value slot,
                                      bool isPartial) {
  bool hasRegion = !b.getKernel().getElement().empty();
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
