//===- Decompose.cpp - The definitions of weft.embed and weft.positions ---===//

#include "dialects/weft/ops/Structured.h"
#include "dialects/weft/ops/WeftOps.h"

using namespace mlir;
using namespace weft;

FailureOr<SmallVector<Value>> EmbedOp::decomposeOperation(OpBuilder &builder) {
  ImplicitLocOpBuilder b(getLoc(), builder);
  Value table = buildDequantized(b, getTable());
  int64_t rank = getOut().getType().getRank();
  AffineMap all = b.getMultiDimIdentityMap(rank);
  SmallVector<OpFoldResult> sizes = getSizes(b, getIds());
  sizes.push_back(b.getIndexAttr(getTable().getType().getDimSize(1)));
  return buildGeneric(
      b, getIds(), buildEmpty(b, sizes), {all.dropResult(rank - 1), all}, {},
      [&](ImplicitLocOpBuilder &b, ValueRange args) -> SmallVector<Value> {
        Type index = b.getIndexType();
        Value id = arith::IndexCastOp::create(b, index, args[0]);
        Value rows = buildIndex(b, index, getTable().getType().getDimSize(0));
        Value zero = buildIndex(b, index, 0);
        // As unsigned numbers, negative ids are large.
        Value inside =
            arith::CmpIOp::create(b, arith::CmpIPredicate::ult, id, rows);
        Value row = arith::SelectOp::create(b, inside, id, zero);
        Value column = linalg::IndexOp::create(b, rank - 1);
        Value number =
            tensor::ExtractOp::create(b, table, ValueRange{row, column});
        return {arith::SelectOp::create(b, inside, number,
                                        buildFloat(b, b.getF32Type(), 0.0))};
      });
}

FailureOr<SmallVector<Value>>
PositionsOp::decomposeOperation(OpBuilder &builder) {
  ImplicitLocOpBuilder b(getLoc(), builder);
  Type element = getIds().getType().getElementType();
  Value out = tensor::EmptyOp::create(b, getSizes(b, getIds()), element);
  return buildGeneric(
      b, {}, out, b.getMultiDimIdentityMap(2), {},
      [&](ImplicitLocOpBuilder &b, ValueRange) -> SmallVector<Value> {
        Value position = buildPosition(b, 1, getPosition());
        Value offset = buildIndex(b, b.getIndexType(), getOffset());
        position = arith::AddIOp::create(b, position, offset);
        return {arith::IndexCastOp::create(b, element, position)};
      });
}
