//===- RopeOp.cpp - Verifier and shapes of weft.rope ----------------------===//

#include "dialects/weft/ops/Common.h"
#include "dialects/weft/ops/Structured.h"
#include "dialects/weft/ops/WeftOps.h"

using namespace mlir;
using namespace weft;

LogicalResult RopeOp::verify() {
  int64_t channels = getInput().getType().getDimSize(3);
  int64_t rotated = 2 * getFrequencies().size();
  if (rotated == 0)
    return emitOpError("expected at least one frequency");
  if (ShapedType::isDynamic(channels) || rotated > channels)
    return emitOpError() << "expected an input with at least the " << rotated
                         << " channels that " << getFrequencies().size()
                         << " frequencies rotate but got "
                         << getInput().getType();
  return success();
}

LogicalResult RopeOp::canonicalize(RopeOp op, PatternRewriter &rewriter) {
  return dropZeroPosition(rewriter, op.getPositionMutable());
}

LogicalResult RopeOp::reifyResultShapes(OpBuilder &builder,
                                        ReifiedRankedShapedTypeDims &shapes) {
  ImplicitLocOpBuilder b(getLoc(), builder);
  shapes.push_back(getSizes(b, getInput()));
  return success();
}
