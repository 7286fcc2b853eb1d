//===- Stream.cpp - weft.embed and weft.positions by pieces ---------------===//

#include "dialects/weft/ops/Structured.h"
#include "dialects/weft/ops/WeftOps.h"

using namespace mlir;
using namespace weft;

FailureOr<SmallVector<int64_t>>
EmbedOp::inferSequenceAxes(ArrayRef<int64_t> operandAxes) {
  if (failed(verifySequenceAxis(*this, "table", operandAxes[1], kNoSequence)))
    return failure();
  return SmallVector<int64_t>{operandAxes[0]};
}

FailureOr<SmallVector<int64_t>>
EmbedOp::inferTokenAxes(ArrayRef<int64_t> resultAxes) {
  if (resultAxes[0] == getOut().getType().getRank() - 1)
    return failure();
  return SmallVector<int64_t>{resultAxes[0], kNoSequence};
}

FailureOr<SmallVector<int64_t>>
PositionsOp::inferSequenceAxes(ArrayRef<int64_t> operandAxes) {
  if (getPosition())
    return emitOpError("cannot run by pieces: it already has a position");
  if (failed(verifySequenceAxis(*this, "ids", operandAxes[0], 1)))
    return failure();
  return SmallVector<int64_t>{1};
}

SmallVector<Value> PositionsOp::buildPiece(ImplicitLocOpBuilder &b,
                                           IRMapping &pieces, ValueRange,
                                           Value position) {
  auto piece = cast<PositionsOp>(b.clone(*getOperation(), pieces));
  piece.getPositionMutable().assign(position);
  return {};
}

FailureOr<SmallVector<int64_t>>
PositionsOp::inferTokenAxes(ArrayRef<int64_t> resultAxes) {
  if (resultAxes[0] != 1)
    return failure();
  SmallVector<int64_t> axes(getNumOperands(), kNoSequence);
  axes[0] = 1;
  return axes;
}

SmallVector<Value> PositionsOp::buildToken(ImplicitLocOpBuilder &b,
                                           ArrayRef<Value> operands,
                                           ArrayRef<int64_t> resultAxes,
                                           Value token) {
  auto one = cast<PositionsOp>(cloneForToken(b, *this, operands, resultAxes));
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPoint(one);
  one.getPositionMutable().assign(buildOffset(b, getPosition(), token));
  return {one.getOut()};
}
