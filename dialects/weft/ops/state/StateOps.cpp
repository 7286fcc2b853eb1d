//===- StateOps.cpp - Verifier of weft.append -----------------------------===//

#include "dialects/weft/ops/Common.h"
#include "dialects/weft/ops/WeftOps.h"

using namespace mlir;
using namespace weft;

LogicalResult AppendOp::verify() {
  auto state = cast<RankedTensorType>(getState().getType());
  if (getGrowth() == Growth::Fixed)
    return emitOpError("expected growth append or last but got fixed");
  if (state.getRank() < 2 || !state.hasStaticShape())
    return emitOpError()
           << "expected a state of static shape with rows on axis "
              "1 but got "
           << state;
  const std::pair<const char *, Value> others[] = {{"tokens", getTokens()},
                                                   {"seen", getSeen()}};
  for (auto [name, value] : others) {
    auto type = cast<RankedTensorType>(value.getType());
    if (type.getRank() != state.getRank() ||
        type.getElementType() != state.getElementType())
      return emitOpError() << "expected " << name
                           << " of the rank and elements "
                           << "of state, " << state << ", but got " << type;
    for (unsigned i = 0, e = state.getRank(); i < e; ++i)
      if (i != 1 && failed(verifySameDim(*this, "elements", "state", getState(),
                                         i, name, value, i)))
        return failure();
  }
  return success();
}
