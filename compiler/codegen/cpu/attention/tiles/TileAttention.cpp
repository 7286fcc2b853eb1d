//===- TileAttention.cpp - Products of attention on a matrix unit ---------===//
//
// As everywhere scores stand transposed, so that rows of tiles are keys:
//
//   scores[key, query]  =  K  Q^T       tiles of keys, tiles of pairs of
//   channels out[channel, query] += V^T P        tiles of channels, tiles of
//   pairs of keys
//
// Keys and values come in tiles (PackedKeys.h); queries are turned once a
// block, and two rows of weights become one of pairs in registers, which takes
// the place of their scores. A block is 32 queries: with as many keys its
// scores are four tiles of sums, beside two of each factor. The matrix unit
// works beside the vectors on what is near in the program: the products of a
// tile of keys stand before the maxima of the tile before it, and those with
// the values between the weights of one tile and of the next.
//
//===----------------------------------------------------------------------===//

#include "compiler/codegen/cpu/attention/tiles/TileAttention.h"
#include "compiler/codegen/cpu/attention/tiles/PackedKeys.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace weft;
using namespace weft::cpu;

using Values = KernelBuilder::Values;

/// Rows of a tile, and numbers of bf16 in one.
static constexpr int64_t kTile = TileUnit::kRows, kTileNumbers = 32,
                         kTileBytes = 1024, kScoreBytes = 4;

TileAttentionEmitter::TileAttentionEmitter(KernelBuilder &b,
                                           AttentionKernel kernel,
                                           int64_t queriesPerTask)
    : AttentionEmitter(b, std::move(kernel), queriesPerTask,
                       {/*vectors=*/2, /*keys=*/kPackedKeys,
                        /*tilesPerBlock=*/4, /*batch=*/8, /*anyKeys=*/false}),
      unit(b), steps(getPackedChannels(a.channels) / kTileNumbers),
      groups(llvm::divideCeil(a.valueChannels, kTile)) {
  int64_t blocks = llvm::divideCeil(queriesPerTask, width);
  queryTiles = b.scratch({blocks, tiling.vectors, steps, kTile, kTileNumbers},
                         b.getBF16Type());
  outs = b.scratch({blocks, groups * kTile, width}, b.getF32Type());
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

Value TileAttentionEmitter::getScores(QueryBlock block, Value row) {
  Value first = b.mul(block.number, tiling.batch * keyTile);
  return getAt(scores, b.add(first, row), width * kScoreBytes);
}

Values TileAttentionEmitter::forPartial(const Tile &tile,
                                        function_ref<Values(bool)> body) {
  return b.select(
      b.less(tile.state, Shape::kPartial), [&] { return body(false); },
      [&] { return body(true); });
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

/// Tiles 0-3 are sums, 4 and 5 keys, 6 and 7 queries.
void TileAttentionEmitter::multiplyKeys(QueryBlock block, Value slot) {
  Tile tile = getTile(block, slot);
  Value keys = getKeyBlock(a.key, tile, a.channels);
  for (int64_t sums = 0; sums < 4; ++sums)
    unit.zero(sums);
  for (int64_t step = 0; step < steps; ++step) {
    for (int64_t half = 0; half < 2; ++half)
      unit.load(4 + half, b.add(keys, (half * steps + step) * kTileBytes));
    for (int64_t n = 0; n < 2; ++n) {
      Value vector = b.add(b.mul(block.number, tiling.vectors), n);
      Value number = b.add(b.mul(vector, steps), step);
      unit.load(6 + n, getAt(queryTiles, number, kTileBytes));
    }
    for (int64_t sums = 0; sums < 4; ++sums)
      unit.multiplyBf16(sums, 4 + sums / 2, 6 + sums % 2);
  }
  int64_t rowBytes = width * kScoreBytes;
  Value at = getScores(block, tile.row);
  for (int64_t sums = 0; sums < 4; ++sums)
    unit.store(
        sums,
        b.add(at, sums / 2 * kTile * rowBytes + sums % 2 * lanes * kScoreBytes),
        rowBytes);
}

Values TileAttentionEmitter::finishScores(QueryBlock block, const Tile &tile,
                                          bool isPartial, ValueRange maxima) {
  bool hasRegion = !b.getKernel().getElement().empty();
  if (!isPartial && !hasRegion && !a.hasMaximum())
    return Values(maxima);
  auto finishRow = [&](Value r, ValueRange old) {
    Values next(old);
    Value row = b.add(tile.row, r), key = b.add(tile.key, r), inRange;
    if (isPartial) {
      inRange = b.less(key, a.keys);
      key = b.min(key, b.sub(a.keys, 1));
      if (a.valid)
        inRange = arith::AndIOp::create(b, inRange,
                                        a.buildValid(b, place.batch, key));
    }
    for (int64_t n = 0; n < tiling.vectors; ++n) {
      Value score = b.load(scores, {block.number, row, n * lanes});
      if (hasRegion) {
        FailureOr<Value> changed = a.buildScore(
            b, score, place, getPairs(block, n, key), buildInside(block, n));
        if (failed(changed)) {
          status = failure();
          return next;
        }
        score = *changed;
        b.store(score, scores, {block.number, row, n * lanes});
      }
      Value pairs;
      if (isPartial) {
        pairs = buildAllowed(block, n, key, inRange);
        storeAllowed(pairs, block, row, n);
      }
      if (!a.hasMaximum())
        continue;
      Value above =
          arith::CmpFOp::create(b, arith::CmpFPredicate::OGT, score, next[n]);
      if (pairs)
        above = arith::AndIOp::create(b, above, pairs);
      next[n] = arith::SelectOp::create(b, above, score, next[n]);
    }
    return next;
  };
  constexpr int64_t kUnroll = 4;
  return b.loop(0, keyTile, kUnroll, maxima, [&](Value r, ValueRange old) {
    Values next(old);
    for (int64_t u = 0; u < kUnroll; ++u)
      next = finishRow(b.add(r, u), next);
    return next;
  });
}

Values TileAttentionEmitter::emitScores(QueryBlock block, Value count) {
  Values carried;
  if (a.hasMaximum())
    for (int64_t n = 0; n < tiling.vectors; ++n)
      carried.push_back(b.load(maxima, {block.number, n * lanes}));
  multiplyKeys(block, b.index(0));
  return b.loop(0, count, 1, carried, [&](Value slot, ValueRange old) {
    Value following = b.add(slot, 1);
    b.when(b.less(following, count), [&] { multiplyKeys(block, following); });
    Tile tile = getTile(block, slot);
    return forPartial(tile, [&](bool isPartial) {
      return finishScores(block, tile, isPartial, old);
    });
  });
}

//===----------------------------------------------------------------------===//
// Weights and values
//===----------------------------------------------------------------------===//

/// Two rows of numbers that are not negative as one of pairs of bf16, to the
/// nearest.
static Value buildPairs(KernelBuilder &b, Value even, Value odd) {
  VectorType words = b.vectorType(b.getI32Type());
  auto round = [&](Value x) -> Value {
    return arith::AddIOp::create(b, arith::BitcastOp::create(b, words, x),
                                 b.integer(0x8000, words));
  };
  Value low = arith::ShRUIOp::create(b, round(even), b.integer(16, words));
  Value high = arith::AndIOp::create(b, round(odd),
                                     b.integer(int32_t(0xffff0000), words));
  return vector::BitCastOp::create(b, b.vectorType(),
                                   arith::OrIOp::create(b, low, high));
}

Value TileAttentionEmitter::emitVectorWeights(QueryBlock block,
                                              const Tile &tile, int64_t vector,
                                              bool isPartial, Value reference,
                                              Value sum) {
  Value zero = b.splat(0.0);
  auto weigh = [&](Value row) -> Value {
    Value score = b.load(scores, {block.number, row, vector * lanes});
    Value weight = a.buildWeight(b, score, reference);
    if (!isPartial)
      return weight;
    Value pairs = loadAllowed(block, row, vector);
    return arith::SelectOp::create(b, pairs, weight, zero);
  };
  auto term = [&](Value weight) { return a.normaliser.buildTerm(b, weight); };
  constexpr int64_t kUnroll = 2;
  Values sums(sum ? kUnroll : 0, zero);
  sums = b.loop(0, keyTile, 2 * kUnroll, sums, [&](Value r, ValueRange old) {
    Values next(old);
    for (int64_t u = 0; u < kUnroll; ++u) {
      Value pair = b.add(r, 2 * u), row = b.add(tile.row, pair);
      Value even = weigh(row), odd = weigh(b.add(row, 1));
      b.store(buildPairs(b, even, odd), scores,
              {block.number, b.add(tile.row, b.div(pair, 2)), vector * lanes});
      if (sum)
        next[u] = b.addf(next[u], b.addf(term(even), term(odd)));
    }
    return next;
  });
  return sum ? b.addf(sum, b.addf(sums[0], sums[1])) : Value();
}

/// Maxima that grew a little stay: weights may be some thousand instead of 1,
/// and what was summed up need not be scaled.
Values TileAttentionEmitter::keepMaxima(QueryBlock block,
                                        ValueRange newMaxima) {
  constexpr double kSlack = 8;
  Values kept;
  for (int64_t n = 0; n < tiling.vectors; ++n) {
    Value old = b.load(maxima, {block.number, n * lanes});
    Value above =
        arith::CmpFOp::create(b, arith::CmpFPredicate::OGT, newMaxima[n],
                              b.addf(old, b.splat(kSlack)));
    kept.push_back(arith::SelectOp::create(b, above, newMaxima[n], old));
  }
  return kept;
}

/// Tiles 0-3 are sums, 4 and 5 values in turn, 6 weights.
void TileAttentionEmitter::addVectorValues(
    QueryBlock block, Value count, int64_t vector, int64_t first, int64_t last,
    function_ref<void(const Tile &)> weigh) {
  int64_t rowBytes = width * kScoreBytes;
  Value row = b.add(b.mul(block.number, groups * kTile), first * kTile);
  Value results =
      b.add(getAt(outs, row, rowBytes), vector * lanes * kScoreBytes);
  auto getSums = [&](int64_t group) {
    return b.add(results, (group - first) * kTile * rowBytes);
  };
  for (int64_t group = first; group < last; ++group)
    unit.load(group - first, getSums(group), rowBytes);
  b.loop(0, count, 1, [&](Value slot) {
    Tile tile = getTile(block, slot);
    if (weigh)
      weigh(tile);
    Value values = getKeyBlock(a.value, tile, a.valueChannels);
    unit.load(6,
              b.add(getScores(block, tile.row), vector * lanes * kScoreBytes),
              rowBytes);
    for (int64_t group = first; group < last; ++group) {
      int64_t factor = 4 + group % 2;
      unit.load(factor, b.add(values, group * kTileBytes));
      unit.multiplyBf16(group - first, factor, 6);
    }
  });
  for (int64_t group = first; group < last; ++group)
    unit.store(group - first, getSums(group), rowBytes);
}

void TileAttentionEmitter::emitWeights(QueryBlock block, Value count,
                                       ValueRange newMaxima) {
  constexpr int64_t kSums = 4;
  Values references;
  if (a.hasMaximum())
    references = emitReferences(block, keepMaxima(block, newMaxima));
  for (int64_t n = 0; n < tiling.vectors; ++n) {
    Value reference = references.empty() ? Value() : references[n];
    auto weigh = [&](const Tile &tile) {
      Value sum =
          a.hasSum() ? b.load(sums, {block.number, n * lanes}) : Value();
      Values next = forPartial(tile, [&](bool isPartial) {
        Value own =
            emitVectorWeights(block, tile, n, isPartial, reference, sum);
        return own ? Values{own} : Values();
      });
      if (sum)
        b.store(next[0], sums, {block.number, n * lanes});
    };
    for (int64_t group = 0; group < groups; group += kSums)
      if (group == 0)
        addVectorValues(block, count, n, group, std::min(groups, kSums), weigh);
      else
        addVectorValues(block, count, n, group, std::min(groups, group + kSums),
                        nullptr);
  }
}
