//===- Entmax.cpp - Sparse weights of a Tsallis entropy -------------------===//

#include "dialects/weft/kinds/Builders.h"
#include "dialects/weft/kinds/Kinds.h"

using namespace mlir;
using namespace weft;

LogicalResult EntmaxAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                                 FloatAttr alpha) {
  if (!(alpha.getValueAsDouble() > 1.0))
    return emitError() << "expected an alpha above 1 but got " << alpha;
  return success();
}

RowStateKind EntmaxAttr::getStateKind() const { return RowStateKind::Row; }

/// The threshold lies in an interval of length 1 below the maximum, and f32 has
/// 24 bits; what is left is taken out by dividing by the sum.
int64_t EntmaxAttr::getNumSweeps() const { return 25; }

/// Builds `score` times alpha - 1.
static Value buildScaled(ImplicitLocOpBuilder &b, Value score, double alpha) {
  return arith::MulFOp::create(b, score,
                               buildFloat(b, score.getType(), alpha - 1.0));
}

/// Builds the weight of a score under a threshold.
static Value buildAbove(ImplicitLocOpBuilder &b, Value score, Value threshold,
                        double alpha) {
  Type type = score.getType();
  Value above =
      arith::SubFOp::create(b, buildScaled(b, score, alpha), threshold);
  above = arith::MaximumFOp::create(b, above, buildFloat(b, type, 0.0));
  if (alpha == 2.0)
    return above;
  if (alpha == 1.5)
    return arith::MulFOp::create(b, above, above);
  return math::PowFOp::create(b, above, buildFloat(b, type, 1 / (alpha - 1)));
}

static Value buildMean(ImplicitLocOpBuilder &b, ValueRange bounds) {
  Value sum = arith::AddFOp::create(b, bounds[0], bounds[1]);
  return arith::MulFOp::create(b, sum, buildFloat(b, sum.getType(), 0.5));
}

// Kept: bounds of the threshold.
SmallVector<Value> EntmaxAttr::buildRowStart(ImplicitLocOpBuilder &b, Value max,
                                             Value) const {
  Value high = buildScaled(b, max, getAlpha().getValueAsDouble());
  Value one = buildFloat(b, max.getType(), 1.0);
  return {arith::SubFOp::create(b, high, one), high};
}

Value EntmaxAttr::buildSwept(ImplicitLocOpBuilder &b, Value score,
                             ValueRange kept, Value) const {
  return buildAbove(b, score, buildMean(b, kept),
                    getAlpha().getValueAsDouble());
}

SmallVector<Value> EntmaxAttr::buildSweepNext(ImplicitLocOpBuilder &b,
                                              ValueRange kept, Value sum,
                                              Value) const {
  Value mean = buildMean(b, kept);
  Value above = arith::CmpFOp::create(b, arith::CmpFPredicate::OGE, sum,
                                      buildFloat(b, sum.getType(), 1.0));
  return {arith::SelectOp::create(b, above, mean, kept[0]),
          arith::SelectOp::create(b, above, kept[1], mean)};
}

Value EntmaxAttr::buildRowWeight(ImplicitLocOpBuilder &b, Value score,
                                 ValueRange kept) const {
  return buildAbove(b, score, kept[0], getAlpha().getValueAsDouble());
}

Value EntmaxAttr::buildWeight(ImplicitLocOpBuilder &b, Value score,
                              Value threshold) const {
  return buildAbove(b, score, threshold, getAlpha().getValueAsDouble());
}

Value EntmaxAttr::buildFinish(ImplicitLocOpBuilder &b, Value acc,
                              Value sum) const {
  return buildDivOrZero(b, acc, sum);
}
