//===- RefineShapes.cpp - Static sizes flow through a function ------------===//

#include "passes/derive/RefineShapes.h"
#include "mlir/Dialect/MemRef/Transforms/Transforms.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

using namespace mlir;
using namespace weft;

/// The value before a cast that forgets sizes.
static Value getSource(Value value) {
  auto cast = value.getDefiningOp<tensor::CastOp>();
  return tensor::canFoldIntoConsumerOp(cast) ? cast.getSource() : value;
}

namespace {

/// An element-wise op is typed by what any of its operands knows: structured
/// ops have this upstream, those of arith and math do not.
struct FoldCastsIntoElementwise : public RewritePattern {
  explicit FoldCastsIntoElementwise(MLIRContext *context)
      : RewritePattern(MatchAnyOpTypeTag(), /*benefit=*/1, context) {}

  LogicalResult matchAndRewrite(Operation *op,
                                PatternRewriter &rewriter) const override {
    if (!OpTrait::hasElementwiseMappableTraits(op) || op->getNumResults() != 1)
      return failure();
    auto type = dyn_cast<RankedTensorType>(op->getResult(0).getType());
    if (!type)
      return failure();
    SmallVector<int64_t> shape(type.getShape());
    for (Value operand : op->getOperands()) {
      auto known = dyn_cast<RankedTensorType>(getSource(operand).getType());
      if (!known)
        continue;
      for (auto [dim, size] : llvm::zip_equal(shape, known.getShape()))
        if (ShapedType::isDynamic(dim))
          dim = size;
    }
    if (type.getShape() == ArrayRef(shape))
      return failure();

    SmallVector<Value> operands(op->getOperands());
    for (Value &operand : operands) {
      auto old = dyn_cast<RankedTensorType>(operand.getType());
      if (!old)
        continue;
      operand = getSource(operand);
      RankedTensorType wanted = old.clone(shape);
      if (operand.getType() != wanted)
        operand =
            tensor::CastOp::create(rewriter, op->getLoc(), wanted, operand);
    }
    Operation *refined = rewriter.clone(*op);
    refined->setOperands(operands);
    refined->getResult(0).setType(type.clone(shape));
    rewriter.replaceOpWithNewOp<tensor::CastOp>(op, type,
                                                refined->getResult(0));
    return success();
  }
};

/// tensor.empty has this upstream, tensor.splat does not.
struct FoldConstantSplatSizes : public OpRewritePattern<tensor::SplatOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(tensor::SplatOp op,
                                PatternRewriter &rewriter) const override {
    RankedTensorType type = op.getType();
    SmallVector<int64_t> shape(type.getShape());
    SmallVector<Value> sizes;
    ValueRange dynamic = op.getDynamicSizes();
    for (int64_t &dim : shape) {
      if (!ShapedType::isDynamic(dim))
        continue;
      if (std::optional<int64_t> known = getConstantIntValue(dynamic.front()))
        dim = *known;
      else
        sizes.push_back(dynamic.front());
      dynamic = dynamic.drop_front();
    }
    if (sizes.size() == op.getDynamicSizes().size())
      return failure();
    Value splat = tensor::SplatOp::create(
        rewriter, op.getLoc(), type.clone(shape), op.getInput(), sizes);
    rewriter.replaceOpWithNewOp<tensor::CastOp>(op, type, splat);
    return success();
  }
};

/// A slice names the axes that it drops by their size alone. Once the size of
/// another axis turns out to be one as well, folding may drop that instead: so
/// the slice keeps its axes and a collapse, which names them, drops some.
struct CollapseDroppedAxes : public OpRewritePattern<tensor::ExtractSliceOp> {
  explicit CollapseDroppedAxes(MLIRContext *context)
      : OpRewritePattern(context, /*benefit=*/10) {}

  LogicalResult matchAndRewrite(tensor::ExtractSliceOp slice,
                                PatternRewriter &rewriter) const override {
    llvm::SmallBitVector dropped = slice.getDroppedDims();
    if (dropped.none() || slice.getType().hasStaticShape())
      return failure();
    // Dropped axes join the kept one before them; the first ones, that after.
    SmallVector<ReassociationIndices> groups(1);
    bool hasKept = false;
    for (int64_t i = 0, e = dropped.size(); i < e; ++i) {
      if (!dropped.test(i) && hasKept)
        groups.emplace_back();
      hasKept |= !dropped.test(i);
      groups.back().push_back(i);
    }
    Value whole = tensor::ExtractSliceOp::create(
        rewriter, slice.getLoc(), slice.getSource(), slice.getMixedOffsets(),
        slice.getMixedSizes(), slice.getMixedStrides());
    rewriter.replaceOpWithNewOp<tensor::CollapseShapeOp>(slice, slice.getType(),
                                                         whole, groups);
    return success();
  }
};

} // namespace

void weft::refineShapes(Operation *op) {
  MLIRContext *context = op->getContext();
  RewritePatternSet patterns(context);
  for (Dialect *dialect : context->getLoadedDialects())
    dialect->getCanonicalizationPatterns(patterns);
  for (RegisteredOperationName name : context->getRegisteredOperations())
    name.getCanonicalizationPatterns(patterns, context);
  patterns.add<CollapseDroppedAxes, FoldCastsIntoElementwise,
               FoldConstantSplatSizes>(context);
  memref::populateResolveRankedShapedTypeResultDimsPatterns(patterns);
  // Where it does not converge, what it did is still right.
  (void)applyPatternsGreedily(op, std::move(patterns));
}
