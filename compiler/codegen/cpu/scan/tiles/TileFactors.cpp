//===- TileFactors.cpp - Rows of f32 to tiles of bf16 ---------------------===//

#include "compiler/codegen/cpu/VectorBlocks.h"
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
  VectorType narrow = b.vectorType(b.getBF16Type(), kNumbers);
  Values parts;
  for (int64_t part = 0; part < kernel.parts; ++part) {
    Value numbers = b.intrinsic("llvm.x86.avx512bf16.cvtne2ps2bf16.512", narrow,
                                {high, low});
    parts.push_back(numbers);
    if (part + 1 == kernel.parts)
      break;
    auto subtract = [&](Value from, int64_t first) {
      Value half = vector::ExtractStridedSliceOp::create(
          b, numbers, ArrayRef(first), ArrayRef(kTile), ArrayRef(int64_t(1)));
      return b.subf(from, arith::ExtFOp::create(b, b.vectorType(), half));
    };
    low = subtract(low, 0), high = subtract(high, kTile);
  }
  return parts;
}

/// By integers, which takes less of the port that moves lanes: as long as LLVM
/// makes no shuffle of it. Numbers half way go up.
Values TileScan::toPairs(Value even, Value odd) {
  VectorType words = b.vectorType(b.getI32Type());
  VectorType narrow = b.vectorType(b.getBF16Type(), kNumbers);
  auto number = [&](int64_t value) { return b.integer(value, words); };
  auto round = [&](Value x) -> Value {
    Value bits = arith::BitcastOp::create(b, words, x);
    return arith::AddIOp::create(b, bits, number(0x8000));
  };
  auto clear = [&](Value bits) -> Value {
    return arith::AndIOp::create(b, bits, number(int32_t(0xffff0000)));
  };
  Values parts;
  for (int64_t part = 0; part < kernel.parts; ++part) {
    Value low = round(even), high = round(odd);
    // The first, or the second where the third is set.
    constexpr int64_t kOrOfAnd = 0xf8;
    Value pairs = b.intrinsic("llvm.x86.avx512.pternlog.d.512", words,
                              {arith::ShRUIOp::create(b, low, number(16)), high,
                               number(int32_t(0xffff0000)),
                               b.integer(kOrOfAnd, b.getI32Type())});
    parts.push_back(vector::BitCastOp::create(b, narrow, pairs));
    if (part + 1 == kernel.parts)
      break;
    auto subtract = [&](Value x, Value rounded) {
      return b.subf(x, arith::BitcastOp::create(b, b.vectorType(), rounded));
    };
    even = subtract(even, clear(low)), odd = subtract(odd, clear(high));
  }
  return parts;
}

void TileScan::storeParts(Values parts, const Factor &to, Index tile,
                          Index step, Index row) {
  for (auto [part, numbers] : llvm::enumerate(parts)) {
    Index at = int64_t(part);
    if (to.first)
      at = b.add(to.first, at);
    b.store(numbers, to.buffer, {at, tile, step, row, 0});
  }
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
    for (auto [i, pairs] : llvm::enumerate(square)) {
      b.store(vector::BitCastOp::create(b, narrow, pairs), to.buffer,
              {part, tile, step, int64_t(i), 0});
      // Of the part that is last, one for each row of the state.
      if (part == 0 && &to == &pushes)
        fetch(kernel.key, b.add(b.mul(tile, kTile), int64_t(i)), rows);
    }
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

void TileScan::roundTurned(const Factor &to, int64_t tile, Index step,
                           Get get) {
  SmallVector<Values> tokens;
  for (int64_t t = 0; t < kTile; ++t)
    tokens.push_back(toParts(get(tile * kTile + t, getRow(b, step, 0)),
                             get(tile * kTile + t, getRow(b, step, kTile))));
  storeTurned(tokens, to, tile, step);
}

void TileScan::roundPushes(const Chunk &chunk, Index step) {
  for (int64_t half = 0; half < 2; ++half) {
    Index row = getRow(b, step, half * kTile);
    auto get = [&](int64_t token) {
      Value update = getUpdate(chunk, token, row);
      Value factor =
          decays ? getPushDecay(token / kTile, token % kTile, row) : Value();
      return factor ? b.mulf(update, factor) : update;
    };
    SmallVector<Values> tokens;
    for (int64_t t = 0; t < kChunk; t += 2)
      tokens.push_back(toPairs(get(t), get(t + 1)));
    storeTurned(tokens, pushes, b.add(b.mul(step, 2), half), 0);
  }
}

/// What is read twice of a few rows is read again at once.
void TileScan::roundUpdates(const Chunk &chunk) {
  bool isRead = chunk.reads || corrects();
  forSteps(b, rows / kNumbers, [&](Index step) {
    // Where decays have rows updates meet those of the next row of tiles only.
    for (int64_t tile = 0; isRead && tile < (decaysByRow ? 1 : kTiles); ++tile)
      roundTurned(updates, tile, step, [&](Index token, Index row) {
        return getUpdate(chunk, token, row);
      });
    roundPushes(chunk, step);
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
    bool isRow = !decaysByRow || tile == 1;
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
  }
  if (moves)
    roundUpdates(chunk);
}
