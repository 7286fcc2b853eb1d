//===- SoftmaxFixed.cpp - Softmax under a constant ------------------------===//

#include "dialects/weft/kinds/Builders.h"
#include "dialects/weft/kinds/Kinds.h"

using namespace mlir;
using namespace weft;

RowStateKind SoftmaxFixedAttr::getStateKind() const {
  return RowStateKind::Sum;
}

Value SoftmaxFixedAttr::buildWeight(ImplicitLocOpBuilder &b, Value score,
                                    Value) const {
  Value level = buildFloat(b, score.getType(), getLevel().getValueAsDouble());
  return math::ExpOp::create(b, arith::SubFOp::create(b, score, level));
}

Value SoftmaxFixedAttr::buildFinish(ImplicitLocOpBuilder &b, Value acc,
                                    Value sum) const {
  return buildDivOrZero(b, acc, sum);
}
