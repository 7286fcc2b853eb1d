//===- Canonicalize.cpp - Simpler forms of weft.linear --------------------===//

#include "dialects/weft/ops/WeftOps.h"
#include "mlir/IR/PatternMatch.h"

using namespace mlir;
using namespace weft;

/// Removes weights and extras, and their arguments, where `unused` is set.
static void eraseOperands(LinearOp op, const llvm::BitVector &unused) {
  // The arguments stand in the order of the operands after the input.
  for (int i = unused.find_last(); i >= 0; i = unused.find_prev(i)) {
    unsigned index = i;
    if (index < op.getWeights().size())
      op.getWeightsMutable().erase(index);
    else
      op.getExtrasMutable().erase(index - op.getWeights().size());
  }
  op.getCombine().front().eraseArguments(unused);
}

namespace {

/// A weight or extra that is there twice, or that combine does not use, goes.
struct DropUnusedOperands : public OpRewritePattern<LinearOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(LinearOp op,
                                PatternRewriter &rewriter) const override {
    if (op.getCombine().empty())
      return failure();
    Block &body = op.getCombine().front();
    size_t weights = op.getWeights().size();
    OperandRange operands = op->getOperands().drop_front();
    llvm::BitVector unused(operands.size());
    for (BlockArgument arg : body.getArguments()) {
      size_t i = arg.getArgNumber();
      for (size_t j = i < weights ? 0 : weights; j < i; ++j)
        if (operands[j] == operands[i]) {
          rewriter.replaceAllUsesWith(arg, body.getArgument(j));
          break;
        }
    }
    for (BlockArgument arg : body.getArguments())
      unused[arg.getArgNumber()] = arg.use_empty();
    // An op without weights would be another op.
    if (unused.find_first_unset_in(0, weights) == -1)
      unused.reset(0);
    if (unused.none())
      return failure();
    rewriter.modifyOpInPlace(op, [&] { eraseOperands(op, unused); });
    return success();
  }
};

/// A combine that gives its product alone goes.
struct DropIdentityCombine : public OpRewritePattern<LinearOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(LinearOp op,
                                PatternRewriter &rewriter) const override {
    if (op.getCombine().empty() || op.getNumOperands() != 2)
      return failure();
    Block &body = op.getCombine().front();
    auto yield = cast<YieldOp>(body.getTerminator());
    if (yield.getValue() != body.getArgument(0))
      return failure();
    rewriter.replaceOpWithNewOp<LinearOp>(op, op.getOut().getType(),
                                          op.getInput(), op.getWeights(),
                                          ValueRange());
    return success();
  }
};

} // namespace

void LinearOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                           MLIRContext *context) {
  patterns.add<DropUnusedOperands, DropIdentityCombine>(context);
}
