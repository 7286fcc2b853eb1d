//===- TileChunk.cpp - What the tokens of a chunk bring, in f32 -----------===//

#include "compiler/codegen/cpu/scan/tiles/TileScan.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace weft;
using namespace weft::cpu;

/// Where staged rows of a kind are.
enum Staged { Query, Update, Right };

Value TileScan::getToken(const Chunk &chunk, Index token) {
  if (chunk.count)
    token = b.min(token, b.sub(chunk.count, 1));
  return b.add(chunk.token, token);
}

Value TileScan::keepInside(const Chunk &chunk, Value token, Value vector,
                           double otherwise) {
  if (!chunk.count)
    return vector;
  return arith::SelectOp::create(b, b.less(token, chunk.count), vector,
                                 b.splat(otherwise));
}

ScanRows::Rows TileScan::getRows(Index row) {
  Value mask;
  if (!row.value && row.constant + kTile > kernel.rows)
    mask = b.tailMask(kernel.rows - row.constant);
  return {b.index(row), mask, 0, 0, row};
}

Value TileScan::getColumnMask(Index column) {
  bool isWhole = columns == std::min(kernel.columns, kernel.columnsPerTask) &&
                 kernel.columns % columns == 0;
  return isWhole ? Value() : b.tailMask(b.sub(columnCount, column));
}

void TileScan::stage(const Chunk &chunk) {
  scanRows.forEach({}, [&](const Rows &rows, const Values &) {
    b.loop(0, kChunk, 1, [&](Value t) {
      Value token = getToken(chunk, t);
      auto keep = [&](Value to, Value vector, double otherwise = 0) {
        b.store(keepInside(chunk, t, vector, otherwise), to, {t, rows.row},
                rows.mask);
      };
      if (chunk.reads)
        keep(staged[Query], scanRows.loadFeature(kernel.query, token, rows));
      if (!chunk.moves)
        return;
      Value key = scanRows.loadFeature(kernel.key, token, rows);
      Values gates = scanRows.loadGates(token, rows);
      keep(staged[Update],
           kernel.transition.buildWrite(b, gates, key, b.splat(1.0)));
      if (corrects())
        keep(staged[Right],
             kernel.transition.buildCorrection(b, gates, key).right);
      if (decaysByRow)
        keep(stagedDecays, kernel.transition.buildDecay(b, gates), 1);
    });
    return Values();
  });
  if (!chunk.count || !chunk.moves)
    return;
  b.loop(0, kChunk, 1, [&](Value t) {
    b.loop(0, columns, kTile, [&](Value c) {
      Value vector =
          b.load(kernel.value,
                 {batch, getToken(chunk, t), head, b.add(firstColumn, c)},
                 getColumnMask(c));
      b.store(keepInside(chunk, t, vector, 0), stagedValues, {t, c});
    });
  });
}

Value TileScan::getQuery(const Chunk &chunk, Index token, Index row) {
  if (isStaged(chunk))
    return b.load(staged[Query], {token, row});
  return scanRows.loadFeature(kernel.query, getToken(chunk, token),
                              getRows(row));
}

Value TileScan::getUpdate(const Chunk &chunk, Index token, Index row) {
  if (isStaged(chunk))
    return b.load(staged[Update], {token, row});
  const Rows rows = getRows(row);
  Value at = getToken(chunk, token);
  return kernel.transition.buildWrite(
      b, scanRows.loadGates(at, rows),
      scanRows.loadFeature(kernel.key, at, rows), b.splat(1.0));
}

Value TileScan::getRight(const Chunk &chunk, Index token, Index row) {
  if (isStaged(chunk))
    return b.load(staged[Right], {token, row});
  const Rows rows = getRows(row);
  Value at = getToken(chunk, token);
  Value key = scanRows.loadFeature(kernel.key, at, rows);
  return kernel.transition.buildCorrection(b, scanRows.loadGates(at, rows), key)
      .right;
}

Value TileScan::getValue(const Chunk &chunk, Index token, Index column) {
  if (chunk.count)
    return b.load(stagedValues, {token, column});
  return b.load(
      kernel.value,
      {batch, getToken(chunk, token), head, b.add(firstColumn, column)},
      getColumnMask(column));
}
