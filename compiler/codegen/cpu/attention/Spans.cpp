//===- Spans.cpp - Keys of a batch that follow each other -----------------===//
//
// A span is as many tiles as a vector of queries sees one behind the other:
// products with the values run through it without asking. Spans are listed for
// all vectors of a block at once, without branches: what a tile may begin is
// written behind the last span, and counts only if it does.
//
//===----------------------------------------------------------------------===//

#include "compiler/codegen/cpu/attention/Attention.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace weft;
using namespace weft::cpu;

using Values = KernelBuilder::Values;

void AttentionEmitter::listSpans(QueryBlock block, Value count) {
  Value none = b.index(-1);
  // For each vector how many spans there are, and what the last ends before.
  Values init;
  for (int64_t n = 0; n < tiling.vectors; ++n)
    init.append({b.index(0), none});
  Values ends = b.loop(0, count, 1, init, [&](Value slot, ValueRange old) {
    Tile tile = getTile(block, slot);
    Value rows = lists ? b.index(keyTile) : getRows(tile);
    Value begin = lists ? tile.row : tile.key, end = b.add(begin, rows);
    Values next;
    for (int64_t n = 0; n < tiling.vectors; ++n) {
      Value number = old[2 * n], seen = isSeen(tile, b.index(n));
      Value follows =
          arith::AndIOp::create(b, seen, b.equal(begin, old[2 * n + 1]));
      b.storeScalar(begin, spanBegins, {n, number});
      b.storeScalar(tile.row, spanRows, {n, number});
      Value last = b.sub(number, b.choose(follows, 1, 0));
      b.storeScalar(end, spanEnds, {n, last});
      next.append(
          {b.add(last, b.choose(seen, 1, 0)), b.choose(seen, end, none)});
    }
    return next;
  });
  for (int64_t n = 0; n < tiling.vectors; ++n)
    b.storeScalar(ends[2 * n], spanCounts, {n});
}

AttentionEmitter::Span AttentionEmitter::getSpan(QueryBlock block, Value n,
                                                 Value number) {
  Value begin = b.loadScalar(spanBegins, {n, number});
  Value keys = b.sub(b.loadScalar(spanEnds, {n, number}), begin);
  return {block.number, begin, b.loadScalar(spanRows, {n, number}), keys};
}
