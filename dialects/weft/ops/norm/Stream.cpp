//===- Stream.cpp - weft.norm by pieces -----------------------------------===//

#include "dialects/weft/ops/WeftOps.h"

using namespace mlir;
using namespace weft;

FailureOr<SmallVector<int64_t>>
NormOp::inferSequenceAxes(ArrayRef<int64_t> operandAxes) {
  int64_t axis = operandAxes[0];
  if (axis == getInput().getType().getRank() - 1)
    return emitOpError("cannot run by pieces: it reduces along the sequence");
  for (int64_t other : operandAxes.drop_front())
    if (failed(
            verifySequenceAxis(*this, "scale and shift", other, kNoSequence)))
      return failure();
  return SmallVector<int64_t>{axis};
}

FailureOr<SmallVector<int64_t>>
NormOp::inferTokenAxes(ArrayRef<int64_t> resultAxes) {
  if (resultAxes[0] == getOut().getType().getRank() - 1)
    return failure();
  SmallVector<int64_t> axes(getNumOperands(), kNoSequence);
  axes[0] = resultAxes[0];
  return axes;
}
