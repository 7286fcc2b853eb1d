//===- Decompose.cpp - The definition of weft.append ----------------------===//

#include "dialects/weft/ops/Structured.h"
#include "dialects/weft/ops/WeftOps.h"

using namespace mlir;
using namespace weft;

/// All tokens so far, filled from the front.
static SmallVector<Value> buildAppend(AppendOp op, ImplicitLocOpBuilder &b,
                                      Value tokens, Value count) {
  Value next = buildWriteRows(b, tokens, op.getState(), op.getPosition());
  Value total = b.createOrFold<arith::AddIOp>(op.getPosition(), count);
  Value seen = buildRows(b, next, b.getIndexAttr(0), getAsOpFoldResult(total));
  Value first = arith::ConstantIndexOp::create(b, 0);
  return {seen, first, next};
}

/// The last tokens, filled from the back.
static SmallVector<Value> buildLast(AppendOp op, ImplicitLocOpBuilder &b,
                                    Value tokens, Value count) {
  int64_t rows = cast<ShapedType>(op.getState().getType()).getDimSize(1);
  Value kept = arith::ConstantIndexOp::create(b, rows);
  Value held = b.createOrFold<arith::MinSIOp>(op.getPosition(), kept);
  Value unused = b.createOrFold<arith::SubIOp>(kept, held);
  Value total = b.createOrFold<arith::AddIOp>(held, count);
  Value joined = buildJoinedRows(b, op.getState(), tokens);
  Value seen =
      buildRows(b, joined, getAsOpFoldResult(unused), getAsOpFoldResult(total));
  Value first = b.createOrFold<arith::SubIOp>(op.getPosition(), held);
  Value next =
      buildRows(b, joined, getAsOpFoldResult(count), b.getIndexAttr(rows));
  return {seen, first, next};
}

/// Casts `value` to `type` if it has another one.
static Value buildCast(ImplicitLocOpBuilder &b, Value value, Type type) {
  if (value.getType() == type)
    return value;
  return tensor::CastOp::create(b, type, value);
}

FailureOr<SmallVector<Value>> AppendOp::decomposeOperation(OpBuilder &builder) {
  ImplicitLocOpBuilder b(getLoc(), builder);
  // Tokens of static sizes, where the state knows them.
  auto state = cast<RankedTensorType>(getState().getType());
  SmallVector<int64_t> shape(state.getShape());
  shape[1] = cast<ShapedType>(getTokens().getType()).getDimSize(1);
  Value tokens = buildCast(b, getTokens(), state.clone(shape));
  Value count = b.createOrFold<tensor::DimOp>(tokens, 1);
  SmallVector<Value> results = getGrowth() == Growth::Append
                                   ? buildAppend(*this, b, tokens, count)
                                   : buildLast(*this, b, tokens, count);
  results[0] = buildCast(b, results[0], getSeen().getType());
  return results;
}
