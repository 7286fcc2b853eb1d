//===- TileKernel.h - Kernels of family linear in tiles ---------*- C++ -*-===//
//
// A product on a matrix unit, and the same weights where there is none. Numbers
// are taken apart into bf16 parts, the nearest first; products of two parts are
// summed in f32, small ones first:
//
//   bf16   one part of the input, one of the weight       1 product
//   split  two parts of each                              3 products: the one
//          of the small parts, 2^-16 of the sum and less, is left out
//   int8   codes of bytes, see ByteInput.h                1 product, exact
//
// Formula of `split`: Markidis et al., "NVIDIA Tensor Core Programmability,
// Performance & Precision" (2018), section V.
//
//===----------------------------------------------------------------------===//

#ifndef WEFT_CODEGEN_CPU_LINEAR_TILES_TILEKERNEL_H
#define WEFT_CODEGEN_CPU_LINEAR_TILES_TILEKERNEL_H

#include "compiler/codegen/cpu/linear/LinearKernel.h"
#include "compiler/codegen/cpu/linear/tiles/TileUnit.h"
#include "dialects/program/layouts/Tiles.h"

namespace weft::cpu {

class CodeReader;
class GroupScales;

//===----------------------------------------------------------------------===//
// With a matrix unit
//===----------------------------------------------------------------------===//

/// Whether the kernel's products of many rows run on the level's matrix unit.
bool usesTileUnit(KernelBuilder &b, const LinearKernel &kernel);

/// Emits all tasks of the call for any number of rows.
mlir::LogicalResult emitTileTasks(KernelBuilder &b, const LinearKernel &kernel);

/// What the tiles of rows hold: numbers of a type, by parts.
struct TileFormat {
  static TileFormat of(KernelBuilder &b, const LinearKernel &kernel);
  mlir::Type part;
  int64_t parts;
  int64_t inputs; ///< Of a tile.
  bool isCodes() const { return part.isInteger(8); }
};

/// Rows of a block in parts: `[rows / 16][K / inputs][parts]` tiles in scratch;
/// or those of an input that is so already.
class TileInput {
public:
  TileInput(KernelBuilder &b, const LinearKernel &kernel);
  /// Whether rows are taken apart: fill() must be called.
  bool isFilled() const { return bool(tiles); }
  /// Where rows are not taken apart: the row, a multiple of 16, that getTile()
  /// counts from.
  void select(mlir::Value firstRow);
  /// Takes rows `[first, first + count)` apart; zeros up to a multiple of 32.
  /// Scales are kept from `firstScale` on.
  void fill(mlir::Value firstScale, mlir::Value first, mlir::Value count);
  /// Where the tile of rows `16 block` on, inputs `inputs step` on, lies.
  mlir::Value getTile(mlir::Value block, mlir::Value step, int64_t part);
  /// Where the scales of a turn of rows that are taken apart begin; those of
  /// the turn before stay. Else a scale has the number of its row.
  mlir::Value getFirstScale(mlir::Value turn);
  /// What the codes of a row are multiplied by, in each lane.
  mlir::Value getScale(mlir::Value row);

  const TileFormat format;

private:
  void fillCodes(mlir::Value from, mlir::Value row, mlir::Value scaleAt);
  void fillStep(mlir::Value from, mlir::Value row, mlir::Value step,
                int64_t inputs);
  void zero(mlir::Value row);
  llvm::SmallVector<KernelBuilder::Index> at(mlir::Value row, mlir::Value step,
                                             int64_t part,
                                             KernelBuilder::Index column);

  KernelBuilder &b;
  const LinearKernel &kernel;
  int64_t steps, blocks;
  mlir::Value tiles;  ///< [blocks][steps][parts][16][inputs], or null.
  mlir::Value base;   ///< Where the first tile lies, if there are none;
  int64_t blockBytes; ///< of 16 rows.
  mlir::Value scales; ///< [2 turns][rows] of f32, of codes.
};

/// The weights of one product, two neighbouring columns of tiles at a time.
/// Blocks become tiles in scratch, which has room for two pairs: one is read
/// while the other is made, and the blocks of the pair after that are fetched.
/// Packed tiles are read where they are, the next pair is fetched meanwhile.
/// The work of that comes in small units, so that it can be spread: many
/// fetches at once would take all that the processor can wait for.
class TileWeights {
public:
  TileWeights(KernelBuilder &b, const LinearKernel &kernel, unsigned product,
              int64_t parts);
  int64_t getUnits() const;
  /// Does unit `unit` for the columns of tiles `column` and the next, in the
  /// half `half` (0 or 1) of scratch.
  void makeReady(mlir::Value unit, mlir::Value column, mlir::Value half);
  /// Lets getTile() read the columns of tiles `column` and the next.
  void select(mlir::Value column, mlir::Value half);
  /// Where the tile of column `i` (0 or 1) lies.
  mlir::Value getTile(int64_t i, mlir::Value step, int64_t part);

  int64_t parts; ///< Of a weight.

private:
  mlir::Value clamp(mlir::Value column);
  mlir::Value getPacked(mlir::Value column);
  void fetch(mlir::Value unit, mlir::Value column);
  void fetchBlock(mlir::Value block, mlir::Value column);
  void convertBlock(mlir::Value block, mlir::Value column, mlir::Value half,
                    mlir::Value i);
  void convertGroup(CodeReader &reader, GroupScales &scales, const Panel &panel,
                    mlir::Value group, mlir::Value lane,
                    llvm::ArrayRef<KernelBuilder::Index> target, int64_t first);
  void storePair(mlir::Value even, mlir::Value odd,
                 llvm::ArrayRef<KernelBuilder::Index> target,
                 KernelBuilder::Index pair);

  KernelBuilder &b;
  const LinearKernel &kernel;
  unsigned product;
  program::PanelsAttr layout;
  int64_t steps;
  int64_t stepsPerUnit = 1; ///< Of blocks: a unit is one.
  mlir::Value words;        ///< [half][2][steps][parts][16][16] of i32; or null
  mlir::Value addresses[2]; ///< Of the columns that are selected.
};

//===----------------------------------------------------------------------===//
// Without
//===----------------------------------------------------------------------===//

/// As FewRows, from tiles: sums by row, then vector.
llvm::SmallVector<mlir::Value>
emitFewRowsOfTiles(KernelBuilder &b, const LinearKernel &kernel,
                   unsigned product, const FewRowsPanel &where,
                   int64_t firstVector, int64_t vectors);

/// As emitDequantize: numbers of a panel of tiles. The range begins with a
/// tile.
void emitNumbersOfTiles(KernelBuilder &b, const LinearKernel &kernel,
                        unsigned product, mlir::Value panel,
                        const ColumnRange &range, mlir::Value target);

} // namespace weft::cpu

#endif // WEFT_CODEGEN_CPU_LINEAR_TILES_TILEKERNEL_H
