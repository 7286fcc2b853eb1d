//===- StreamingRules.h - How any op runs by pieces -------------*- C++ -*-===//

#ifndef WEFT_PASSES_DERIVE_STREAMINGRULES_H
#define WEFT_PASSES_DERIVE_STREAMINGRULES_H

#include "dialects/weft/interfaces/StreamingOpInterface.h"

namespace weft {

/// As the methods of StreamingOpInterface, for any op: what it says itself, or
/// the rule of the class of upstream ops that it belongs to. Structured and
/// element-wise ops have such a rule; others are refused.
mlir::FailureOr<llvm::SmallVector<int64_t>>
inferSequenceAxes(mlir::Operation *op, llvm::ArrayRef<int64_t> operandAxes);

mlir::FailureOr<llvm::SmallVector<int64_t>>
inferTokenAxes(mlir::Operation *op, llvm::ArrayRef<int64_t> resultAxes);

llvm::SmallVector<mlir::Value> buildToken(mlir::ImplicitLocOpBuilder &b,
                                          mlir::Operation *op,
                                          llvm::ArrayRef<mlir::Value> operands,
                                          llvm::ArrayRef<int64_t> resultAxes,
                                          mlir::Value token);

} // namespace weft

#endif // WEFT_PASSES_DERIVE_STREAMINGRULES_H
