//===- Evaluate.h - Computes on parameters at compile time ------*- C++ -*-===//
//
// What a model computes from its parameters alone, such as -exp(A_log), is
// computed when they are packed. The evaluator is for that: correct for any
// shape, not fast.
//
//===----------------------------------------------------------------------===//

#ifndef WEFT_PASSES_LAYOUT_EVALUATE_H
#define WEFT_PASSES_LAYOUT_EVALUATE_H

#include "mlir/IR/Operation.h"
#include "mlir/IR/Region.h"
#include <vector>

namespace weft {

/// A tensor of static shape, row-major. Integers and truth values are held as
/// doubles too: those of parameters are small.
struct DenseValue {
  llvm::SmallVector<int64_t> shape;
  std::vector<double> elements;
};

/// Whether `op` alone, on evaluated operands, can be evaluated: element-wise
/// `arith` and `math` on scalars and tensors, constants, `linalg.generic` of
/// such ops, `linalg.fill` and `linalg.transpose`, and `tensor` ops that move
/// data by numbers known at compile time.
bool canEvaluate(mlir::Operation *op);

/// Evaluates the region of a `program.parameter` on its sources; every float
/// result is rounded to its type. Emits on the op at fault and fails where an
/// op cannot be evaluated.
mlir::FailureOr<DenseValue> evaluateCompute(mlir::Region &compute,
                                            llvm::ArrayRef<DenseValue> sources);

} // namespace weft

#endif // WEFT_PASSES_LAYOUT_EVALUATE_H
