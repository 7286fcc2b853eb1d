//===- Stream.cpp - weft.long_conv by pieces ------------------------------===//
//
// Keeps the tokens of the input that the filter reaches back to.
//
//===----------------------------------------------------------------------===//

#include "dialects/weft/ops/WeftOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace weft;

FailureOr<SmallVector<int64_t>>
LongConvOp::inferSequenceAxes(ArrayRef<int64_t> operandAxes) {
  if (getSkip())
    return emitOpError("cannot run by pieces: it already skips tokens");
  if (getBidirectional())
    return emitOpError("cannot run by pieces: its tokens see those after them");
  if (failed(verifySequenceAxis(*this, "input", operandAxes[0], 1)) ||
      failed(verifySequenceAxis(*this, "filter", operandAxes[1], kNoSequence)))
    return failure();
  return SmallVector<int64_t>{1};
}

SmallVector<StreamState> LongConvOp::getStreamStates(int64_t capacity) {
  Growth growth = Growth::Append;
  int64_t taps = getFilter().getType().getDimSize(0);
  if (!ShapedType::isDynamic(taps) && taps - 1 <= capacity) {
    growth = Growth::Last;
    capacity = std::max<int64_t>(taps - 1, 0);
  }
  if (capacity == 0)
    return {};
  RankedTensorType type = getInput().getType();
  return {{"input", type.clone({1, capacity, type.getDimSize(2)}), growth,
           getInput()}};
}

SmallVector<Value> LongConvOp::buildPiece(ImplicitLocOpBuilder &b,
                                          IRMapping &pieces, ValueRange states,
                                          Value position) {
  auto piece = cast<LongConvOp>(b.clone(*getOperation(), pieces));
  if (states.empty())
    return {};
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPoint(piece);
  Value tokens = piece.getInput();
  auto type = cast<RankedTensorType>(states[0].getType());
  // The growth of a state shows in its size: see above.
  bool last = getFilter().getType().getDimSize(0) == type.getDimSize(1) + 1;
  SmallVector<int64_t> seen(type.getShape());
  seen[1] = ShapedType::kDynamic;
  auto append = AppendOp::create(b, type.clone(seen), b.getIndexType(), type,
                                 last ? Growth::Last : Growth::Append, tokens,
                                 states[0], position);
  Value held = arith::SubIOp::create(b, position, append.getFirst());
  piece.getInputMutable().assign(append.getSeen());
  piece.getSkipMutable().assign(held);
  return {append.getNext()};
}
