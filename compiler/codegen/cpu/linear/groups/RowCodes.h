//===- RowCodes.h - Rows as bytes for weights in groups ---------*- C++ -*-===//
//
// Precision `int8` with weights in blocks: a row is codes from -127 to 127
// times a scale for each 32 numbers, found when the kernel runs, as ByteRows.h
// says of a whole row. Sums of the codes over each group of weights serve what
// all weights of a group have in common: their minimum, and their zero code.
//
//===----------------------------------------------------------------------===//

#ifndef WEFT_CODEGEN_CPU_LINEAR_GROUPS_ROWCODES_H
#define WEFT_CODEGEN_CPU_LINEAR_GROUPS_ROWCODES_H

#include "compiler/codegen/cpu/linear/LinearKernel.h"

namespace weft::cpu {

class RowCodes {
public:
  /// Numbers of a row that share a scale: a multiple of each group of weights.
  static constexpr int64_t kShared = 32;
  /// The bits of 1.5 * 2^23, f32: with an integer below 2^22 added to them they
  /// are those of the sum. Sums of products begin with it.
  static constexpr int64_t kStart = 0x4B400000;
  static constexpr double kStartNumber = 0x1.8p23;

  /// Scratch for blocks of up to `rows` rows.
  RowCodes(KernelBuilder &b, const LinearKernel &kernel, int64_t rows);

  /// Rounds the rows of a block. Below, `row` is counted from its first, and
  /// what is returned stands in each lane.
  void fill(const RowBlock &block);

  /// Codes of k = 4 quad to 4 quad + 3, in i32.
  mlir::Value getWord(mlir::Value row, mlir::Value quad);
  /// Of numbers kShared `index` on.
  mlir::Value getScale(mlir::Value row, mlir::Value index);
  /// What sums of a group of a product begin with: kStart, less the zero code
  /// times the sum of the row's codes. i32.
  mlir::Value getStart(unsigned product, mlir::Value row, mlir::Value group);
  /// The sum of the row's codes as f32, of a product with minima.
  mlir::Value getSum(unsigned product, mlir::Value row, mlir::Value group);

private:
  void findScales(mlir::Value inputRow, mlir::Value row);
  void round(mlir::Value inputRow, mlir::Value row);
  void addGroups(mlir::Value row, unsigned product);

  KernelBuilder &b;
  const LinearKernel &kernel;
  mlir::Value codes;   ///< [rows][K] of i8
  mlir::Value words;   ///< The same as i32.
  mlir::Value factors; ///< From numbers to codes, of a row.
  // A row of those below has room for whole vectors.
  mlir::Value scales; ///< [rows][K / kShared] of f32
  /// [rows][groups] of each product: of getSum() where it has minima, else of
  /// getStart().
  llvm::SmallVector<mlir::Value> sums;
};

} // namespace weft::cpu

#endif // WEFT_CODEGEN_CPU_LINEAR_GROUPS_ROWCODES_H
