//===- TileProducts.cpp - Products with the state, and of tokens ----------===//
//
// Blocks of 32 by 32: tiles 0-3 are sums, 4 and 5 rows, 6 and 7 columns.
//
//===----------------------------------------------------------------------===//

#include "compiler/codegen/cpu/ElementRegion.h"
#include "compiler/codegen/cpu/scan/tiles/TileScan.h"
#include "dialects/weft/kinds/Builders.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;
using namespace weft;
using namespace weft::cpu;

static constexpr int64_t kSums = 4, kTileBytes = 1024;

//===----------------------------------------------------------------------===//
// Blocks
//===----------------------------------------------------------------------===//

Value TileScan::getTile(const Factor &factor, Index tile, Index step,
                        int64_t part) {
  Index first = part;
  if (factor.first)
    first = b.add(factor.first, part);
  Value number =
      b.add(b.mul(b.add(b.mul(first, factor.tiles), tile), factor.steps), step);
  return b.add(getAddress(b, factor.buffer), b.mul(number, kTileBytes));
}

void TileScan::zero(unsigned sums) {
  for (int64_t tile = 0; tile < kSums; ++tile)
    if (sums >> tile & 1)
      unit.zero(tile);
}

void TileScan::multiplyStep(const Factor &rowsOf, Index rowTile,
                            const Factor &columnsOf, Index columnTile,
                            Index step, unsigned sums) {
  struct Parts {
    int64_t rows, columns;
  };
  // Small products first; neighbours share a part.
  SmallVector<Parts> products;
  if (kernel.parts == 2)
    products.push_back({1, 0});
  products.push_back({0, 0});
  if (kernel.parts == 2)
    products.push_back({0, 1});
  Parts loaded = {-1, -1};
  for (Parts parts : products) {
    for (int64_t i = 0; i < 2; ++i) {
      if (parts.rows != loaded.rows && sums >> (2 * i) & 0b11)
        unit.load(4 + i, getTile(rowsOf, b.add(rowTile, i), step, parts.rows));
      if (parts.columns != loaded.columns && sums >> i & 0b101)
        unit.load(6 + i, getTile(columnsOf, b.add(columnTile, i), step,
                                 parts.columns));
    }
    for (int64_t tile = 0; tile < kSums; ++tile)
      if (sums >> tile & 1)
        unit.multiplyBf16(tile, 4 + tile / 2, 6 + tile % 2);
    loaded = parts;
  }
}

void TileScan::accumulate(const Factor &rowsOf, Index rowTile,
                          const Factor &columnsOf, Index columnTile,
                          unsigned sums) {
  constexpr int64_t kUnrolled = 4;
  if (rowsOf.steps > kUnrolled)
    return b.loop(0, rowsOf.steps, 1, [&](Value step) {
      multiplyStep(rowsOf, rowTile, columnsOf, columnTile, step, sums);
    });
  for (int64_t step = 0; step < rowsOf.steps; ++step)
    multiplyStep(rowsOf, rowTile, columnsOf, columnTile, step, sums);
}

void TileScan::storeSums(Value address, int64_t rowBytes, unsigned sums) {
  for (int64_t tile = 0; tile < kSums; ++tile)
    if (sums >> tile & 1)
      unit.store(tile,
                 b.add(address, tile / 2 * kTile * rowBytes +
                                    tile % 2 * kTile * int64_t(4)),
                 rowBytes);
}

void TileScan::forPairs(int64_t tiles, function_ref<void(Value)> body) {
  constexpr int64_t kUnrolled = 4;
  if (tiles > kUnrolled)
    return b.loop(0, tiles, 2, body);
  for (int64_t tile = 0; tile < tiles; tile += 2)
    body(b.index(tile));
}

/// Of an element of a buffer whose elements stand one after the other.
Value TileScan::getElementAddress(Value buffer, ArrayRef<Index> at) {
  auto type = cast<MemRefType>(buffer.getType());
  Value number = b.index(0);
  for (auto [axis, place] : llvm::enumerate(at)) {
    Index size = type.isDynamicDim(axis)
                     ? Index(memref::DimOp::create(b, buffer, axis))
                     : Index(type.getDimSize(axis));
    number = b.add(b.mul(number, size), place);
  }
  return b.add(getAddress(b, buffer), b.mul(number, 4));
}

//===----------------------------------------------------------------------===//
// The state
//===----------------------------------------------------------------------===//

Value TileScan::loadState(Index row, Index column) {
  if (isInPlace)
    return b.load(kernel.final, {batch, head, row, b.add(firstColumn, column)});
  return b.load(state, {row, column});
}

void TileScan::storeState(Value vector, Index row, Index column) {
  if (isInPlace)
    b.store(vector, kernel.final,
            {batch, head, row, b.add(firstColumn, column)});
  else
    b.store(vector, state, {row, column});
}

void TileScan::roundState() {
  b.loop(0, states.steps, 1, [&](Value step) {
    b.loop(0, kTile, 1, [&](Value pair) {
      b.loop(0, states.tiles, 1, [&](Value tile) {
        Value row = b.add(b.mul(step, kNumbers), b.mul(pair, 2));
        Index column = b.mul(tile, kTile);
        storeParts(
            toPairs(loadState(row, column), loadState(b.add(row, 1), column)),
            states, tile, step, pair);
      });
    });
  });
}

void TileScan::readState(const Chunk &chunk) {
  bool isDirect = hasDirectOuts && !chunk.count;
  forPairs(states.tiles, [&](Value tile) {
    zero(kAll);
    accumulate(reads, 0, states, tile);
    if (chunk.moves)
      accumulate(weights, 0, values, tile);
    Value column = b.mul(tile, kTile);
    if (!isDirect)
      return storeSums(b.add(getAddress(b, outs), b.mul(column, 4)),
                       columns * 4);
    storeSums(getElementAddress(kernel.out, {batch, chunk.token, head,
                                             b.add(firstColumn, column)}),
              kernel.heads * kernel.columns * 4);
  });
  if (!isDirect)
    finishOuts(chunk);
}

void TileScan::seeState() {
  forPairs(states.tiles, [&](Value tile) {
    zero(kAll);
    accumulate(seen, 0, states, tile);
    storeSums(b.add(getAddress(b, solved), b.mul(tile, kTile * 4)),
              columns * 4);
  });
}

/// Sums of a block of the updates, of which two wait in scratch.
void TileScan::multiplyUpdates(Value block) {
  int64_t perRow = columns / kNumbers;
  zero(kAll);
  accumulate(pushes, b.mul(b.div(block, perRow), 2), values,
             b.mul(b.rem(block, perRow), 2));
  int64_t bytes = kNumbers * kNumbers * 4;
  storeSums(b.add(getAddress(b, sums), b.mul(b.rem(block, 2), bytes)),
            kNumbers * 4);
}

/// Decays a block of the state, adds its updates, and makes a factor of it.
void TileScan::moveBlock(Value block) {
  int64_t perRow = columns / kNumbers;
  Value step = b.div(block, perRow), half = b.rem(block, 2);
  Value firstTile = b.mul(b.rem(block, perRow), 2);
  Value kept = decays && !decaysByRow ? getKeep(0) : Value();
  b.loop(0, kTile, 1, [&](Value pair) {
    Values factors(2, kept);
    Value row = b.add(b.mul(step, kNumbers), b.mul(pair, 2));
    for (int64_t i = 0; decaysByRow && i < 2; ++i)
      factors[i] = getKeep(b.add(row, i));
    for (int64_t j = 0; j < 2; ++j) {
      Value tile = b.add(firstTile, j);
      Index column = b.mul(tile, kTile);
      Values lines;
      for (int64_t i = 0; i < 2; ++i) {
        Value at = b.add(b.add(b.mul(half, kNumbers), b.mul(pair, 2)), i);
        Value added = b.load(sums, {at, j * kTile});
        Value line = loadState(b.add(row, i), column);
        lines.push_back(factors[i] ? b.fma(factors[i], line, added)
                                   : b.addf(line, added));
        storeState(lines[i], b.add(row, i), column);
      }
      storeParts(toPairs(lines[0], lines[1]), states, tile, step, pair);
    }
    Value turn = b.add(b.mul(block, kTile), pair);
    int64_t turns = rows * columns / (2 * kNumbers);
    fetch(kernel.query, turn, turns);
    fetch(kernel.value, turn, turns);
  });
}

/// The matrix unit works on a block beside the vectors on the one before.
void TileScan::moveState() {
  constexpr int64_t kUnrolled = 4;
  int64_t blocks = (rows / kNumbers) * (columns / kNumbers);
  multiplyUpdates(b.index(0));
  auto turn = [&](Value block) {
    multiplyUpdates(block);
    moveBlock(b.sub(block, 1));
  };
  if (blocks > kUnrolled)
    b.loop(1, blocks, 1, turn);
  for (int64_t block = 1; block < blocks && blocks <= kUnrolled; ++block)
    turn(b.index(block));
  moveBlock(b.index(blocks - 1));
}

//===----------------------------------------------------------------------===//
// Results
//===----------------------------------------------------------------------===//

void TileScan::finishOuts(const Chunk &chunk) {
  Region &region = b.getKernel().getElement();
  b.loop(0, chunk.count ? Index(chunk.count) : Index(kChunk), 1, [&](Value t) {
    Value total, quotient;
    if (kernel.hasSum) {
      total = b.loadBroadcast(totals, {t});
      if (region.empty())
        quotient = buildDivOrZero(b, b.splat(1.0), total);
    }
    b.loop(0, columns, kTile, [&](Value c) {
      Value mask = getColumnMask(c), result = b.load(outs, {t, c});
      if (quotient)
        result = b.mulf(result, quotient);
      if (!region.empty()) {
        SmallVector<LaneValue> args{LaneValue::varying(result)};
        if (kernel.hasSum)
          args.push_back(LaneValue::varying(total));
        FailureOr<Value> built = buildElement(b, region, args, b.lanes(), mask);
        if (failed(built))
          status = failure();
        else
          result = *built;
      }
      b.store(result, kernel.out,
              {batch, b.add(chunk.token, t), head, b.add(firstColumn, c)},
              mask);
    });
  });
}
