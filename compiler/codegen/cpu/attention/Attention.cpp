//===- Attention.cpp - Kernels of family attention ------------------------===//
//
// Scores are kept transposed: queries in lanes, keys in rows. So maximum and
// sum of a query are vertical, and keys and values are read as they lie, a
// number at a time for all lanes; only queries and results are transposed. A
// task takes its queries in blocks of a few vectors past blocks of keys:
//
//   scores[key, query] = scale * K Q^T        (in tiles of registers)
//   weights, maximum and sum, by the normaliser
//   out[channel, query] += V^T weights         (in tiles of registers)
//
// A tile of keys in which the mask allows nothing is left out; the mask is only
// evaluated where it allows some (TileRelation.h).
//
//===----------------------------------------------------------------------===//

#include "compiler/codegen/cpu/attention/Attention.h"
#include "compiler/codegen/cpu/KernelEmitter.h"
#include "compiler/codegen/cpu/math/Elementary.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace weft;
using namespace weft::cpu;

AttentionEmitter::AttentionEmitter(KernelBuilder &b, AttentionKernel kernel,
                                   int64_t queriesPerTask)
    : b(b), a(std::move(kernel)), lanes(b.lanes()), width(kVectors * b.lanes()),
      // Accumulators, the queries' vectors and a key's number fill the
      // registers.
      keyTile(b.getLevel().registers >= 32 ? 8 : 6), channelTile(keyTile),
      keyBlock(b.getLevel().registers >= 32 ? 128 : 120),
      queriesPerTask(queriesPerTask) {
  int64_t blocks = llvm::divideCeil(queriesPerTask, width);
  Type f32 = b.getF32Type();
  queries = b.scratch({blocks, a.channels, width}, f32);
  outs = b.scratch({blocks, a.valueChannels, width}, f32);
  scores = b.scratch({keyBlock, width}, f32);
  allowed = b.scratch({keyBlock, kVectors}, b.getIntegerType(lanes));
  square = b.scratch({lanes, lanes}, f32);
  if (a.hasMaximum())
    maxima = b.scratch({blocks, width}, f32);
  if (a.hasSum())
    sums = b.scratch({blocks, width}, f32);
}

void AttentionEmitter::emitTask(Value task) {
  Value blocks = b.ceilDiv(a.queries, queriesPerTask);
  Value batchHead = b.div(task, blocks);
  place.head = b.rem(batchHead, a.heads);
  place.batch = b.div(batchHead, a.heads);
  place.keyHead = b.div(place.head, a.heads / a.keyHeads);
  queryBegin = b.mul(b.rem(task, blocks), queriesPerTask);
  queryEnd = b.min(b.add(queryBegin, queriesPerTask), a.queries);

  Value count = b.ceilDiv(b.sub(queryEnd, queryBegin), width);
  auto forBlocks = [&](function_ref<void(QueryBlock)> body) {
    b.loop(0, count, 1, [&](Value number) {
      body({number, b.add(queryBegin, b.mul(number, width))});
    });
  };
  forBlocks([&](QueryBlock block) { start(block); });
  b.loop(0, a.keys, keyBlock, [&](Value firstKey) {
    forBlocks([&](QueryBlock block) { takeKeys(block, firstKey); });
  });
  forBlocks([&](QueryBlock block) { finish(block); });
}

void AttentionEmitter::start(QueryBlock block) {
  Value last = b.sub(a.queries, 1), scale = b.splat(a.scale);
  for (int64_t n = 0; n < kVectors; ++n) {
    // Lanes past the last query repeat it; they are not stored.
    SmallVector<Value> rows;
    for (int64_t r = 0; r < lanes; ++r)
      rows.push_back(b.min(b.add(block.first, n * lanes + r), last));
    auto emitSquare = [&](Value channel, int64_t channels) {
      Value mask = channels < lanes ? b.tailMask(channels) : Value();
      SmallVector<Value> tile;
      for (Value row : rows)
        tile.push_back(b.mulf(
            b.load(a.query, {place.batch, row, place.head, channel}, mask),
            scale));
      transpose(b, tile);
      for (int64_t r = 0; r < channels; ++r)
        b.store(tile[r], queries, {block.number, b.add(channel, r), n * lanes});
    };
    int64_t even = a.channels - a.channels % lanes;
    b.loop(0, even, lanes, [&](Value c) { emitSquare(c, lanes); });
    if (even < a.channels)
      emitSquare(b.index(even), a.channels - even);

    RowState init = a.normaliser.buildInit(b, b.vectorType());
    if (init.max)
      b.store(init.max, maxima, {block.number, n * lanes});
    if (init.sum)
      b.store(init.sum, sums, {block.number, n * lanes});
  }
  b.loop(0, a.valueChannels, 1, [&](Value channel) {
    for (int64_t n = 0; n < kVectors; ++n)
      b.store(b.splat(0.0), outs, {block.number, channel, n * lanes});
  });
}

void AttentionEmitter::takeKeys(QueryBlock block, Value firstKey) {
  Value keyCount = b.min(b.sub(a.keys, firstKey), keyBlock);
  auto body = [&] {
    ScoreRange range = emitScores(block, firstKey, keyCount);
    emitWeights(block, range);
    addValues(block, firstKey, range.first, b.min(range.last, keyCount));
  };
  if (!a.mask)
    return body();
  Value end = b.min(b.add(block.first, width), queryEnd);
  b.when(
      a.buildRelation(b, block.first, end, firstKey, b.add(firstKey, keyCount))
          .any,
      body);
}

void AttentionEmitter::addValues(QueryBlock block, Value firstKey, Value from,
                                 Value to) {
  auto emitTile = [&](Value channel, int64_t channels) {
    auto forEach = [&](function_ref<void(Value, int64_t)> body) {
      for (int64_t r = 0; r < channels; ++r)
        for (int64_t n = 0; n < kVectors; ++n)
          body(b.add(channel, r), n * lanes);
    };
    Values acc;
    forEach([&](Value c, int64_t lane) {
      acc.push_back(b.load(outs, {block.number, c, lane}));
    });
    acc = b.loop(from, to, 1, acc, [&](Value row, ValueRange old) {
      Values weights, next;
      for (int64_t n = 0; n < kVectors; ++n)
        weights.push_back(b.load(scores, {row, n * lanes}));
      Value key = b.add(firstKey, row);
      for (int64_t r = 0; r < channels; ++r) {
        Value x = b.loadBroadcast(
            a.value, {place.batch, key, place.keyHead, b.add(channel, r)});
        for (int64_t n = 0; n < kVectors; ++n)
          next.push_back(b.fma(x, weights[n], old[r * kVectors + n]));
      }
      return next;
    });
    size_t i = 0;
    forEach([&](Value c, int64_t lane) {
      b.store(acc[i++], outs, {block.number, c, lane});
    });
  };
  int64_t even = a.valueChannels - a.valueChannels % channelTile;
  b.loop(0, even, channelTile, [&](Value c) { emitTile(c, channelTile); });
  if (even < a.valueChannels)
    emitTile(b.index(even), a.valueChannels - even);
}

void AttentionEmitter::finish(QueryBlock block) {
  Value out = b.buffer(a.firstOutput);
  for (int64_t n = 0; n < kVectors; ++n) {
    Value first = b.add(block.first, n * lanes);
    Value count = b.max(b.min(b.sub(queryEnd, first), lanes), 0);
    Value sum = a.hasSum() ? b.load(sums, {block.number, n * lanes}) : Value();
    Value factor = a.buildFinishFactor(b, sum);
    auto emitSquare = [&](Value channel, int64_t channels) {
      SmallVector<Value> tile(lanes, b.splat(0.0));
      for (int64_t r = 0; r < channels; ++r)
        tile[r] = a.buildFinish(
            b, b.load(outs, {block.number, b.add(channel, r), n * lanes}), sum,
            factor);
      transpose(b, tile);
      Value mask = channels < lanes ? b.tailMask(channels) : Value();
      auto store = [&](Value row, Value vector) {
        b.store(vector, out,
                {place.batch, b.add(first, row), place.head, channel}, mask);
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
    if (a.hasLse) {
      Value lse =
          b.addf(b.load(maxima, {block.number, n * lanes}), buildLog(b, sum));
      b.store(lse, b.buffer(a.firstOutput + 1),
              {place.batch, place.head, first}, b.tailMask(count));
    }
  }
}

static LogicalResult emitAttention(program::KernelOp, KernelBuilder &b) {
  FailureOr<AttentionKernel> kernel = AttentionKernel::read(b);
  if (failed(kernel))
    return failure();
  FailureOr<int64_t> queriesPerTask = b.requireInt("queries_per_task");
  if (failed(queriesPerTask))
    return failure();
  AttentionEmitter emitter(b, *kernel, *queriesPerTask);
  b.forTasks([&](Value task) { emitter.emitTask(task); });
  return emitter.getStatus();
}

static RegisterKernelEmitter attention("attention", emitAttention);
