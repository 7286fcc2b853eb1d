//===- Tiles.cpp - Which tiles of keys a block of queries sees ------------===//

#include "compiler/codegen/cpu/attention/Attention.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace weft;
using namespace weft::cpu;

using Values = KernelBuilder::Values;

static Value negate(KernelBuilder &b, Value condition) {
  return b.createOrFold<arith::XOrIOp>(condition, b.integer(1, b.getI1Type()));
}

//===----------------------------------------------------------------------===//
// Relations
//===----------------------------------------------------------------------===//

TileRelation AttentionEmitter::buildValidRelation(Value key, Value keyEnd) {
  Value any, all;
  for (int64_t r = 0; r < keyTile; ++r) {
    Value at = b.min(b.add(key, r), b.sub(keyEnd, 1));
    Value valid = a.buildValid(b, place.batch, at);
    any = any ? arith::OrIOp::create(b, any, valid) : valid;
    all = all ? arith::AndIOp::create(b, all, valid) : valid;
  }
  return {any, all};
}

TileRelation AttentionEmitter::buildSegmentRelation(QueryBlock block,
                                                    int64_t vector, Value key,
                                                    Value keyEnd) {
  Value first, last;
  for (int64_t r = 0; r < keyTile; ++r) {
    Value at = b.min(b.add(key, r), b.sub(keyEnd, 1));
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

TileRelation AttentionEmitter::buildBlockRelation(QueryBlock block, Value key,
                                                  Value keyEnd) {
  Value yes = b.integer(1, b.getI1Type());
  Value end = b.min(b.add(block.first, width), queryEnd);
  if (!a.mask)
    return {yes, yes};
  return a.buildRelation(b, block.first, end, key, keyEnd);
}

Value AttentionEmitter::mayBeSeen(QueryBlock block, Value key, Value keyEnd) {
  return b.createOrFold<arith::AndIOp>(
      buildBlockRelation(block, key, keyEnd).any, b.less(key, keyEnd));
}

Value AttentionEmitter::buildState(QueryBlock block, Value key, Value rows) {
  Value end = b.add(key, rows), keyEnd = b.min(end, a.keys);
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
      narrow(buildSegmentRelation(block, n, key, keyEnd));
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
    TileRelation valid = buildValidRelation(key, keyEnd);
    partial = b.createOrFold<arith::OrIOp>(partial, negate(b, valid.all));
    anyVector = b.createOrFold<arith::AndIOp>(anyVector, valid.any);
  }

  return b.choose(anyVector, buildCode(any, partial, edge), 0);
}

Value AttentionEmitter::buildCode(ArrayRef<Value> any, Value partial,
                                  Value edge) {
  // The smallest shape with all of them, the first vectors or the last.
  Value from = b.index(0), to = b.index(0);
  for (int64_t n = 0; n < tiling.vectors; ++n)
    to = b.choose(any[n], n + 1, to);
  for (int64_t n = tiling.vectors; n-- > 0;)
    from = b.choose(any[n], n, from);
  from = b.choose(b.equal(to, tiling.vectors), from, 0);
  Value code = b.add(from, b.mul(to, Shape::kTo));
  Value narrow =
      b.less(code, Shape{0, tiling.vectors, 0, false, false}.getCode());
  narrow = arith::OrIOp::create(b, narrow, b.less(0, from));
  partial = arith::OrIOp::create(b, partial, narrow);
  code = b.add(code, b.choose(partial, Shape::kPartial, 0));
  return b.add(code, b.choose(edge, Shape::kEdge, 0));
}

SmallVector<AttentionEmitter::Shape> AttentionEmitter::getPartialShapes() {
  SmallVector<Shape> shapes;
  for (int64_t from = 0; from < tiling.vectors; ++from)
    shapes.push_back({from, tiling.vectors, keyTile, true, false});
  for (int64_t to = 1; to < tiling.vectors; ++to)
    shapes.push_back({0, to, keyTile, true, false});
  return shapes;
}

//===----------------------------------------------------------------------===//
// Lists
//===----------------------------------------------------------------------===//

void AttentionEmitter::storeTile(QueryBlock block, Value slot, Value key,
                                 Value state) {
  b.storeScalar(key, tileKeys, {block.number, slot});
  b.storeScalar(state, tileStates, {block.number, slot});
}

Value AttentionEmitter::countRows(QueryBlock block, Value key) {
  int64_t step = Shape::kTrimmedRows;
  Value rows = b.index(step);
  for (int64_t from = step; from < keyTile; from += step) {
    Value end = b.min(b.add(key, from + step), a.keys);
    rows = b.choose(mayBeSeen(block, b.add(key, from), end), from + step, rows);
  }
  return rows;
}

Value AttentionEmitter::isWhole(QueryBlock block, Value key, Value keyEnd) {
  if (a.valid || a.querySegments)
    return b.integer(0, b.getI1Type());
  // There are keys and queries for all of it.
  Value lastVector = b.add(block.first, (tiling.vectors - 1) * lanes);
  Value whole = b.createOrFold<arith::AndIOp>(b.less(keyEnd, b.add(a.keys, 1)),
                                              b.less(lastVector, queryEnd));
  return b.createOrFold<arith::AndIOp>(
      whole, buildBlockRelation(block, key, keyEnd).all);
}

Values AttentionEmitter::listRun(QueryBlock block, Value key, Value count) {
  // Stored in any case: the next one takes the place if it is empty.
  Value rows = countRows(block, key);
  Value state = buildState(block, key, rows);
  Value begins = mayBeSeen(block, key, b.add(key, 1));
  Value trimmed = b.div(b.sub(keyTile, rows), Shape::kTrimmedRows);
  storeTile(block, count, key, b.add(state, b.mul(trimmed, Shape::kTrim)));
  Value some = b.less(0, state);
  Value taken = b.createOrFold<arith::AndIOp>(some, begins);
  Value waits = b.createOrFold<arith::AndIOp>(some, negate(b, begins));
  return {b.add(key, b.choose(waits, 1, keyTile)),
          b.add(count, b.choose(taken, 1, 0))};
}

Values AttentionEmitter::listWholeTile(QueryBlock block, Value key,
                                       Value count) {
  storeTile(block, count, key,
            b.index(Shape{0, tiling.vectors, keyTile, false, false}.getCode()));
  return {b.add(key, keyTile), b.add(count, 1)};
}

Values AttentionEmitter::listRuns(QueryBlock block, Value key, Value last,
                                  Value count) {
  auto isBefore = [&](ValueRange old) { return b.less(old[0], last); };
  return b.loopWhile({key, count}, isBefore, [&](ValueRange old) {
    // Most tiles of a run are like this, and it is soon asked.
    return b.select(
        isWhole(block, old[0], b.add(old[0], keyTile)),
        [&] { return listWholeTile(block, old[0], old[1]); },
        [&] { return listRun(block, old[0], old[1]); });
  });
}

Values AttentionEmitter::listWholeTiles(QueryBlock block, Value key, Value last,
                                        Value count) {
  auto isBefore = [&](ValueRange old) { return b.less(old[0], last); };
  return b.loopWhile({key, count}, isBefore, [&](ValueRange old) {
    return listWholeTile(block, old[0], old[1]);
  });
}

Value AttentionEmitter::listTiles(QueryBlock block, Value firstKey,
                                  Value count) {
  Value last = b.min(b.add(firstKey, tiling.tilesPerBlock * keyTile), a.keys);
  if (!runs) {
    auto list = [&] {
      return b.loop(
          firstKey, last, keyTile, count, [&](Value key, ValueRange old) {
            Value state = buildState(block, key, b.index(keyTile));
            storeTile(block, old[0], key, state);
            return Values{b.add(old[0], b.choose(b.less(0, state), 1, 0))};
          });
    };
    if (!a.mask)
      return list()[0];
    return b.select(mayBeSeen(block, firstKey, last), list,
                    [&] { return Values{count}; })[0];
  }

  Value next =
      b.choose(b.equal(firstKey, 0), 0, b.loadScalar(nextKeys, {block.number}));
  Value key = b.max(firstKey, next);
  auto listAll = [&]() -> Values {
    // Where all is allowed, nothing has to be asked of each tile.
    return b.select(
        isWhole(block, key, b.add(last, keyTile - 1)),
        [&] { return listWholeTiles(block, key, last, count); },
        [&] { return listRuns(block, key, last, count); });
  };
  Values listed = b.select(mayBeSeen(block, key, last), listAll,
                           [&] { return Values{key, count}; });
  b.storeScalar(listed[0], nextKeys, {block.number});
  return listed[1];
}

//===----------------------------------------------------------------------===//
// Tiles that are listed
//===----------------------------------------------------------------------===//

AttentionEmitter::Tile AttentionEmitter::getTile(QueryBlock block, Value slot) {
  Value key = lists ? Value() : b.loadScalar(tileKeys, {block.number, slot});
  return {block.number, key, b.mul(slot, keyTile),
          b.loadScalar(tileStates, {block.number, slot})};
}

Value AttentionEmitter::isSeen(const Tile &tile, Value vector) {
  Value from = b.rem(tile.state, Shape::kTo);
  Value to = b.rem(b.div(tile.state, Shape::kTo), Shape::kTo);
  return arith::AndIOp::create(b, b.less(vector, to),
                               b.less(from, b.add(vector, 1)));
}

Value AttentionEmitter::getRows(const Tile &tile) {
  Value trimmed = b.div(tile.state, Shape::kTrim);
  Value rows = b.sub(keyTile, b.mul(trimmed, Shape::kTrimmedRows));
  return b.min(rows, b.sub(a.keys, tile.key));
}

Values AttentionEmitter::forShape(Value state,
                                  function_ref<Values(const Shape &)> body) {
  SmallVector<Shape> partial = getPartialShapes();
  std::function<Values(size_t)> emitPartial = [&](size_t i) -> Values {
    if (i + 1 == partial.size())
      return body(partial[i]);
    return b.select(
        b.equal(state, partial[i].getCode()), [&] { return body(partial[i]); },
        [&] { return emitPartial(i + 1); });
  };
  // Fewer rows, and then not all pairs or keys that are not there.
  std::function<Values(int64_t)> emitTrimmed = [&](int64_t rows) -> Values {
    Shape whole{0, tiling.vectors, rows, false, false};
    Shape edge{0, tiling.vectors, rows, true, true};
    auto emitRows = [&]() -> Values {
      if (rows == keyTile)
        return body(edge);
      Value some = b.rem(b.div(state, Shape::kPartial), 2);
      return b.select(
          b.equal(some, 0), [&] { return body(whole); },
          [&] { return body(edge); });
    };
    int64_t fewer = rows - Shape::kTrimmedRows;
    if (!runs || fewer <= 0)
      return emitRows();
    int64_t trimmed = (keyTile - fewer) / Shape::kTrimmedRows;
    return b.select(b.less(state, trimmed * Shape::kTrim), emitRows,
                    [&] { return emitTrimmed(fewer); });
  };
  Shape full{0, tiling.vectors, keyTile, false, false};
  return b.select(
      b.equal(state, full.getCode()), [&] { return body(full); },
      [&] {
        if (lists) // What is behind the last key is not listed.
          return emitPartial(0);
        return b.select(
            b.less(state, Shape::kEdge), [&] { return emitPartial(0); },
            [&] { return emitTrimmed(keyTile); });
      });
}

Value AttentionEmitter::getListed(Value block, Value row) {
  return arith::IndexCastOp::create(b, b.getIndexType(),
                                    b.loadScalar(listed, {block, row}));
}

Value AttentionEmitter::getKey(const Tile &tile, const Shape &shape,
                               KernelBuilder::Index r) {
  if (lists)
    return getListed(tile.block, b.add(tile.row, r));
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
      Value key = getKey(tile, Shape{0, 0, 0, false, /*edge=*/true}, r);
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
