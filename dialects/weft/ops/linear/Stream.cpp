//===- Stream.cpp - weft.linear by pieces ---------------------------------===//

#include "dialects/weft/ops/WeftOps.h"

using namespace mlir;
using namespace weft;

/// Whether `extra` has an element for each of `out`, not for a column.
static bool isFull(LinearOp op, Value extra) {
  return cast<ShapedType>(extra.getType()).getRank() ==
             op.getOut().getType().getRank() &&
         op.getOut().getType().getRank() > 1;
}

FailureOr<SmallVector<int64_t>>
LinearOp::inferSequenceAxes(ArrayRef<int64_t> operandAxes) {
  int64_t axis = operandAxes[0];
  if (axis == getInput().getType().getRank() - 1)
    return emitOpError("cannot run by pieces: it reduces along the sequence");
  ArrayRef<int64_t> others = operandAxes.drop_front();
  for (int64_t other : others.take_front(getWeights().size()))
    if (failed(verifySequenceAxis(*this, "weights", other, kNoSequence)))
      return failure();
  others = others.drop_front(getWeights().size());
  for (auto [extra, other] : llvm::zip_equal(getExtras(), others))
    if (failed(verifySequenceAxis(*this, "each extra", other,
                                  isFull(*this, extra) ? axis : kNoSequence)))
      return failure();
  return SmallVector<int64_t>{axis};
}

FailureOr<SmallVector<int64_t>>
LinearOp::inferTokenAxes(ArrayRef<int64_t> resultAxes) {
  if (resultAxes[0] == getOut().getType().getRank() - 1)
    return failure();
  SmallVector<int64_t> axes{resultAxes[0]};
  axes.append(getWeights().size(), kNoSequence);
  for (Value extra : getExtras())
    axes.push_back(isFull(*this, extra) ? resultAxes[0] : kNoSequence);
  return axes;
}
