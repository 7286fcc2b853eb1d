//===- ByteProduct.h - Products of bytes in vectors -------------*- C++ -*-===//
//
// Precision `int8` where there is no matrix unit, and for one row: sums of
// products of integers, exact, so that all levels give the same bits.
//
//===----------------------------------------------------------------------===//

#ifndef WEFT_CODEGEN_CPU_LINEAR_TILES_BYTEPRODUCT_H
#define WEFT_CODEGEN_CPU_LINEAR_TILES_BYTEPRODUCT_H

#include "compiler/codegen/cpu/linear/LinearKernel.h"

namespace weft::cpu {

/// Sums of products of four neighbouring bytes of a row, from 0 to 255, and of
/// each output, from -127 to 127: with VNNI one instruction, else two products
/// of pairs of 16 bits.
class ByteDot {
public:
  explicit ByteDot(KernelBuilder &b)
      : b(b), isOne(b.getLevel().has("avx512vnni")) {}

  /// Four bytes in each lane of i32, ready for add().
  using Operand = llvm::SmallVector<mlir::Value, 2>;
  Operand prepareRow(mlir::Value bytes);
  Operand prepareWeights(mlir::Value bytes);
  mlir::Value add(mlir::Value sums, const Operand &row, const Operand &weights);

private:
  KernelBuilder &b;
  bool isOne;
};

/// Emits all tasks of the call; `rows` is their number, or -1 where only the
/// launch knows it.
mlir::LogicalResult emitByteTasks(KernelBuilder &b, const LinearKernel &kernel,
                                  int64_t rows);

} // namespace weft::cpu

#endif // WEFT_CODEGEN_CPU_LINEAR_TILES_BYTEPRODUCT_H
