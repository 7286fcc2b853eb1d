//===- TopKOp.cpp - weft.top_k --------------------------------------------===//

#include "dialects/weft/ops/Common.h"
#include "dialects/weft/ops/Structured.h"
#include "dialects/weft/ops/WeftOps.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace weft;

LogicalResult TopKOp::verify() {
  auto input = cast<RankedTensorType>(getInput().getType());
  auto values = cast<RankedTensorType>(getValues().getType());
  auto places = cast<RankedTensorType>(getPlaces().getType());
  if (input.getRank() == 0 || values.getRank() != input.getRank())
    return emitOpError() << "expected values of rank " << input.getRank()
                         << " but got " << values;
  if (values.getShape() != places.getShape())
    return emitOpError() << "expected places shaped as values but got "
                         << places;
  if (values.isDynamicDim(values.getRank() - 1))
    return emitOpError() << "expected a constant number of values but got "
                         << values;
  for (int64_t axis = 0; axis + 1 < input.getRank(); ++axis)
    if (failed(verifySameDim(*this, "rows", "input", getInput(), axis, "values",
                             getValues(), axis)))
      return failure();
  return success();
}

LogicalResult TopKOp::reifyResultShapes(OpBuilder &builder,
                                        ReifiedRankedShapedTypeDims &shapes) {
  ImplicitLocOpBuilder b(getLoc(), builder);
  SmallVector<OpFoldResult> sizes = getSizes(b, getInput());
  auto values = cast<RankedTensorType>(getValues().getType());
  sizes.back() = b.getIndexAttr(values.getShape().back());
  shapes.assign(2, sizes);
  return success();
}

namespace {

/// Takes the best of what comes after the last one taken, in the order of
/// falling numbers and, among equals, of rising places, as often as is asked.
class Selection {
public:
  Selection(TopKOp op, OpBuilder &builder)
      : op(op), b(op.getLoc(), builder), f32(b.getF32Type()),
        i64(b.getI64Type()) {
    sizes = getSizes(b, op.getInput());
    count = cast<RankedTensorType>(op.getValues().getType()).getShape().back();
    rank = sizes.size();
    for (int64_t i = 0; i < rank; ++i)
      all.push_back(i);
    rows.assign(all.begin(), all.end() - 1);
  }

  SmallVector<Value> build();

private:
  Value filled(ArrayRef<OpFoldResult> sizes, Value value) {
    Value empty = tensor::EmptyOp::create(b, sizes, value.getType());
    return linalg::FillOp::create(b, value, empty).getResult(0);
  }
  Value infinity(ImplicitLocOpBuilder &b, double sign) {
    return buildFloat(b, f32, sign * std::numeric_limits<double>::infinity());
  }
  Value integer(ImplicitLocOpBuilder &b, int64_t value) {
    return arith::ConstantOp::create(b, b.getI64IntegerAttr(value));
  }
  /// Builds the best of each row after (`value`, `place`), or the best of all
  /// if `isFirst`.
  SmallVector<Value> next(Value value, Value place, Value isFirst);
  /// Builds the column `turn` of `target`.
  Value read(Value target, Value turn);
  /// Builds `target` with `row` at `turn` of its last axis.
  Value write(Value row, Value target, Value turn);

  TopKOp op;
  ImplicitLocOpBuilder b;
  Type f32, i64;
  SmallVector<OpFoldResult> sizes;
  SmallVector<int64_t> all, rows;
  int64_t count, rank;
};

} // namespace

SmallVector<Value> Selection::next(Value value, Value place, Value isFirst) {
  AffineMap allMap = getDimMap(b, rank, all), rowMap = getDimMap(b, rank, rows);
  auto rowSizes = ArrayRef(sizes).drop_back();
  return buildGeneric(
      b, {op.getInput(), value, place},
      {filled(rowSizes, infinity(b, -1)), filled(rowSizes, integer(b, -1))},
      {allMap, rowMap, rowMap, rowMap, rowMap}, {rank - 1},
      [&](ImplicitLocOpBuilder &b, ValueRange args) {
        using Float = arith::CmpFPredicate;
        auto compare = [&](Float how, Value lhs, Value rhs) -> Value {
          return arith::CmpFOp::create(b, how, lhs, rhs);
        };
        Value x = args[0], last = args[1], best = args[3];
        Value at = arith::IndexCastOp::create(
            b, i64, linalg::IndexOp::create(b, rank - 1));
        Value after =
            arith::CmpIOp::create(b, arith::CmpIPredicate::sgt, at, args[2]);
        after = arith::AndIOp::create(b, compare(Float::OEQ, x, last), after);
        after = arith::OrIOp::create(b, compare(Float::OLT, x, last), after);
        after = arith::OrIOp::create(b, after, isFirst);
        // The first number of a row that is left is better than none.
        Value none = arith::CmpIOp::create(b, arith::CmpIPredicate::slt,
                                           args[4], integer(b, 0));
        Value better =
            arith::OrIOp::create(b, none, compare(Float::OGT, x, best));
        Value take = arith::AndIOp::create(b, after, better);
        return SmallVector<Value>{
            arith::SelectOp::create(b, take, x, best),
            arith::SelectOp::create(b, take, at, args[4])};
      });
}

Value Selection::read(Value target, Value turn) {
  SmallVector<OpFoldResult> offsets(rank, b.getIndexAttr(0));
  SmallVector<OpFoldResult> strides(rank, b.getIndexAttr(1));
  SmallVector<OpFoldResult> one(sizes);
  offsets.back() = turn;
  one.back() = b.getIndexAttr(1);
  auto type = cast<RankedTensorType>(target.getType());
  auto row =
      RankedTensorType::get(type.getShape().drop_back(), type.getElementType());
  return tensor::ExtractSliceOp::create(b, row, target, offsets, one, strides);
}

Value Selection::write(Value row, Value target, Value turn) {
  SmallVector<OpFoldResult> offsets(rank, b.getIndexAttr(0));
  SmallVector<OpFoldResult> strides(rank, b.getIndexAttr(1));
  SmallVector<OpFoldResult> one(sizes);
  offsets.back() = turn;
  one.back() = b.getIndexAttr(1);
  return tensor::InsertSliceOp::create(b, row, target, offsets, one, strides);
}

SmallVector<Value> Selection::build() {
  SmallVector<OpFoldResult> outSizes(sizes);
  outSizes.back() = b.getIndexAttr(count);
  auto index = [&](int64_t i) -> Value {
    return arith::ConstantIndexOp::create(b, i);
  };
  SmallVector<Value> carried{filled(outSizes, infinity(b, -1)),
                             filled(outSizes, integer(b, -1))};
  auto loop = scf::ForOp::create(b, index(0), index(count), index(1), carried);
  {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(loop.getBody());
    Value values = loop.getRegionIterArg(0), places = loop.getRegionIterArg(1);
    Value turn = loop.getInductionVar();
    Value isFirst =
        arith::CmpIOp::create(b, arith::CmpIPredicate::eq, turn, index(0));
    Value before = arith::MaxSIOp::create(
        b, arith::SubIOp::create(b, turn, index(1)), index(0));
    SmallVector<Value> best =
        next(read(values, before), read(places, before), isFirst);
    scf::YieldOp::create(b, ValueRange{write(best[0], values, turn),
                                       write(best[1], places, turn)});
  }
  return {loop.getResult(0), loop.getResult(1)};
}

FailureOr<SmallVector<Value>> TopKOp::decomposeOperation(OpBuilder &builder) {
  SmallVector<Value> results = Selection(*this, builder).build();
  ImplicitLocOpBuilder b(getLoc(), builder);
  for (auto [result, old] : llvm::zip_equal(results, getResults()))
    if (result.getType() != old.getType())
      result = tensor::CastOp::create(b, old.getType(), result);
  return results;
}

FailureOr<SmallVector<int64_t>>
TopKOp::inferSequenceAxes(ArrayRef<int64_t> operandAxes) {
  int64_t rank = cast<RankedTensorType>(getInput().getType()).getRank();
  if (operandAxes[0] == rank - 1)
    return emitOpError("cannot run by pieces: it looks along the sequence");
  return SmallVector<int64_t>(2, operandAxes[0]);
}

FailureOr<SmallVector<int64_t>>
TopKOp::inferTokenAxes(ArrayRef<int64_t> resultAxes) {
  int64_t axis = std::max(resultAxes[0], resultAxes[1]);
  int64_t rank = cast<RankedTensorType>(getInput().getType()).getRank();
  if (axis == rank - 1)
    return failure();
  return SmallVector<int64_t>{axis};
}
