//===- TileAttention.cpp - Products of attention on a matrix unit ---------===//
//
// Other than elsewhere scores stand as they come, so that rows of tiles are
// queries:
//
//   scores[query, key]   = Q K^T     tiles of queries by pairs of channels
//   out[query, channel] += P V       tiles of queries by pairs of keys
//
// Neither queries nor results have to be turned: keys and values come in tiles
// (PackedKeys.h) that are turned once for all of them. A block is 32 queries:
// with as many keys its scores are four tiles of sums, beside two of each
// factor. Scores of a tile become pairs of weights (TileWeights.cpp) that wait
// until the batch meets the values (TileResults.cpp).
//
// The matrix unit works beside the vectors on what is near in the program, so
// its instructions stand between theirs: products of later keys between the
// weights of a tile, and sums of weights between the products with the values.
//
//===----------------------------------------------------------------------===//

#include "compiler/codegen/cpu/attention/tiles/TileAttention.h"
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
  weights = b.scratch({tiling.batch, width, lanes}, b.getI32Type());
  offsets = b.scratch({width}, b.getF32Type());
  if (sumsTerms())
    parts = b.scratch({width, lanes}, b.getF32Type());
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

void TileAttentionEmitter::startQueries(QueryBlock block, int64_t vector,
                                        ValueRange rows) {
  Value scale = b.splat(a.scale);
  auto loadHalf = [&](Value row, Value channel, int64_t left) {
    if (left <= 0)
      return b.splat(0.0);
    Value mask = left < lanes ? b.tailMask(left) : Value();
    return b.mulf(
        b.load(a.query, {place.batch, row, place.head, channel}, mask), scale);
  };
  auto round = [&](Value step, int64_t left) {
    Value channel = b.mul(step, kTileNumbers);
    for (auto [r, row] : llvm::enumerate(rows)) {
      Value low = loadHalf(row, channel, left);
      Value high = loadHalf(row, b.add(channel, lanes), left - lanes);
      b.store(roundSideBySide(b, low, high), queryTiles,
              {block.number, vector, step, int64_t(r), 0});
    }
  };
  int64_t whole = a.channels / kTileNumbers;
  b.loop(0, whole, 1, [&](Value step) { round(step, kTileNumbers); });
  if (whole < steps)
    round(b.index(whole), a.channels - whole * kTileNumbers);
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
    auto multiply = [=](int64_t n, int64_t half) {
      unit.multiplyBf16(n * 2 + half, 6 + n, 4 + half);
    };
    list.append({[=] { loadKeys(0); }, [=] { loadQueries(0); },
                 [=] { loadQueries(1); }, [=] { multiply(0, 0); },
                 [=] { loadKeys(1); }, [=] { multiply(1, 0); },
                 [=] { multiply(0, 1); }, [=] { multiply(1, 1); }});
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

AttentionKernel::Pairs TileAttentionEmitter::getRowPairs(QueryBlock block,
                                                         Value row, Value key) {
  // Rows past the last query repeat it; they are not stored.
  Value query = b.min(b.add(block.first, row), b.sub(queryCount, 1));
  return {LaneValue::uniform(query), LaneValue::consecutive(key)};
}

void TileAttentionEmitter::finishRows(QueryBlock block, Value slot,
                                      bool isPartial) {
  bool hasRegion = !b.getKernel().getElement().empty();
  Tile tile = getTile(block, slot);
  auto finishHalf = [&](Value query, int64_t half) {
    Value row = b.add(getScoreRow(slot), query);
    Value key = b.add(tile.key, half * lanes), inside;
    auto pairs = getRowPairs(block, query, key);
    if (isPartial) {
      inside = b.tailMask(b.max(b.sub(a.keys, key), 0));
      Value allowed = inside;
      auto also = [&](Value other) {
        allowed = arith::AndIOp::create(b, allowed, other);
      };
      if (a.valid)
        also(a.buildValidLanes(b, place.batch, pairs.key, inside));
      FailureOr<Value> byMask = a.buildAllowed(b, place, pairs, inside);
      if (failed(byMask))
        status = failure();
      else if (*byMask)
        also(*byMask);
      storeAllowed(allowed, block, row, half);
    }
    if (!hasRegion)
      return;
    Value score = b.load(scores, {block.number, row, half * lanes});
    FailureOr<Value> changed = a.buildScore(b, score, place, pairs, inside);
    if (failed(changed))
      status = failure();
    else
      b.store(*changed, scores, {block.number, row, half * lanes});
  };
  b.loop(0, width, 1, [&](Value query) {
    for (int64_t half = 0; half < 2; ++half)
      finishHalf(query, half);
  });
}
