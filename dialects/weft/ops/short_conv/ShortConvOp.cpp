//===- ShortConvOp.cpp - Verifier and shapes of weft.short_conv -----------===//

#include "dialects/weft/ops/Common.h"
#include "dialects/weft/ops/Structured.h"
#include "dialects/weft/ops/WeftOps.h"

using namespace mlir;
using namespace weft;

void ShortConvOp::getAsmBlockArgumentNames(Region &region,
                                           OpAsmSetValueNameFn setName) {
  nameCombineArguments(region, 1, setName);
}

int64_t ShortConvOp::getReach() {
  return (getFilter().getType().getDimSize(1) - 1) * int64_t(getDilation());
}

LogicalResult ShortConvOp::verify() {
  RankedTensorType filter = getFilter().getType();
  if (!filter.hasStaticShape() || filter.getDimSize(1) == 0)
    return emitOpError() << "expected a filter of channels x taps of static "
                            "shape with at least one tap but got "
                         << filter;
  if (int64_t(getDilation()) < 1)
    return emitOpError() << "expected a dilation of at least 1 but got "
                         << int64_t(getDilation());
  Operation *op = *this;
  Value input = getInput(), out = getOut(), final = getFinal();
  if (failed(verifySameDim(op, "channels", "filter", getFilter(), 0, "input",
                           input, 2)) ||
      failed(
          verifySameDim(op, "batches", "input", input, 0, "final", final, 0)) ||
      failed(verifySameDim(op, "channels", "filter", getFilter(), 0, "final",
                           final, 2)))
    return failure();
  if (failed(verifyCompatibleShape(input.getType(), out.getType())))
    return emitOpError() << "expected an out shaped as input, "
                         << input.getType() << ", but got " << out.getType();
  if (getFinal().getType().getDimSize(1) != getReach())
    return emitOpError() << "expected final to hold " << getReach()
                         << " tokens but got " << final.getType();
  for (Value extra : getExtras())
    if (failed(verifySameDim(op, "channels", "filter", getFilter(), 0,
                             "each extra", extra, 0)))
      return failure();
  return success();
}

LogicalResult ShortConvOp::verifyRegions() {
  if (!getCombine().empty())
    return verifyCombineRegion(*this, 1 + getExtras().size(), getCombine());
  if (!getExtras().empty())
    return emitOpError() << "expected no extras without a combine region but "
                            "got "
                         << getExtras().size();
  return success();
}

LogicalResult
ShortConvOp::reifyResultShapes(OpBuilder &builder,
                               ReifiedRankedShapedTypeDims &shapes) {
  ImplicitLocOpBuilder b(getLoc(), builder);
  shapes.assign(2, getSizes(b, getInput()));
  shapes[1][1] = b.getIndexAttr(getReach());
  return success();
}
