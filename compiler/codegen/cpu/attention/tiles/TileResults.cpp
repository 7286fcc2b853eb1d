//===- TileResults.cpp - Products with the values on a matrix unit --------===//

#include "compiler/codegen/cpu/attention/tiles/TileAttention.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace weft;
using namespace weft::cpu;

Value TileAttentionEmitter::addPairs(Value sum, Value pairs) {
  VectorType type = b.vectorType(b.getBF16Type(), 2 * lanes);
  return unit.order(b.intrinsic(
      "llvm.x86.avx512bf16.dpbf16ps.512", sum.getType(),
      {sum, vector::BitCastOp::create(b, type, pairs), b.real(1.0, type)}));
}

/// Tiles 0-3 are sums, two vectors of queries by two groups of channels, 4 and
/// 5 values, 6 and 7 weights.
void TileAttentionEmitter::addGroups(QueryBlock block, Value count,
                                     int64_t first, int64_t last,
                                     std::optional<int64_t> vector,
                                     bool fromLast) {
  int64_t rowBytes = cast<MemRefType>(outs.getType()).getDimSize(2) * 4;
  Value at = getAt(outs, b.mul(block.number, width), rowBytes);
  auto forSums = [&](function_ref<void(int64_t sums, Value at)> body) {
    for (int64_t group = first; group < last; ++group)
      for (int64_t n = 0; n < tiling.vectors; ++n)
        body((group - first) * tiling.vectors + n,
             b.add(at, n * kTile * rowBytes + group * kTile * 4));
  };
  b.when(
      isBegun(block, b.index(0)),
      [&] {
        forSums([&](int64_t sums, Value at) { unit.load(sums, at, rowBytes); });
      },
      [&] { forSums([&](int64_t sums, Value) { unit.zero(sums); }); });
  Values parts(vector ? lanes : 0, b.splat(0.0));
  parts = b.loop(0, count, 1, parts, [&](Value turn, ValueRange old) {
    Value slot = fromLast ? b.sub(b.sub(count, 1), turn) : turn;
    Value values = getKeyBlock(a.value, getTile(block, slot), a.valueChannels);
    Values next(old);
    int64_t done = 0, all = parts.size();
    // A quarter of the queries beside each step of the unit.
    auto addQuarter = [&] {
      for (int64_t r = done; r < std::min(done + lanes / 4, all); ++r)
        next[r] =
            addPairs(next[r], b.load(weights, {slot, *vector * lanes + r, 0},
                                     Value(), b.vectorType(b.getI32Type())));
      done += lanes / 4;
    };
    for (int64_t n = 0; n < tiling.vectors; ++n) {
      Value number = b.add(b.mul(slot, tiling.vectors), n);
      unit.load(6 + n, getAt(weights, number, kTileBytes));
    }
    for (int64_t group = first; group < last; ++group) {
      int64_t factor = 4 + group - first;
      unit.load(factor, b.add(values, group * kTileBytes));
      addQuarter();
      for (int64_t n = 0; n < tiling.vectors; ++n)
        unit.multiplyBf16((group - first) * tiling.vectors + n, 6 + n, factor);
      addQuarter();
    }
    while (done < all)
      addQuarter();
    return next;
  });
  forSums([&](int64_t sums, Value at) { unit.store(sums, at, rowBytes); });
  if (vector)
    addToSums(block, *vector, parts);
}

void TileAttentionEmitter::addValues(QueryBlock block, Value count) {
  // The weights are added up a vector a pass.
  int64_t passes = std::max<int64_t>(llvm::divideCeil(groups, 2),
                                     usesWords ? tiling.vectors : 1);
  int64_t perPass = llvm::divideCeil(groups, passes);
  for (int64_t pass = 0; pass < passes; ++pass) {
    int64_t first = std::min(pass * perPass, groups);
    std::optional<int64_t> vector;
    if (usesWords && pass < tiling.vectors)
      vector = pass;
    // A pass begins with the tiles that were taken last: their weights are
    // near.
    addGroups(block, count, first, std::min(first + perPass, groups), vector,
              /*fromLast=*/pass % 2 == 0);
  }
  for (int64_t n = 0; n < tiling.vectors; ++n)
    b.storeScalar(b.index(1), begun, {block.number, n});
}
