//===- DecodeValues.cpp - Weights of a slice, times the values ------------===//

#include "compiler/codegen/cpu/VectorBlocks.h"
#include "compiler/codegen/cpu/attention/decode/Decode.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace weft;
using namespace weft::cpu;

using Values = KernelBuilder::Values;

void DecodeEmitter::emitWeights(Group group) {
  Values maximum, references;
  for (int64_t h = 0; h < group.count && a.hasMaximum(); ++h) {
    maximum.push_back(b.reduceMax(b.load(maxima, {getHead(group, h), 0})));
    references.push_back(a.buildReference(b, b.broadcast(maximum[h])));
  }
  Value none = b.broadcast(buildHiddenZero(b));
  for (int64_t h = 0; h < group.count; ++h)
    for (int64_t c = 0; c < countChunks(a.valueChannels); ++c)
      b.store(none, outs, {getHead(group, h), c * lanes});
  Values zeros(a.hasSum() ? group.count : 0, b.splat(0.0));
  Values sums =
      b.loop(keyBegin, keyEnd, lanes, zeros, [&](Value key, ValueRange old) {
        Values next(old);
        for (int64_t h = 0; h < group.count; ++h) {
          Value allowed = buildAllowed(group, h, {key, false});
          auto where = [&](Value value) {
            return arith::SelectOp::create(b, allowed, value, b.splat(0.0));
          };
          SmallVector<Index> at{getHead(group, h), b.sub(key, keyBegin)};
          Value weight = where(
              a.buildWeight(b, b.load(scores, at),
                            references.empty() ? Value() : references[h]));
          b.store(weight, scores, at);
          if (a.hasSum())
            next[h] = b.addf(next[h], where(a.normaliser.buildTerm(b, weight)));
        }
        return next;
      });
  for (int64_t h = 0; h < group.count; ++h)
    storeState(group, h, maximum.empty() ? Value() : maximum[h],
               sums.empty() ? Value() : b.reduceAdd(sums[h]));
}

/// Of as many channels at a time as registers hold sums of all heads.
void DecodeEmitter::addValues(Group group, KeyBlock block) {
  Value first = b.sub(block.key, keyBegin);
  bool hasScale = a.valueRows->hasScale();
  if (hasScale) {
    Value rowScales = loadScales(group, block);
    for (int64_t h = 0; h < group.count; ++h) {
      Value weights = b.load(scores, {getHead(group, h), first});
      b.store(b.mulf(weights, rowScales), scaled, {h, 0});
    }
  }
  Index count = block.isWhole ? Index(lanes) : b.sub(keyEnd, block.key);
  int64_t chunks = countChunks(a.valueChannels);
  int64_t budget = b.getLevel().registers * 3 / 4;
  int64_t tile = std::max<int64_t>(1, budget / group.count);
  for (int64_t from = 0; from < chunks; from += tile) {
    int64_t width = std::min(tile, chunks - from);
    auto getSums = [&](int64_t i) -> SmallVector<Index> {
      return {getHead(group, i / width), (from + i % width) * lanes};
    };
    Values acc;
    for (int64_t i = 0; i < width * group.count; ++i)
      acc.push_back(b.load(outs, getSums(i)));
    acc = b.loop(0, count, 1, acc, [&](Value lane, ValueRange old) {
      Values weights, next(old);
      Value key = b.add(block.key, lane);
      if (from == 0)
        prefetchRow(a.value, *a.valueRows, group, key, a.valueChannels);
      for (int64_t h = 0; h < group.count; ++h)
        weights.push_back(hasScale
                              ? b.loadBroadcast(scaled, {h, lane})
                              : b.loadBroadcast(scores, {getHead(group, h),
                                                         b.add(first, lane)}));
      for (int64_t c = 0; c < width; ++c) {
        Value x = a.valueRows->load(b, a.value, {batch, key, group.keyHead},
                                    (from + c) * lanes,
                                    chunkMask(from + c, a.valueChannels));
        for (int64_t h = 0; h < group.count; ++h) {
          Value &sum = next[h * width + c];
          sum = b.fma(weights[h], x, sum);
        }
      }
      return next;
    });
    for (auto [i, sum] : llvm::enumerate(acc))
      b.store(sum, outs, getSums(i));
  }
}
