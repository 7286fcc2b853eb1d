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

scf::IfOp weft::getAlternatives(Operation *op) {
  auto branch = dyn_cast<scf::IfOp>(op);
  return branch && branch->hasAttr("weft.alternatives") ? branch : scf::IfOp();
}

/// Whether all that comes of `op` is a choice between alternatives.
static bool onlyChooses(Operation *op) {
  return op->getNumResults() != 0 && isMemoryEffectFree(op) &&
         llvm::all_of(op->getUsers(), [](Operation *user) {
           return getAlternatives(user) || onlyChooses(user);
         });
}

/// The regions see what runs along the sequence as their own, and give results
/// that run along it alike.
LogicalResult SequenceAxes::visitAlternatives(scf::IfOp op) {
  live.insert(op);
  if (op->getNumResults() != 0 && op.getElseRegion().empty())
    return op.emitOpError("cannot run by pieces: expected two regions");
  for (Region &region : op->getRegions()) {
    if (region.empty())
      continue;
    for (Operation &inner : region.front().without_terminator())
      if (!isOpTriviallyDead(&inner) && failed(visit(&inner)))
        return failure();
  }
  for (auto [result, first, second] :
       llvm::zip_equal(op.getResults(), op.thenYield().getResults(),
                       op.elseYield().getResults())) {
    if (get(first) != get(second))
      return op.emitOpError("cannot run by pieces: its regions give results "
                            "along different axes");
    if (get(first) != kNoSequence)
      axes[result] = get(first);
  }
  return success();
}

LogicalResult SequenceAxes::visit(Operation *op) {
  if (scf::IfOp alternatives = getAlternatives(op))
    return visitAlternatives(alternatives);
  if (failed(verifyRegions(op)))
    return failure();
  live.insert(op);
  if (!isAlong(op) || onlyChooses(op))
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
