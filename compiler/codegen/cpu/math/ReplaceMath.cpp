//===- ReplaceMath.cpp - Patterns from math ops to own functions ----------===//

#include "compiler/codegen/cpu/Passes.h"
#include "compiler/codegen/cpu/math/Elementary.h"
#include "compiler/codegen/cpu/math/Lanes.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

using namespace mlir;
using namespace weft;
using namespace weft::cpu;

namespace weft::cpu {
#define GEN_PASS_DEF_REPLACEMATHPASS
#include "compiler/codegen/cpu/Passes.h.inc"
} // namespace weft::cpu

namespace {

/// Replaces `Op` on f32 by what `build` builds from its operand.
template <typename Op> struct ReplaceUnary : OpRewritePattern<Op> {
  using Build = Value (*)(ImplicitLocOpBuilder &, Value);
  ReplaceUnary(MLIRContext *context, Build build)
      : OpRewritePattern<Op>(context), build(build) {}

  LogicalResult matchAndRewrite(Op op, PatternRewriter &r) const override {
    if (!getElementTypeOrSelf(op.getType()).isF32())
      return failure();
    ImplicitLocOpBuilder b(op.getLoc(), r);
    r.replaceOp(op, build(b, op.getOperand()));
    return success();
  }
  Build build;
};

/// exp where no overflow is asked for, and where a few ulp are enough.
struct ReplaceExpFinite : OpRewritePattern<math::ExpOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(math::ExpOp op,
                                PatternRewriter &r) const override {
    auto has = [&](arith::FastMathFlags flag) {
      return arith::bitEnumContainsAll(op.getFastmath(), flag);
    };
    if (!getElementTypeOrSelf(op.getType()).isF32() ||
        !has(arith::FastMathFlags::ninf))
      return failure();
    ImplicitLocOpBuilder b(op.getLoc(), r);
    auto build = !has(arith::FastMathFlags::afn)    ? buildExpFinite
                 : !has(arith::FastMathFlags::arcp) ? buildExpBounded
                                                    : buildExpForBf16;
    r.replaceOp(op, build(b, op.getOperand()));
    return success();
  }
};

/// log1p(exp(x)), which overflows, is softplus, which does not.
struct ReplaceSoftplus : OpRewritePattern<math::Log1pOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(math::Log1pOp op,
                                PatternRewriter &r) const override {
    auto exp = op.getOperand().getDefiningOp<math::ExpOp>();
    if (!exp || !exp->hasOneUse() ||
        !getElementTypeOrSelf(op.getType()).isF32())
      return failure();
    ImplicitLocOpBuilder b(op.getLoc(), r);
    r.replaceOp(op, buildSoftplus(b, exp.getOperand()));
    return success();
  }
};

/// tanh where a few ulp are enough.
struct ReplaceTanhShort : OpRewritePattern<math::TanhOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(math::TanhOp op,
                                PatternRewriter &r) const override {
    if (!getElementTypeOrSelf(op.getType()).isF32() ||
        !arith::bitEnumContainsAll(op.getFastmath(), arith::FastMathFlags::afn))
      return failure();
    ImplicitLocOpBuilder b(op.getLoc(), r);
    r.replaceOp(op, buildTanhShort(b, op.getOperand()));
    return success();
  }
};

struct ReplacePow : OpRewritePattern<math::PowFOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(math::PowFOp op,
                                PatternRewriter &r) const override {
    if (!getElementTypeOrSelf(op.getType()).isF32())
      return failure();
    ImplicitLocOpBuilder b(op.getLoc(), r);
    r.replaceOp(op, build(b, op.getLhs(), op.getRhs()));
    return success();
  }

  /// Small powers need no logarithm.
  static Value build(ImplicitLocOpBuilder &b, Value x, Value y) {
    Lanes l(b, x);
    FloatAttr scalar;
    DenseFPElementsAttr dense;
    if (matchPattern(y, m_Constant(&dense)) && dense.isSplat())
      scalar = b.getF32FloatAttr(dense.getSplatValue<float>());
    if (scalar || matchPattern(y, m_Constant(&scalar))) {
      double power = scalar.getValueAsDouble();
      if (power == 2.0)
        return l.mul(x, x);
      if (power == 3.0)
        return l.mul(l.mul(x, x), x);
      if (power == -1.0)
        return l.div(l.f(1.0), x);
    }
    return buildPow(b, x, y);
  }
};

struct ReplaceMath : cpu::impl::ReplaceMathPassBase<ReplaceMath> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    populateElementaryPatterns(patterns);
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};

} // namespace

static Value buildLog10(ImplicitLocOpBuilder &b, Value x) {
  Lanes l(b, x);
  return l.mul(buildLog(b, x), l.f(0.4342944819032518));
}

static Value buildTan(ImplicitLocOpBuilder &b, Value x) {
  Type wide = Lanes(b, x).like(b.getF64Type());
  Value y = arith::ExtFOp::create(b, wide, x);
  Value quotient = arith::DivFOp::create(b, buildSin(b, y), buildCos(b, y));
  return arith::TruncFOp::create(b, x.getType(), quotient);
}

void cpu::populateElementaryPatterns(RewritePatternSet &patterns) {
  MLIRContext *context = patterns.getContext();
  patterns.add<ReplaceUnary<math::ExpOp>>(context, buildExp);
  patterns.add<ReplaceExpFinite>(context, /*benefit=*/2);
  patterns.add<ReplaceUnary<math::Exp2Op>>(context, buildExp2);
  patterns.add<ReplaceUnary<math::ExpM1Op>>(context, buildExpM1);
  patterns.add<ReplaceUnary<math::LogOp>>(context, buildLog);
  patterns.add<ReplaceUnary<math::Log2Op>>(context, buildLog2);
  patterns.add<ReplaceUnary<math::Log10Op>>(context, buildLog10);
  patterns.add<ReplaceUnary<math::Log1pOp>>(context, buildLog1p);
  patterns.add<ReplaceSoftplus>(context, /*benefit=*/2);
  patterns.add<ReplaceUnary<math::TanhOp>>(context, buildTanh);
  patterns.add<ReplaceTanhShort>(context, /*benefit=*/2);
  patterns.add<ReplaceUnary<math::ErfOp>>(context, buildErf);
  patterns.add<ReplaceUnary<math::SinOp>>(context, buildSin);
  patterns.add<ReplaceUnary<math::CosOp>>(context, buildCos);
  patterns.add<ReplaceUnary<math::TanOp>>(context, buildTan);
  patterns.add<ReplaceUnary<math::SinhOp>>(context, buildSinh);
  patterns.add<ReplaceUnary<math::CoshOp>>(context, buildCosh);
  patterns.add<ReplaceUnary<math::RsqrtOp>>(context, buildRsqrt);
  patterns.add<ReplaceUnary<math::RoundOp>>(context, buildRound);
  patterns.add<ReplacePow>(context);
}
