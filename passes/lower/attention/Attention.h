//===- Attention.h - What the kernels of attention share --------*- C++ -*-===//

#ifndef WEFT_PASSES_LOWER_ATTENTION_ATTENTION_H
#define WEFT_PASSES_LOWER_ATTENTION_ATTENTION_H

#include "passes/lower/ElementRegion.h"
#include "passes/lower/Registry.h"

namespace weft {

/// Why no fused kernel takes `op`.
Declined declineFused(AttentionOp op);

/// The operands of a kernel of the attention families, but for what it writes.
struct AttentionOperands {
  AttentionOperands(AttentionOp op, FunctionLowering &f);

  llvm::SmallVector<mlir::NamedAttribute> getConfig();
  void buildElement(mlir::OpBuilder &b, mlir::Region &region) const;
  Buffer allocateOut(FunctionLowering &f);
  Buffer allocateLse(FunctionLowering &f);
  /// The floating-point operations of the two products over the pairs that the
  /// mask allows, as far as it is causal or bounded in reach.
  IndexExpr countWork(FunctionLowering &f);

  AttentionOp op;
  Buffer query, key, value;
  llvm::SmallVector<mlir::Value> buffers, extras;
  IndexExprs scalars;
  std::optional<ElementRegion> element;
};

void addAttentionDecodeLowering(Registry &registry);

} // namespace weft

#endif // WEFT_PASSES_LOWER_ATTENTION_ATTENTION_H
