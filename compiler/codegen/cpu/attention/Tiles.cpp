//===- Tiles.cpp - Which tiles of keys a block of queries sees ------------===//

#include "compiler/codegen/cpu/attention/Attention.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace weft;
using namespace weft::cpu;

using Values = KernelBuilder::Values;

static Value choose(KernelBuilder &b, Value condition, KernelBuilder::Index x,
                    KernelBuilder::Index y) {
  return b.createOrFold<arith::SelectOp>(condition, b.index(x), b.index(y));
}

static Value negate(KernelBuilder &b, Value condition) {
  return b.createOrFold<arith::XOrIOp>(condition, b.integer(1, b.getI1Type()));
}

TileRelation AttentionEmitter::buildValidRelation(Value key) {
  Value any, all;
  for (int64_t r = 0; r < keyTile; ++r) {
    Value at = b.min(b.add(key, r), b.sub(a.keys, 1));
    Value valid = a.buildValid(b, place.batch, at);
    any = any ? arith::OrIOp::create(b, any, valid) : valid;
    all = all ? arith::AndIOp::create(b, all, valid) : valid;
  }
  return {any, all};
}

TileRelation AttentionEmitter::buildSegmentRelation(QueryBlock block,
                                                    int64_t vector, Value key) {
  Value first, last;
  for (int64_t r = 0; r < keyTile; ++r) {
    Value at = b.min(b.add(key, r), b.sub(a.keys, 1));
    Value start = a.buildSegment(b, a.keySegments, place.batch,
                                 LaneValue::uniform(at), Value())
                      .getScalar();
    first = first ? b.min(first, start) : start;
    last = last ? b.max(last, start) : start;
  }
  Value queryFirst = b.loadScalar(segments, {block.number, vector, 0});
  Value queryLast = b.loadScalar(segments, {block.number, vector, 1});
  auto both = [&](Value x, Value y) -> Value {
    return arith::AndIOp::create(b, x, y);
  };
  Value any = both(negate(b, b.less(queryLast, first)),
                   negate(b, b.less(last, queryFirst)));
  Value all = both(b.equal(first, last), both(b.equal(queryFirst, queryLast),
                                              b.equal(first, queryFirst)));
  return {any, all};
}

Value AttentionEmitter::buildState(QueryBlock block, Value key) {
  Value end = b.add(key, keyTile), keyEnd = b.min(end, a.keys);
  Value edge = b.less(a.keys, end), partial = edge;
  SmallVector<Value> any; // For each vector.
  for (int64_t n = 0; n < tiling.vectors; ++n) {
    // A vector past the last query has nothing to see.
    Value first = b.add(block.first, n * lanes);
    any.push_back(b.less(first, queryEnd));
    auto narrow = [&](TileRelation relation) {
      Value some =
          b.createOrFold<arith::AndIOp>(any[n], negate(b, relation.all));
      partial = b.createOrFold<arith::OrIOp>(partial, some);
      any[n] = b.createOrFold<arith::AndIOp>(any[n], relation.any);
    };
    if (a.querySegments)
      narrow(buildSegmentRelation(block, n, key));
    if (a.mask)
      narrow(a.buildRelation(b, first, b.min(b.add(first, lanes), queryEnd),
                             key, keyEnd));
    if (a.hasAllowed) // Not known before it is asked for each pair.
      partial = b.integer(1, b.getI1Type());
  }
  Value anyVector = any[0];
  for (Value other : ArrayRef(any).drop_front())
    anyVector = b.createOrFold<arith::OrIOp>(anyVector, other);
  if (a.valid) {
    TileRelation valid = buildValidRelation(key);
    partial = b.createOrFold<arith::OrIOp>(partial, negate(b, valid.all));
    anyVector = b.createOrFold<arith::AndIOp>(anyVector, valid.any);
  }

  return choose(b, anyVector, buildCode(any, partial, edge), 0);
}

Value AttentionEmitter::buildCode(ArrayRef<Value> any, Value partial,
                                  Value edge) {
  // The smallest shape with all of them, the first vectors or the last.
  Value from = b.index(0), to = b.index(0);
  for (int64_t n = 0; n < tiling.vectors; ++n)
    to = choose(b, any[n], n + 1, to);
  for (int64_t n = tiling.vectors; n-- > 0;)
    from = choose(b, any[n], n, from);
  from = choose(b, b.equal(to, tiling.vectors), from, 0);
  Value code = b.add(from, b.mul(to, Shape::kTo));
  Value narrow = b.less(code, Shape{0, tiling.vectors, false, false}.getCode());
  narrow = arith::OrIOp::create(b, narrow, b.less(0, from));
  partial = arith::OrIOp::create(b, partial, narrow);
  code = b.add(code, choose(b, partial, Shape::kPartial, 0));
  return b.add(code, choose(b, edge, Shape::kEdge, 0));
}

SmallVector<AttentionEmitter::Shape> AttentionEmitter::getPartialShapes() {
  SmallVector<Shape> shapes;
  for (int64_t from = 0; from < tiling.vectors; ++from)
    shapes.push_back({from, tiling.vectors, true, false});
  for (int64_t to = 1; to < tiling.vectors; ++to)
    shapes.push_back({0, to, true, false});
  return shapes;
}

Value AttentionEmitter::listTiles(QueryBlock block, Value firstKey,
                                  Value count) {
  Value last = b.min(b.add(firstKey, tiling.tilesPerBlock * keyTile), a.keys);
  auto list = [&] {
    return b.loop(
        firstKey, last, keyTile, count, [&](Value key, ValueRange old) {
          // Stored in any case: the next one takes the place if it is empty.
          Value state = buildState(block, key);
          b.storeScalar(key, tileKeys, {block.number, old[0]});
          b.storeScalar(state, tileStates, {block.number, old[0]});
          return Values{b.add(old[0], choose(b, b.less(0, state), 1, 0))};
        });
  };
  if (!a.mask)
    return list()[0];
  Value end = b.min(b.add(block.first, width), queryEnd);
  Value any = a.buildRelation(b, block.first, end, firstKey, last).any;
  any = arith::AndIOp::create(b, any, b.less(firstKey, last));
  return b.select(any, list, [&] { return Values{count}; })[0];
}

AttentionEmitter::Tile AttentionEmitter::getTile(QueryBlock block, Value slot) {
  Value key = lists ? Value() : b.loadScalar(tileKeys, {block.number, slot});
  return {block.number, key, b.mul(slot, keyTile),
          b.loadScalar(tileStates, {block.number, slot})};
}

Values AttentionEmitter::forShape(Value state,
                                  function_ref<Values(const Shape &)> body) {
  Shape full{0, tiling.vectors, false, false};
  Shape edge{0, tiling.vectors, true, true};
  SmallVector<Shape> partial = getPartialShapes();
  std::function<Values(size_t)> emitPartial = [&](size_t i) -> Values {
    if (i + 1 == partial.size())
      return body(partial[i]);
    return b.select(
        b.equal(state, partial[i].getCode()), [&] { return body(partial[i]); },
        [&] { return emitPartial(i + 1); });
  };
  return b.select(
      b.equal(state, full.getCode()), [&] { return body(full); },
      [&] {
        if (lists) // What is behind the last key is not listed.
          return emitPartial(0);
        return b.select(
            b.less(state, Shape::kEdge), [&] { return emitPartial(0); },
            [&] { return body(edge); });
      });
}

Value AttentionEmitter::getKey(const Tile &tile, const Shape &shape,
                               KernelBuilder::Index r) {
  if (lists)
    return arith::IndexCastOp::create(
        b, b.getIndexType(),
        b.loadScalar(listed, {tile.block, b.add(tile.row, r)}));
  Value key = b.add(tile.key, r);
  return shape.edge ? b.min(key, b.sub(a.keys, 1)) : key;
}

void AttentionEmitter::unpack(QueryBlock block, Value count, Value buffer,
                              const StoredRow &rows, int64_t channels) {
  if (rows.isPlain())
    return;
  b.loop(0, count, 1, [&](Value slot) {
    Tile tile = getTile(block, slot);
    b.loop(0, keyTile, 1, [&](Value r) {
      Value key = getKey(tile, Shape{0, 0, false, /*edge=*/true}, r);
      SmallVector<KernelBuilder::Index> at = a.getKeyRow(b, place, key);
      Value scale;
      if (rows.hasScale())
        scale = b.broadcast(rows.loadScale(b, buffer, at));
      for (int64_t c = 0; c < channels; c += lanes) {
        Value mask = c + lanes > channels ? b.tailMask(channels - c) : Value();
        Value x = rows.load(b, buffer, at, c, mask);
        b.store(scale ? b.mulf(x, scale) : x, unpacked,
                {b.add(tile.row, r), c});
      }
    });
  });
}

Value AttentionEmitter::loadNumber(Value buffer, const StoredRow &rows,
                                   Value key, Value row, Value channel) {
  if (rows.isPlain())
    return b.loadBroadcast(buffer, {place.batch, key, place.keyHead, channel});
  return b.loadBroadcast(unpacked, {row, channel});
}
