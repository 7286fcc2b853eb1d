//===- Stream.cpp - weft.rope by pieces -----------------------------------===//
//
// Keeps nothing, but knows where it stands.
//
//===----------------------------------------------------------------------===//

#include "dialects/weft/ops/Structured.h"
#include "dialects/weft/ops/WeftOps.h"

using namespace mlir;
using namespace weft;

FailureOr<SmallVector<int64_t>>
RopeOp::inferSequenceAxes(ArrayRef<int64_t> operandAxes) {
  if (getPosition())
    return emitOpError("cannot run by pieces: it already has a position");
  if (failed(verifySequenceAxis(*this, "input", operandAxes[0], 1)))
    return failure();
  return SmallVector<int64_t>{1};
}

SmallVector<Value> RopeOp::buildPiece(ImplicitLocOpBuilder &b,
                                      IRMapping &pieces, ValueRange,
                                      Value position) {
  auto piece = cast<RopeOp>(b.clone(*getOperation(), pieces));
  piece.getPositionMutable().assign(position);
  return {};
}

FailureOr<SmallVector<int64_t>>
RopeOp::inferTokenAxes(ArrayRef<int64_t> resultAxes) {
  if (resultAxes[0] != 1)
    return failure();
  SmallVector<int64_t> axes(getNumOperands(), kNoSequence);
  axes[0] = 1;
  return axes;
}

SmallVector<Value> RopeOp::buildToken(ImplicitLocOpBuilder &b,
                                      ArrayRef<Value> operands,
                                      ArrayRef<int64_t> resultAxes,
                                      Value token) {
  auto one = cast<RopeOp>(cloneForToken(b, *this, operands, resultAxes));
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPoint(one);
  one.getPositionMutable().assign(buildOffset(b, getPosition(), token));
  return {one.getOut()};
}
