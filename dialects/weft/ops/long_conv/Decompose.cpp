//===- Decompose.cpp - The definition of weft.long_conv -------------------===//

#include "dialects/weft/ops/Structured.h"
#include "dialects/weft/ops/WeftOps.h"

using namespace mlir;
using namespace weft;

/// Builds the tap that token `from` is multiplied by for the result `token`, a
/// sum of loops: batch, token, token of the input, channel.
static Value buildTap(LongConvOp op, ImplicitLocOpBuilder &b, Value ahead,
                      Value taps) {
  auto constant = [&](int64_t value) -> Value {
    return arith::ConstantIndexOp::create(b, value);
  };
  Value zero = constant(0);
  Value row = buildPosition(b, 1, op.getSkip());
  row = arith::AddIOp::create(b, row, ahead);
  row = arith::SubIOp::create(b, row, buildPosition(b, 2, {}));
  using P = arith::CmpIPredicate;
  Value exists =
      arith::AndIOp::create(b, arith::CmpIOp::create(b, P::sge, row, zero),
                            arith::CmpIOp::create(b, P::slt, row, taps));
  Value last = arith::SubIOp::create(b, taps, constant(1));
  Value at =
      arith::MaxSIOp::create(b, arith::MinSIOp::create(b, row, last), zero);
  int64_t groups = op.getFilter().getType().getDimSize(1);
  int64_t perGroup = op.getInput().getType().getDimSize(2) / groups;
  Value group = arith::DivUIOp::create(b, linalg::IndexOp::create(b, 3),
                                       constant(perGroup));
  Value tap =
      tensor::ExtractOp::create(b, op.getFilter(), ValueRange{at, group});
  return arith::SelectOp::create(b, exists, tap,
                                 buildFloat(b, b.getF32Type(), 0.0));
}

FailureOr<SmallVector<Value>>
LongConvOp::decomposeOperation(OpBuilder &builder) {
  ImplicitLocOpBuilder b(getLoc(), builder);
  ReifiedRankedShapedTypeDims shapes;
  if (failed(reifyResultShapes(b, shapes)))
    return failure();
  Value taps = b.createOrFold<tensor::DimOp>(getFilter(), 0);
  Value ahead = arith::ConstantIndexOp::create(b, 0);
  if (getBidirectional())
    ahead =
        arith::DivUIOp::create(b, taps, arith::ConstantIndexOp::create(b, 2));
  Value sums = buildGeneric(
      b, {getInput()}, buildZeros(b, shapes[0]),
      {getDimMap(b, 4, {0, 2, 3}), getDimMap(b, 4, {0, 1, 3})}, 2,
      [&](ImplicitLocOpBuilder &b, ValueRange args) -> SmallVector<Value> {
        Value product =
            arith::MulFOp::create(b, args[0], buildTap(*this, b, ahead, taps));
        return {arith::AddFOp::create(b, args[1], product)};
      })[0];
  if (sums.getType() != getOut().getType())
    sums = tensor::CastOp::create(b, getOut().getType(), sums);
  return SmallVector<Value>{sums};
}
