//===- AssociateScans.cpp - Which product of linear attention comes first -===//
//
// A scan that forgets nothing is a product of three matrices,
//
//   out = (phi(Q) phi(K)^T) V = phi(Q) (phi(K)^T V)
//
// The scan takes the second way, T tokens times R rows times C columns, twice.
// Where T is known and small the first takes less, T^2 times D channels and C
// columns, if phi(q)^T phi(k) is a function of q^T k: that is attention.
//
//===----------------------------------------------------------------------===//

#include "dialects/weft/ops/WeftOps.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Transforms/WalkPatternRewriteDriver.h"
#include "passes/Passes.h"

namespace weft {
#define GEN_PASS_DEF_ASSOCIATESCANSPASS
#include "passes/Passes.h.inc"
} // namespace weft

using namespace mlir;
using namespace weft;

/// The normaliser under which attention gives what the scan does; null if there
/// is none. The scores are to become weights first if `wantsWeights`.
static NormaliserAttrInterface getNormaliser(ScanOp op, bool &wantsWeights) {
  FeatureMapAttrInterface features = op.getFeaturesAttr();
  wantsWeights = false;
  if (op.getFinalSum()) {
    if (isa_and_nonnull<TaylorFeaturesAttr>(features))
      return TaylorAttr::get(op.getContext());
    return {};
  }
  wantsWeights = bool(features);
  return NoneAttr::get(op.getContext());
}

/// Whether nothing but the output is asked of the scan, and by default ways.
static bool isProduct(ScanOp op) {
  return isa<AccumulateAttr>(op.getTransition()) && !op.getInitial() &&
         op.getFinal().use_empty() &&
         (!op.getFinalSum() || op.getFinalSum().use_empty()) &&
         op.getWrite().empty() && op.getRead().empty() &&
         op.getFinish().empty();
}

/// Whether forming the weights takes fewer products than forming the state.
static bool isShort(ScanOp op) {
  RankedTensorType key = op.getKey().getType();
  int64_t tokens = key.getDimSize(1), channels = key.getDimSize(3),
          rows = op.getNumRows(),
          columns = op.getValue().getType().getDimSize(3);
  if (llvm::any_of(ArrayRef<int64_t>{tokens, channels, rows, columns},
                   ShapedType::isDynamic) ||
      key.isDynamicDim(2))
    return false;
  int64_t pairs =
      op.getBidirectional() ? tokens * tokens : tokens * (tokens + 1) / 2;
  return pairs * (channels + columns) < 2 * tokens * rows * columns;
}

/// Fills the score region of attention: the weight of a score.
static void buildWeight(OpBuilder &builder, AttentionOp op,
                        FeatureMapAttrInterface features) {
  OpBuilder::InsertionGuard guard(builder);
  Type index = builder.getIndexType();
  SmallVector<Type> types{builder.getF32Type(), index, index, index, index};
  Block *block =
      builder.createBlock(&op.getScore(), {}, types,
                          SmallVector<Location>(types.size(), op.getLoc()));
  ImplicitLocOpBuilder b(op.getLoc(), builder);
  YieldOp::create(b, features.buildWeight(b, block->getArgument(0)));
}

/// Whether the kind's weight is a function of the product of query and key.
static bool hasWeight(FeatureMapAttrInterface features, OpBuilder &builder,
                      Location loc) {
  OpBuilder::InsertionGuard guard(builder);
  Block block;
  builder.setInsertionPointToStart(&block);
  ImplicitLocOpBuilder b(loc, builder);
  Value product = block.addArgument(b.getF32Type(), loc);
  bool has = bool(features.buildWeight(b, product));
  block.clear();
  return has;
}

namespace {

struct FormWeights : public OpRewritePattern<ScanOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(ScanOp op,
                                PatternRewriter &rewriter) const override {
    FeatureMapAttrInterface features = op.getFeaturesAttr();
    bool wantsWeights;
    NormaliserAttrInterface normaliser = getNormaliser(op, wantsWeights);
    if (!normaliser || !isProduct(op) || !isShort(op) ||
        (features && !hasWeight(features, rewriter, op.getLoc())))
      return failure();
    MaskAttrInterface mask;
    if (!op.getBidirectional())
      mask = CausalAttr::get(getContext());
    auto attention = AttentionOp::create(
        rewriter, op.getLoc(), op.getOut().getType(), /*lse=*/Type(),
        /*column_mass=*/Type(), op.getQuery(), op.getKey(), op.getValue(),
        /*valid=*/Value(), /*query_segments=*/Value(),
        /*key_segments=*/Value(), /*rows=*/ValueRange(),
        /*columns=*/ValueRange(), /*position=*/Value(),
        /*key_position=*/Value(), normaliser, mask,
        rewriter.getF32FloatAttr(1.0));
    if (wantsWeights)
      buildWeight(rewriter, attention, features);
    rewriter.replaceAllUsesWith(op.getOut(), attention.getOut());
    rewriter.eraseOp(op);
    return success();
  }
};

struct AssociateScansPass
    : public weft::impl::AssociateScansPassBase<AssociateScansPass> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<FormWeights>(&getContext());
    walkAndApplyPatterns(getOperation(), std::move(patterns));
  }
};

} // namespace
