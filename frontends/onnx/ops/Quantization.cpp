//===- Quantization.cpp - Integers with scales ----------------------------===//
//
// A number is (code - zero point) * scale, with one scale of all, of a place
// along an axis or of a block of places.
//
//===----------------------------------------------------------------------===//

#include "frontends/onnx/ops/Products.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace weft::onnx;

/// A scale or zero point as it goes with each element of `x`.
static FailureOr<Tensor> spread(Node &n, unsigned input, int64_t axis,
                                int64_t block) {
  const Tensor &x = n.input(0), &scale = n.input(input);
  if (getProduct(scale.sizes).is(1) && scale.rank() <= 1)
    return n.g.reshape(scale, {});
  if (scale.rank() == 1 && block == 0 && scale.sizes[0] == x.sizes[axis]) {
    SmallVector<int64_t> added;
    for (int64_t i = axis + 1; i < x.rank(); ++i)
      added.push_back(i - axis);
    return n.g.insertAxes(scale, added);
  }
  bool fits = block > 0 && scale.rank() == x.rank();
  for (int64_t i = 0; fits && i < x.rank(); ++i)
    fits &= i == axis || scale.sizes[i] == x.sizes[i];
  if (!fits)
    return n.fail("expected one number, one for each place of axis " +
                  Twine(axis) + " or one for each block but got " +
                  n.g.table.str(scale.sizes) + " for " +
                  n.g.table.str(x.sizes));
  Value from = n.g.dense(scale);
  Value last = n.g.table.buildValue(scale.sizes[axis] - Size(1));
  Tensor result = n.g.fromIndices(
      x.sizes, scale.element, [&](BodyBuilder &b, ValueRange at) -> Value {
        SmallVector<Value> place(at);
        Value own = arith::DivUIOp::create(
            b, at[axis], arith::ConstantIndexOp::create(b, block));
        place[axis] = arith::MinSIOp::create(b, own, last);
        return tensor::ExtractOp::create(b, from, place);
      });
  result.isUnsigned = scale.isUnsigned;
  return result;
}

/// An integer code as an i32.
static Value widen(BodyBuilder &b, Value x, bool isUnsigned) {
  if (isUnsigned && x.getType().getIntOrFloatBitWidth() < 32)
    return arith::ExtUIOp::create(b, b.getI32Type(), x);
  return buildCast(b, x, b.getI32Type());
}

/// Checks a type of codes: integers of at most `most` bits.
static LogicalResult expectCodes(Node &n, unsigned i, unsigned most) {
  const Tensor &x = n.input(i);
  if (x.isInteger() && x.element.getIntOrFloatBitWidth() <= most &&
      !(x.isUnsigned && x.element.getIntOrFloatBitWidth() > 16))
    return success();
  return n.fail("expected input " + Twine(i) + " of integers of at most " +
                Twine(most) + " bits but got " + getTypeName(x.getPortType()));
}

/// The axis of scales and the places of a block, 0 where there are none.
static FailureOr<std::pair<int64_t, int64_t>> readAxis(Node &n) {
  const int64_t block = n.getInt("block_size", 0);
  const int64_t rank = n.input(0).rank();
  const int64_t axis = n.getInt("axis", 1);
  if (getProduct(n.input(1).sizes).is(1) && n.input(1).rank() <= 1)
    return std::pair<int64_t, int64_t>(0, 0);
  FailureOr<int64_t> checked = n.checkAxis(axis, rank);
  if (failed(checked))
    return failure();
  return std::pair(*checked, block);
}

static LogicalResult importDequantizeLinear(Node &n) {
  auto where = readAxis(n);
  const int64_t to = n.getInt("output_dtype", 0);
  if (failed(where) || failed(expectCodes(n, 0, 32)) ||
      failed(n.expect(1, "float")))
    return failure();
  auto [axis, block] = *where;
  Type type = n.input(1).element;
  if (to) {
    auto wanted = getElementType(n.g.b.getContext(), int32_t(to));
    if (!wanted || !isa<FloatType>(*wanted) || wanted->isF64())
      return n.fail("output_dtype " + Twine(to) + " is not supported");
    type = *wanted;
  }
  FailureOr<Tensor> scale = spread(n, 1, axis, block);
  if (failed(scale))
    return failure();
  std::vector<Tensor> inputs{n.input(0), *scale};
  if (n.hasInput(2)) {
    FailureOr<Tensor> zero = spread(n, 2, axis, block);
    if (failed(zero) || failed(n.expectSameType(0, 2)))
      return failure();
    inputs.push_back(*zero);
  }
  const bool isUnsigned = n.input(0).isUnsigned;
  return n.finish(n.g.pointwise(
      inputs, type, [&](BodyBuilder &b, ValueRange args) -> Value {
        Value code = widen(b, args[0], isUnsigned);
        if (args.size() > 2)
          code = arith::SubIOp::create(b, code, widen(b, args[2], isUnsigned));
        Value real = arith::SIToFPOp::create(b, args[1].getType(), code);
        return arith::MulFOp::create(b, real, args[1]);
      }));
}

/// round(x / scale) + zero point, within the type's range; halves to even.
static Value buildCode(BodyBuilder &b, Value x, Value scale, Value zero,
                       Type stored, bool isUnsigned) {
  const unsigned width = stored.getIntOrFloatBitWidth();
  const double low = isUnsigned ? 0 : -std::ldexp(1.0, int(width) - 1);
  const double high = isUnsigned ? std::ldexp(1.0, int(width)) - 1
                                 : std::ldexp(1.0, int(width) - 1) - 1;
  Type f32 = b.getF32Type();
  Value code = math::RoundEvenOp::create(b, arith::DivFOp::create(b, x, scale));
  if (zero)
    code = arith::AddFOp::create(
        b, code, arith::SIToFPOp::create(b, f32, widen(b, zero, isUnsigned)));
  Value least = arith::MaximumFOp::create(b, code, buildNumber(b, f32, low));
  Value inside = arith::MinimumFOp::create(b, least, buildNumber(b, f32, high));
  return buildCast(b, arith::FPToSIOp::create(b, b.getI32Type(), inside),
                   stored);
}

static LogicalResult importQuantizeLinear(Node &n) {
  n.ignore({"saturate", "precision"}); // of types that are not supported
  auto where = readAxis(n);
  const int64_t to = n.getInt("output_dtype", 0);
  if (failed(where) || failed(n.expect(0, "float")) ||
      failed(n.expect(1, "float")))
    return failure();
  auto [axis, block] = *where;
  auto type = getPortType(n.g.b.getContext(), to ? int32_t(to) : 2);
  if (n.hasInput(2)) {
    if (failed(expectCodes(n, 2, 16)))
      return failure();
    type = n.input(2).getPortType();
  }
  if (!type || !isa<IntegerType>(*type) || type->getIntOrFloatBitWidth() > 16)
    return n.fail("output_dtype " + Twine(to) + " is not supported");
  FailureOr<Tensor> scale = spread(n, 1, axis, block);
  if (failed(scale))
    return failure();
  std::vector<Tensor> inputs{n.input(0), *scale};
  if (n.hasInput(2)) {
    FailureOr<Tensor> zero = spread(n, 2, axis, block);
    if (failed(zero))
      return failure();
    inputs.push_back(*zero);
  }
  const bool isUnsigned = type->isUnsignedInteger();
  Type stored = getStoredType(*type);
  FailureOr<Tensor> codes =
      n.g.pointwise(inputs, stored, [&](BodyBuilder &b, ValueRange args) {
        return buildCode(b, args[0], args[1],
                         args.size() > 2 ? args[2] : Value(), stored,
                         isUnsigned);
      });
  if (failed(codes))
    return failure();
  codes->isUnsigned = isUnsigned;
  return n.setOutput(0, *codes);
}

/// To bytes by the range of the numbers, zero included.
static LogicalResult importDynamicQuantizeLinear(Node &n) {
  const Tensor &x = n.input(0);
  if (failed(n.expect(0, "float")))
    return failure();
  GraphBuilder &g = n.g;
  Type f32 = g.b.getF32Type(), i8 = g.b.getI8Type();
  auto axes = llvm::to_vector_of<int64_t>(llvm::seq<int64_t>(0, x.rank()));
  Tensor least =
      g.reduceAxes(x, axes, f32, makeNumber(f32, 0),
                   [](BodyBuilder &b, ValueRange args) -> Value {
                     return arith::MinimumFOp::create(b, args[1], args[0]);
                   });
  Tensor most =
      g.reduceAxes(x, axes, f32, makeNumber(f32, 0),
                   [](BodyBuilder &b, ValueRange args) -> Value {
                     return arith::MaximumFOp::create(b, args[1], args[0]);
                   });
  FailureOr<Tensor> scale = g.pointwise(
      {least, most}, f32, [&](BodyBuilder &b, ValueRange args) -> Value {
        Value range = arith::SubFOp::create(b, args[1], args[0]);
        return arith::DivFOp::create(b, range, buildNumber(b, f32, 255));
      });
  if (failed(scale))
    return failure();
  FailureOr<Tensor> zero = g.pointwise(
      {least, *scale}, i8, [&](BodyBuilder &b, ValueRange args) -> Value {
        return buildCode(b, arith::NegFOp::create(b, args[0]), args[1], {}, i8,
                         true);
      });
  if (failed(zero))
    return failure();
  FailureOr<Tensor> codes =
      g.pointwise({x, *scale, *zero}, i8, [&](BodyBuilder &b, ValueRange args) {
        return buildCode(b, args[0], args[1], args[2], i8, true);
      });
  if (failed(codes))
    return failure();
  codes->isUnsigned = zero->isUnsigned = true;
  (void)n.setOutput(1, *scale);
  (void)n.setOutput(2, *zero);
  return n.setOutput(0, *codes);
}

/// Codes less their zero point, one number or one of each row or column, in
/// i32.
static FailureOr<Tensor> buildCodes(Node &n, unsigned i, unsigned zero,
                                    bool isLeft) {
  if (failed(expectCodes(n, i, 8)))
    return failure();
  const Tensor &x = n.input(i);
  const bool isUnsigned = x.isUnsigned;
  std::vector<Tensor> inputs{x};
  if (n.hasInput(zero)) {
    if (failed(n.expectSameType(i, zero)))
      return failure();
    Tensor point = n.input(zero);
    if (getProduct(point.sizes).is(1))
      point = n.g.reshape(point, {});
    else if (isLeft && point.rank() == 1 && x.rank() == 2)
      point = n.g.insertAxes(point, 1);
    inputs.push_back(point);
  }
  FailureOr<Tensor> codes = n.g.pointwise(
      inputs, n.g.b.getI32Type(),
      [&](BodyBuilder &b, ValueRange args) -> Value {
        Value code = widen(b, args[0], isUnsigned);
        if (args.size() == 1)
          return code;
        return arith::SubIOp::create(b, code, widen(b, args[1], isUnsigned));
      });
  if (succeeded(codes) && codes->sizes != x.sizes)
    return n.fail("expected a zero point that goes with " +
                  n.g.table.str(x.sizes) + " but got " +
                  n.g.table.str(n.input(zero).sizes));
  return codes;
}

static LogicalResult importMatMulInteger(Node &n) {
  FailureOr<Tensor> x = buildCodes(n, 0, 2, true);
  FailureOr<Tensor> y = buildCodes(n, 1, 3, false);
  if (failed(x) || failed(y))
    return failure();
  return n.finish(buildMatMul(n, *x, *y));
}

static LogicalResult importQLinearMatMul(Node &n) {
  FailureOr<Tensor> x = buildCodes(n, 0, 2, true);
  FailureOr<Tensor> y = buildCodes(n, 3, 5, false);
  if (failed(x) || failed(y) || failed(expectCodes(n, 7, 8)))
    return failure();
  for (unsigned i : {1u, 4u, 6u})
    if (failed(n.expect(i, "float")) || !getProduct(n.input(i).sizes).is(1))
      return n.fail("expected one scale of all numbers as input " + Twine(i));
  if (!getProduct(n.input(7).sizes).is(1))
    return n.fail("expected one zero point of all numbers as input 7");
  FailureOr<Tensor> sums = buildMatMul(n, *x, *y);
  if (failed(sums))
    return failure();
  auto scalar = [&](unsigned i) { return n.g.reshape(n.input(i), {}); };
  Type stored = n.input(7).element;
  const bool isUnsigned = n.input(7).isUnsigned;
  FailureOr<Tensor> codes =
      n.g.pointwise({*sums, scalar(1), scalar(4), scalar(6), scalar(7)}, stored,
                    [&](BodyBuilder &b, ValueRange args) -> Value {
                      Value real =
                          arith::SIToFPOp::create(b, b.getF32Type(), args[0]);
                      Value scale = arith::MulFOp::create(b, args[1], args[2]);
                      return buildCode(b, arith::MulFOp::create(b, real, scale),
                                       args[3], args[4], stored, isUnsigned);
                    });
  if (failed(codes))
    return failure();
  codes->isUnsigned = isUnsigned;
  return n.setOutput(0, *codes);
}

OperatorGroup weft::onnx::getQuantizationOperators() {
  static const Operator operators[] = {
      {"DequantizeLinear", 2, 3, 10, importDequantizeLinear, true},
      {"DynamicQuantizeLinear", 1, 1, 11, importDynamicQuantizeLinear},
      {"MatMulInteger", 2, 4, 10, importMatMulInteger, true},
      {"QLinearMatMul", 8, 8, 10, importQLinearMatMul, true},
      {"QuantizeLinear", 2, 3, 10, importQuantizeLinear, true},
  };
  return operators;
}
