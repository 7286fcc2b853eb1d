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

/// Emits all tasks of the call; `rows` is their number, or -1 where only the
/// launch knows it.
mlir::LogicalResult emitByteTasks(KernelBuilder &b, const LinearKernel &kernel,
                                  int64_t rows);

} // namespace weft::cpu

#endif // WEFT_CODEGEN_CPU_LINEAR_TILES_BYTEPRODUCT_H
