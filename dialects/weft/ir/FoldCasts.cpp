//===- FoldCasts.cpp - Static sizes flow through ops of weft --------------===//
//
// A cast in front of an op that forgets a size is taken away; what the op then
// knows of its results is told by a cast behind it.
//
//===----------------------------------------------------------------------===//

#include "dialects/weft/ir/WeftDialect.h"
#include "dialects/weft/ops/WeftOps.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/PatternMatch.h"

using namespace mlir;
using namespace weft;

/// Returns `type` with the sizes of `sizes` that are static in addition.
static RankedTensorType refine(RankedTensorType type,
                               ArrayRef<OpFoldResult> sizes) {
  SmallVector<int64_t> shape(type.getShape());
  for (auto [dim, size] : llvm::zip_equal(shape, sizes))
    if (ShapedType::isDynamic(dim))
      if (std::optional<int64_t> known = getConstantIntValue(size))
        dim = *known;
  return type.clone(shape);
}

/// Gives the initial state of an op the type of the final one, as they are
/// typed alike, of what either knows.
static void alignStates(OpBuilder &b, OpOperand &initial, Value final) {
  auto type = cast<RankedTensorType>(final.getType());
  RankedTensorType known =
      refine(type, tensor::getMixedSizes(b, final.getLoc(), initial.get()));
  final.setType(known);
  if (initial.get().getType() != known)
    initial.set(
        tensor::CastOp::create(b, final.getLoc(), known, initial.get()));
}

namespace {

struct FoldCasts : public RewritePattern {
  explicit FoldCasts(MLIRContext *context)
      : RewritePattern(MatchAnyOpTypeTag(), /*benefit=*/1, context) {}

  LogicalResult matchAndRewrite(Operation *op,
                                PatternRewriter &rewriter) const override {
    if (!isa_and_present<WeftDialect>(op->getDialect()))
      return failure();
    bool changed = false;
    SmallVector<Value> operands(op->getOperands());
    for (Value &operand : operands) {
      auto cast = operand.getDefiningOp<tensor::CastOp>();
      if (!tensor::canFoldIntoConsumerOp(cast))
        continue;
      operand = cast.getSource();
      changed = true;
    }
    if (!changed)
      return failure();

    Operation *refined = rewriter.clone(*op);
    refined->setOperands(operands);
    rewriter.setInsertionPoint(refined);
    refineResults(rewriter, refined);
    rewriter.setInsertionPointAfter(refined);
    SmallVector<Value> results(refined->getResults());
    for (auto [result, old] : llvm::zip_equal(results, op->getResults()))
      if (result.getType() != old.getType())
        result = tensor::CastOp::create(rewriter, op->getLoc(), old.getType(),
                                        result);
    rewriter.replaceOp(op, results);
    return success();
  }

private:
  static void refineResults(PatternRewriter &rewriter, Operation *op) {
    auto reifiable = dyn_cast<ReifyRankedShapedTypeOpInterface>(op);
    ReifiedRankedShapedTypeDims shapes;
    if (!reifiable || failed(reifiable.reifyResultShapes(rewriter, shapes)))
      return;
    for (auto [result, sizes] : llvm::zip_equal(op->getResults(), shapes))
      result.setType(refine(cast<RankedTensorType>(result.getType()), sizes));
    if (auto scan = dyn_cast<ScanOp>(op); scan && scan.getInitial())
      alignStates(rewriter, *scan.getInitialMutable().begin(), scan.getFinal());
    if (auto conv = dyn_cast<ShortConvOp>(op); conv && conv.getInitial())
      alignStates(rewriter, *conv.getInitialMutable().begin(), conv.getFinal());
  }
};

} // namespace

void WeftDialect::getCanonicalizationPatterns(
    RewritePatternSet &patterns) const {
  patterns.add<FoldCasts>(getContext());
}
