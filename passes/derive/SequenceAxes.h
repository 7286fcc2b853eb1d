//===- SequenceAxes.h - What runs along the sequence ------------*- C++ -*-===//

#ifndef WEFT_PASSES_DERIVE_SEQUENCEAXES_H
#define WEFT_PASSES_DERIVE_SEQUENCEAXES_H

#include "dialects/weft/interfaces/StreamingOpInterface.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

namespace weft {

/// `op` as a branch whose regions give the same but for rounding, which it says
/// by the attribute `weft.alternatives`: its condition, which may look at all
/// tokens, chooses how a piece is computed and not what. Null if it is none.
mlir::scf::IfOp getAlternatives(mlir::Operation *op);

/// The axis that runs along the sequence, for each value of a function whose
/// arguments are marked by `weft.sequence`.
class SequenceAxes {
public:
  /// Emits and fails where an op cannot run by pieces.
  static mlir::FailureOr<SequenceAxes> infer(mlir::func::FuncOp func);

  /// The axis of `value`, or kNoSequence, or kLength.
  int64_t get(mlir::Value value) const {
    auto it = axes.find(value);
    return it == axes.end() ? kNoSequence : it->second;
  }

  /// Whether anything comes of `op`; a dead op need not run by pieces.
  bool isLive(mlir::Operation *op) const { return live.contains(op); }

  /// Whether `op` is live and takes anything that runs along the sequence.
  bool isAlong(mlir::Operation *op) const {
    return isLive(op) && llvm::any_of(op->getOperands(), [&](mlir::Value v) {
             return get(v) != kNoSequence;
           });
  }

  /// The first argument that runs along the sequence.
  mlir::BlockArgument getSequence() const { return sequence; }

private:
  llvm::LogicalResult visit(mlir::Operation *op);
  llvm::LogicalResult visitAlternatives(mlir::scf::IfOp op);
  llvm::LogicalResult verifyRegions(mlir::Operation *op) const;

  llvm::DenseMap<mlir::Value, int64_t> axes;
  llvm::DenseSet<mlir::Operation *> live;
  mlir::BlockArgument sequence;
};

} // namespace weft

#endif // WEFT_PASSES_DERIVE_SEQUENCEAXES_H
