//===- TileResults.cpp - Results of attention on a matrix unit ------------===//
//
// Channels in rows and queries in lanes, as the unit adds them up; they are
// turned when they are stored.
//
//===----------------------------------------------------------------------===//

#include "compiler/codegen/cpu/VectorBlocks.h"
#include "compiler/codegen/cpu/attention/tiles/TileAttention.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace weft;
using namespace weft::cpu;

Value TileAttentionEmitter::addPairs(Value sum, Value pairs) {
  VectorType type = b.vectorType(b.getBF16Type(), 2 * lanes);
  return unit.order(b.intrinsic(
      "llvm.x86.avx512bf16.dpbf16ps.512", sum.getType(),
      {sum, vector::BitCastOp::create(b, type, pairs), b.real(1.0, type)}));
}

/// Tiles 0-3 are sums, two groups of channels by two vectors of queries, 4 and
/// 5 values, 6 and 7 weights.
void TileAttentionEmitter::addGroups(QueryBlock block, Value count,
                                     int64_t first, int64_t last, int64_t from,
                                     int64_t to) {
  int64_t rowBytes = width * kScoreBytes;
  auto forSums = [&](function_ref<void(int64_t sums, Value at)> body) {
    for (int64_t group = first; group < last; ++group)
      for (int64_t n = 0; n < tiling.vectors; ++n) {
        Value row = b.add(b.mul(block.number, groups), group);
        body(
            (group - first) * tiling.vectors + n,
            b.add(getAt(outs, row, kTile * rowBytes), n * lanes * kScoreBytes));
      }
  };
  Values carried;
  for (int64_t n = from; n < to; ++n)
    carried.push_back(b.load(sums, {block.number, n * lanes}));
  b.when(
      isBegun(block, b.index(0)),
      [&] {
        forSums([&](int64_t sums, Value at) { unit.load(sums, at, rowBytes); });
      },
      [&] { forSums([&](int64_t sums, Value) { unit.zero(sums); }); });
  carried = b.loop(0, count, 1, carried, [&](Value slot, ValueRange old) {
    Value values = getKeyBlock(a.value, getTile(block, slot), a.valueChannels);
    Values next(old);
    int64_t done = 0;
    // A quarter of the pairs beside each step of the unit.
    auto addQuarter = [&] {
      for (int64_t pair = done; pair < done + kTile / 4 && pair < kTile; ++pair)
        for (int64_t n = from; n < to; ++n)
          next[n - from] = addPairs(next[n - from],
                                    b.load(weights, {slot, n, pair, 0}, Value(),
                                           b.vectorType(b.getI32Type())));
      done += kTile / 4;
    };
    for (int64_t n = 0; n < tiling.vectors; ++n) {
      Value number = b.add(b.mul(slot, tiling.vectors), n);
      unit.load(6 + n, getAt(weights, number, kTileBytes));
    }
    for (int64_t group = first; group < last; ++group) {
      int64_t factor = 4 + group - first;
      unit.load(factor, b.add(values, group * kTileBytes));
      addQuarter();
      for (int64_t n = 0; n < tiling.vectors; ++n)
        unit.multiplyBf16((group - first) * tiling.vectors + n, factor, 6 + n);
      addQuarter();
    }
    while (done < kTile)
      addQuarter();
    return next;
  });
  forSums([&](int64_t sums, Value at) { unit.store(sums, at, rowBytes); });
  for (int64_t n = from; n < to; ++n)
    b.store(carried[n - from], sums, {block.number, n * lanes});
}

void TileAttentionEmitter::addValues(QueryBlock block, Value count) {
  // The weights are added up a vector a time, if there is time enough.
  int64_t passes = llvm::divideCeil(groups, 2), from = 0;
  for (int64_t group = 0; group < groups; group += 2) {
    int64_t to =
        usesWords
            ? std::min<int64_t>(from + llvm::divideCeil(tiling.vectors, passes),
                                tiling.vectors)
            : 0;
    addGroups(block, count, group, std::min(groups, group + 2), from, to);
    from = to;
  }
  b.storeScalar(b.index(1), begun, {block.number, 0});
}

void TileAttentionEmitter::startResults(QueryBlock block) {
  b.storeScalar(b.index(0), begun, {block.number, 0});
}

void TileAttentionEmitter::scaleResults(QueryBlock block, ValueRange factors) {
  auto scale = [&] {
    b.loop(0, a.valueChannels, 1, [&](Value channel) {
      for (int64_t n = 0; n < tiling.vectors; ++n) {
        Value acc = b.load(outs, {block.number, channel, n * lanes});
        b.store(b.mulf(acc, factors[n]), outs,
                {block.number, channel, n * lanes});
      }
    });
  };
  b.when(isBegun(block, b.index(0)), scale);
}

void TileAttentionEmitter::storeResults(QueryBlock block, int64_t vector,
                                        Value first, Value count,
                                        Value factor) {
  auto clear = [&] {
    Value zero = b.broadcast(buildHiddenZero(b));
    b.loop(0, a.valueChannels, 1, [&](Value channel) {
      b.store(zero, outs, {block.number, channel, vector * lanes});
    });
  };
  // What sees no key has zeros.
  b.when(isBegun(block, b.index(0)), [] {}, clear);
  Value sum =
      a.hasSum() ? b.load(sums, {block.number, vector * lanes}) : Value();
  auto emitSquare = [&](Value channel, int64_t channels) {
    SmallVector<Value> tile(lanes, b.splat(0.0));
    for (int64_t r = 0; r < channels; ++r)
      tile[r] = a.buildFinish(
          b, b.load(outs, {block.number, b.add(channel, r), vector * lanes}),
          sum, factor);
    transpose(b, tile);
    Value mask = channels < lanes ? b.tailMask(channels) : Value();
    auto store = [&](Value row, Value numbers) {
      storeResult(numbers, getQuery(b.add(first, row)), channel, mask);
    };
    b.when(
        b.equal(count, lanes),
        [&] {
          for (int64_t r = 0; r < lanes; ++r)
            store(b.index(r), tile[r]);
        },
        [&] {
          for (int64_t r = 0; r < lanes; ++r)
            b.store(tile[r], square, {r, 0});
          b.loop(0, count, 1,
                 [&](Value row) { store(row, b.load(square, {row, 0})); });
        });
  };
  int64_t even = a.valueChannels - a.valueChannels % lanes;
  b.loop(0, even, lanes, [&](Value c) { emitSquare(c, lanes); });
  if (even < a.valueChannels)
    emitSquare(b.index(even), a.valueChannels - even);
}
