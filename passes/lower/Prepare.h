//===- Prepare.h - Functions of ops that have a lowering --------*- C++ -*-===//

#ifndef WEFT_PASSES_LOWER_PREPARE_H
#define WEFT_PASSES_LOWER_PREPARE_H

#include "mlir/IR/PatternMatch.h"
#include "passes/lower/Registry.h"

namespace weft {

/// What became of one op, for `--explain`.
struct Explanation {
  std::string op, place, lowering;
  llvm::SmallVector<std::string> declined;
  std::optional<std::string> note;
};

/// Decomposes what no lowering takes, until every op has one; element-wise ops
/// become `linalg.generic` and are fused. Emits and fails for an op that can be
/// neither lowered nor decomposed.
mlir::LogicalResult
prepareFunction(mlir::func::FuncOp func, const Registry &registry,
                ModuleLowering &module,
                llvm::SmallVectorImpl<Explanation> &explanations);

/// Turns what makes a tensor of scalars into loop nests.
void populateScalarTensorPatterns(mlir::RewritePatternSet &patterns);

} // namespace weft

#endif // WEFT_PASSES_LOWER_PREPARE_H
