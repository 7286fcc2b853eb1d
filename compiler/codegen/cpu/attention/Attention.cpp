//===- Attention.cpp - Kernels of family attention ------------------------===//
//
// Scores are kept transposed: queries in lanes, keys in rows. So maximum and
// sum of a query are vertical, and keys and values are read as they lie, a
// number at a time for all lanes; only queries and results are transposed. A
// task takes its queries in blocks of a few vectors past all tiles of keys in
// which the mask allows something, a batch of tiles at a time:
//
//   list of tiles, by the mask                 (Tiles.cpp)
//   scores[key, query] = scale * K Q^T         (Scores.cpp, tiles of registers)
//   weights, maximum and sum, by the normaliser           (Weights.cpp)
//   out[query, channel] += weights^T V         (Values.cpp, tiles of registers)
//
// A tile is as many keys as accumulators allow. One in which nothing is allowed
// costs nothing but the question; where a vector of queries sees none of its
// keys, that vector is left out; the mask is evaluated only where some of the
// pairs are allowed.
//
//===----------------------------------------------------------------------===//

#include "compiler/codegen/cpu/attention/Attention.h"
#include "compiler/codegen/cpu/KernelEmitter.h"
#include "compiler/codegen/cpu/VectorBlocks.h"
#include "compiler/codegen/cpu/attention/ScoreRange.h"
#include "compiler/codegen/cpu/attention/tiles/PackedKeys.h"
#include "compiler/codegen/cpu/attention/tiles/TileAttention.h"
#include "compiler/codegen/cpu/math/Elementary.h"
#include "dialects/program/layouts/RowTiles.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace weft;
using namespace weft::cpu;

using Values = KernelBuilder::Values;

/// Under scores that are no larger, weights need no reference: e^60 is 2^87.
static constexpr double kLargestScore = 60;

/// Accumulators, the queries' vectors and a key's number fill the registers.
/// The more vectors, the fewer loads for a product. A batch is some 128 keys:
/// their scores and values fit into the caches, and no tile is left over of
/// 128. Where there is more than one pass it has some 2000 keys, so that the
/// scores of most rows are there in the next one: half a megabyte of the second
/// cache.
AttentionEmitter::Tiling AttentionEmitter::getTiling(KernelBuilder &b,
                                                     bool hasPasses) {
  int64_t vectors = b.getLevel().registers >= 32 ? 4 : 2;
  return {vectors,
          /*keys=*/6,
          /*tilesPerBlock=*/11,
          /*batch=*/hasPasses ? 352 : 22,
          /*anyKeys=*/true};
}

AttentionEmitter::AttentionEmitter(KernelBuilder &b,
                                   const AttentionKernel &kernel,
                                   int64_t queriesPerTask)
    : AttentionEmitter(b, kernel, queriesPerTask,
                       getTiling(b, kernel.countPasses() > 1)) {
  // A place more than there may be spans: see listSpans.
  for (Value *list : {&spanBegins, &spanEnds, &spanRows})
    *list = b.scratch({tiling.vectors, tiling.batch + 1}, b.getIndexType());
  spanCounts = b.scratch({tiling.vectors}, b.getIndexType());
}

AttentionEmitter::AttentionEmitter(KernelBuilder &b, AttentionKernel kernel,
                                   int64_t queriesPerTask, Tiling tiling)
    : b(b), a(std::move(kernel)), tiling(tiling), lanes(b.lanes()),
      width(tiling.vectors * lanes), keyTile(tiling.keys),
      queriesPerTask(queriesPerTask), lists(tiling.anyKeys && a.listsKeys()),
      runs(tiling.anyKeys && !lists) {
  Region &region = b.getKernel().getElement();
  tracksMaxima = a.hasMaximum() &&
                 !(tiling.anyKeys && getLargestScore(region) <= kLargestScore);
  keyBlock = lists ? 4 * lanes : tiling.tilesPerBlock * keyTile;
  int64_t blocks = llvm::divideCeil(queriesPerTask, width);
  Type f32 = b.getF32Type(), index = b.getIndexType();
  queries = b.scratch({blocks, a.channels, width}, f32);
  int64_t row = llvm::alignTo(a.valueChannels, lanes);
  outs = b.scratch({blocks, width, row}, f32);
  begun = b.scratch({blocks, tiling.vectors}, index);
  fetched = b.scratch({blocks}, index);
  scores = b.scratch({blocks, tiling.batch * keyTile, width}, f32);
  allowed = b.scratch({blocks, tiling.batch * keyTile, tiling.vectors},
                      b.getIntegerType(lanes));
  tileKeys = b.scratch({blocks, tiling.batch}, index);
  tileStates = b.scratch({blocks, tiling.batch}, index);
  counts = b.scratch({blocks}, index);
  if (runs)
    nextKeys = b.scratch({blocks}, index);
  square = b.scratch({lanes, lanes}, f32);
  if (a.hasMaximum() || a.keepsRow())
    maxima = b.scratch({blocks, width}, f32);
  if (a.hasSum())
    sums = b.scratch({blocks, width}, f32);
  if (a.countPasses() > 1) {
    batches = b.scratch({blocks}, index);
    lastCounts = b.scratch({blocks}, index);
  }
  if (lists) {
    listed = b.scratch({blocks, tiling.batch * keyTile}, b.getI32Type());
    listedBits = b.scratch({blocks, tiling.batch * keyTile}, b.getI32Type());
  }
  if (a.keepsRow())
    kept = b.scratch({blocks, countKept(), width}, f32);
  if (a.querySegments)
    segments = b.scratch({blocks, tiling.vectors, 2}, index);
  if (!a.keyRows->isPlain() || !a.valueRows->isPlain()) {
    int64_t channels = std::max(a.channels, a.valueChannels);
    unpacked = b.scratch(
        {tiling.batch * keyTile, int64_t(llvm::alignTo(channels, lanes))}, f32);
  }
}

std::pair<Value, Value> AttentionEmitter::getTurn(Value turn, Value blocks) {
  // The first block, the last one, the second one...: of a causal mask, every
  // range of tasks has as much to do.
  Value inPhase = b.rem(turn, blocks), half = b.div(inPhase, 2);
  Value number = arith::SelectOp::create(b, b.equal(b.rem(inPhase, 2), 0), half,
                                         b.sub(b.sub(blocks, 1), half));
  return {number, b.div(turn, blocks)};
}

void AttentionEmitter::emitTask(Value task) {
  // The mass of a key is summed up over all queries in their order: by one
  // task.
  Value blocks =
      a.hasMass ? b.index(1)
                : b.ceilDiv(b.ceilDiv(a.queries, a.stride), queriesPerTask);
  // Heads that share their keys take a block of queries one after the other:
  // their rows of queries and results lie side by side too.
  int64_t sharing = a.heads / a.keyHeads;
  Value group = b.div(task, b.mul(blocks, a.stride * sharing));
  Value blockHead = b.rem(task, b.mul(blocks, a.stride * sharing));
  Value blockPhase = b.div(blockHead, sharing);
  place.keyHead = b.rem(group, a.keyHeads);
  place.batch = b.div(group, a.keyHeads);
  place.head = b.add(b.mul(place.keyHead, sharing), b.rem(blockHead, sharing));
  auto [number, taskPhase] = getTurn(blockPhase, blocks);
  phase = taskPhase;
  // What queries the head's next task has, if not those of another head.
  auto [nextNumber, nextPhase] = getTurn(b.add(blockPhase, 1), blocks);
  nextQuery =
      b.add(b.mul(b.mul(nextNumber, queriesPerTask), a.stride), nextPhase);
  queryCount = a.queries, keyCount = a.keys;
  if (a.stride > 1) {
    auto count = [&](Value all, Value from) {
      return b.div(b.max(b.sub(b.add(all, a.stride - 1), from), 0), a.stride);
    };
    // Positions leave the same rest.
    Value apart = b.sub(a.firstQuery, a.firstKey);
    apart = b.createOrFold<arith::RemSIOp>(apart, b.index(a.stride));
    keyPhase = b.rem(b.add(b.add(phase, apart), a.stride), a.stride);
    queryCount = count(a.queries, phase);
    keyCount = count(a.keys, keyPhase);
  }
  if (!a.hasMass)
    return emitQueries(b.mul(number, queriesPerTask));
  Value zero = buildHiddenZero(b);
  b.loop(0, a.keys, 1, [&](Value key) {
    b.storeScalar(zero, b.buffer(b.getNumBuffers() - 1),
                  {place.batch, place.head, key});
  });
  b.loop(0, a.queries, queriesPerTask,
         [&](Value begin) { emitQueries(begin); });
}

void AttentionEmitter::emitQueries(Value begin) {
  queryBegin = begin;
  queryEnd = b.min(b.add(queryBegin, queriesPerTask), queryCount);
  if (a.stride > 1) // Some phases have fewer queries than others.
    queryEnd = b.max(queryEnd, queryBegin);
  Value count = b.ceilDiv(b.sub(queryEnd, queryBegin), width);
  auto forBlocks = [&](function_ref<void(QueryBlock)> body) {
    // Of one block there is nothing to choose, and what is asked of its queries
    // can move out of the loop over keys.
    if (queriesPerTask <= width)
      return body({b.index(0), queryBegin});
    b.loop(0, count, 1, [&](Value number) {
      body({number, b.add(queryBegin, b.mul(number, width))});
    });
  };
  // One turn more than there are keys: the last takes the tiles that wait.
  auto emitPass = [&] {
    b.loop(0, b.add(keyCount, keyBlock), keyBlock, [&](Value firstKey) {
      forBlocks([&](QueryBlock block) { takeKeys(block, firstKey); });
    });
  };
  auto emitPasses = [&] {
    forBlocks([&](QueryBlock block) { start(block); });
    if (a.countPasses() == 1)
      emitPass();
    else
      b.loop(0, a.countPasses(), 1, [&](Value number) {
        pass = number;
        emitPass();
        forBlocks([&](QueryBlock block) { endPass(block); });
      });
    forBlocks([&](QueryBlock block) { finish(block); });
  };
  b.when(b.less(0, count), emitPasses);
}

void AttentionEmitter::startQueries(QueryBlock block, int64_t vector,
                                    ValueRange rows) {
  Value scale = b.splat(a.scale);
  auto emitSquare = [&](Value channel, int64_t channels) {
    Value mask = channels < lanes ? b.tailMask(channels) : Value();
    SmallVector<Value> tile;
    for (Value row : rows)
      tile.push_back(
          b.mulf(b.load(a.query, {place.batch, row, place.head, channel}, mask),
                 scale));
    transpose(b, tile);
    for (int64_t r = 0; r < channels; ++r)
      b.store(tile[r], queries,
              {block.number, b.add(channel, r), vector * lanes});
  };
  int64_t even = a.channels - a.channels % lanes;
  b.loop(0, even, lanes, [&](Value c) { emitSquare(c, lanes); });
  if (even < a.channels)
    emitSquare(b.index(even), a.channels - even);
}

void AttentionEmitter::start(QueryBlock block) {
  b.storeScalar(b.index(0), counts, {block.number});
  Value last = b.sub(queryCount, 1);
  for (int64_t n = 0; n < tiling.vectors; ++n) {
    // Lanes past the last query repeat it; they are not stored.
    SmallVector<Value> rows;
    for (int64_t r = 0; r < lanes; ++r)
      rows.push_back(getQuery(b.min(b.add(block.first, n * lanes + r), last)));
    startQueries(block, n, rows);
    if (a.querySegments)
      startSegments(block, n);
    startRow(block, n);
  }
  startResults(block);
}

void AttentionEmitter::startSegments(QueryBlock block, int64_t vector) {
  Value from = b.add(block.first, vector * lanes);
  Value to = b.min(b.add(from, lanes), queryEnd);
  Value none = b.index(std::numeric_limits<int64_t>::max());
  Values ends = b.loop(
      from, to, 1, {none, b.index(-1)}, [&](Value query, ValueRange old) {
        Value start =
            a.buildSegment(b, a.querySegments, place.batch,
                           LaneValue::uniform(getQuery(query)), Value())
                .getScalar();
        return Values{b.min(old[0], start), b.max(old[1], start)};
      });
  for (int64_t i = 0; i < 2; ++i)
    b.storeScalar(ends[i], segments, {block.number, vector, i});
}

Values AttentionEmitter::listBatch(QueryBlock block, Value firstKey) {
  Value before = b.loadScalar(counts, {block.number});
  Value count = lists ? listKeys(block, firstKey, before)
                      : listTiles(block, firstKey, before);
  // A batch is taken when another block of keys might not fit.
  int64_t room = lists ? tiling.batch * keyTile - keyBlock
                       : tiling.batch - tiling.tilesPerBlock;
  Value last = b.less(b.sub(keyCount, 1), firstKey);
  Value taken = arith::OrIOp::create(
      b, b.less(room, count), arith::AndIOp::create(b, b.less(0, count), last));
  Value tiles = count, rest = b.index(0);
  if (lists) {
    // Keys that fill no tile wait, but for the last ones.
    Value whole = b.div(count, keyTile);
    tiles = arith::SelectOp::create(b, last, b.ceilDiv(count, keyTile), whole);
    rest = b.max(b.sub(count, b.mul(tiles, keyTile)), 0);
    b.when(taken, [&] { makeTiles(block, count, tiles); });
  }
  b.storeScalar(arith::SelectOp::create(b, taken, rest, count), counts,
                {block.number});
  return {taken, tiles};
}

void AttentionEmitter::takeKeys(QueryBlock block, Value firstKey) {
  auto list = [&] { return listBatch(block, firstKey); };
  Values batch;
  if (pass)
    batch = b.select(
        areResident(block),
        [&] {
          return Values{b.equal(firstKey, 0),
                        b.loadScalar(lastCounts, {block.number})};
        },
        list);
  else
    batch = list();
  b.when(batch[0], [&] {
    takeTiles(block, batch[1]);
    if (lists)
      keepRest(block, batch[1]);
  });
}

void AttentionEmitter::takeTiles(QueryBlock block, Value count) {
  if (pass)
    return takeTilesInPass(block, count);
  emitWeights(block, count, emitScores(block, count));
  if (a.finishesWeights())
    emitFinalWeights(block, count);
  addValues(block, count);
}

void AttentionEmitter::storeLse(Value lse, Value first, Value count) {
  Value out = b.buffer(a.firstOutput + 1);
  if (a.stride == 1)
    return b.store(lse, out, {place.batch, place.head, first},
                   b.tailMask(count));
  b.store(lse, square, {0, 0});
  b.loop(0, count, 1, [&](Value lane) {
    b.storeScalar(b.loadScalar(square, {0, lane}), out,
                  {place.batch, place.head, getQuery(b.add(first, lane))});
  });
}

void AttentionEmitter::finish(QueryBlock block) {
  for (int64_t n = 0; n < tiling.vectors; ++n) {
    Value first = b.add(block.first, n * lanes);
    Value count = b.max(b.min(b.sub(queryEnd, first), lanes), 0);
    Value sum = a.hasSum() ? b.load(sums, {block.number, n * lanes}) : Value();
    Value factor =
        a.finishesWeights() ? b.splat(1.0) : a.buildFinishFactor(b, sum);
    storeResults(block, n, first, count, factor);
    if (a.hasLse) {
      Value lse =
          b.addf(b.load(maxima, {block.number, n * lanes}), buildLog(b, sum));
      storeLse(lse, first, count);
    }
  }
}

static LogicalResult emitAttention(program::KernelOp op, KernelBuilder &b) {
  FailureOr<AttentionKernel> kernel = AttentionKernel::read(b);
  if (failed(kernel))
    return failure();
  int64_t columns = kernel->heads * kernel->valueChannels;
  if (program::RowTiles::isTiled(b.bufferType(kernel->firstOutput)) &&
      (kernel->valueChannels % 16 || columns % program::RowTiles::kColumns))
    return op.emitOpError()
           << "expected heads that fill halves of tiles, of a multiple of 16 "
              "channels, 32 in all, but got "
           << kernel->heads << " of " << kernel->valueChannels;
  FailureOr<int64_t> queriesPerTask = b.requireInt("queries_per_task");
  if (failed(queriesPerTask))
    return failure();
  if (kernel->isPacked && packsTiles(b)) {
    TileAttentionEmitter emitter(b, *kernel, *queriesPerTask);
    emitter.configure();
    b.forTasks([&](Value task) { emitter.emitTask(task); });
    emitter.release();
    return emitter.getStatus();
  }
  AttentionEmitter emitter(b, *kernel, *queriesPerTask);
  b.forTasks([&](Value task) { emitter.emitTask(task); });
  return emitter.getStatus();
}

static RegisterKernelEmitter attention("attention", emitAttention);
