//===- Scores.cpp - Scores of a batch of tiles ----------------------------===//

#include "compiler/codegen/cpu/attention/Attention.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace weft;
using namespace weft::cpu;

using Values = KernelBuilder::Values;

//===----------------------------------------------------------------------===//
// Which pairs are allowed, a bit each
//===----------------------------------------------------------------------===//

void AttentionEmitter::storeAllowed(Value mask, QueryBlock block, Value row,
                                    int64_t vector) {
  Type word = b.getIntegerType(lanes);
  Value bits = vector::BitCastOp::create(b, VectorType::get({1}, word), mask);
  b.storeScalar(vector::ExtractOp::create(b, bits, int64_t(0)), allowed,
                {block.number, row, vector});
}

Value AttentionEmitter::loadAllowed(QueryBlock block, Value row,
                                    int64_t vector) {
  Value word = b.loadScalar(allowed, {block.number, row, vector});
  Value bits = b.broadcast(word, VectorType::get({1}, word.getType()));
  return vector::BitCastOp::create(b, b.vectorType(b.getI1Type()), bits);
}

AttentionKernel::Pairs AttentionEmitter::getPairs(QueryBlock block,
                                                  int64_t vector, Value key) {
  Value query = b.add(block.first, vector * lanes);
  return {buildStrided(query, phase), LaneValue::uniform(key)};
}

LaneValue AttentionEmitter::buildStrided(Value first, Value from) {
  if (a.stride == 1)
    return LaneValue::consecutive(first);
  auto spread = [&](Value index) {
    return LaneValue::uniform(index).getVector(b, lanes);
  };
  Value numbers = LaneValue::consecutive(first).getVector(b, lanes);
  return LaneValue::varying(
      b.add(b.mul(numbers, spread(b.index(a.stride))), spread(from)));
}

Value AttentionEmitter::getQuery(Value query) {
  return a.stride == 1 ? query : b.add(b.mul(query, a.stride), phase);
}

Value AttentionEmitter::getKeyNumber(Value key) {
  return a.stride == 1 ? key : b.add(b.mul(key, a.stride), keyPhase);
}

Value AttentionEmitter::buildInside(QueryBlock block, int64_t vector) {
  Value query = b.add(block.first, vector * lanes);
  return a.readsLanes() ? b.tailMask(b.sub(queryCount, query)) : Value();
}

Value AttentionEmitter::buildAllowed(QueryBlock block, int64_t vector,
                                     Value key, Value inRange) {
  FailureOr<Value> allowed = a.buildAllowed(
      b, place, getPairs(block, vector, key), buildInside(block, vector));
  if (failed(allowed))
    status = failure();
  Value pairs = failed(allowed) ? Value() : *allowed;
  if (!inRange)
    return pairs ? pairs : b.integer(1, b.vectorType(b.getI1Type()));
  inRange = b.broadcast(inRange, b.vectorType(b.getI1Type()));
  return pairs ? arith::AndIOp::create(b, pairs, inRange) : inRange;
}

//===----------------------------------------------------------------------===//
// Scores
//===----------------------------------------------------------------------===//

Values AttentionEmitter::emitProducts(QueryBlock block, const Tile &tile,
                                      const Shape &shape) {
  int64_t count = shape.to - shape.from;
  Values keys;
  for (int64_t r = 0; r < shape.rows; ++r)
    keys.push_back(getKey(tile, shape, r));
  auto step = [&](Value channel, ValueRange old) {
    Values lanesOfQueries, next;
    for (int64_t n = shape.from; n < shape.to; ++n)
      lanesOfQueries.push_back(
          b.load(queries, {block.number, channel, n * lanes}));
    for (auto [r, key] : llvm::enumerate(keys)) {
      Value x = loadNumber(a.key, *a.keyRows, key, b.add(tile.row, int64_t(r)),
                           channel);
      for (int64_t n = 0; n < count; ++n)
        next.push_back(b.fma(x, lanesOfQueries[n], old[r * count + n]));
    }
    return next;
  };
  Values acc(shape.rows * count, b.splat(0.0));
  constexpr int64_t kUnroll = 4;
  int64_t even = a.channels - a.channels % kUnroll;
  acc = b.loop(0, even, kUnroll, acc, [&](Value channel, ValueRange old) {
    Values next(old);
    for (int64_t u = 0; u < kUnroll; ++u)
      next = step(b.add(channel, u), next);
    return next;
  });
  for (int64_t channel = even; channel < a.channels; ++channel)
    acc = step(b.index(channel), acc);
  return acc;
}

Values AttentionEmitter::emitScoreTile(QueryBlock block, const Tile &tile,
                                       const Shape &shape, ValueRange maxima) {
  Values products = emitProducts(block, tile, shape), next(maxima);
  auto product = products.begin();
  for (int64_t r = 0; r < shape.rows; ++r) {
    Value key = getKey(tile, shape, r), inRange;
    if (shape.edge)
      inRange = b.less(b.add(tile.key, r), a.keys);
    if (shape.partial && lists) {
      // What fills up the last tile is a key that was there before.
      Value bits = b.loadScalar(listedBits, {block.number, b.add(tile.row, r)});
      inRange = arith::CmpIOp::create(b, arith::CmpIPredicate::ne, bits,
                                      b.integer(0, b.getI32Type()));
    } else if (shape.partial && a.valid) {
      Value valid = a.buildValid(b, place.batch, key);
      inRange = inRange ? arith::AndIOp::create(b, inRange, valid) : valid;
    }
    for (int64_t n = shape.from; n < shape.to; ++n) {
      Value at = b.add(tile.row, r);
      FailureOr<Value> score = a.buildScore(
          b, *product++, place, getPairs(block, n, key), buildInside(block, n));
      if (failed(score)) {
        status = failure();
        return next;
      }
      b.store(*score, scores, {block.number, at, n * lanes});
      Value pairs;
      if (shape.partial) {
        pairs = buildAllowed(block, n, key, inRange);
        storeAllowed(pairs, block, at, n);
      }
      if (tracksMaxima)
        next[n] = a.buildMaximum(b, next[n], *score, pairs);
    }
  }
  return next;
}

Values AttentionEmitter::emitScores(QueryBlock block, Value count) {
  Values carried;
  if (tracksMaxima)
    for (int64_t n = 0; n < tiling.vectors; ++n)
      carried.push_back(b.load(maxima, {block.number, n * lanes}));
  unpack(block, count, a.key, *a.keyRows, a.channels);
  return b.loop(0, count, 1, carried, [&](Value slot, ValueRange old) {
    Tile tile = getTile(block, slot);
    return forShape(tile.state, [&](const Shape &shape) {
      return emitScoreTile(block, tile, shape, old);
    });
  });
}
