//===- VectorBlocks.h - Blocks of vectors -----------------------*- C++ -*-===//

#ifndef WEFT_CODEGEN_CPU_VECTORBLOCKS_H
#define WEFT_CODEGEN_CPU_VECTORBLOCKS_H

#include "compiler/codegen/cpu/KernelBuilder.h"

namespace weft::cpu {

/// 0, of which LLVM does not know: it would make a memset of a loop that stores
/// zeros, and of that, where there is no C library, a loop over bytes.
mlir::Value buildHiddenZero(KernelBuilder &b);

/// Reverses rows and columns of a square of vectors, in place.
void transpose(KernelBuilder &b, llvm::SmallVectorImpl<mlir::Value> &rows);

/// Combines the lanes of each of as many rows as a vector has lanes, those of
/// row `i` to lane `i`. A row may be several vectors, of which each gives one;
/// `get` builds one when it is needed.
KernelBuilder::Values
reduceRows(KernelBuilder &b,
           llvm::function_ref<KernelBuilder::Values(int64_t row)> get,
           llvm::function_ref<mlir::Value(mlir::Value, mlir::Value)> combine);

} // namespace weft::cpu

#endif // WEFT_CODEGEN_CPU_VECTORBLOCKS_H
