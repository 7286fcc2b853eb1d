//===- Standard.cpp - (s - mean) / deviation ------------------------------===//

#include "dialects/weft/kinds/Builders.h"
#include "dialects/weft/kinds/Kinds.h"

using namespace mlir;
using namespace weft;

RowStateKind StandardAttr::getStateKind() const { return RowStateKind::Row; }

int64_t StandardAttr::getNumSweeps() const { return 2; }

// Kept: the mean, the variance, the count.
SmallVector<Value> StandardAttr::buildRowStart(ImplicitLocOpBuilder &b, Value,
                                               Value count) const {
  Value zero = buildFloat(b, count.getType(), 0.0);
  return {zero, zero, count};
}

/// Builds `first` in sweep 0, `second` in sweep 1.
static Value buildBySweep(ImplicitLocOpBuilder &b, Value sweep, Value first,
                          Value second) {
  Value isFirst = arith::CmpIOp::create(b, arith::CmpIPredicate::eq, sweep,
                                        buildIndex(b, sweep.getType(), 0));
  return arith::SelectOp::create(b, isFirst, first, second);
}

Value StandardAttr::buildSwept(ImplicitLocOpBuilder &b, Value score,
                               ValueRange kept, Value sweep) const {
  Value centred = arith::SubFOp::create(b, score, kept[0]);
  Value square = arith::MulFOp::create(b, centred, centred);
  return buildBySweep(b, sweep, score, square);
}

SmallVector<Value> StandardAttr::buildSweepNext(ImplicitLocOpBuilder &b,
                                                ValueRange kept, Value sum,
                                                Value sweep) const {
  Value mean = buildDivOrZero(b, sum, kept[2]);
  return {buildBySweep(b, sweep, mean, kept[0]),
          buildBySweep(b, sweep, kept[1], mean), kept[2]};
}

Value StandardAttr::buildRowWeight(ImplicitLocOpBuilder &b, Value score,
                                   ValueRange kept) const {
  Value centred = arith::SubFOp::create(b, score, kept[0]);
  Value epsilon =
      buildFloat(b, score.getType(), getEpsilon().getValueAsDouble());
  Value variance = arith::AddFOp::create(b, kept[1], epsilon);
  return arith::DivFOp::create(b, centred, math::SqrtOp::create(b, variance));
}

Value StandardAttr::buildWeight(ImplicitLocOpBuilder &, Value score,
                                Value) const {
  return score;
}

Value StandardAttr::buildTerm(ImplicitLocOpBuilder &b, Value weight) const {
  return buildFloat(b, weight.getType(), 0.0);
}

Value StandardAttr::buildFinish(ImplicitLocOpBuilder &, Value acc,
                                Value) const {
  return acc;
}
