//===- TopK.cpp - Softmax over the best keys ------------------------------===//

#include "dialects/weft/kinds/Builders.h"
#include "dialects/weft/kinds/Kinds.h"

using namespace mlir;
using namespace weft;

LogicalResult TopKAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                               int64_t count) {
  if (count < 1)
    return emitError() << "expected at least 1 key but got " << count;
  return success();
}

RowStateKind TopKAttr::getStateKind() const { return RowStateKind::Row; }

/// There are 2^32 numbers of f32.
int64_t TopKAttr::getNumSweeps() const { return 32; }

/// Builds `type` with i32 in the place of f32.
static Type getIntegers(Type type) {
  Type i32 = IntegerType::get(type.getContext(), 32);
  if (auto shaped = dyn_cast<ShapedType>(type))
    return shaped.clone(i32);
  return i32;
}

/// Builds the number in the order of f32 of bits, or the bits of such a number:
/// all but the sign are flipped where it is negative.
static Value buildOrder(ImplicitLocOpBuilder &b, Value bits) {
  Type type = bits.getType();
  Value sign = arith::ShRSIOp::create(b, bits, buildIndex(b, type, 31));
  Value flip = arith::AndIOp::create(
      b, sign, buildIndex(b, type, std::numeric_limits<int32_t>::max()));
  return arith::XOrIOp::create(b, bits, flip);
}

/// Builds the number of f32 in the middle of `low` and `high`.
static Value buildMiddle(ImplicitLocOpBuilder &b, Value low, Value high) {
  Type floats = low.getType(), integers = getIntegers(floats);
  low = buildOrder(b, arith::BitcastOp::create(b, integers, low));
  high = buildOrder(b, arith::BitcastOp::create(b, integers, high));
  // The mean, rounded down, without their sum, which may not fit.
  Value half = arith::ShRSIOp::create(b, arith::XOrIOp::create(b, low, high),
                                      buildIndex(b, integers, 1));
  Value mean =
      arith::AddIOp::create(b, arith::AndIOp::create(b, low, high), half);
  return arith::BitcastOp::create(b, floats, buildOrder(b, mean));
}

// Kept: a threshold that enough keys reach, one that too few exceed by any
// step, and the maximum.
SmallVector<Value> TopKAttr::buildRowStart(ImplicitLocOpBuilder &b, Value max,
                                           Value) const {
  Type floats = max.getType(), integers = getIntegers(floats);
  Value lowest =
      buildFloat(b, floats, -std::numeric_limits<double>::infinity());
  Value order = buildOrder(b, arith::BitcastOp::create(b, integers, max));
  Value next = arith::AddIOp::create(b, order, buildIndex(b, integers, 1));
  Value above = arith::BitcastOp::create(b, floats, buildOrder(b, next));
  return {lowest, above, max};
}

Value TopKAttr::buildSwept(ImplicitLocOpBuilder &b, Value score,
                           ValueRange kept, Value) const {
  Type type = score.getType();
  Value reaches = arith::CmpFOp::create(b, arith::CmpFPredicate::OGE, score,
                                        buildMiddle(b, kept[0], kept[1]));
  return arith::SelectOp::create(b, reaches, buildFloat(b, type, 1.0),
                                 buildFloat(b, type, 0.0));
}

SmallVector<Value> TopKAttr::buildSweepNext(ImplicitLocOpBuilder &b,
                                            ValueRange kept, Value sum,
                                            Value) const {
  Value middle = buildMiddle(b, kept[0], kept[1]);
  Value enough =
      arith::CmpFOp::create(b, arith::CmpFPredicate::OGE, sum,
                            buildFloat(b, sum.getType(), double(getCount())));
  return {arith::SelectOp::create(b, enough, middle, kept[0]),
          arith::SelectOp::create(b, enough, kept[1], middle), kept[2]};
}

Value TopKAttr::buildRowWeight(ImplicitLocOpBuilder &b, Value score,
                               ValueRange kept) const {
  Value reaches =
      arith::CmpFOp::create(b, arith::CmpFPredicate::OGE, score, kept[0]);
  return arith::SelectOp::create(b, reaches, buildWeight(b, score, kept[2]),
                                 buildFloat(b, score.getType(), 0.0));
}

Value TopKAttr::buildWeight(ImplicitLocOpBuilder &b, Value score,
                            Value max) const {
  return math::ExpOp::create(b, arith::SubFOp::create(b, score, max));
}

Value TopKAttr::buildFinish(ImplicitLocOpBuilder &b, Value acc,
                            Value sum) const {
  return buildDivOrZero(b, acc, sum);
}
