//===- Decompose.cpp - The definition of weft.linear ----------------------===//

#include "dialects/weft/ops/Common.h"
#include "dialects/weft/ops/Structured.h"
#include "dialects/weft/ops/WeftOps.h"

using namespace mlir;
using namespace weft;

/// Builds the products of the rows of `input` with those of `weight`.
static Value buildProducts(ImplicitLocOpBuilder &b, Value input, Value weight,
                           ArrayRef<OpFoldResult> sizes) {
  int64_t rank = sizes.size();
  // Loops: the axes of out, then the sum.
  auto axes = llvm::to_vector(llvm::seq(rank));
  AffineMap out = getDimMap(b, rank + 1, axes);
  AffineMap weights = getDimMap(b, rank + 1, {rank - 1, rank});
  axes.back() = rank;
  AffineMap in = getDimMap(b, rank + 1, axes);
  return buildGeneric(
      b, {input, buildDequantized(b, weight)}, buildZeros(b, sizes),
      {in, weights, out}, rank,
      [](ImplicitLocOpBuilder &b, ValueRange args) -> SmallVector<Value> {
        Value product = arith::MulFOp::create(b, args[0], args[1]);
        return {arith::AddFOp::create(b, args[2], product)};
      })[0];
}

FailureOr<SmallVector<Value>> LinearOp::decomposeOperation(OpBuilder &builder) {
  ImplicitLocOpBuilder b(getLoc(), builder);
  ReifiedRankedShapedTypeDims shapes;
  if (failed(reifyResultShapes(b, shapes)))
    return failure();
  SmallVector<Value> inputs;
  for (Value weight : getWeights())
    inputs.push_back(buildProducts(b, getInput(), weight, shapes[0]));
  if (getCombine().empty())
    return inputs;

  int64_t rank = shapes[0].size();
  AffineMap all = b.getMultiDimIdentityMap(rank);
  SmallVector<AffineMap> maps(inputs.size(), all);
  for (Value extra : getExtras()) {
    inputs.push_back(extra);
    bool perColumn = cast<ShapedType>(extra.getType()).getRank() == 1;
    maps.push_back(perColumn ? getDimMap(b, rank, {rank - 1}) : all);
  }
  maps.push_back(all);
  return buildGeneric(
      b, inputs, buildEmpty(b, shapes[0]), maps, {},
      [&](ImplicitLocOpBuilder &b, ValueRange args) -> SmallVector<Value> {
        return {inlineElementRegion(b, getCombine(), args.drop_back())};
      });
}
