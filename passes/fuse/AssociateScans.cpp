//===- AssociateScans.cpp - Which product of linear attention comes first -===//
//
// A scan that forgets nothing is a product of three matrices,
//
//   out = (phi(Q) phi(K)^T) V = phi(Q) (phi(K)^T V)
//
// The scan takes the second way, T tokens times R rows times C columns, twice.
// Where T is small the first takes less, T^2 times D channels and C columns, if
// phi(q)^T phi(k) is a function of q^T k: that is attention. A number of tokens
// that only the run knows decides then.
//
//===----------------------------------------------------------------------===//

#include "dialects/weft/ops/WeftOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
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

/// The least number of tokens with which forming the state takes no more
/// products than forming the weights; 0 where sizes are not known.
static int64_t getCrossover(ScanOp op) {
  RankedTensorType key = op.getKey().getType();
  int64_t channels = key.getDimSize(3), rows = op.getNumRows(),
          columns = op.getValue().getType().getDimSize(3);
  if (llvm::any_of(ArrayRef<int64_t>{channels, rows, columns},
                   ShapedType::isDynamic) ||
      key.isDynamicDim(2))
    return 0;
  // T (T + 1) / 2 (D + C) or T T (D + C) pairs against 2 T R C.
  int64_t state = 2 * rows * columns, pair = channels + columns;
  return op.getBidirectional() ? llvm::divideCeil(state, pair)
                               : llvm::divideCeil(2 * state, pair) - 1;
}

/// Whether a map makes so much more of a channel that a choice when the model
/// runs is worth code for both ways.
static bool expands(ScanOp op) {
  return op.getNumRows() > op.getKey().getType().getDimSize(3);
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
    if (!normaliser || !isProduct(op) ||
        (features && !hasWeight(features, rewriter, op.getLoc())))
      return failure();
    auto formWeights = [&](OpBuilder &b) -> Value {
      MaskAttrInterface mask;
      if (!op.getBidirectional())
        mask = CausalAttr::get(getContext());
      auto attention = AttentionOp::create(
          b, op.getLoc(), op.getOut().getType(), /*lse=*/Type(),
          /*column_mass=*/Type(), op.getQuery(), op.getKey(), op.getValue(),
          /*valid=*/Value(), /*query_segments=*/Value(),
          /*key_segments=*/Value(), /*rows=*/ValueRange(),
          /*columns=*/ValueRange(), /*position=*/Value(),
          /*key_position=*/Value(), normaliser, mask, b.getF32FloatAttr(1.0));
      if (wantsWeights)
        buildWeight(b, attention, features);
      return attention.getOut();
    };
    int64_t tokens = op.getKey().getType().getDimSize(1),
            crossover = getCrossover(op);
    if (!ShapedType::isDynamic(tokens)) {
      if (tokens >= crossover)
        return failure();
      rewriter.replaceAllUsesWith(op.getOut(), formWeights(rewriter));
    } else {
      if (!crossover || !expands(op))
        return failure();
      rewriter.replaceAllUsesWith(op.getOut(),
                                  choose(rewriter, op, crossover, formWeights));
    }
    rewriter.eraseOp(op);
    return success();
  }

  /// Builds both ways, of which the number of tokens decides.
  static Value choose(OpBuilder &b, ScanOp op, int64_t crossover,
                      function_ref<Value(OpBuilder &)> formWeights) {
    Location loc = op.getLoc();
    Value tokens = tensor::DimOp::create(b, loc, op.getKey(), 1);
    Value limit = arith::ConstantIndexOp::create(b, loc, crossover);
    Value isShort =
        arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ult, tokens, limit);
    auto branch = scf::IfOp::create(
        b, loc, isShort,
        [&](OpBuilder &inner, Location loc) {
          scf::YieldOp::create(inner, loc, formWeights(inner));
        },
        [&](OpBuilder &inner, Location loc) {
          auto scan = cast<ScanOp>(inner.clone(*op));
          scf::YieldOp::create(inner, loc, Value(scan.getOut()));
        });
    return branch.getResult(0);
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
