//===- TileResults.cpp - Results of attention on a matrix unit ------------===//
//
// Channels in rows and queries in lanes, as the unit adds them up; they are
// turned when they are stored.
//
//===----------------------------------------------------------------------===//

#include "compiler/codegen/cpu/attention/tiles/TileAttention.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace weft;
using namespace weft::cpu;

void TileAttentionEmitter::startResults(QueryBlock block) {
  Value zero = b.broadcast(buildHiddenZero(b));
  b.loop(0, a.valueChannels, 1, [&](Value channel) {
    for (int64_t n = 0; n < tiling.vectors; ++n)
      b.store(zero, outs, {block.number, channel, n * lanes});
  });
}

void TileAttentionEmitter::scaleResults(QueryBlock block, ValueRange factors) {
  b.loop(0, a.valueChannels, 1, [&](Value channel) {
    for (int64_t n = 0; n < tiling.vectors; ++n) {
      Value acc = b.load(outs, {block.number, channel, n * lanes});
      b.store(b.mulf(acc, factors[n]), outs,
              {block.number, channel, n * lanes});
    }
  });
}

void TileAttentionEmitter::storeResults(QueryBlock block, int64_t vector,
                                        Value first, Value count,
                                        Value factor) {
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
