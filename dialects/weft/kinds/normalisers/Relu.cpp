//===- Relu.cpp - max(s, 0)^power / keys^share ----------------------------===//

#include "dialects/weft/kinds/Builders.h"
#include "dialects/weft/kinds/Kinds.h"

using namespace mlir;
using namespace weft;

LogicalResult ReluAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                               int64_t power, FloatAttr) {
  if (power < 1)
    return emitError() << "expected a power of at least 1 but got " << power;
  return success();
}

RowStateKind ReluAttr::getStateKind() const { return RowStateKind::Sum; }

Value ReluAttr::buildWeight(ImplicitLocOpBuilder &b, Value score, Value) const {
  Value positive =
      arith::MaximumFOp::create(b, score, buildFloat(b, score.getType(), 0.0));
  return buildPower(b, positive, getPower());
}

Value ReluAttr::buildTerm(ImplicitLocOpBuilder &b, Value weight) const {
  return buildFloat(b, weight.getType(), 1.0);
}

Value ReluAttr::buildFinish(ImplicitLocOpBuilder &b, Value acc,
                            Value sum) const {
  double share = getShare().getValueAsDouble();
  if (share == 0.0)
    return acc;
  if (share == 0.5)
    return buildDivOrZero(b, acc, math::SqrtOp::create(b, sum));
  if (share != 1.0)
    sum = math::PowFOp::create(b, sum, buildFloat(b, sum.getType(), share));
  return buildDivOrZero(b, acc, sum);
}
