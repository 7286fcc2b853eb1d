//===- Codes.h - Packed codes as vectors of f32 -----------------*- C++ -*-===//
//
// A word of a lane holds the codes of 4 or 8 neighbouring k. Its code less the
// zero code comes out as f32, exactly, in two or three instructions:
//
// - 4 bits, 16 lanes: shift and look up in a table of 16 numbers; the
// permutation
//   takes only the low 4 bits of an index, so nothing is masked.
// - else bytes (4 bits: two words of nibbles): subtract the zero code byte by
// byte,
//   move a byte to the top of its lane, convert: the number is code * 2^24.
//
//===----------------------------------------------------------------------===//

#ifndef WEFT_CODEGEN_CPU_LINEAR_CODES_H
#define WEFT_CODEGEN_CPU_LINEAR_CODES_H

#include "compiler/codegen/cpu/linear/Panels.h"

namespace weft::cpu {

class CodeReader {
public:
  CodeReader(KernelBuilder &b, program::PanelsAttr layout);

  int64_t getCodesPerWord() const { return perWord; }
  /// What codes come out multiplied by: a power of two to fold into scales.
  double getFactor() const { return useTable ? 1 : 16777216; }
  /// Zero codes are subtracted here, so that number = scale * code + minimum.
  /// The f32 of each code of a vector of words, in the order of k.
  llvm::SmallVector<mlir::Value> read(mlir::Value words);

private:
  mlir::Value lookUp(mlir::Value words, int64_t shift);
  void readBytes(mlir::Value words, llvm::SmallVectorImpl<mlir::Value> &codes);

  KernelBuilder &b;
  int64_t codeBits, perWord, zeroCode;
  bool useTable;
  program::PanelsAttr layout;
  mlir::Value table;
};

/// The scales (or minima) of a group as f32, `factor` folded in.
mlir::Value loadGroup(KernelBuilder &b, mlir::Value part, mlir::Value group,
                      KernelBuilder::Index column, double factor = 1);

} // namespace weft::cpu

#endif // WEFT_CODEGEN_CPU_LINEAR_CODES_H
