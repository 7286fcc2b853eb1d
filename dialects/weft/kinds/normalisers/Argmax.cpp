//===- Argmax.cpp - All weight on the best key ----------------------------===//

#include "dialects/weft/kinds/Builders.h"
#include "dialects/weft/kinds/Kinds.h"

using namespace mlir;
using namespace weft;

RowStateKind ArgmaxAttr::getStateKind() const { return RowStateKind::Row; }

Value ArgmaxAttr::buildWeight(ImplicitLocOpBuilder &b, Value score,
                              Value max) const {
  Type type = score.getType();
  Value best = arith::CmpFOp::create(b, arith::CmpFPredicate::OEQ, score, max);
  return arith::SelectOp::create(b, best, buildFloat(b, type, 1.0),
                                 buildFloat(b, type, 0.0));
}

Value ArgmaxAttr::buildFinish(ImplicitLocOpBuilder &b, Value acc,
                              Value sum) const {
  return buildDivOrZero(b, acc, sum);
}
