//===- LongConvOp.cpp - Verifier and shapes of weft.long_conv -------------===//

#include "dialects/weft/ops/Common.h"
#include "dialects/weft/ops/Structured.h"
#include "dialects/weft/ops/WeftOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace weft;

LogicalResult LongConvOp::verify() {
  RankedTensorType input = getInput().getType(), filter = getFilter().getType();
  Operation *op = *this;
  if (failed(verifySameDim(op, "batches", "input", getInput(), 0, "out",
                           getOut(), 0)) ||
      failed(verifySameDim(op, "channels", "input", getInput(), 2, "out",
                           getOut(), 2)))
    return failure();
  if (!getSkip() && failed(verifySameDim(op, "tokens", "input", getInput(), 1,
                                         "out", getOut(), 1)))
    return failure();
  int64_t channels = input.getDimSize(2), groups = filter.getDimSize(1);
  if (ShapedType::isDynamic(channels) || ShapedType::isDynamic(groups) ||
      groups == 0)
    return emitOpError() << "expected known numbers of channels and groups but "
                            "got "
                         << input << " and " << filter;
  if (channels % groups)
    return emitOpError() << "expected channels in groups of one size but got "
                         << channels << " channels and " << groups << " groups";
  int64_t taps = filter.getDimSize(0);
  if (getBidirectional() && !ShapedType::isDynamic(taps) && taps % 2 == 0)
    return emitOpError() << "expected an odd number of rows of a filter in "
                            "both directions but got "
                         << taps;
  std::optional<int64_t> skip =
      getSkip() ? getConstantIntValue(getSkip()) : std::nullopt;
  if (skip && *skip < 0)
    return emitOpError() << "expected to skip at least 0 tokens but got "
                         << *skip;
  return success();
}

LogicalResult
LongConvOp::reifyResultShapes(OpBuilder &builder,
                              ReifiedRankedShapedTypeDims &shapes) {
  ImplicitLocOpBuilder b(getLoc(), builder);
  shapes.assign(1, getSizes(b, getInput()));
  if (!getSkip())
    return success();
  Value tokens = getValueOrCreateConstantIndexOp(b, getLoc(), shapes[0][1]);
  shapes[0][1] =
      getAsOpFoldResult(b.createOrFold<arith::SubIOp>(tokens, getSkip()));
  return success();
}
