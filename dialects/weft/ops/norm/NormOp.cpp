//===- NormOp.cpp - Verifier and shapes of weft.norm ----------------------===//

#include "dialects/weft/ops/Common.h"
#include "dialects/weft/ops/Structured.h"
#include "dialects/weft/ops/WeftOps.h"

using namespace mlir;
using namespace weft;

LogicalResult NormOp::verify() {
  RankedTensorType type = getInput().getType();
  if (type.getRank() == 0 || ShapedType::isDynamic(type.getShape().back()))
    return emitOpError() << "expected an input with a last axis of static size "
                            "but got "
                         << type;
  unsigned last = type.getRank() - 1;
  if (getScale() && failed(verifySameDim(*this, "channels", "input", getInput(),
                                         last, "scale", getScale(), 0)))
    return failure();
  if (getShift() && failed(verifySameDim(*this, "channels", "input", getInput(),
                                         last, "shift", getShift(), 0)))
    return failure();
  if (!getEpsilon().isFinite() || getEpsilon().isNegative())
    return emitOpError() << "expected a finite epsilon of at least 0 but got "
                         << getEpsilonAttr();
  return success();
}

LogicalResult NormOp::reifyResultShapes(OpBuilder &builder,
                                        ReifiedRankedShapedTypeDims &shapes) {
  ImplicitLocOpBuilder b(getLoc(), builder);
  shapes.push_back(getSizes(b, getInput()));
  return success();
}
