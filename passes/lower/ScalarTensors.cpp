//===- ScalarTensors.cpp - Tensors made of scalars as loop nests ----------===//

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "passes/lower/Prepare.h"

using namespace mlir;
using namespace weft;

/// Builds a tensor whose every element is `scalar`, which is computed in the
/// nest.
static Value buildFilled(OpBuilder &b, Location loc,
                         ArrayRef<OpFoldResult> sizes, Value scalar) {
  Value empty = tensor::EmptyOp::create(b, loc, sizes, scalar.getType());
  AffineMap map = b.getMultiDimIdentityMap(sizes.size());
  SmallVector<utils::IteratorType> iterators(sizes.size(),
                                             utils::IteratorType::parallel);
  auto nest = linalg::GenericOp::create(
      b, loc, empty.getType(), ValueRange(), empty, map, iterators,
      [&](OpBuilder &inner, Location innerLoc, ValueRange) {
        linalg::YieldOp::create(inner, innerLoc, scalar);
      });
  return nest.getResult(0);
}

namespace {

struct SplatToNest : public OpRewritePattern<tensor::SplatOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(tensor::SplatOp op,
                                PatternRewriter &rewriter) const override {
    SmallVector<OpFoldResult> sizes =
        getMixedValues(op.getType().getShape(), op.getDynamicSizes(), rewriter);
    rewriter.replaceOp(
        op, buildFilled(rewriter, op.getLoc(), sizes, op.getInput()));
    return success();
  }
};

/// One element is a slice of size 1.
struct InsertToSlice : public OpRewritePattern<tensor::InsertOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(tensor::InsertOp op,
                                PatternRewriter &rewriter) const override {
    size_t rank = op.getIndices().size();
    SmallVector<OpFoldResult> ones(rank, rewriter.getIndexAttr(1));
    SmallVector<OpFoldResult> offsets =
        getAsOpFoldResult(ValueRange(op.getIndices()));
    Value element = buildFilled(rewriter, op.getLoc(), ones, op.getScalar());
    rewriter.replaceOpWithNewOp<tensor::InsertSliceOp>(
        op, element, op.getDest(), offsets, ones, ones);
    return success();
  }
};

} // namespace

void weft::populateScalarTensorPatterns(RewritePatternSet &patterns) {
  patterns.add<SplatToNest, InsertToSlice>(patterns.getContext());
}
