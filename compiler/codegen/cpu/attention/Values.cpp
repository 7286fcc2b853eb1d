//===- Values.cpp - Weights times the values, and the results -------------===//
//
// Results stand as they are stored, channels in lanes: values are read as they
// lie, and a weight at a time for all lanes. So nothing has to be turned, and
// what a vector of queries does not see it does not wait for.
//
//===----------------------------------------------------------------------===//

#include "compiler/codegen/cpu/VectorBlocks.h"
#include "compiler/codegen/cpu/attention/Attention.h"
#include "compiler/codegen/cpu/rows/TiledRows.h"
#include "dialects/program/layouts/RowTiles.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace weft;
using namespace weft::cpu;

using Values = KernelBuilder::Values;

//===----------------------------------------------------------------------===//
// Tiles of results
//===----------------------------------------------------------------------===//

/// As many vectors of channels as leave some queries to each value, in groups
/// whose sizes differ by one.
SmallVector<AttentionEmitter::ResultGroups>
AttentionEmitter::getResultGroups() {
  int64_t most = b.getLevel().registers >= 32 ? 4 : 3;
  int64_t vectors = llvm::divideCeil(a.valueChannels, lanes);
  int64_t groups = llvm::divideCeil(vectors, most);
  int64_t tail = a.valueChannels % lanes;
  int64_t wide = vectors % groups, size = vectors / groups;
  SmallVector<ResultGroups> all;
  int64_t next = 0;
  auto append = [&](int64_t count, int64_t size, int64_t tail) {
    if (count)
      all.push_back({next, count, size, tail});
    next += count * size;
  };
  append(wide, size + 1, 0);
  append(groups - wide - (tail != 0), size, 0);
  append(tail != 0, size, tail);
  return all;
}

/// Two lines at a time: more would have to wait for each other.
void AttentionEmitter::fetchRows(QueryBlock block) {
  constexpr int64_t kLines = 2, kSecondCache = 2;
  constexpr int64_t kLine = 64 / sizeof(float), kStep = kLines * kLine;
  int64_t perResult = llvm::divideCeil(a.valueChannels, kStep);
  int64_t perQuery = llvm::divideCeil(a.channels, kStep);
  // Rows in tiles are near enough: half as many bytes, without gaps.
  Value out = b.buffer(a.firstOutput);
  bool isTiled = program::RowTiles::isTiled(b.bufferType(a.firstOutput));
  int64_t results = isTiled ? 0 : width * perResult;
  int64_t all = results + width * perQuery;
  Value done = b.loadScalar(fetched, {block.number});
  b.when(b.less(done, all), [&] {
    b.storeScalar(b.add(done, 1), fetched, {block.number});
    auto fetch = [&](Value number, int64_t perRow, Value first, Value buffer,
                     int64_t channels) {
      Value query = b.add(first, b.mul(b.div(number, perRow), a.stride));
      Value channel = b.mul(b.rem(number, perRow), kStep);
      for (int64_t c = 0; c < kStep; c += kLine)
        b.prefetch(buffer,
                   {place.batch, b.min(query, b.sub(a.queries, 1)), place.head,
                    b.min(b.add(channel, c), channels - 1)},
                   kSecondCache);
    };
    auto fetchQueries = [&] {
      fetch(b.sub(done, results), perQuery, nextQuery, a.query, a.channels);
    };
    if (isTiled)
      return fetchQueries();
    b.when(
        b.less(done, results),
        [&] {
          fetch(done, perResult, getQuery(block.first), out, a.valueChannels);
        },
        fetchQueries);
  });
}

Values AttentionEmitter::addKey(Value n, const Span &span, Value number,
                                Value channel, const ResultTile &result,
                                ValueRange acc) {
  Value row = b.add(span.row, number);
  Value key = lists ? getListed(span.block, row) : b.add(span.key, number);
  Values values, next(acc);
  for (int64_t v = 0; v < result.vectors; ++v) {
    bool isCut = result.tail && v + 1 == result.vectors;
    Value mask = isCut ? b.tailMask(result.tail) : Value();
    Value c = b.add(channel, v * lanes);
    values.push_back(
        a.valueRows->isPlain()
            ? b.load(a.value, {place.batch, key, place.keyHead, c}, mask)
            : b.load(unpacked, {row, c}));
  }
  for (int64_t q = 0; q < result.count; ++q) {
    Value lane = b.add(b.mul(n, lanes), result.first + q);
    Value weight = b.loadBroadcast(scores, {span.block, row, lane});
    for (int64_t v = 0; v < result.vectors; ++v) {
      Value &sum = next[q * result.vectors + v];
      sum = b.fma(weight, values[v], sum);
    }
  }
  return next;
}

void AttentionEmitter::addToResults(QueryBlock block, Value n, Value spans,
                                    Value channel, const ResultTile &result) {
  auto forEach = [&](function_ref<void(Value query, Value c)> body) {
    for (int64_t q = 0; q < result.count; ++q)
      for (int64_t v = 0; v < result.vectors; ++v)
        body(b.add(b.mul(n, lanes), result.first + q),
             b.add(channel, v * lanes));
  };
  auto load = [&] {
    Values acc;
    forEach([&](Value query, Value c) {
      acc.push_back(b.load(outs, {block.number, query, c}));
    });
    return acc;
  };
  Values acc = b.select(isBegun(block, n), load, [&] {
    return Values(result.count * result.vectors, b.splat(0.0));
  });
  acc = b.loop(0, spans, 1, acc, [&](Value number, ValueRange old) {
    return addSpan(block, n, getSpan(block, n, number), channel, result, old);
  });
  size_t i = 0;
  forEach([&](Value query, Value c) {
    b.store(acc[i++], outs, {block.number, query, c});
  });
}

Values AttentionEmitter::addSpan(QueryBlock block, Value n, const Span &span,
                                 Value channel, const ResultTile &result,
                                 ValueRange init) {
  Value whole = b.mul(b.div(span.keys, keyTile), keyTile);
  Values acc =
      b.loop(0, whole, keyTile, init, [&](Value first, ValueRange old) {
        fetchRows(block);
        Values next(old);
        for (int64_t r = 0; r < keyTile; ++r)
          next = addKey(n, span, b.add(first, r), channel, result, next);
        return next;
      });
  if (lists)
    return acc;
  return b.loop(whole, span.keys, 1, acc, [&](Value number, ValueRange old) {
    return addKey(n, span, number, channel, result, old);
  });
}

void AttentionEmitter::addValues(QueryBlock block, Value count) {
  unpack(block, count, a.value, *a.valueRows, a.valueChannels);
  listSpans(block, count);
  int64_t accumulators = b.getLevel().registers >= 32 ? 24 : 12;
  auto addGroup = [&](Value n, Value spans, Value channel,
                      const ResultGroups &groups) {
    // The queries of a vector in tiles of about one size.
    int64_t tiles = llvm::divideCeil(lanes, accumulators / groups.vectors);
    for (int64_t first = 0; first < lanes; --tiles) {
      int64_t queries = llvm::divideCeil(lanes - first, tiles);
      addToResults(block, n, spans, channel,
                   {first, queries, groups.vectors, groups.tail});
      first += queries;
    }
  };
  b.loop(0, tiling.vectors, 1, [&](Value n) {
    Value spans = b.loadScalar(spanCounts, {n});
    b.when(b.less(0, spans), [&] {
      for (const ResultGroups &groups : getResultGroups())
        b.loop(0, groups.groups, 1, [&](Value group) {
          Value vector = b.add(b.mul(group, groups.vectors), groups.vector);
          addGroup(n, spans, b.mul(vector, lanes), groups);
        });
      b.storeScalar(b.index(1), begun, {block.number, n});
    });
  });
}

//===----------------------------------------------------------------------===//
// Results
//===----------------------------------------------------------------------===//

void AttentionEmitter::startResults(QueryBlock block) {
  for (int64_t n = 0; n < tiling.vectors; ++n)
    b.storeScalar(b.index(0), begun, {block.number, n});
  b.storeScalar(b.index(0), fetched, {block.number});
}

Value AttentionEmitter::isBegun(QueryBlock block, Value n) {
  return b.less(0, b.loadScalar(begun, {block.number, n}));
}

void AttentionEmitter::scaleResults(QueryBlock block, ValueRange factors) {
  for (auto [n, factor] : llvm::enumerate(factors))
    b.store(factor, square, {int64_t(n), 0});
  b.loop(0, tiling.vectors, 1, [&](Value n) {
    b.loop(0, lanes, 1, [&](Value lane) {
      Value query = b.add(b.mul(n, lanes), lane);
      Value factor = b.loadBroadcast(square, {n, lane});
      for (int64_t c = 0; c < a.valueChannels; c += lanes) {
        Value acc = b.load(outs, {block.number, query, c});
        b.store(b.mulf(acc, factor), outs, {block.number, query, c});
      }
    });
  });
}

void AttentionEmitter::storeResult(Value vector, Value query, Value channel,
                                   Value mask) {
  Value out = b.buffer(a.firstOutput);
  RowOutput rows(b, out, a.heads * a.valueChannels);
  if (!rows.isTiled())
    return b.store(vector, out, {place.batch, query, place.head, channel},
                   mask);
  Value column = b.add(b.mul(place.head, a.valueChannels), channel);
  rows.store(vector, b.add(b.mul(place.batch, a.queries), query), column);
}

void AttentionEmitter::storeResults(QueryBlock block, int64_t vector,
                                    Value first, Value count, Value factor) {
  // What sees no key has zeros.
  b.when(
      isBegun(block, b.index(vector)), [] {},
      [&] {
        Value zero = b.broadcast(buildHiddenZero(b));
        b.loop(vector * lanes, (vector + 1) * lanes, 1, [&](Value query) {
          for (int64_t c = 0; c < a.valueChannels; c += lanes)
            b.store(zero, outs, {block.number, query, c});
        });
      });
  if (factor)
    b.store(factor, square, {0, 0});
  b.loop(0, count, 1, [&](Value lane) {
    Value query = b.add(lane, vector * lanes), sum, scale;
    if (factor)
      scale = b.loadBroadcast(square, {0, lane});
    else if (a.hasSum())
      sum = b.loadBroadcast(sums, {block.number, query});
    Value row = getQuery(b.add(first, lane));
    for (int64_t c = 0; c < a.valueChannels; c += lanes) {
      int64_t left = a.valueChannels - c;
      Value acc = b.load(outs, {block.number, query, c});
      storeResult(a.buildFinish(b, acc, sum, scale), row, b.index(c),
                  left < lanes ? b.tailMask(left) : Value());
    }
  });
}
