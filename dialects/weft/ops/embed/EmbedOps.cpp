//===- EmbedOps.cpp - Verifiers and shapes of embed and positions ---------===//

#include "dialects/weft/ops/Common.h"
#include "dialects/weft/ops/Structured.h"
#include "dialects/weft/ops/WeftOps.h"

using namespace mlir;
using namespace weft;

LogicalResult EmbedOp::verify() {
  RankedTensorType ids = getIds().getType(), out = getOut().getType();
  RankedTensorType table = getTable().getType();
  if (!table.hasStaticShape() || table.getDimSize(0) == 0)
    return emitOpError() << "expected a table of rows x channels of static "
                            "shape with at least one row but got "
                         << table;
  if (failed(verifyWholeBlocks(*this, table)))
    return failure();
  if (out.getRank() != ids.getRank() + 1)
    return emitOpError() << "expected an out of rank " << ids.getRank() + 1
                         << ", one more than ids, but got " << out;
  for (unsigned i = 0, e = ids.getRank(); i < e; ++i)
    if (failed(verifySameDim(*this, "ids", "ids", getIds(), i, "out", getOut(),
                             i)))
      return failure();
  return verifySameDim(*this, "channels", "table", getTable(), 1, "out",
                       getOut(), ids.getRank());
}

LogicalResult EmbedOp::reifyResultShapes(OpBuilder &builder,
                                         ReifiedRankedShapedTypeDims &shapes) {
  ImplicitLocOpBuilder b(getLoc(), builder);
  shapes.push_back(getSizes(b, getIds()));
  shapes[0].push_back(getSizes(b, getTable())[1]);
  return success();
}

LogicalResult
PositionsOp::reifyResultShapes(OpBuilder &builder,
                               ReifiedRankedShapedTypeDims &shapes) {
  ImplicitLocOpBuilder b(getLoc(), builder);
  shapes.push_back(getSizes(b, getIds()));
  return success();
}

LogicalResult PositionsOp::canonicalize(PositionsOp op,
                                        PatternRewriter &rewriter) {
  return dropZeroPosition(rewriter, op.getPositionMutable());
}
