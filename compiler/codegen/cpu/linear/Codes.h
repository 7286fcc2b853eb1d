//===- Codes.h - Packed codes as vectors of f32 -----------------*- C++ -*-===//
//
// A word of a lane holds the codes of 4 or 8 neighbouring k, or their low four
// bits, with a word of high bits beside it. Codes less the zero code come out
// as f32, exactly, in two or three instructions:
//
// - 4 bits, 16 lanes: shift and look up in a table of 16 numbers; the
//   permutation takes only the low 4 bits of an index, so nothing is masked.
// - else bytes (of nibbles and high bits: put together for four k at once):
//   subtract the zero code byte by byte, move a byte to the top of its lane,
//   convert: the number is code * 2^24.
//
//===----------------------------------------------------------------------===//

#ifndef WEFT_CODEGEN_CPU_LINEAR_CODES_H
#define WEFT_CODEGEN_CPU_LINEAR_CODES_H

#include "compiler/codegen/cpu/linear/Panels.h"

namespace weft::cpu {

/// Reads codes of a panel by units of neighbouring k, whose words are whole.
class CodeReader {
public:
  CodeReader(KernelBuilder &b, program::PanelsAttr layout);

  /// Numbers in a unit, a multiple of 4 that divides the group.
  int64_t getUnit() const { return unit; }
  /// What codes come out multiplied by: a power of two to fold into scales.
  double getFactor() const { return useTable ? 1 : 16777216; }

  /// The words of a unit in a vector of columns.
  struct Words {
    llvm::SmallVector<mlir::Value, 4> codes;
    mlir::Value high;
  };
  Words load(const Panel &panel, mlir::Value unit, KernelBuilder::Index column);
  /// Of k = 4 quad to 4 quad + 3 of a unit, in each lane: as they are stored, a
  /// byte each, in i32.
  mlir::Value readBytes(const Words &words, int64_t quad);
  /// The same codes less the zero code, as f32.
  llvm::SmallVector<mlir::Value, 4> read(const Words &words, int64_t quad);

private:
  mlir::Value lookUp(mlir::Value words, int64_t shift);
  mlir::Value shiftRight(mlir::Value words, int64_t shift);
  llvm::SmallVector<mlir::Value, 4> convertBytes(mlir::Value words);

  KernelBuilder &b;
  int64_t codeBits, highBits, zeroCode, unit;
  bool useTable;
  mlir::Value table;
};

} // namespace weft::cpu

#endif // WEFT_CODEGEN_CPU_LINEAR_CODES_H
