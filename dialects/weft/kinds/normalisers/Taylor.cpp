//===- Taylor.cpp - exp to its second order -------------------------------===//

#include "dialects/weft/kinds/Builders.h"
#include "dialects/weft/kinds/Kinds.h"

using namespace mlir;
using namespace weft;

RowStateKind TaylorAttr::getStateKind() const { return RowStateKind::Sum; }

Value TaylorAttr::buildWeight(ImplicitLocOpBuilder &b, Value score,
                              Value) const {
  Type type = score.getType();
  Value half = arith::MulFOp::create(b, score, buildFloat(b, type, 0.5));
  Value one = buildFloat(b, type, 1.0);
  Value slope = arith::AddFOp::create(b, half, one);
  return arith::AddFOp::create(b, arith::MulFOp::create(b, score, slope), one);
}

Value TaylorAttr::buildFinish(ImplicitLocOpBuilder &b, Value acc,
                              Value sum) const {
  return buildDivOrZero(b, acc, sum);
}
