//===- Rotary.cpp - RotaryEmbedding ---------------------------------------===//

#include "frontends/onnx/Node.h"
#include "frontends/onnx/ops/Indices.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace weft::onnx;

namespace {

/// Channels by pairs: pair r is (r, r + R), or (2r, 2r + 1) where interleaved.
struct Pairs {
  int64_t rotated; // channels, 2R
  bool isInterleaved;
};

/// Of a channel below `rotated`: its pair, the other one, and whether it is the
/// second.
struct Place {
  Value pair, partner, isSecond;
};
} // namespace

static Place getPlace(BodyBuilder &b, const Pairs &pairs, Value channel) {
  auto number = [&](int64_t value) -> Value {
    return arith::ConstantIndexOp::create(b, value);
  };
  if (pairs.isInterleaved) {
    Value two = number(2);
    Value second = arith::RemSIOp::create(b, channel, two);
    Value isSecond =
        arith::CmpIOp::create(b, arith::CmpIPredicate::ne, second, number(0));
    Value up = arith::AddIOp::create(b, channel, number(1));
    Value down = arith::SubIOp::create(b, channel, number(1));
    return {arith::DivSIOp::create(b, channel, two),
            arith::SelectOp::create(b, isSecond, down, up), isSecond};
  }
  Value half = number(pairs.rotated / 2);
  Value isSecond =
      arith::CmpIOp::create(b, arith::CmpIPredicate::sge, channel, half);
  Value down = arith::SubIOp::create(b, channel, half);
  Value up = arith::AddIOp::create(b, channel, half);
  return {arith::SelectOp::create(b, isSecond, down, channel),
          arith::SelectOp::create(b, isSecond, down, up), isSecond};
}

/// The channels' cosines and sines: max x pairs by positions, or batch x tokens
/// x pairs.
static LogicalResult checkCaches(Node &n, const Tensor &x, int64_t pairs) {
  const Tensor &cosines = n.input(1), &sines = n.input(2);
  const bool hasPositions = n.hasInput(3);
  Sizes expected{x.sizes[0], x.sizes[2], pairs};
  if (hasPositions && cosines.rank() == 2)
    expected = {cosines.sizes[0], pairs};
  if (cosines.sizes != expected || sines.sizes != expected ||
      cosines.element != x.element || sines.element != x.element)
    return n.fail("expected cosines and sines of " + getTypeName(x.element) +
                  " " + n.g.table.str(expected) + " but got " +
                  n.g.table.str(cosines.sizes) + " and " +
                  n.g.table.str(sines.sizes));
  if (hasPositions && (n.input(3).sizes != Sizes{x.sizes[0], x.sizes[2]} ||
                       !n.input(3).isInteger()))
    return n.fail("expected a position for each token but got " +
                  n.g.table.str(n.input(3).sizes));
  return success();
}

static LogicalResult importRotaryEmbedding(Node &n) {
  GraphBuilder &g = n.g;
  Tensor x = n.input(0);
  const int64_t heads = n.getInt("num_heads", 0);
  const bool isInterleaved = n.getFlag("interleaved");
  int64_t rotated = n.getInt("rotary_embedding_dim", 0);
  if (failed(n.expect(0, "float")) || failed(n.expectRank(0, 3, 4)))
    return failure();
  const bool isFlat = x.rank() == 3;
  if (isFlat) {
    auto channels =
        heads > 0 ? Size::divideExactly(x.sizes[2], heads) : std::nullopt;
    if (!channels)
      return n.fail("expected num_heads to be a divisor of " +
                    g.table.str(x.sizes[2]) + " but got " + Twine(heads));
    x = g.reshape(x, {x.sizes[0], x.sizes[1], heads, *channels});
    x = g.transpose(x, {0, 2, 1, 3});
  }
  auto channels = n.getStaticSize(x.sizes[3], "the number of channels");
  if (failed(channels))
    return failure();
  if (rotated == 0)
    rotated = *channels;
  if (rotated < 2 || rotated % 2 != 0 || rotated > *channels)
    return n.fail("expected an even rotary_embedding_dim of at most " +
                  Twine(*channels) + " but got " + Twine(rotated));
  if (failed(checkCaches(n, x, rotated / 2)))
    return failure();

  // As it lies in memory: tokens before heads where they were given so.
  const Pairs pairs{rotated, isInterleaved};
  Tensor whole = isFlat ? g.transpose(x, {0, 2, 1, 3}) : x;
  Value from = g.dense(whole);
  Value cosines = g.dense(n.input(1)), sines = g.dense(n.input(2));
  Value positions = n.hasInput(3) ? g.dense(n.input(3)) : Value();
  Value rows = g.table.buildValue(n.input(1).sizes[0]);
  const bool byPosition = n.hasInput(3) && n.input(1).rank() == 2;
  Type f32 = g.b.getF32Type();
  Tensor y = g.fromIndices(
      whole.sizes, x.element, [&](BodyBuilder &b, ValueRange at) -> Value {
        Value batch = at[0], token = at[isFlat ? 1 : 2], channel = at[3];
        Value zero = arith::ConstantIndexOp::create(b, 0);
        Value isRotated =
            arith::CmpIOp::create(b, arith::CmpIPredicate::slt, channel,
                                  arith::ConstantIndexOp::create(b, rotated));
        Value safe = arith::SelectOp::create(b, isRotated, channel, zero);
        Place place = getPlace(b, pairs, safe);
        SmallVector<Value> row{batch, token};
        if (byPosition) {
          Value position =
              tensor::ExtractOp::create(b, positions, ValueRange(row));
          row = {buildSafeIndex(b, position, rows).place};
        }
        row.push_back(place.pair);
        auto load = [&](Value tensor, ValueRange where) {
          return buildCast(b, tensor::ExtractOp::create(b, tensor, where), f32);
        };
        Value cosine = load(cosines, row), sine = load(sines, row);
        SmallVector<Value> other(at);
        other[3] = place.partner;
        Value own = load(from, at), partner = load(from, other);
        Value turned = arith::MulFOp::create(b, partner, sine);
        turned = arith::SelectOp::create(b, place.isSecond, turned,
                                         arith::NegFOp::create(b, turned));
        Value result = arith::AddFOp::create(
            b, arith::MulFOp::create(b, own, cosine), turned);
        return arith::SelectOp::create(b, isRotated, result, own);
      });
  if (isFlat)
    y = g.flatten(y, 2, 4);
  return n.setOutput(0, y);
}

OperatorGroup weft::onnx::getRotaryOperators() {
  static const Operator operators[] = {
      {"RotaryEmbedding", 3, 4, 23, importRotaryEmbedding},
  };
  return operators;
}
