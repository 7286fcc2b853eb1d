//===- TiledRows.h - Writes and reads rows that stand in tiles --*- C++ -*-===//

#ifndef WEFT_CODEGEN_CPU_ROWS_TILEDROWS_H
#define WEFT_CODEGEN_CPU_ROWS_TILEDROWS_H

#include "compiler/codegen/cpu/KernelBuilder.h"

namespace weft::cpu {

/// A matrix of f32 that a kernel writes: rows as they are, `[M, columns]`, or
/// rounded, in tiles (dialects/program/layouts/RowTiles.h).
class RowOutput {
public:
  using Index = KernelBuilder::Index;
  using Value = mlir::Value;

  /// `buffer`: of either type.
  RowOutput(KernelBuilder &b, Value buffer, int64_t columns);
  bool isTiled() const { return tiled; }
  /// Whether store() takes twice `lanes()` numbers, a line of a tile.
  bool takesPairs() const { return tiled && roundsPairs; }
  /// Writes `lanes()` numbers of a row, which begin at a multiple of their
  /// number. Lanes outside `mask`, null for none, are those
  /// beyond the last column.
  void store(Value vector, Index row, Index column, Value mask = {});
  /// Zeros the columns behind those that whole and tail vectors fill.
  void pad(Index row);

private:
  KernelBuilder &b;
  Value buffer;
  int64_t columns;
  bool tiled, roundsPairs;
};

/// `lanes()` numbers of a row that stands in tiles, from a multiple of their
/// number on, as f32. Beyond the last column they are zeros.
mlir::Value loadFromTiles(KernelBuilder &b, mlir::Value tiles,
                          KernelBuilder::Index row,
                          KernelBuilder::Index column);

/// Writes rows `[first, first + count)` of `tiles` as f32 to `target`, from its
/// row 0 on; its rows have all columns of the tiles.
void emitWidenTiles(KernelBuilder &b, mlir::Value tiles, mlir::Value first,
                    mlir::Value count, mlir::Value target);

} // namespace weft::cpu

#endif // WEFT_CODEGEN_CPU_ROWS_TILEDROWS_H
