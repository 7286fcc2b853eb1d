//===- Power.cpp - s^p / (epsilon + sum s^p) ------------------------------===//

#include "dialects/weft/kinds/Builders.h"
#include "dialects/weft/kinds/Kinds.h"

using namespace mlir;
using namespace weft;

LogicalResult PowerAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                                int64_t exponent, FloatAttr) {
  if (exponent < 2 || exponent % 2)
    return emitError() << "expected an even exponent of at least 2 but got "
                       << exponent;
  return success();
}

RowStateKind PowerAttr::getStateKind() const { return RowStateKind::Sum; }

Value PowerAttr::buildWeight(ImplicitLocOpBuilder &b, Value score,
                             Value) const {
  return buildPower(b, score, getExponent());
}

Value PowerAttr::buildFinish(ImplicitLocOpBuilder &b, Value acc,
                             Value sum) const {
  Value epsilon = buildFloat(b, sum.getType(), getEpsilon().getValueAsDouble());
  return buildDivOrZero(b, acc, arith::AddFOp::create(b, sum, epsilon));
}
