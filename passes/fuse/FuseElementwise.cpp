//===- FuseElementwise.cpp - Element-wise ops into the ops before them ----===//
//
// What is done to each element of a product of weights is done where the
// product is written: bias, residual, activation, and the product of two, as
// silu(gate) * up.
//
//===----------------------------------------------------------------------===//

#include "dialects/weft/ops/WeftOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/MemRef/Transforms/Transforms.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "mlir/Transforms/RegionUtils.h"
#include "passes/Passes.h"
#include "llvm/ADT/SetVector.h"

namespace weft {
#define GEN_PASS_DEF_FUSEELEMENTWISEPASS
#include "passes/Passes.h.inc"
} // namespace weft

using namespace mlir;
using namespace weft;

namespace {

/// How an element-wise nest reads an input.
enum class Reading { Element, Channel };

/// An element-wise `linalg.generic` over f32, in the order of its one result.
struct Pointwise {
  linalg::GenericOp op;
  SmallVector<Value> inputs;
  SmallVector<Reading> readings;
};

} // namespace

static bool isF32(Value value) {
  return getElementTypeOrSelf(value.getType()).isF32();
}

/// Whether `op` is a nest that the region of a linear can hold.
static std::optional<Pointwise> matchPointwise(linalg::GenericOp op) {
  if (op.getNumDpsInits() != 1 || op.getNumResults() != 1 ||
      op.getNumParallelLoops() != op.getNumLoops() || op.getNumLoops() == 0 ||
      op.payloadUsesValueFromOperand(op.getDpsInitOperand(0)) ||
      !op.getIndexingMapsArray().back().isIdentity() || !isF32(op.getResult(0)))
    return std::nullopt;

  // All that the body uses are elements and constants.
  SetVector<Value> outside;
  getUsedValuesDefinedAbove(op->getRegions(), outside);
  for (Value value : outside)
    if (!matchPattern(value, m_Constant()))
      return std::nullopt;
  for (Operation &inner : op.getBody()->without_terminator())
    if (isa<linalg::IndexOp>(inner) || inner.getNumRegions() != 0 ||
        !isMemoryEffectFree(&inner))
      return std::nullopt;

  Pointwise result{op, {}, {}};
  AffineExpr channel = getAffineDimExpr(op.getNumLoops() - 1, op.getContext());
  for (OpOperand *input : op.getDpsInputOperands()) {
    AffineMap map = op.getMatchingIndexingMap(input);
    if (!isF32(input->get()))
      return std::nullopt;
    if (map.isIdentity())
      result.readings.push_back(Reading::Element);
    else if (map.getNumResults() == 1 && map.getResult(0) == channel)
      result.readings.push_back(Reading::Channel);
    else
      return std::nullopt;
    result.inputs.push_back(input->get());
  }
  return result;
}

/// Builds what `region` yields on `args`; its first argument where it is empty.
static Value inlineRegion(OpBuilder &b, Region &region, ValueRange args) {
  if (region.empty())
    return args[0];
  IRMapping mapping;
  mapping.map(region.getArguments(), args);
  for (Operation &op : region.front().without_terminator())
    b.clone(op, mapping);
  return mapping.lookupOrDefault(region.front().getTerminator()->getOperand(0));
}

/// Whether nobody but `user` reads `value`.
static bool isReadBy(Value value, Operation *user) {
  return llvm::all_of(value.getUsers(),
                      [&](Operation *other) { return other == user; });
}

/// An op on elements that nobody else reads goes into its reader, unless it
/// updates a tensor: a reader may come by each element several times.
static bool hasOneReader(OpOperand *use) {
  auto producer = use->get().getDefiningOp<linalg::GenericOp>();
  return producer && isReadBy(use->get(), use->getOwner()) &&
         producer->getBlock() == use->getOwner()->getBlock() &&
         llvm::none_of(producer.getDpsInitsMutable(), [&](OpOperand &init) {
           return producer.payloadUsesValueFromOperand(&init);
         });
}

/// Builds the body of `pointwise` on a value for each of its inputs.
static Value inlinePointwise(OpBuilder &b, const Pointwise &pointwise,
                             ArrayRef<Value> inputs) {
  SmallVector<Value> args(inputs);
  args.push_back(Value()); // The output, which is not read.
  linalg::GenericOp op = pointwise.op;
  IRMapping mapping;
  for (auto [arg, value] : llvm::zip(op.getBody()->getArguments(), args))
    if (value)
      mapping.map(arg, value);
  for (Operation &inner : op.getBody()->without_terminator())
    b.clone(inner, mapping);
  return mapping.lookupOrDefault(op.getBody()->getTerminator()->getOperand(0));
}

namespace {

/// Products of one input that a nest combines become one op of several weights.
struct FuseIntoLinear : public OpRewritePattern<linalg::GenericOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(linalg::GenericOp op,
                                PatternRewriter &rewriter) const override {
    std::optional<Pointwise> pointwise = matchPointwise(op);
    if (!pointwise)
      return rewriter.notifyMatchFailure(op, "it is not element-wise in f32");
    SmallVector<LinearOp> linears = findLinears(*pointwise);
    if (linears.empty())
      return rewriter.notifyMatchFailure(op, "it reads no linear alone");

    // Weights and extras of the linears, then what else the nest reads.
    SmallVector<Value> weights, extras;
    for (LinearOp linear : linears) {
      llvm::append_range(weights, linear.getWeights());
      llvm::append_range(extras, linear.getExtras());
    }
    SmallVector<Value> others;
    for (Value input : pointwise->inputs)
      if (!llvm::is_contained(linears, input.getDefiningOp()))
        others.push_back(input);
    llvm::append_range(extras, others);

    auto fused =
        LinearOp::create(rewriter, op.getLoc(), op.getResult(0).getType(),
                         linears[0].getInput(), weights, extras);
    if (Attribute name = linears[0]->getDiscardableAttr("weft.name"))
      fused->setDiscardableAttr("weft.name", name);
    buildCombine(rewriter, fused, *pointwise, linears);
    rewriter.replaceOp(op, fused.getOut());
    for (LinearOp linear : linears)
      rewriter.eraseOp(linear);
    return success();
  }

private:
  /// The linears of one input whose results only the nest reads, element by
  /// element.
  static SmallVector<LinearOp> findLinears(const Pointwise &pointwise) {
    SmallVector<LinearOp> linears;
    for (auto [input, reading] :
         llvm::zip_equal(pointwise.inputs, pointwise.readings)) {
      auto linear = input.getDefiningOp<LinearOp>();
      if (!linear || reading != Reading::Element ||
          llvm::is_contained(linears, linear) ||
          linear->getBlock() != pointwise.op->getBlock() ||
          !isReadBy(linear.getOut(), pointwise.op))
        continue;
      bool isAlike =
          linears.empty() || (linears[0].getInput() == linear.getInput() &&
                              linears[0].getWeights()[0].getType() ==
                                  linear.getWeights()[0].getType());
      if (isAlike)
        linears.push_back(linear);
    }
    return linears;
  }

  static void buildCombine(PatternRewriter &rewriter, LinearOp fused,
                           const Pointwise &pointwise,
                           ArrayRef<LinearOp> linears) {
    OpBuilder::InsertionGuard guard(rewriter);
    size_t count = fused.getWeights().size() + fused.getExtras().size();
    Location loc = fused.getLoc();
    Block *block =
        rewriter.createBlock(&fused.getCombine(), {},
                             SmallVector<Type>(count, rewriter.getF32Type()),
                             SmallVector<Location>(count, loc));
    auto products = block->getArguments().take_front(fused.getWeights().size());
    auto extras = block->getArguments().drop_front(fused.getWeights().size());

    DenseMap<Value, Value> results;
    for (LinearOp linear : linears) {
      SmallVector<Value> args;
      llvm::append_range(args, products.take_front(linear.getWeights().size()));
      llvm::append_range(args, extras.take_front(linear.getExtras().size()));
      products = products.drop_front(linear.getWeights().size());
      extras = extras.drop_front(linear.getExtras().size());
      results[linear.getOut()] =
          inlineRegion(rewriter, linear.getCombine(), args);
    }
    SmallVector<Value> inputs;
    for (Value input : pointwise.inputs) {
      if (Value result = results.lookup(input)) {
        inputs.push_back(result);
      } else {
        inputs.push_back(extras.front());
        extras = extras.drop_front();
      }
    }
    Value result = inlinePointwise(rewriter, pointwise, inputs);
    weft::YieldOp::create(rewriter, loc, result);
  }
};

/// The activation after a short convolution.
struct FuseIntoShortConv : public OpRewritePattern<linalg::GenericOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(linalg::GenericOp op,
                                PatternRewriter &rewriter) const override {
    std::optional<Pointwise> pointwise = matchPointwise(op);
    if (!pointwise)
      return rewriter.notifyMatchFailure(op, "it is not element-wise in f32");
    ShortConvOp conv;
    SmallVector<Value> others;
    for (auto [input, reading] :
         llvm::zip_equal(pointwise->inputs, pointwise->readings)) {
      auto producer = input.getDefiningOp<ShortConvOp>();
      if (producer && reading == Reading::Element &&
          input == producer.getOut() && isReadBy(input, op) &&
          (!conv || conv == producer))
        conv = producer;
      else if (reading == Reading::Channel)
        others.push_back(input);
      else
        return rewriter.notifyMatchFailure(
            op, "it reads a tensor that is neither the convolution nor an "
                "element a channel");
    }
    if (!conv || conv->getBlock() != op->getBlock())
      return rewriter.notifyMatchFailure(op, "it reads no convolution alone");
    // The fused op stands where the nest does.
    for (Operation *user : conv.getFinal().getUsers()) {
      Operation *ancestor = op->getBlock()->findAncestorOpInBlock(*user);
      if (!ancestor || ancestor->isBeforeInBlock(op))
        return rewriter.notifyMatchFailure(op,
                                           "the last taps are read before it");
    }

    SmallVector<Value> extras(conv.getExtras());
    llvm::append_range(extras, others);
    auto fused = ShortConvOp::create(
        rewriter, op.getLoc(), conv.getOut().getType(),
        conv.getFinal().getType(), conv.getInput(), conv.getFilter(), extras,
        conv.getInitial(), conv.getDilation());
    fused->setDiscardableAttrs(conv->getDiscardableAttrDictionary());
    {
      OpBuilder::InsertionGuard guard(rewriter);
      size_t count = 1 + extras.size();
      Block *block =
          rewriter.createBlock(&fused.getCombine(), {},
                               SmallVector<Type>(count, rewriter.getF32Type()),
                               SmallVector<Location>(count, op.getLoc()));
      auto args = block->getArguments();
      auto own = args.take_front(1 + conv.getExtras().size());
      auto rest = args.drop_front(own.size());
      Value acc = inlineRegion(rewriter, conv.getCombine(), own);
      SmallVector<Value> inputs;
      for (Value input : pointwise->inputs) {
        if (input == conv.getOut()) {
          inputs.push_back(acc);
        } else {
          inputs.push_back(rest.front());
          rest = rest.drop_front();
        }
      }
      Value result = inlinePointwise(rewriter, *pointwise, inputs);
      weft::YieldOp::create(rewriter, op.getLoc(), result);
    }
    rewriter.replaceOp(op, fused.getOut());
    rewriter.replaceAllUsesWith(conv.getFinal(), fused.getFinal());
    rewriter.eraseOp(conv);
    return success();
  }
};

struct FuseElementwisePass
    : public weft::impl::FuseElementwisePassBase<FuseElementwisePass> {
  void runOnOperation() override {
    // Element-wise ops become nests, whose sizes are read from arguments, so
    // that a size is no reader of an op; then nests become one where one reads
    // the other.
    if (failed(apply([](RewritePatternSet &patterns) {
          linalg::populateElementwiseToLinalgConversionPatterns(patterns);
          memref::populateResolveRankedShapedTypeResultDimsPatterns(patterns);
          tensor::DimOp::getCanonicalizationPatterns(patterns,
                                                     patterns.getContext());
        })) ||
        failed(apply([](RewritePatternSet &patterns) {
          linalg::populateElementwiseOpsFusionPatterns(patterns, hasOneReader);
          linalg::GenericOp::getCanonicalizationPatterns(patterns,
                                                         patterns.getContext());
          memref::populateResolveRankedShapedTypeResultDimsPatterns(patterns);
        })) ||
        failed(apply([](RewritePatternSet &patterns) {
          patterns.add<FuseIntoLinear, FuseIntoShortConv>(
              patterns.getContext());
        })))
      signalPassFailure();
  }

private:
  LogicalResult apply(function_ref<void(RewritePatternSet &)> populate) {
    RewritePatternSet patterns(&getContext());
    populate(patterns);
    return applyPatternsGreedily(getOperation(), std::move(patterns));
  }
};

} // namespace
