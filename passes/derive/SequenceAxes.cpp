//===- SequenceAxes.cpp - What of a function runs along its sequence ------===//

#include "passes/derive/SequenceAxes.h"
#include "dialects/weft/ops/attention/Regions.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "passes/derive/StreamingRules.h"

using namespace mlir;
using namespace weft;

/// What a region takes from outside is not an operand: it must not run along
/// the sequence, but where it is read at the token of the query.
LogicalResult SequenceAxes::verifyRegions(Operation *op) const {
  for (Region &region : op->getRegions()) {
    WalkResult result = region.walk([&](Operation *inner) {
      for (Value operand : inner->getOperands()) {
        int64_t axis = get(operand);
        if (axis == kNoSequence || readsQueryToken(inner, axis))
          continue;
        op->emitOpError("cannot run by pieces: its region ")
            << (axis == kLength ? "computes with the number of tokens"
                                : "reads what runs along the sequence");
        return WalkResult::interrupt();
      }
      return WalkResult::advance();
    });
    if (result.wasInterrupted())
      return failure();
  }
  return success();
}

LogicalResult SequenceAxes::visit(Operation *op) {
  if (failed(verifyRegions(op)))
    return failure();
  live.insert(op);
  if (!isAlong(op))
    return success();
  SmallVector<int64_t> operandAxes;
  for (Value operand : op->getOperands())
    operandAxes.push_back(get(operand));
  FailureOr<SmallVector<int64_t>> resultAxes =
      inferSequenceAxes(op, operandAxes);
  if (failed(resultAxes))
    return failure();
  for (auto [result, axis] : llvm::zip_equal(op->getResults(), *resultAxes))
    if (axis != kNoSequence)
      axes[result] = axis;
  return success();
}

FailureOr<SequenceAxes> SequenceAxes::infer(func::FuncOp func) {
  if (!func.getBody().hasOneBlock())
    return func.emitOpError("cannot run by pieces: expected a single block");
  SequenceAxes axes;
  for (BlockArgument arg : func.getArguments()) {
    auto axis =
        func.getArgAttrOfType<IntegerAttr>(arg.getArgNumber(), "weft.sequence");
    if (!axis)
      continue;
    auto type = dyn_cast<RankedTensorType>(arg.getType());
    if (!type || axis.getInt() < 0 || axis.getInt() >= type.getRank() ||
        !type.isDynamicDim(axis.getInt()))
      return func.emitOpError("cannot run by pieces: expected argument #")
             << arg.getArgNumber() << " to have a dynamic axis "
             << axis.getInt() << " but got " << arg.getType();
    axes.axes[arg] = axis.getInt();
    if (!axes.sequence)
      axes.sequence = arg;
  }
  if (!axes.sequence)
    return func.emitOpError("cannot run by pieces: expected an argument marked "
                            "by 'weft.sequence'");
  for (Operation &op : func.front().without_terminator())
    if (!isOpTriviallyDead(&op) && failed(axes.visit(&op)))
      return failure();
  return axes;
}
