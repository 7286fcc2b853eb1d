//===- Stream.cpp - weft.short_conv by pieces -----------------------------===//
//
// The last tokens of a piece are those before the next one.
//
//===----------------------------------------------------------------------===//

#include "dialects/weft/ops/WeftOps.h"

using namespace mlir;
using namespace weft;

FailureOr<SmallVector<int64_t>>
ShortConvOp::inferSequenceAxes(ArrayRef<int64_t> operandAxes) {
  if (getInitial())
    return emitOpError("cannot run by pieces: it already has initial taps");
  if (failed(verifySequenceAxis(*this, "input", operandAxes[0], 1)))
    return failure();
  for (int64_t axis : operandAxes.drop_front())
    if (failed(
            verifySequenceAxis(*this, "filter and extras", axis, kNoSequence)))
      return failure();
  return SmallVector<int64_t>{1, kNoSequence};
}

SmallVector<StreamState> ShortConvOp::getStreamStates(int64_t) {
  if (getReach() == 0)
    return {};
  RankedTensorType type = getFinal().getType();
  SmallVector<int64_t> shape(type.getShape());
  shape[0] = 1;
  return {{"taps", type.clone(shape), Growth::Fixed}};
}

SmallVector<Value> ShortConvOp::buildPiece(ImplicitLocOpBuilder &b,
                                           IRMapping &pieces, ValueRange states,
                                           Value) {
  auto piece = cast<ShortConvOp>(b.clone(*getOperation(), pieces));
  if (states.empty())
    return {};
  piece.getInitialMutable().assign(states[0]);
  piece.getFinal().setType(cast<RankedTensorType>(states[0].getType()));
  return {piece.getFinal()};
}
