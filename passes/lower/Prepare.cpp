//===- Prepare.cpp - Functions of ops that have a lowering ----------------===//

#include "passes/lower/Prepare.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Affine/Utils.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Tensor/Transforms/Transforms.h"
#include "mlir/Transforms/CSE.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "passes/lower/ParameterValues.h"

using namespace mlir;
using namespace weft;

static std::string getPlace(Location loc) {
  std::string place;
  llvm::raw_string_ostream os(place);
  if (auto name = loc->findInstanceOf<NameLoc>())
    os << name.getName().getValue();
  else if (auto file = loc->findInstanceOf<FileLineColLoc>())
    os << file.getFilename().getValue() << ':' << file.getLine() << ':'
       << file.getColumn();
  return place;
}

namespace {

class Preparation {
public:
  Preparation(func::FuncOp func, const Registry &registry,
              ModuleLowering &module,
              SmallVectorImpl<Explanation> &explanations)
      : func(func), registry(registry), module(module),
        explanations(explanations), rewriter(func.getContext()) {}

  LogicalResult run();

private:
  LogicalResult decompose();
  LogicalResult decomposeOp(Operation *op);
  LogicalResult simplify();

  func::FuncOp func;
  const Registry &registry;
  ModuleLowering &module;
  SmallVectorImpl<Explanation> &explanations;
  IRRewriter rewriter;
};

} // namespace

/// Replaces `op` by its decomposition, and records why.
LogicalResult Preparation::decomposeOp(Operation *op) {
  Explanation explanation{op->getName().getStringRef().str(),
                          getPlace(op->getLoc()),
                          "decomposed",
                          {},
                          std::nullopt};
  registry.find(op, module, &explanation.declined);
  auto aggregated = dyn_cast<linalg::AggregatedOpInterface>(op);
  if (!aggregated) {
    InFlightDiagnostic diag = op->emitOpError("has no lowering");
    for (const std::string &why : explanation.declined)
      diag.attachNote() << why;
    return diag;
  }
  rewriter.setInsertionPoint(op);
  FailureOr<SmallVector<Value>> results =
      aggregated.decomposeOperation(rewriter);
  if (failed(results))
    return op->emitOpError("has no decomposition");
  rewriter.replaceOp(op, *results);
  explanations.push_back(explanation);
  return success();
}

LogicalResult Preparation::decompose() {
  // A decomposition may hold ops of the model itself.
  for (bool changed = true; changed;) {
    changed = false;
    SmallVector<Operation *> declined;
    func.walk([&](Operation *op) {
      bool isOurs = isa_and_present<WeftDialect>(op->getDialect()) &&
                    !isa<UseOp, weft::YieldOp>(op);
      if ((isOurs || isa<linalg::AggregatedOpInterface>(op)) &&
          !llvm::all_of(op->getResults(), isParameterValue) &&
          !registry.find(op, module))
        declined.push_back(op);
    });
    for (Operation *op : declined) {
      if (failed(decomposeOp(op)))
        return failure();
      changed = true;
    }
  }
  return success();
}

/// A named structured op as a loop nest, unless it has a lowering of its own.
struct GeneralizeNamedOp : public OpInterfaceRewritePattern<linalg::LinalgOp> {
  GeneralizeNamedOp(MLIRContext *context, const Registry &registry,
                    ModuleLowering &module)
      : OpInterfaceRewritePattern(context), registry(registry), module(module) {
  }

  LogicalResult matchAndRewrite(linalg::LinalgOp op,
                                PatternRewriter &rewriter) const override {
    if (isa<linalg::GenericOp>(op) || registry.find(op, module))
      return rewriter.notifyMatchFailure(op, "it has a lowering");
    return linalg::generalizeNamedOp(rewriter, op);
  }

  const Registry &registry;
  ModuleLowering &module;
};

/// A scalar operand of a loop nest is used in its body instead.
struct InlineScalarOperand : public OpRewritePattern<linalg::GenericOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(linalg::GenericOp op,
                                PatternRewriter &rewriter) const override {
    for (OpOperand *input : op.getDpsInputOperands()) {
      if (isa<ShapedType>(input->get().getType()))
        continue;
      unsigned number = input->getOperandNumber();
      rewriter.modifyOpInPlace(op, [&] {
        SmallVector<AffineMap> maps = op.getIndexingMapsArray();
        maps.erase(maps.begin() + number);
        op.getBody()->getArgument(number).replaceAllUsesWith(input->get());
        op.getBody()->eraseArgument(number);
        op.setIndexingMapsAttr(rewriter.getAffineMapArrayAttr(maps));
        op.getInputsMutable().erase(number);
      });
      return success();
    }
    return rewriter.notifyMatchFailure(op, "it has no scalar operand");
  }
};

/// Whether an element-wise op is fused into its reader: it has no other, is not
/// computed at compile time as it stands, and does not update a tensor: a
/// reader may come by each element several times.
static bool isWorthFusing(OpOperand *use) {
  auto producer = use->get().getDefiningOp<linalg::GenericOp>();
  return producer && producer->hasOneUse() &&
         producer->getBlock() == use->getOwner()->getBlock() &&
         llvm::none_of(producer.getDpsInitsMutable(),
                       [&](OpOperand &init) {
                         return producer.payloadUsesValueFromOperand(&init);
                       }) &&
         !isParameterValue(use->get());
}

/// Fusing composes maps with the numbers of loops: bodies compute with `arith`
/// alone.
static LogicalResult expandApplied(func::FuncOp func) {
  SmallVector<affine::AffineApplyOp> applied;
  func.walk([&](affine::AffineApplyOp op) {
    if (op->getParentOfType<linalg::GenericOp>())
      applied.push_back(op);
  });
  for (affine::AffineApplyOp op : applied) {
    OpBuilder b(op);
    auto values = affine::expandAffineMap(b, op.getLoc(), op.getAffineMap(),
                                          op.getMapOperands());
    if (!values)
      return op.emitOpError("cannot be computed in a kernel");
    op.replaceAllUsesWith((*values)[0]);
    op.erase();
  }
  return success();
}

LogicalResult Preparation::simplify() {
  MLIRContext *context = func.getContext();
  {
    RewritePatternSet patterns(context);
    patterns.add<GeneralizeNamedOp>(context, registry, module);
    patterns.add<InlineScalarOperand>(context);
    linalg::populateElementwiseToLinalgConversionPatterns(patterns);
    linalg::populateConvertToDestinationStylePatterns(patterns);
    populateScalarTensorPatterns(patterns);
    if (failed(applyPatternsGreedily(func, std::move(patterns))))
      return failure();
  }
  RewritePatternSet patterns(context);
  linalg::populateElementwiseOpsFusionPatterns(patterns, isWorthFusing);
  patterns.add<InlineScalarOperand>(context);
  linalg::GenericOp::getCanonicalizationPatterns(patterns, context);
  tensor::populateFoldTensorEmptyPatterns(patterns);
  tensor::DimOp::getCanonicalizationPatterns(patterns, context);
  tensor::ExtractSliceOp::getCanonicalizationPatterns(patterns, context);
  tensor::CastOp::getCanonicalizationPatterns(patterns, context);
  if (failed(applyPatternsGreedily(func, std::move(patterns))) ||
      failed(expandApplied(func)))
    return failure();
  DominanceInfo dominance(func);
  eliminateCommonSubExpressions(rewriter, dominance, func);
  return success();
}

LogicalResult Preparation::run() {
  if (failed(decompose()) || failed(simplify()))
    return failure();
  func.walk([&](Operation *op) {
    if (!isa_and_present<WeftDialect>(op->getDialect()) ||
        isa<UseOp, weft::YieldOp>(op))
      return;
    Explanation explanation{op->getName().getStringRef().str(),
                            getPlace(op->getLoc()),
                            "",
                            {},
                            std::nullopt};
    if (const Lowering *lowering =
            registry.find(op, module, &explanation.declined)) {
      explanation.lowering = lowering->getName().str();
      if (module.options.explain)
        explanation.note = lowering->getNote(op);
      explanations.push_back(explanation);
    }
  });
  return success();
}

LogicalResult
weft::prepareFunction(func::FuncOp func, const Registry &registry,
                      ModuleLowering &module,
                      SmallVectorImpl<Explanation> &explanations) {
  return Preparation(func, registry, module, explanations).run();
}
