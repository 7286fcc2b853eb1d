//===- StreamingRules.cpp - How any op runs by pieces ---------------------===//

#include "passes/derive/StreamingRules.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace weft;

using Axes = FailureOr<SmallVector<int64_t>>;

//===----------------------------------------------------------------------===//
// Structured ops: the sequence must be one of the parallel loops.
//===----------------------------------------------------------------------===//

/// The axis of `operand` that loop `dim` runs over; none if none does, failure
/// if it is part of an expression.
static FailureOr<int64_t> getLoopAxis(linalg::LinalgOp op, OpOperand &operand,
                                      unsigned loop) {
  int64_t axis = kNoSequence;
  AffineMap map = op.getMatchingIndexingMap(&operand);
  for (auto [i, expr] : llvm::enumerate(map.getResults())) {
    if (!expr.isFunctionOfDim(loop))
      continue;
    if (!isa<AffineDimExpr>(expr) || axis != kNoSequence)
      return failure();
    axis = i;
  }
  return axis;
}

/// The loop that runs over `axis` of `operand`, if it is no expression.
static std::optional<unsigned> getLoop(linalg::LinalgOp op, OpOperand &operand,
                                       int64_t axis) {
  AffineExpr expr = op.getMatchingIndexingMap(&operand).getResult(axis);
  if (auto dim = dyn_cast<AffineDimExpr>(expr))
    return dim.getPosition();
  return std::nullopt;
}

static bool usesIndex(linalg::LinalgOp op, unsigned loop) {
  return llvm::any_of(
      op.getBlock()->getOps<linalg::IndexOp>(),
      [&](linalg::IndexOp index) { return index.getDim() == loop; });
}

static bool isParallel(linalg::LinalgOp op, unsigned loop) {
  return op.getIteratorTypesArray()[loop] == utils::IteratorType::parallel;
}

static SmallVector<int64_t> getInitAxes(linalg::LinalgOp op,
                                        ArrayRef<int64_t> operandAxes) {
  SmallVector<int64_t> axes;
  for (OpOperand &init : op.getDpsInitsMutable())
    axes.push_back(operandAxes[init.getOperandNumber()]);
  return axes;
}

static Axes inferStructured(linalg::LinalgOp op,
                            ArrayRef<int64_t> operandAxes) {
  std::optional<unsigned> loop;
  for (OpOperand &operand : op->getOpOperands()) {
    int64_t axis = operandAxes[operand.getOperandNumber()];
    if (axis == kNoSequence)
      continue;
    std::optional<unsigned> own = getLoop(op, operand, axis);
    if (!own || (loop && *loop != *own))
      return op.emitOpError(
          "cannot run by pieces: it reads tokens other than its own");
    loop = own;
  }
  if (!isParallel(op, *loop))
    return op.emitOpError(
        "cannot run by pieces: it reduces along the sequence");

  for (OpOperand &operand : op->getOpOperands()) {
    FailureOr<int64_t> axis = getLoopAxis(op, operand, *loop);
    if (failed(axis))
      return op.emitOpError(
          "cannot run by pieces: it reads tokens other than its own");
    if (*axis != operandAxes[operand.getOperandNumber()])
      return op.emitOpError("cannot run by pieces: operand #")
             << operand.getOperandNumber()
             << " runs along the sequence but is not computed from it";
  }
  if (usesIndex(op, *loop))
    return op.emitOpError(
        "cannot run by pieces: it computes with the number of the token");
  return getInitAxes(op, operandAxes);
}

static Axes inferStructuredToken(linalg::LinalgOp op,
                                 ArrayRef<int64_t> resultAxes) {
  std::optional<unsigned> loop;
  for (auto [result, axis] : llvm::zip_equal(op->getResults(), resultAxes)) {
    if (axis == kNoSequence)
      continue;
    std::optional<unsigned> own =
        getLoop(op, *op.getTiedOpOperand(result), axis);
    if (!own || (loop && *loop != *own))
      return failure();
    loop = own;
  }
  if (!loop || !isParallel(op, *loop) || usesIndex(op, *loop))
    return failure();
  SmallVector<int64_t> axes;
  for (OpOperand &operand : op->getOpOperands()) {
    FailureOr<int64_t> axis = getLoopAxis(op, operand, *loop);
    if (failed(axis))
      return failure();
    axes.push_back(*axis);
  }
  return axes;
}

//===----------------------------------------------------------------------===//
// Element-wise ops on tensors: all operands run alike.
//===----------------------------------------------------------------------===//

static bool isElementwise(Operation *op) {
  return OpTrait::hasElementwiseMappableTraits(op) &&
         op->getNumResults() == 1 &&
         isa<RankedTensorType>(op->getResult(0).getType());
}

static Axes inferElementwise(Operation *op, ArrayRef<int64_t> operandAxes) {
  int64_t axis = *llvm::find_if(
      operandAxes, [](int64_t axis) { return axis != kNoSequence; });
  for (auto [operand, other] :
       llvm::zip_equal(op->getOpOperands(), operandAxes))
    if (isa<RankedTensorType>(operand.get().getType()) && other != axis)
      return op->emitOpError("cannot run by pieces: operand #")
             << operand.getOperandNumber()
             << " runs along the sequence but is not computed from it";
  return SmallVector<int64_t>{axis};
}

static SmallVector<int64_t> inferElementwiseToken(Operation *op, int64_t axis) {
  SmallVector<int64_t> axes;
  for (Value operand : op->getOperands())
    axes.push_back(isa<RankedTensorType>(operand.getType()) ? axis
                                                            : kNoSequence);
  return axes;
}

//===----------------------------------------------------------------------===//
// Any op
//===----------------------------------------------------------------------===//

Axes weft::inferSequenceAxes(Operation *op, ArrayRef<int64_t> operandAxes) {
  if (auto streaming = dyn_cast<StreamingOpInterface>(op))
    return streaming.inferSequenceAxes(operandAxes);
  if (llvm::is_contained(operandAxes, kLength))
    return op->emitOpError(
        "cannot run by pieces: it computes with the number of tokens");
  if (auto structured = dyn_cast<linalg::LinalgOp>(op))
    return inferStructured(structured, operandAxes);
  if (isElementwise(op))
    return inferElementwise(op, operandAxes);
  return op->emitOpError("cannot run by pieces: it does not say how");
}

Axes weft::inferTokenAxes(Operation *op, ArrayRef<int64_t> resultAxes) {
  if (auto streaming = dyn_cast<StreamingOpInterface>(op))
    return streaming.inferTokenAxes(resultAxes);
  if (auto structured = dyn_cast<linalg::LinalgOp>(op))
    return inferStructuredToken(structured, resultAxes);
  if (isElementwise(op))
    return inferElementwiseToken(op, resultAxes[0]);
  return failure();
}

SmallVector<Value> weft::buildToken(ImplicitLocOpBuilder &b, Operation *op,
                                    ArrayRef<Value> operands,
                                    ArrayRef<int64_t> resultAxes, Value token) {
  if (auto streaming = dyn_cast<StreamingOpInterface>(op))
    return streaming.buildToken(b, operands, resultAxes, token);
  Operation *one = cloneForToken(b, op, operands, resultAxes);
  if (auto structured = dyn_cast<linalg::LinalgOp>(one))
    for (auto [result, init] :
         llvm::zip_equal(one->getResults(), structured.getDpsInits()))
      result.setType(init.getType());
  return llvm::to_vector_of<Value>(one->getResults());
}
