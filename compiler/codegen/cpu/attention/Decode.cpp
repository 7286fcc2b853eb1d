//===- Decode.cpp - Kernels of family attention_decode --------------------===//
//
// One or few queries against many keys, a slice of them a task. All query heads
// of a key head share what is read. Keys are in lanes: products of `lanes` keys
// with a head's query are summed across by a tree that ends with key k's score
// in lane k. The values' channels are in lanes. What comes out is unnormalised;
// the family attention_merge joins the slices.
//
//===----------------------------------------------------------------------===//

#include "compiler/codegen/cpu/KernelEmitter.h"
#include "compiler/codegen/cpu/attention/AttentionKernel.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace weft;
using namespace weft::cpu;

namespace {

using Values = KernelBuilder::Values;

class DecodeEmitter {
public:
  DecodeEmitter(KernelBuilder &b, AttentionKernel kernel, int64_t keysPerTask)
      : b(b), a(std::move(kernel)), lanes(b.lanes()), keysPerTask(keysPerTask),
        scores(
            b.scratch({kHeads, int64_t(llvm::alignTo(keysPerTask, b.lanes()))},
                      b.getF32Type())) {}

  void emitTask(Value task);
  LogicalResult getStatus() const { return status; }

private:
  /// Query heads that go through the keys together.
  static constexpr int64_t kHeads = 4;

  /// The heads [first, first + count) of a token.
  struct Group {
    Value token, first;
    int64_t count;
  };

  void emitGroup(Group group);
  void emitEmpty(Group group);
  Values loadQueries(Group group);
  /// The scores of the keys [key, key + lanes) with each head of the group.
  Values emitProducts(ArrayRef<Value> queries, Group group, Value key);
  Values sumRows(ArrayRef<Value> queries, Group group, Value key, int64_t row,
                 int64_t distance);
  Values emitRow(ArrayRef<Value> queries, Group group, Value key);
  void prefetchRow(Value buffer, const StoredRow &row, Value key,
                   int64_t channels);
  HeadPlace getPlace(Group group, int64_t head);
  Value buildAllowed(HeadPlace at, Group group, Value key);
  /// Writes the scores; the maximum of each head, if one is kept.
  Values emitScores(Group group);
  /// Turns scores into weights and gives their sums, if one is kept.
  Values emitWeights(Group group, ArrayRef<Value> maxima);
  void emitValues(Group group);
  void store(Group group, int64_t head, Value vector, int64_t channel,
             int64_t count);
  int64_t countChunks(int64_t channels) {
    return llvm::divideCeil(channels, lanes);
  }
  Value chunkMask(int64_t chunk, int64_t channels) {
    int64_t left = channels - chunk * lanes;
    return left < lanes ? b.tailMask(left) : Value();
  }

  KernelBuilder &b;
  AttentionKernel a;
  int64_t lanes, keysPerTask;
  Value scores; // [head of the group, key of the slice]
  HeadPlace place;
  Value slice, keyBegin, keyEnd;
  LogicalResult status = success();
};

} // namespace

void DecodeEmitter::emitTask(Value task) {
  // Key heads fastest: their rows lie in the same pages.
  Value slices = b.ceilDiv(a.keys, keysPerTask);
  place.keyHead = b.rem(task, a.keyHeads);
  Value batchSlice = b.div(task, a.keyHeads);
  slice = b.rem(batchSlice, slices);
  place.batch = b.div(batchSlice, slices);
  keyBegin = b.mul(slice, keysPerTask);
  keyEnd = b.min(b.add(keyBegin, keysPerTask), a.keys);

  int64_t perKeyHead = a.heads / a.keyHeads;
  b.loop(0, a.queries, 1, [&](Value token) {
    for (int64_t first = 0; first < perKeyHead; first += kHeads) {
      Group group{token, b.add(b.mul(place.keyHead, perKeyHead), first),
                  std::min(kHeads, perKeyHead - first)};
      if (!a.mask) {
        emitGroup(group);
        continue;
      }
      b.when(
          a.buildRelation(b, token, b.add(token, 1), keyBegin, keyEnd).any,
          [&] { emitGroup(group); }, [&] { emitEmpty(group); });
    }
  });
}

void DecodeEmitter::emitGroup(Group group) {
  Values maxima = emitScores(group);
  Values sums = emitWeights(group, maxima);
  emitValues(group);
  for (int64_t h = 0; h < group.count; ++h) {
    Value zero = b.real(0.0);
    auto storeState = [&](Value value, int64_t at) {
      b.storeScalar(value ? value : zero, b.buffer(a.firstOutput),
                    {place.batch, group.token, b.add(group.first, h), slice,
                     a.valueChannels + at});
    };
    storeState(maxima.empty() ? Value() : maxima[h], 0);
    storeState(sums.empty() ? Value() : sums[h], 1);
  }
}

void DecodeEmitter::emitEmpty(Group group) {
  RowState init = a.normaliser.buildInit(b, b.getF32Type());
  for (int64_t h = 0; h < group.count; ++h) {
    for (int64_t c = 0; c < countChunks(a.valueChannels); ++c)
      store(group, h, b.splat(0.0), c * lanes, a.valueChannels);
    Value zero = b.real(0.0);
    Value state[] = {init.max ? init.max : zero, init.sum ? init.sum : zero};
    for (int64_t at = 0; at < 2; ++at)
      b.storeScalar(state[at], b.buffer(a.firstOutput),
                    {place.batch, group.token, b.add(group.first, h), slice,
                     a.valueChannels + at});
  }
}

void DecodeEmitter::store(Group group, int64_t head, Value vector,
                          int64_t channel, int64_t count) {
  b.store(vector, b.buffer(a.firstOutput),
          {place.batch, group.token, b.add(group.first, head), slice, channel},
          chunkMask(channel / lanes, count));
}

//===----------------------------------------------------------------------===//
// Scores
//===----------------------------------------------------------------------===//

Values DecodeEmitter::loadQueries(Group group) {
  Values queries;
  for (int64_t h = 0; h < group.count; ++h)
    for (int64_t c = 0; c < countChunks(a.channels); ++c) {
      Value vector = b.load(
          a.query, {place.batch, group.token, b.add(group.first, h), c * lanes},
          chunkMask(c, a.channels));
      queries.push_back(b.mulf(vector, b.splat(a.scale)));
    }
  return queries;
}

/// Fetches the row that comes some keys later: rows of a key head are too short
/// and too far apart for the processor to guess.
void DecodeEmitter::prefetchRow(Value buffer, const StoredRow &row, Value key,
                                int64_t channels) {
  constexpr int64_t kAhead = 16;
  for (int64_t c = 0; c < channels; c += row.getNumbersPerLine())
    b.prefetch(buffer, {place.batch, b.add(key, kAhead), place.keyHead, c},
               /*locality=*/3);
}

Values DecodeEmitter::emitRow(ArrayRef<Value> queries, Group group, Value key) {
  int64_t chunks = countChunks(a.channels);
  Values sums(group.count);
  prefetchRow(a.key, *a.keyRows, key, a.channels);
  for (int64_t c = 0; c < chunks; ++c) {
    Value x = a.keyRows->load(b, a.key, {place.batch, key, place.keyHead},
                              c * lanes, chunkMask(c, a.channels));
    for (int64_t h = 0; h < group.count; ++h) {
      Value q = queries[h * chunks + c];
      sums[h] = sums[h] ? b.fma(x, q, sums[h]) : b.mulf(x, q);
    }
  }
  if (!a.keyRows->hasScale())
    return sums;
  Value scale = b.broadcast(
      a.keyRows->loadScale(b, a.key, {place.batch, key, place.keyHead}));
  for (Value &sum : sums)
    sum = b.mulf(sum, scale);
  return sums;
}

/// The sums of the rows row, row + distance, row + 2 distance…, each over as
/// many lanes as there are rows between two of them.
Values DecodeEmitter::sumRows(ArrayRef<Value> queries, Group group, Value key,
                              int64_t row, int64_t distance) {
  if (distance == lanes)
    return emitRow(queries, group, b.min(b.add(key, row), b.sub(a.keys, 1)));
  Values x = sumRows(queries, group, key, row, 2 * distance);
  Values y = sumRows(queries, group, key, row + distance, 2 * distance);
  SmallVector<int64_t> low, high;
  for (int64_t k = 0; k < lanes; ++k) {
    // In each span of twice the distance: first the sums of x, then those of y.
    int64_t span = k - k % (2 * distance), at = k % (2 * distance);
    bool isX = at < distance;
    low.push_back(isX ? span + at : lanes + span + at - distance);
    high.push_back(isX ? span + at + distance : lanes + span + at);
  }
  Values sums;
  for (int64_t h = 0; h < group.count; ++h)
    sums.push_back(
        b.addf(b.shuffle(x[h], y[h], low), b.shuffle(x[h], y[h], high)));
  return sums;
}

Values DecodeEmitter::emitProducts(ArrayRef<Value> queries, Group group,
                                   Value key) {
  return sumRows(queries, group, key, /*row=*/0, /*distance=*/1);
}

Value DecodeEmitter::buildAllowed(HeadPlace at, Group group, Value key) {
  Value inside = b.tailMask(b.sub(keyEnd, key)), allowed = inside;
  if (a.valid)
    allowed = arith::AndIOp::create(
        b, allowed,
        a.buildValidLanes(b, place.batch, LaneValue::consecutive(key), inside));
  FailureOr<Value> byMask = a.buildAllowed(
      b, at, {LaneValue::uniform(group.token), LaneValue::consecutive(key)},
      inside);
  if (failed(byMask))
    status = failure();
  else if (*byMask)
    allowed = arith::AndIOp::create(b, allowed, *byMask);
  return allowed;
}

HeadPlace DecodeEmitter::getPlace(Group group, int64_t head) {
  HeadPlace at = place;
  at.head = b.add(group.first, head);
  return at;
}

Values DecodeEmitter::emitScores(Group group) {
  Values queries = loadQueries(group), init;
  if (a.hasMaximum())
    init.assign(group.count, a.normaliser.buildInit(b, b.vectorType()).max);
  Values maxima =
      b.loop(keyBegin, keyEnd, lanes, init, [&](Value key, ValueRange old) {
        Values next(old);
        Values products = emitProducts(queries, group, key);
        Value inside =
            a.readsLanes() ? b.tailMask(b.sub(keyEnd, key)) : Value();
        for (int64_t h = 0; h < group.count; ++h) {
          HeadPlace at = getPlace(group, h);
          FailureOr<Value> score = a.buildScore(
              b, products[h], at,
              {LaneValue::uniform(group.token), LaneValue::consecutive(key)},
              inside);
          if (failed(score)) {
            status = failure();
            return next;
          }
          b.store(*score, scores, {h, b.sub(key, keyBegin)});
          if (!a.hasMaximum())
            continue;
          Value above = arith::CmpFOp::create(b, arith::CmpFPredicate::OGT,
                                              *score, next[h]);
          above = arith::AndIOp::create(b, above, buildAllowed(at, group, key));
          next[h] = arith::SelectOp::create(b, above, *score, next[h]);
        }
        return next;
      });
  for (Value &maximum : maxima)
    maximum = b.reduceMax(maximum);
  return maxima;
}

//===----------------------------------------------------------------------===//
// Weights and values
//===----------------------------------------------------------------------===//

Values DecodeEmitter::emitWeights(Group group, ArrayRef<Value> maxima) {
  Values references, zeros(a.hasSum() ? group.count : 0, b.splat(0.0));
  for (Value maximum : maxima)
    references.push_back(a.buildReference(b, b.broadcast(maximum)));
  Values sums =
      b.loop(keyBegin, keyEnd, lanes, zeros, [&](Value key, ValueRange old) {
        Values next(old);
        for (int64_t h = 0; h < group.count; ++h) {
          Value allowed = buildAllowed(getPlace(group, h), group, key);
          auto where = [&](Value value) {
            return arith::SelectOp::create(b, allowed, value, b.splat(0.0));
          };
          Value score = b.load(scores, {h, b.sub(key, keyBegin)});
          Value weight = where(a.buildWeight(
              b, score, references.empty() ? Value() : references[h]));
          b.store(weight, scores, {h, b.sub(key, keyBegin)});
          if (a.hasSum())
            next[h] = b.addf(next[h], where(a.normaliser.buildTerm(b, weight)));
        }
        return next;
      });
  for (Value &sum : sums)
    sum = b.reduceAdd(sum);
  return sums;
}

void DecodeEmitter::emitValues(Group group) {
  int64_t chunks = countChunks(a.valueChannels);
  int64_t budget = b.getLevel().registers * 3 / 4;
  int64_t tile = std::max<int64_t>(1, budget / group.count);
  for (int64_t from = 0; from < chunks; from += tile) {
    int64_t count = std::min(tile, chunks - from);
    Values acc(count * group.count, b.splat(0.0));
    acc = b.loop(keyBegin, keyEnd, 1, acc, [&](Value key, ValueRange old) {
      Values weights, next(old);
      if (from == 0)
        prefetchRow(a.value, *a.valueRows, key, a.valueChannels);
      SmallVector<KernelBuilder::Index> row{place.batch, key, place.keyHead};
      Value scale;
      if (a.valueRows->hasScale())
        scale = b.broadcast(a.valueRows->loadScale(b, a.value, row));
      for (int64_t h = 0; h < group.count; ++h) {
        Value weight = b.loadBroadcast(scores, {h, b.sub(key, keyBegin)});
        weights.push_back(scale ? b.mulf(weight, scale) : weight);
      }
      for (int64_t c = 0; c < count; ++c) {
        Value x = a.valueRows->load(b, a.value, row, (from + c) * lanes,
                                    chunkMask(from + c, a.valueChannels));
        for (int64_t h = 0; h < group.count; ++h) {
          Value &sum = next[h * count + c];
          sum = b.fma(weights[h], x, sum);
        }
      }
      return next;
    });
    for (int64_t h = 0; h < group.count; ++h)
      for (int64_t c = 0; c < count; ++c)
        store(group, h, acc[h * count + c], (from + c) * lanes,
              a.valueChannels);
  }
}

static LogicalResult emitDecode(program::KernelOp kernel, KernelBuilder &b) {
  FailureOr<AttentionKernel> attention = AttentionKernel::read(b);
  if (failed(attention))
    return failure();
  if (attention->hasLse)
    return kernel.emitOpError("expected 'lse' on the kernel that merges");
  if (attention->finishesWeights())
    return kernel.emitOpError(
        "expected no weights that are finished one by one");
  FailureOr<int64_t> keysPerTask = b.requireInt("keys_per_task");
  if (failed(keysPerTask))
    return failure();
  DecodeEmitter emitter(b, *attention, *keysPerTask);
  b.forTasks([&](Value task) { emitter.emitTask(task); });
  return emitter.getStatus();
}

static RegisterKernelEmitter decode("attention_decode", emitDecode);
