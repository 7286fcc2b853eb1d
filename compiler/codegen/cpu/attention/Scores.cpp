//===- Scores.cpp - Scores and weights of a block of keys -----------------===//

#include "compiler/codegen/cpu/attention/Attention.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace weft;
using namespace weft::cpu;

using Values = KernelBuilder::Values;

//===----------------------------------------------------------------------===//
// Which pairs are allowed, a bit each
//===----------------------------------------------------------------------===//

void AttentionEmitter::storeAllowed(Value mask, Value row, int64_t vector) {
  Type word = b.getIntegerType(lanes);
  Value bits = vector::BitCastOp::create(b, VectorType::get({1}, word), mask);
  b.storeScalar(vector::ExtractOp::create(b, bits, int64_t(0)), allowed,
                {row, vector});
}

Value AttentionEmitter::loadAllowed(Value row, int64_t vector) {
  Value word = b.loadScalar(allowed, {row, vector});
  Value bits = b.broadcast(word, VectorType::get({1}, word.getType()));
  return vector::BitCastOp::create(b, b.vectorType(b.getI1Type()), bits);
}

Value AttentionEmitter::buildAllowed(QueryBlock block, int64_t vector,
                                     Value key, Value inRange) {
  Value pairs = b.broadcast(inRange, b.vectorType(b.getI1Type()));
  Value i = b.add(block.first, vector * lanes);
  if (Value byMask =
          a.buildAllowed(b, LaneValue::consecutive(i), LaneValue::uniform(key)))
    pairs = arith::AndIOp::create(b, pairs, byMask);
  return pairs;
}

//===----------------------------------------------------------------------===//
// Scores
//===----------------------------------------------------------------------===//

Values AttentionEmitter::emitProducts(QueryBlock block, ArrayRef<Value> keys) {
  Values zeros(keys.size() * kVectors, b.splat(0.0));
  return b.loop(0, a.channels, 1, zeros, [&](Value channel, ValueRange old) {
    Values lanesOfQueries, next;
    for (int64_t n = 0; n < kVectors; ++n)
      lanesOfQueries.push_back(
          b.load(queries, {block.number, channel, n * lanes}));
    for (auto [r, key] : llvm::enumerate(keys)) {
      Value x =
          b.loadBroadcast(a.key, {place.batch, key, place.keyHead, channel});
      for (int64_t n = 0; n < kVectors; ++n)
        next.push_back(b.fma(x, lanesOfQueries[n], old[r * kVectors + n]));
    }
    return next;
  });
}

Values AttentionEmitter::emitScoreTile(QueryBlock block, Value firstKey,
                                       Value row, ValueRange maxima,
                                       bool someAllowed) {
  SmallVector<Value> keys, inRange;
  for (int64_t r = 0; r < keyTile; ++r) {
    Value key = b.add(b.add(firstKey, row), r);
    if (someAllowed) {
      Value inside = b.less(key, a.keys);
      key = b.min(key, b.sub(a.keys, 1)); // Read, but not allowed.
      if (a.valid)
        inside =
            arith::AndIOp::create(b, inside, a.buildValid(b, place.batch, key));
      inRange.push_back(inside);
    }
    keys.push_back(key);
  }
  Values products = emitProducts(block, keys), next(maxima);
  for (int64_t r = 0; r < keyTile; ++r)
    for (int64_t n = 0; n < kVectors; ++n) {
      Value at = b.add(row, r);
      Value query = b.add(block.first, n * lanes);
      Value mask =
          a.extras.empty() ? Value() : b.tailMask(b.sub(a.queries, query));
      FailureOr<Value> score = a.buildScore(
          b, products[r * kVectors + n], place, LaneValue::consecutive(query),
          LaneValue::uniform(keys[r]), mask);
      if (failed(score)) {
        status = failure();
        return next;
      }
      b.store(*score, scores, {at, n * lanes});
      Value pairs = someAllowed ? buildAllowed(block, n, keys[r], inRange[r])
                                : b.integer(1, b.vectorType(b.getI1Type()));
      storeAllowed(pairs, at, n);
      if (!a.hasMaximum())
        continue;
      // Not a number is no maximum; it reaches the sum all the same.
      Value above =
          arith::CmpFOp::create(b, arith::CmpFPredicate::OGT, *score, next[n]);
      if (someAllowed)
        above = arith::AndIOp::create(b, above, pairs);
      next[n] = arith::SelectOp::create(b, above, *score, next[n]);
    }
  return next;
}

AttentionEmitter::ScoreRange
AttentionEmitter::emitScores(QueryBlock block, Value firstKey, Value keyCount) {
  Value yes = b.integer(1, b.getI1Type());
  Values carried{keyCount, b.index(0), yes};
  if (a.hasMaximum())
    for (int64_t n = 0; n < kVectors; ++n)
      carried.push_back(b.load(maxima, {block.number, n * lanes}));
  Value queriesEnd = b.min(b.add(block.first, width), queryEnd);

  Values results =
      b.loop(0, keyCount, keyTile, carried, [&](Value row, ValueRange old) {
        Value end = b.add(row, keyTile);
        TileRelation relation{
            yes,
            arith::CmpIOp::create(b, arith::CmpIPredicate::sle, end, keyCount)};
        auto narrow = [&](Value any, Value all) {
          relation.any = b.createOrFold<arith::AndIOp>(relation.any, any);
          relation.all = b.createOrFold<arith::AndIOp>(relation.all, all);
        };
        Value from = b.add(firstKey, row);
        if (a.mask) {
          TileRelation byMask =
              a.buildRelation(b, block.first, queriesEnd, from,
                              b.add(firstKey, b.min(end, keyCount)));
          narrow(byMask.any, byMask.all);
        }
        if (a.valid) {
          Value any, all;
          for (int64_t r = 0; r < keyTile; ++r) {
            Value key = b.min(b.add(from, r), b.sub(a.keys, 1));
            Value valid = a.buildValid(b, place.batch, key);
            any = any ? arith::OrIOp::create(b, any, valid) : valid;
            all = all ? arith::AndIOp::create(b, all, valid) : valid;
          }
          narrow(any, all);
        }
        ValueRange oldMaxima = old.drop_front(3);
        auto emitTile = [&](bool someAllowed) {
          return emitScoreTile(block, firstKey, row, oldMaxima, someAllowed);
        };
        auto emitNothing = [&] {
          for (int64_t r = 0; r < keyTile; ++r)
            for (int64_t n = 0; n < kVectors; ++n)
              storeAllowed(b.integer(0, b.vectorType(b.getI1Type())),
                           b.add(row, r), n);
          return Values(oldMaxima);
        };
        auto emitSome = [&] { return emitTile(true); };
        Values next = b.select(
            relation.all, [&] { return emitTile(false); },
            [&] { return b.select(relation.any, emitSome, emitNothing); });
        Value first = arith::SelectOp::create(b, relation.any,
                                              b.min(old[0], row), old[0]);
        Value last = arith::SelectOp::create(b, relation.any, end, old[1]);
        Value all = arith::AndIOp::create(b, old[2], relation.all);
        Values yielded{first, last, all};
        llvm::append_range(yielded, next);
        return yielded;
      });
  ScoreRange range{results[0], results[1], results[2], {}};
  range.maxima.assign(results.begin() + 3, results.end());
  return range;
}

//===----------------------------------------------------------------------===//
// Weights
//===----------------------------------------------------------------------===//

void AttentionEmitter::emitRescale(QueryBlock block, ValueRange newMaxima) {
  Values old;
  Value grew;
  for (int64_t n = 0; n < kVectors; ++n) {
    old.push_back(b.load(maxima, {block.number, n * lanes}));
    Value above = arith::CmpFOp::create(b, arith::CmpFPredicate::OGT,
                                        newMaxima[n], old[n]);
    grew = grew ? arith::OrIOp::create(b, grew, above) : above;
  }
  Value any = vector::ReductionOp::create(b, vector::CombiningKind::OR, grew);
  b.when(any, [&] {
    Values factors;
    for (int64_t n = 0; n < kVectors; ++n) {
      factors.push_back(a.normaliser.buildWeight(
          b, old[n], a.buildReference(b, newMaxima[n])));
      b.store(newMaxima[n], maxima, {block.number, n * lanes});
      Value sum = b.load(sums, {block.number, n * lanes});
      b.store(b.mulf(sum, factors[n]), sums, {block.number, n * lanes});
    }
    b.loop(0, a.valueChannels, 1, [&](Value channel) {
      for (int64_t n = 0; n < kVectors; ++n) {
        Value acc = b.load(outs, {block.number, channel, n * lanes});
        b.store(b.mulf(acc, factors[n]), outs,
                {block.number, channel, n * lanes});
      }
    });
  });
}

void AttentionEmitter::emitWeightRows(QueryBlock block, const ScoreRange &range,
                                      ValueRange references, bool someAllowed) {
  constexpr int64_t kUnroll = 2, kSums = kUnroll * kVectors;
  Values zeros(a.hasSum() ? kSums : 0, b.splat(0.0));
  Value zero = b.splat(0.0);
  Values parts = b.loop(
      range.first, range.last, kUnroll, zeros, [&](Value row, ValueRange old) {
        Values next(old);
        for (int64_t u = 0; u < kUnroll; ++u)
          for (int64_t n = 0; n < kVectors; ++n) {
            Value at = b.add(row, u);
            Value pairs = someAllowed ? loadAllowed(at, n) : Value();
            auto where = [&](Value value) -> Value {
              return pairs ? arith::SelectOp::create(b, pairs, value, zero)
                           : value;
            };
            Value score = b.load(scores, {at, n * lanes});
            Value weight = where(a.normaliser.buildWeight(
                b, score, references.empty() ? Value() : references[n]));
            b.store(weight, scores, {at, n * lanes});
            if (a.hasSum())
              next[u * kVectors + n] =
                  b.addf(next[u * kVectors + n],
                         where(a.normaliser.buildTerm(b, weight)));
          }
        return next;
      });
  if (a.hasSum())
    for (int64_t n = 0; n < kVectors; ++n) {
      Value sum = b.load(sums, {block.number, n * lanes});
      sum = b.addf(sum, b.addf(parts[n], parts[kVectors + n]));
      b.store(sum, sums, {block.number, n * lanes});
    }
}

void AttentionEmitter::emitWeights(QueryBlock block, const ScoreRange &range) {
  Values references;
  if (a.hasMaximum()) {
    emitRescale(block, range.maxima);
    for (Value maximum : range.maxima)
      references.push_back(a.buildReference(b, maximum));
  }
  b.when(
      range.all, [&] { emitWeightRows(block, range, references, false); },
      [&] { emitWeightRows(block, range, references, true); });
}
