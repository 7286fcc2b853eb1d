//===- Decompose.cpp - The definition of weft.short_conv ------------------===//

#include "dialects/weft/ops/Common.h"
#include "dialects/weft/ops/Structured.h"
#include "dialects/weft/ops/WeftOps.h"

using namespace mlir;
using namespace weft;

/// Builds the sums over the taps: loops are batch, token, channel, tap.
static Value buildSums(ShortConvOp op, ImplicitLocOpBuilder &b, Value joined,
                       ArrayRef<OpFoldResult> sizes) {
  AffineExpr batch, token, channel, tap;
  bindDims(b.getContext(), batch, token, channel, tap);
  AffineMap tokens = AffineMap::get(
      4, 0, {batch, token + tap * int64_t(op.getDilation()), channel},
      b.getContext());
  return buildGeneric(
      b, {joined, op.getFilter()}, buildZeros(b, sizes),
      {tokens, getDimMap(b, 4, {2, 3}), getDimMap(b, 4, {0, 1, 2})}, 3,
      [](ImplicitLocOpBuilder &b, ValueRange args) -> SmallVector<Value> {
        Value product = arith::MulFOp::create(b, args[0], args[1]);
        return {arith::AddFOp::create(b, args[2], product)};
      })[0];
}

FailureOr<SmallVector<Value>>
ShortConvOp::decomposeOperation(OpBuilder &builder) {
  ImplicitLocOpBuilder b(getLoc(), builder);
  SmallVector<OpFoldResult> sizes = getSizes(b, getInput());
  SmallVector<OpFoldResult> kept(sizes);
  kept[1] = b.getIndexAttr(getReach());
  Value before = getInitial();
  if (!before)
    before = buildZeros(b, kept);
  Value joined = buildJoinedRows(b, before, getInput());
  Value final = buildRows(
      b, joined,
      getAsOpFoldResult(b.createOrFold<tensor::DimOp>(getInput(), 1)), kept[1]);
  Value sums = buildSums(*this, b, joined, sizes);
  if (getCombine().empty())
    return SmallVector<Value>{sums, final};

  AffineMap all = b.getMultiDimIdentityMap(3);
  SmallVector<Value> inputs{sums};
  llvm::append_range(inputs, getExtras());
  SmallVector<AffineMap> maps(inputs.size() + 1, getDimMap(b, 3, {2}));
  maps.front() = maps.back() = all;
  Value out = buildGeneric(
      b, inputs, buildEmpty(b, sizes), maps, {},
      [&](ImplicitLocOpBuilder &b, ValueRange args) -> SmallVector<Value> {
        return {inlineElementRegion(b, getCombine(), args.drop_back())};
      })[0];
  return SmallVector<Value>{out, final};
}
