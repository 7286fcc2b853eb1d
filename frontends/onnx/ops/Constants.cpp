//===- Constants.cpp - Tensors from nothing but numbers -------------------===//

#include "frontends/onnx/Node.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace weft::onnx;

static LogicalResult importConstant(Node &n) {
  GraphBuilder &g = n.g;
  if (const proto::Attribute *value = n.getAttribute("value"))
    return n.finish(readTensor(g, value->t()));
  Type i64 = g.b.getI64Type(), f32 = g.b.getF32Type();
  if (n.has("value_int"))
    return n.setOutput(0, g.makeKnown(Size(n.getInt("value_int", 0)), {}, i64));
  if (auto ints = n.getInts("value_ints"))
    return n.setOutput(0, g.makeKnown(Sizes(ints->begin(), ints->end()),
                                      {int64_t(ints->size())}, i64));
  if (n.has("value_float"))
    return n.setOutput(0, g.makeSplat(n.getFloat("value_float", 0), f32));
  if (const proto::Attribute *floats = n.getAttribute("value_floats")) {
    SmallVector<float> numbers(floats->floats().begin(),
                               floats->floats().end());
    auto type = RankedTensorType::get({int64_t(numbers.size())}, f32);
    return n.setOutput(
        0, g.makeLiteral(DenseElementsAttr::get(type, ArrayRef(numbers))));
  }
  return n.fail("expected one of the attributes value, value_float, "
                "value_floats, value_int and value_ints");
}

static LogicalResult importConstantOfShape(Node &n) {
  FailureOr<Sizes> sizes = n.getKnown(0);
  if (failed(sizes))
    return failure();
  for (const Size &size : *sizes)
    if (auto number = size.asNumber(); number && *number < 0)
      return n.fail("expected sizes of at least 0 but got " +
                    n.g.table.str(*sizes));
  Tensor value = n.g.makeSplat(0, n.g.b.getF32Type());
  if (const proto::Attribute *attribute = n.getAttribute("value")) {
    FailureOr<Tensor> given = readTensor(n.g, attribute->t());
    if (failed(given))
      return failure();
    if (!getProduct(given->sizes).is(1))
      return n.fail("expected one number as value but got " +
                    n.g.table.str(given->sizes));
    value = *given;
  }
  auto count = getProduct(*sizes).asNumber();
  if (value.known && count && *count <= 64)
    return n.setOutput(0, n.g.makeKnown(Sizes(*count, value.known->front()),
                                        *sizes, value.element));
  return n.setOutput(0, n.g.broadcast(n.g.reshape(value, {}), *sizes));
}

static LogicalResult importRange(Node &n) {
  if (failed(n.expectSameType(0, 1)) || failed(n.expectSameType(0, 2)) ||
      failed(n.expect(0, "number")))
    return failure();
  Type type = n.input(0).element;
  if (n.input(0).isFloat()) {
    auto start = n.getNumber(0), limit = n.getNumber(1), delta = n.getNumber(2);
    if (failed(start) || failed(limit) || failed(delta))
      return failure();
    const double count = std::ceil((*limit - *start) / *delta);
    if (!(count < 1e9))
      return n.fail("expected a range of numbers that can be counted");
    const int64_t size = count > 0 ? int64_t(count) : 0;
    return n.setOutput(
        0, n.g.fromIndices(
               {size}, type, [&](BodyBuilder &b, ValueRange at) -> Value {
                 Type wide = getComputeType(type);
                 Value place =
                     arith::IndexCastOp::create(b, b.getI64Type(), at[0]);
                 Value real = arith::SIToFPOp::create(b, wide, place);
                 Value moved = arith::MulFOp::create(
                     b, real, buildNumber(b, wide, *delta));
                 return arith::AddFOp::create(b, moved,
                                              buildNumber(b, wide, *start));
               }));
  }
  auto start = n.getKnown(0), limit = n.getKnown(1), delta = n.getKnown(2);
  if (failed(start) || failed(limit) || failed(delta))
    return failure();
  if (start->size() != 1 || limit->size() != 1 || delta->size() != 1)
    return n.fail("expected three single numbers");
  const Size &from = start->front(), &to = limit->front();
  FailureOr<int64_t> step = n.getStaticSize(delta->front(), "the step");
  if (failed(step))
    return failure();
  if (*step == 0 || *step == INT64_MIN)
    return n.fail("expected a step other than " + Twine(*step));
  SizeTable &table = n.g.table;
  Size length = *step > 0 ? to - from : from - to;
  const int64_t width = std::abs(*step);
  Size count = table.apply(
      SizeOp::Max,
      table.apply(SizeOp::FloorDiv, length + Size(width - 1), width), 0);
  if (auto number = count.asNumber(); number && *number <= 256) {
    Sizes elements;
    for (int64_t i = 0; i < *number; ++i)
      elements.push_back(from + Size(i * *step));
    return n.setOutput(0, n.g.makeKnown(elements, {*number}, type));
  }
  Value first = table.buildValue(from);
  Tensor range = n.g.fromIndices(
      {count}, type, [&](BodyBuilder &b, ValueRange at) -> Value {
        Value moved = at[0];
        if (*step != 1)
          moved = arith::MulIOp::create(
              b, moved, arith::ConstantIndexOp::create(b, *step));
        if (!from.is(0))
          moved = arith::AddIOp::create(b, moved, first);
        return arith::IndexCastOp::create(b, type, moved);
      });
  range.isNonNegative = *step > 0 && table.apply(SizeOp::Max, from, 0) == from;
  return n.setOutput(0, range);
}

static LogicalResult importEyeLike(Node &n) {
  const Tensor &x = n.input(0);
  if (failed(n.expectRank(0, 2, 2)))
    return failure();
  Type type = x.element;
  if (n.has("dtype")) {
    const int64_t number = n.getInt("dtype", 0);
    auto wanted = getElementType(n.g.b.getContext(), int32_t(number));
    if (!wanted)
      return n.fail(weft::formats::getOnnxTypeName(int32_t(number)) +
                    " is not supported");
    type = *wanted;
  }
  const int64_t shift = n.getInt("k", 0);
  return n.setOutput(
      0, n.g.fromIndices(
             x.sizes, type, [&](BodyBuilder &b, ValueRange at) -> Value {
               Value moved = arith::AddIOp::create(
                   b, at[0], arith::ConstantIndexOp::create(b, shift));
               Value is = arith::CmpIOp::create(b, arith::CmpIPredicate::eq,
                                                at[1], moved);
               return buildCast(b, is, type);
             }));
}

static LogicalResult importOneHot(Node &n) {
  const Tensor &indices = n.input(0);
  FailureOr<double> depth = n.getNumber(1);
  if (failed(depth) || failed(n.expect(0, "number")))
    return failure();
  if (!(*depth >= 0 && *depth < 1e9))
    return n.fail("expected a depth of at least 0 but got " +
                  Twine(std::to_string(*depth)));
  const int64_t size = int64_t(*depth);
  FailureOr<int64_t> axis =
      n.checkAxis(n.getInt("axis", -1), indices.rank() + 1);
  if (failed(axis))
    return failure();
  const Tensor &values = n.input(2);
  if (values.rank() != 1 || !values.sizes[0].is(2))
    return n.fail("expected two values but got " + n.g.table.str(values.sizes));
  Tensor at = n.g.insertAxes(n.g.cast(indices, n.g.b.getI64Type()), *axis);
  Tensor off = n.g.slice(values, Size(0), Size(1), 1);
  Tensor on = n.g.slice(values, Size(1), Size(1), 1);
  // The places along the new axis.
  Sizes sizes(at.rank(), Size(1));
  sizes[*axis] = size;
  const int64_t own = *axis;
  Tensor places = n.g.fromIndices(
      sizes, n.g.b.getI64Type(), [&](BodyBuilder &b, ValueRange i) -> Value {
        return arith::IndexCastOp::create(b, b.getI64Type(), i[own]);
      });
  return n.finish(n.g.pointwise(
      {at, places, n.g.reshape(off, {}), n.g.reshape(on, {})}, values.element,
      [&](BodyBuilder &b, ValueRange args) -> Value {
        Value length = buildNumber(b, args[0].getType(), double(size));
        Value wrapped = arith::AddIOp::create(b, args[0], length);
        Value isNegative =
            arith::CmpIOp::create(b, arith::CmpIPredicate::slt, args[0],
                                  buildNumber(b, args[0].getType(), 0));
        Value index = arith::SelectOp::create(b, isNegative, wrapped, args[0]);
        Value is =
            arith::CmpIOp::create(b, arith::CmpIPredicate::eq, index, args[1]);
        return arith::SelectOp::create(b, is, args[3], args[2]);
      }));
}

OperatorGroup weft::onnx::getConstantOperators() {
  static const Operator operators[] = {
      {"Constant", 0, 0, 1, importConstant},
      {"ConstantOfShape", 1, 1, 9, importConstantOfShape},
      {"EyeLike", 1, 1, 9, importEyeLike},
      {"OneHot", 3, 3, 9, importOneHot},
      {"Range", 3, 3, 11, importRange},
  };
  return operators;
}
