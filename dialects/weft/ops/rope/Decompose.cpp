//===- Decompose.cpp - The definition of weft.rope ------------------------===//

#include "dialects/weft/ops/Structured.h"
#include "dialects/weft/ops/WeftOps.h"

using namespace mlir;
using namespace weft;

namespace {

/// The first or second channels of all pairs: an offset and a stride.
struct Channels {
  int64_t offset, stride;
};

/// Builds one rotation as a table of cosines and sines, tokens x pairs, and a
/// nest over the pairs of all tokens.
class Decomposition {
public:
  Decomposition(RopeOp op, OpBuilder &builder)
      : op(op), b(op.getLoc(), builder), sizes(getSizes(b, op.getInput())) {
    int64_t pairs = op.getFrequencies().size();
    bool half = op.getPairing() == RopePairing::Half;
    first = {0, half ? 1 : 2};
    second = {half ? pairs : 1, half ? 1 : 2};
    sizes.back() = b.getIndexAttr(pairs);
  }

  Value build();

private:
  SmallVector<Value> buildTable();

  SmallVector<OpFoldResult> getOffsets(Channels channels) {
    SmallVector<OpFoldResult> offsets(4, b.getIndexAttr(0));
    offsets[3] = b.getIndexAttr(channels.offset);
    return offsets;
  }
  SmallVector<OpFoldResult> getStrides(Channels channels) {
    SmallVector<OpFoldResult> strides(4, b.getIndexAttr(1));
    strides[3] = b.getIndexAttr(channels.stride);
    return strides;
  }
  Value read(Channels channels) {
    return tensor::ExtractSliceOp::create(
        b, op.getInput(), getOffsets(channels), sizes, getStrides(channels));
  }
  Value write(Value rotated, Value out, Channels channels) {
    return tensor::InsertSliceOp::create(b, rotated, out, getOffsets(channels),
                                         sizes, getStrides(channels));
  }

  RopeOp op;
  ImplicitLocOpBuilder b;
  SmallVector<OpFoldResult> sizes; // Of one channel of all pairs.
  Channels first, second;
};

} // namespace

/// Builds the magnitude times the cosine and the sine of each angle.
SmallVector<Value> Decomposition::buildTable() {
  Type f32 = b.getF32Type();
  SmallVector<float> numbers(op.getFrequencies());
  Value frequencies = arith::ConstantOp::create(
      b, DenseElementsAttr::get(
             RankedTensorType::get(int64_t(numbers.size()), f32),
             ArrayRef(numbers)));
  SmallVector<OpFoldResult> shape{sizes[1], sizes[3]};
  AffineMap all = b.getMultiDimIdentityMap(2);
  return buildGeneric(
      b, frequencies, {buildEmpty(b, shape), buildEmpty(b, shape)},
      {getDimMap(b, 2, {1}), all, all}, {},
      [&](ImplicitLocOpBuilder &b, ValueRange args) -> SmallVector<Value> {
        Value index = buildPosition(b, 0, op.getPosition());
        Value integer = arith::IndexCastOp::create(b, b.getI64Type(), index);
        Value position = arith::SIToFPOp::create(b, f32, integer);
        Value angle = arith::MulFOp::create(b, position, args[0]);
        Value magnitude =
            buildFloat(b, f32, op.getMagnitude().convertToDouble());
        Value cosine = math::CosOp::create(b, angle);
        Value sine = math::SinOp::create(b, angle);
        return {arith::MulFOp::create(b, cosine, magnitude),
                arith::MulFOp::create(b, sine, magnitude)};
      });
}

Value Decomposition::build() {
  SmallVector<Value> table = buildTable();
  AffineMap all = b.getMultiDimIdentityMap(4), row = getDimMap(b, 4, {1, 3});
  SmallVector<Value> rotated = buildGeneric(
      b, {read(first), read(second), table[0], table[1]},
      {buildEmpty(b, sizes), buildEmpty(b, sizes)},
      {all, all, row, row, all, all}, {},
      [](ImplicitLocOpBuilder &b, ValueRange args) -> SmallVector<Value> {
        auto mul = [&](Value lhs, Value rhs) -> Value {
          return arith::MulFOp::create(b, lhs, rhs);
        };
        Value x = args[0], y = args[1], cosine = args[2], sine = args[3];
        return {arith::SubFOp::create(b, mul(x, cosine), mul(y, sine)),
                arith::AddFOp::create(b, mul(x, sine), mul(y, cosine))};
      });
  Value out = write(rotated[0], op.getInput(), first);
  return write(rotated[1], out, second);
}

FailureOr<SmallVector<Value>> RopeOp::decomposeOperation(OpBuilder &b) {
  return SmallVector<Value>{Decomposition(*this, b).build()};
}
