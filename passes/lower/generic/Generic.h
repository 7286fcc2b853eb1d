//===- Generic.h - Kernels of any linalg.generic ----------------*- C++ -*-===//

#ifndef WEFT_PASSES_LOWER_GENERIC_GENERIC_H
#define WEFT_PASSES_LOWER_GENERIC_GENERIC_H

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "passes/lower/FunctionLowering.h"

namespace weft {

/// A nest of loops on buffers, before it is a launch.
struct LoopNest {
  llvm::SmallVector<Buffer> buffers; // inputs, then outputs
  int64_t outputs = 1;
  llvm::SmallVector<mlir::AffineMap> maps;
  llvm::SmallVector<mlir::utils::IteratorType> iterators;
  IndexExprs sizes; // of the loops
  bool readsOutputs = false;
  /// Loops whose number the body reads stay as they are.
  llvm::SmallBitVector indexed;
};

/// Joins neighbouring parallel loops where every buffer lets it: longer loops,
/// and fewer kernels.
void joinLoops(FunctionLowering &f, LoopNest &nest);

/// Launches the nest, its body with buffers and scalars beside those of the
/// nest.
void launchNest(FunctionLowering &f, LoopNest nest,
                llvm::ArrayRef<mlir::Value> extras, IndexExprs scalars,
                std::function<void(mlir::OpBuilder &, mlir::Region &)> body,
                llvm::StringRef label = "");

/// Copies between buffers of one shape that are not both contiguous.
void launchCopy(FunctionLowering &f, const Buffer &from, const Buffer &to);

/// Fills a buffer with a number.
void launchFill(FunctionLowering &f, mlir::Attribute value, const Buffer &to);

} // namespace weft

#endif // WEFT_PASSES_LOWER_GENERIC_GENERIC_H
