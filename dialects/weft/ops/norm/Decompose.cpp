//===- Decompose.cpp - The definition of weft.norm ------------------------===//

#include "dialects/weft/ops/Structured.h"
#include "dialects/weft/ops/WeftOps.h"

using namespace mlir;
using namespace weft;

namespace {

/// Builds one norm over rows, the last axis of its input.
class Decomposition {
public:
  Decomposition(NormOp op, OpBuilder &builder)
      : op(op), b(op.getLoc(), builder), sizes(getSizes(b, op.getInput())),
        rank(sizes.size()), elements(b.getMultiDimIdentityMap(rank)),
        rows(elements.dropResult(rank - 1)),
        columns(getDimMap(b, rank, {rank - 1})) {}

  SmallVector<Value> build();

private:
  /// Builds the sum over each row of x, or of the square of x less `mean`.
  Value buildSum(bool squares, Value mean);

  /// Builds the mean of `sum`, an element.
  Value buildMean(ImplicitLocOpBuilder &b, Value sum) {
    double channels = op.getInput().getType().getShape().back();
    return arith::DivFOp::create(b, sum,
                                 buildFloat(b, b.getF32Type(), channels));
  }

  NormOp op;
  ImplicitLocOpBuilder b;
  SmallVector<OpFoldResult> sizes;
  int64_t rank;
  AffineMap elements, rows, columns;
};

} // namespace

Value Decomposition::buildSum(bool squares, Value sum) {
  SmallVector<Value> inputs{op.getInput()};
  SmallVector<AffineMap> maps{elements};
  if (sum) {
    inputs.push_back(sum);
    maps.push_back(rows);
  }
  maps.push_back(rows);
  return buildGeneric(
      b, inputs, buildZeros(b, ArrayRef(sizes).drop_back()), maps, rank - 1,
      [&](ImplicitLocOpBuilder &b, ValueRange args) -> SmallVector<Value> {
        Value x = args[0];
        if (sum)
          x = arith::SubFOp::create(b, x, buildMean(b, args[1]));
        if (squares)
          x = arith::MulFOp::create(b, x, x);
        return {arith::AddFOp::create(b, args.back(), x)};
      })[0];
}

SmallVector<Value> Decomposition::build() {
  bool centred = op.getKind() == NormKind::Layer;
  Value sum = centred ? buildSum(/*squares=*/false, nullptr) : Value();
  SmallVector<Value> inputs{op.getInput(), buildSum(/*squares=*/true, sum)};
  SmallVector<AffineMap> maps{elements, rows};
  if (sum) {
    inputs.push_back(sum);
    maps.push_back(rows);
  }
  for (Value operand : {op.getScale(), op.getShift()})
    if (operand) {
      inputs.push_back(operand);
      maps.push_back(columns);
    }
  maps.push_back(elements);
  return buildGeneric(
      b, inputs, buildEmpty(b, sizes), maps, {},
      [&](ImplicitLocOpBuilder &b, ValueRange args) -> SmallVector<Value> {
        Value x = args[0], squares = args[1];
        ValueRange rest = args.drop_front(2);
        if (centred) {
          x = arith::SubFOp::create(b, x, buildMean(b, rest.front()));
          rest = rest.drop_front();
        }
        if (op.getKind() != NormKind::L2)
          squares = buildMean(b, squares);
        Value epsilon =
            buildFloat(b, b.getF32Type(), op.getEpsilon().convertToDouble());
        Value size =
            math::SqrtOp::create(b, arith::AddFOp::create(b, squares, epsilon));
        Value out = arith::DivFOp::create(b, x, size);
        if (op.getScale()) {
          out = arith::MulFOp::create(b, out, rest.front());
          rest = rest.drop_front();
        }
        if (op.getShift())
          out = arith::AddFOp::create(b, out, rest.front());
        return {out};
      });
}

FailureOr<SmallVector<Value>> NormOp::decomposeOperation(OpBuilder &b) {
  return Decomposition(*this, b).build();
}
