//===- LinearOp.cpp - Verifier and shapes of weft.linear ------------------===//

#include "dialects/weft/ops/Common.h"
#include "dialects/weft/ops/Structured.h"
#include "dialects/weft/ops/WeftOps.h"

using namespace mlir;
using namespace weft;

void LinearOp::getAsmBlockArgumentNames(Region &region,
                                        OpAsmSetValueNameFn setName) {
  nameCombineArguments(region, getWeights().size(), setName);
}

/// Checks the weights against each other, the input and the result.
static LogicalResult verifyWeights(LinearOp op) {
  RankedTensorType input = op.getInput().getType();
  RankedTensorType out = op.getOut().getType();
  if (op.getWeights().empty())
    return op.emitOpError("expected at least one weight");
  auto first = cast<RankedTensorType>(op.getWeights()[0].getType());
  if (!first.hasStaticShape())
    return op.emitOpError()
           << "expected weights of static shape but got " << first;
  for (Value weight : op.getWeights()) {
    auto type = cast<RankedTensorType>(weight.getType());
    if (type.getShape() != first.getShape())
      return op.emitOpError() << "expected weights of one shape, that of "
                              << first << ", but got " << type;
    if (failed(verifyWholeBlocks(op, type)))
      return failure();
  }
  int64_t last = input.getRank() - 1;
  if (last < 0 || out.getRank() != input.getRank())
    return op.emitOpError() << "expected an out of the rank of input, "
                            << input.getRank() << ", but got " << out;
  for (int64_t i = 0; i < last; ++i)
    if (failed(verifySameDim(op, "rows", "input", op.getInput(), i, "out",
                             op.getOut(), i)))
      return failure();
  if (failed(verifySameDim(op, "columns", "weight", op.getWeights()[0], 1,
                           "input", op.getInput(), last)))
    return failure();
  return verifySameDim(op, "rows", "weight", op.getWeights()[0], 0, "out",
                       op.getOut(), last);
}

LogicalResult LinearOp::verify() {
  if (failed(verifyWeights(*this)))
    return failure();
  RankedTensorType out = getOut().getType();
  for (Value extra : getExtras()) {
    auto type = cast<RankedTensorType>(extra.getType());
    bool perColumn = type.getRank() == 1 &&
                     succeeded(verifyCompatibleShape(
                         type.getShape(), out.getShape().take_back(1)));
    if (!perColumn && failed(verifyCompatibleShape(type, out)))
      return emitOpError() << "expected an extra shaped as a row of out or as "
                              "out, "
                           << out << ", but got " << type;
  }
  return success();
}

LogicalResult LinearOp::verifyRegions() {
  if (!getCombine().empty())
    return verifyCombineRegion(*this, getWeights().size() + getExtras().size(),
                               getCombine());
  if (getWeights().size() != 1 || !getExtras().empty())
    return emitOpError() << "expected one weight and no extras without a "
                            "combine region but got "
                         << getWeights().size() << " and "
                         << getExtras().size();
  return success();
}

LogicalResult LinearOp::reifyResultShapes(OpBuilder &builder,
                                          ReifiedRankedShapedTypeDims &shapes) {
  ImplicitLocOpBuilder b(getLoc(), builder);
  shapes.push_back(getSizes(b, getInput()));
  shapes[0].back() = getSizes(b, getWeights()[0])[0];
  return success();
}
