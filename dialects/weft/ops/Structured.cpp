//===- Structured.cpp - Structured IR that decompositions share -----------===//

#include "dialects/weft/ops/Structured.h"
#include "dialects/weft/ops/WeftOps.h"

using namespace mlir;
using namespace weft;

SmallVector<OpFoldResult> weft::getSizes(ImplicitLocOpBuilder &b,
                                         Value tensor) {
  return tensor::getMixedSizes(b, b.getLoc(), tensor);
}

AffineMap weft::getDimMap(ImplicitLocOpBuilder &b, unsigned loops,
                          ArrayRef<int64_t> positions) {
  SmallVector<AffineExpr> exprs;
  for (int64_t position : positions)
    exprs.push_back(b.getAffineDimExpr(position));
  return AffineMap::get(loops, 0, exprs, b.getContext());
}

Value weft::buildEmpty(ImplicitLocOpBuilder &b, ArrayRef<OpFoldResult> sizes) {
  return tensor::EmptyOp::create(b, sizes, b.getF32Type());
}

Value weft::buildFilled(ImplicitLocOpBuilder &b, ArrayRef<OpFoldResult> sizes,
                        Value value) {
  return linalg::FillOp::create(b, value, buildEmpty(b, sizes)).getResult(0);
}

Value weft::buildZeros(ImplicitLocOpBuilder &b, ArrayRef<OpFoldResult> sizes) {
  return buildFilled(b, sizes, buildFloat(b, b.getF32Type(), 0.0));
}

SmallVector<Value> weft::buildGeneric(ImplicitLocOpBuilder &b,
                                      ValueRange inputs, ValueRange inits,
                                      ArrayRef<AffineMap> maps,
                                      ArrayRef<int64_t> reduced,
                                      ElementBody body) {
  SmallVector<utils::IteratorType> iterators(maps.front().getNumDims(),
                                             utils::IteratorType::parallel);
  for (int64_t loop : reduced)
    iterators[loop] = utils::IteratorType::reduction;
  auto generic = linalg::GenericOp::create(
      b, TypeRange(inits), inputs, inits, maps, iterators,
      [&](OpBuilder &nested, Location loc, ValueRange args) {
        ImplicitLocOpBuilder inner(loc, nested);
        linalg::YieldOp::create(inner, body(inner, args));
      });
  return llvm::to_vector_of<Value>(generic.getResults());
}

Value weft::buildPosition(ImplicitLocOpBuilder &b, int64_t loop, Value first) {
  return buildOffset(b, first, linalg::IndexOp::create(b, loop));
}

Value weft::buildOffset(ImplicitLocOpBuilder &b, Value first, Value token) {
  return first ? b.createOrFold<arith::AddIOp>(first, token) : token;
}

Value weft::buildRows(ImplicitLocOpBuilder &b, Value tensor,
                      OpFoldResult offset, OpFoldResult size) {
  SmallVector<OpFoldResult> sizes = getSizes(b, tensor);
  SmallVector<OpFoldResult> offsets(sizes.size(), b.getIndexAttr(0));
  SmallVector<OpFoldResult> strides(sizes.size(), b.getIndexAttr(1));
  offsets[1] = offset;
  sizes[1] = size;
  return tensor::ExtractSliceOp::create(b, tensor, offsets, sizes, strides);
}

Value weft::buildWriteRows(ImplicitLocOpBuilder &b, Value rows, Value tensor,
                           OpFoldResult offset) {
  SmallVector<OpFoldResult> sizes = getSizes(b, rows);
  SmallVector<OpFoldResult> offsets(sizes.size(), b.getIndexAttr(0));
  SmallVector<OpFoldResult> strides(sizes.size(), b.getIndexAttr(1));
  offsets[1] = offset;
  return tensor::InsertSliceOp::create(b, rows, tensor, offsets, sizes,
                                       strides);
}

Value weft::buildJoinedRows(ImplicitLocOpBuilder &b, Value front, Value back) {
  SmallVector<OpFoldResult> sizes = getSizes(b, front);
  OpFoldResult kept = sizes[1];
  sizes[1] =
      b.createOrFold<arith::AddIOp>(b.createOrFold<tensor::DimOp>(front, 1),
                                    b.createOrFold<tensor::DimOp>(back, 1));
  Value joined = tensor::EmptyOp::create(
      b, sizes, cast<RankedTensorType>(front.getType()).getElementType());
  joined = buildWriteRows(b, front, joined, b.getIndexAttr(0));
  return buildWriteRows(b, back, joined, kept);
}

Value weft::buildDequantized(ImplicitLocOpBuilder &b, Value stored) {
  auto type = cast<RankedTensorType>(stored.getType());
  if (type.getElementType().isF32())
    return stored;
  return DequantizeOp::create(b, type.clone(b.getF32Type()), stored);
}
