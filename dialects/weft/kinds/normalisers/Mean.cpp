//===- Mean.cpp - s / allowed keys ----------------------------------------===//

#include "dialects/weft/kinds/Builders.h"
#include "dialects/weft/kinds/Kinds.h"

using namespace mlir;
using namespace weft;

RowStateKind MeanAttr::getStateKind() const { return RowStateKind::Sum; }

Value MeanAttr::buildWeight(ImplicitLocOpBuilder &, Value score, Value) const {
  return score;
}

Value MeanAttr::buildTerm(ImplicitLocOpBuilder &b, Value weight) const {
  return buildFloat(b, weight.getType(), 1.0);
}

Value MeanAttr::buildFinish(ImplicitLocOpBuilder &b, Value acc,
                            Value sum) const {
  return buildDivOrZero(b, acc, sum);
}
