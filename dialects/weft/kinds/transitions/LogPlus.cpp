//===- LogPlus.cpp - A sum by its logarithm -------------------------------===//

#include "dialects/weft/kinds/Builders.h"
#include "dialects/weft/kinds/Kinds.h"

using namespace mlir;
using namespace weft;

SmallVector<GateAxes> LogPlusAttr::getGates() const {
  return {{/*time=*/true, /*row=*/false, /*column=*/false}};
}

bool LogPlusAttr::isLinear() const { return false; }

Value LogPlusAttr::buildWrite(ImplicitLocOpBuilder &b, ValueRange, Value key,
                              Value value) const {
  return arith::AddFOp::create(b, key, value);
}

Value LogPlusAttr::buildNext(ImplicitLocOpBuilder &b, ValueRange gates,
                             Value old, Value write) const {
  Value moved = arith::AddFOp::create(b, gates[0], old);
  Value most = arith::MaximumFOp::create(b, moved, write);
  Value least = arith::MinimumFOp::create(b, moved, write);
  // At most 0, and -infinity where one of them is.
  Value below = arith::SubFOp::create(b, least, most);
  Value rest = math::Log1pOp::create(b, math::ExpOp::create(b, below));
  return arith::AddFOp::create(b, most, rest);
}
