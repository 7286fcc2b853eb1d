//===- Selective.cpp - Discretised by a step per column -------------------===//

#include "dialects/weft/kinds/Builders.h"
#include "dialects/weft/kinds/Kinds.h"

using namespace mlir;
using namespace weft;

SmallVector<GateAxes> SelectiveAttr::getGates() const {
  return {{/*time=*/true, /*row=*/false, /*column=*/true},
          {/*time=*/false, /*row=*/true, /*column=*/true}};
}

Value SelectiveAttr::buildDecay(ImplicitLocOpBuilder &b,
                                ValueRange gates) const {
  Value rate = arith::MulFOp::create(b, gates[0], gates[1]);
  // A state that decays does not overflow.
  return math::ExpOp::create(b, rate, arith::FastMathFlags::ninf);
}

Value SelectiveAttr::buildWrite(ImplicitLocOpBuilder &b, ValueRange gates,
                                Value key, Value value) const {
  Value step = arith::MulFOp::create(b, gates[0], value);
  return arith::MulFOp::create(b, key, step);
}
