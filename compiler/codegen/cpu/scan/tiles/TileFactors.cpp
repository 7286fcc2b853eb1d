//===- TileFactors.cpp - Rows of f32 to tiles of bf16 ---------------------===//

#include "compiler/codegen/cpu/attention/AttentionKernel.h"
#include "compiler/codegen/cpu/scan/tiles/TileScan.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace weft;
using namespace weft::cpu;

using Values = KernelBuilder::Values;

//===----------------------------------------------------------------------===//
// Vectors
//===----------------------------------------------------------------------===//

/// The nearest bf16, then that of what is left.
Values TileScan::toParts(Value low, Value high) {
  VectorType wide = b.vectorType(b.getF32Type(), kNumbers);
  VectorType narrow = b.vectorType(b.getBF16Type(), kNumbers);
  SmallVector<int64_t> lanes;
  for (int64_t i = 0; i < kNumbers; ++i)
    lanes.push_back(i);
  Value rest = b.shuffle(low, high, lanes);
  Values parts;
  for (int64_t part = 0; part < kernel.parts; ++part) {
    Value number = arith::TruncFOp::create(b, narrow, rest);
    parts.push_back(number);
    if (part + 1 < kernel.parts)
      rest = b.subf(rest, arith::ExtFOp::create(b, wide, number));
  }
  return parts;
}

Values TileScan::toPairs(Value even, Value odd) {
  SmallVector<int64_t> lanes;
  for (int64_t i = 0; i < kTile; ++i)
    lanes.append({i, kTile + i});
  Values parts = toParts(even, odd);
  for (Value &part : parts)
    part = b.shuffle(part, part, lanes);
  return parts;
}

void TileScan::storeParts(Values parts, const Factor &to, Index tile,
                          Index step, Index row) {
  for (auto [part, numbers] : llvm::enumerate(parts))
    b.store(numbers, to.buffer, {int64_t(part), tile, step, row, 0});
}

/// Stores the square of pairs that `rows` are, turned.
void TileScan::storeTurned(MutableArrayRef<Values> rowsOf, const Factor &to,
                           Index tile, Index step) {
  VectorType narrow = b.vectorType(b.getBF16Type(), kNumbers);
  for (int64_t part = 0; part < kernel.parts; ++part) {
    SmallVector<Value> square;
    for (const Values &row : rowsOf)
      square.push_back(vector::BitCastOp::create(b, b.vectorType(), row[part]));
    transpose(b, square);
    for (auto [i, pairs] : llvm::enumerate(square))
      b.store(vector::BitCastOp::create(b, narrow, pairs), to.buffer,
              {part, tile, step, int64_t(i), 0});
  }
}

//===----------------------------------------------------------------------===//
// Tiles
//===----------------------------------------------------------------------===//

/// Runs `body` for each step of `steps`: the last is known here.
static void forSteps(KernelBuilder &b, int64_t steps,
                     function_ref<void(KernelBuilder::Index)> body) {
  constexpr int64_t kUnrolled = 4;
  int64_t looped = steps > kUnrolled ? steps - 1 : 0;
  if (looped)
    b.loop(0, looped, 1, [&](Value step) { body(step); });
  for (int64_t step = looped; step < steps; ++step)
    body(step);
}

/// `step * kNumbers + offset`, known where the step is.
static KernelBuilder::Index getRow(KernelBuilder &b, KernelBuilder::Index step,
                                   int64_t offset) {
  if (!step.value)
    return step.constant * 32 + offset;
  return b.add(b.mul(step, 32), offset);
}

void TileScan::roundRows(const Factor &to, Index tile, Get get) {
  b.loop(0, kTile, 1, [&](Value t) {
    forSteps(b, to.steps, [&](Index step) {
      storeParts(
          toParts(get(t, getRow(b, step, 0)), get(t, getRow(b, step, kTile))),
          to, tile, step, t);
    });
  });
}

void TileScan::roundTurned(const Factor &to, Index tile, Get get) {
  forSteps(b, to.steps, [&](Index step) {
    SmallVector<Values> tokens;
    for (int64_t t = 0; t < kTile; ++t)
      tokens.push_back(
          toParts(get(t, getRow(b, step, 0)), get(t, getRow(b, step, kTile))));
    storeTurned(tokens, to, tile, step);
  });
}

void TileScan::roundPushes(const Chunk &chunk) {
  forSteps(b, rows / kNumbers, [&](Index step) {
    for (int64_t half = 0; half < 2; ++half) {
      Index row = getRow(b, step, half * kTile);
      auto get = [&](int64_t token) {
        int64_t tile = token / kTile, t = token % kTile;
        Value update = getUpdate(chunk, token, row);
        Value factor = decays ? getPushDecay(tile, t, row) : Value();
        return factor ? b.mulf(update, factor) : update;
      };
      SmallVector<Values> tokens;
      for (int64_t t = 0; t < kChunk; t += 2)
        tokens.push_back(toPairs(get(t), get(t + 1)));
      storeTurned(tokens, pushes, b.add(b.mul(step, 2), half), 0);
    }
  });
}

void TileScan::roundValues(Get get) {
  b.loop(0, kTile, 1, [&](Value pair) {
    Value token = b.mul(pair, 2);
    forSteps(b, columns / kNumbers, [&](Index step) {
      for (int64_t half = 0; half < 2; ++half) {
        Index column = getRow(b, step, half * kTile);
        storeParts(toPairs(get(token, column), get(b.add(token, 1), column)),
                   values, b.add(b.mul(step, 2), half), 0, pair);
      }
    });
  });
}

void TileScan::prepareFactors(const Chunk &chunk) {
  bool moves = chunk.moves, hasDecay = moves && decays;
  auto times = [&](Value vector, Value factor) {
    return factor ? b.mulf(vector, factor) : vector;
  };
  for (int64_t tile = 0; tile < kTiles; ++tile) {
    // Where decays have rows pairs are products of the second row of tiles with
    // the first.
    bool isRow = !decaysByRow || tile == 1,
         isColumn = !decaysByRow || tile == 0;
    auto at = [&](Index t) { return b.add(t, tile * kTile); };
    auto round = [&](const Factor &to, const Factor &raw, bool isSeen) {
      auto get = [&](Index t, Index row) {
        return isSeen ? getRight(chunk, at(t), row)
                      : getQuery(chunk, at(t), row);
      };
      roundRows(to, tile, [&](Index t, Index row) {
        Value factor;
        if (hasDecay)
          factor =
              isSeen ? getSeenDecay(tile, t, row) : getReadDecay(tile, t, row);
        return times(get(t, row), factor);
      });
      if (hasDecay && isRow)
        roundRows(raw, tile, get);
    };
    if (chunk.reads)
      round(reads, queries, /*isSeen=*/false);
    if (moves && corrects())
      round(seen, rights, /*isSeen=*/true);
    if (moves && isColumn && (chunk.reads || corrects()))
      roundTurned(updates, tile, [&](Index t, Index row) {
        Index token = t.value ? Index(at(t)) : Index(t.constant + tile * kTile);
        return getUpdate(chunk, token, row);
      });
  }
  if (moves)
    roundPushes(chunk);
}
