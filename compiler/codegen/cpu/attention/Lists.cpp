//===- Lists.cpp - Keys that a block of queries sees, one by one ----------===//
//
// Where what is allowed changes from key to key, tiles are made of the keys
// that some query of the block may see, wherever they lie: every eighth one,
// those of a field of view. What ranges tell of a vector of queries is asked
// for a vector of keys at once.
//
//===----------------------------------------------------------------------===//

#include "compiler/codegen/cpu/attention/Attention.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace weft;
using namespace weft::cpu;

using Values = KernelBuilder::Values;

Value AttentionEmitter::listVectorOfKeys(QueryBlock block, Value key,
                                         Value last, Value count) {
  Value inside = b.tailMask(b.sub(last, key));
  LaneValue numbers = buildStrided(key, keyPhase);
  VectorType flags = b.vectorType(b.getI1Type());
  VectorType words = b.vectorType(b.getI32Type());
  Value none = b.integer(0, words), bits = none;
  Value all = b.integer(1, flags), any = b.integer(0, flags);
  auto markWhere = [&](Value lanesOfKeys, int64_t bit) {
    Value mark = arith::SelectOp::create(
        b, lanesOfKeys, b.integer(int64_t(1) << bit, words), none);
    bits = arith::OrIOp::create(b, bits, mark);
  };
  for (int64_t n = 0; n < tiling.vectors; ++n) {
    // A vector past the last query has nothing to see.
    Value from = b.add(block.first, n * lanes);
    Value to = b.max(b.min(b.add(from, lanes), queryEnd), b.add(from, 1));
    std::optional<PositionRange> sequences;
    if (a.querySegments)
      sequences = {b.loadScalar(segments, {block.number, n, 0}),
                   b.loadScalar(segments, {block.number, n, 1})};
    TileRelation relation =
        a.buildKeyRelation(b, place, getQuery(from), getQuery(b.sub(to, 1)),
                           numbers, sequences, inside);
    Value exists = b.broadcast(b.less(from, queryEnd), flags);
    Value some = arith::AndIOp::create(b, relation.any, exists);
    some = arith::AndIOp::create(b, some, inside);
    markWhere(some, n);
    any = arith::OrIOp::create(b, any, some);
    all = arith::AndIOp::create(b, all,
                                arith::AndIOp::create(b, relation.all, exists));
  }
  markWhere(arith::AndIOp::create(b, all, any), tiling.vectors);

  auto append = [&](Value list, Value values) {
    vector::CompressStoreOp::create(b, list, ValueRange{block.number, count},
                                    /*valueToStore=*/values, /*mask=*/any);
  };
  append(listed, numbers.getVector(b, lanes));
  append(listedBits, bits);
  Type word = b.getIntegerType(lanes);
  Value taken = vector::BitCastOp::create(b, VectorType::get({1}, word), any);
  taken =
      math::CtPopOp::create(b, vector::ExtractOp::create(b, taken, int64_t(0)));
  taken = arith::IndexCastUIOp::create(b, b.getIndexType(), taken);
  return b.add(count, taken);
}

Value AttentionEmitter::listKeys(QueryBlock block, Value firstKey,
                                 Value count) {
  Value last = b.min(b.add(firstKey, keyBlock), keyCount);
  auto list = [&] {
    return b.loop(firstKey, last, lanes, count, [&](Value key, ValueRange old) {
      return Values{listVectorOfKeys(block, key, last, old[0])};
    });
  };
  if (!a.mask)
    return list()[0];
  Value end = b.sub(b.min(b.add(block.first, width), queryEnd), 1);
  auto behind = [&](Value number) { return b.add(number, 1); };
  Value any = a.buildRelation(b, getQuery(block.first), behind(getQuery(end)),
                              getKeyNumber(firstKey),
                              behind(getKeyNumber(b.sub(last, 1))))
                  .any;
  any = arith::AndIOp::create(b, any, b.less(firstKey, last));
  return b.select(any, list, [&] { return Values{count}; })[0];
}

void AttentionEmitter::makeTiles(QueryBlock block, Value count, Value tiles) {
  Type word = b.getI32Type();
  Value none = b.integer(0, word);
  b.loop(count, b.mul(tiles, keyTile), 1, [&](Value at) {
    Value last = b.loadScalar(listed, {block.number, b.sub(count, 1)});
    b.storeScalar(last, listed, {block.number, at});
    b.storeScalar(none, listedBits, {block.number, at});
  });
  b.loop(0, tiles, 1, [&](Value tile) {
    Value any, all;
    for (int64_t r = 0; r < keyTile; ++r) {
      Value bits = b.loadScalar(listedBits,
                                {block.number, b.add(b.mul(tile, keyTile), r)});
      any = any ? arith::OrIOp::create(b, any, bits) : bits;
      all = all ? arith::AndIOp::create(b, all, bits) : bits;
    }
    auto isSet = [&](Value bits, int64_t bit) -> Value {
      Value mark =
          arith::AndIOp::create(b, bits, b.integer(int64_t(1) << bit, word));
      return arith::CmpIOp::create(b, arith::CmpIPredicate::ne, mark, none);
    };
    SmallVector<Value> seen;
    for (int64_t n = 0; n < tiling.vectors; ++n)
      seen.push_back(isSet(any, n));
    Value no = b.integer(0, b.getI1Type());
    Value partial = arith::XOrIOp::create(b, isSet(all, tiling.vectors),
                                          b.integer(1, b.getI1Type()));
    b.storeScalar(buildCode(seen, partial, /*edge=*/no), tileStates,
                  {block.number, tile});
  });
}

void AttentionEmitter::keepRest(QueryBlock block, Value tiles) {
  Value rest = b.loadScalar(counts, {block.number});
  b.loop(0, rest, 1, [&](Value at) {
    Value from = b.add(b.mul(tiles, keyTile), at);
    for (Value list : {listed, listedBits})
      b.storeScalar(b.loadScalar(list, {block.number, from}), list,
                    {block.number, at});
  });
}
