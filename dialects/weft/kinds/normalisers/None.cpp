//===- None.cpp - The score is the weight ---------------------------------===//

#include "dialects/weft/kinds/Builders.h"
#include "dialects/weft/kinds/Kinds.h"

using namespace mlir;
using namespace weft;

RowStateKind NoneAttr::getStateKind() const { return RowStateKind::None; }

Value NoneAttr::buildWeight(ImplicitLocOpBuilder &, Value score, Value) const {
  return score;
}

Value NoneAttr::buildFinish(ImplicitLocOpBuilder &, Value acc, Value) const {
  return acc;
}
