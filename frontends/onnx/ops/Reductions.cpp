//===- Reductions.cpp - Sums, products, extremes along axes ---------------===//

#include "frontends/onnx/Node.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace weft::onnx;

namespace {

/// A reduction: what an element becomes, how two are joined, and what becomes
/// of the result.
struct Reduction {
  double floatInit;
  Value (*before)(BodyBuilder &, Value);
  Value (*join)(BodyBuilder &, Value, Value);
  Value (*after)(BodyBuilder &, Value);
};
} // namespace

static Value add(BodyBuilder &b, Value x, Value y) {
  if (isa<FloatType>(x.getType()))
    return arith::AddFOp::create(b, x, y);
  return arith::AddIOp::create(b, x, y);
}
static Value multiply(BodyBuilder &b, Value x, Value y) {
  if (isa<FloatType>(x.getType()))
    return arith::MulFOp::create(b, x, y);
  return arith::MulIOp::create(b, x, y);
}
static Value greatest(BodyBuilder &b, Value x, Value y) {
  if (isa<FloatType>(x.getType()))
    return arith::MaximumFOp::create(b, x, y);
  return x.getType().isInteger(1) ? arith::OrIOp::create(b, x, y).getResult()
                                  : arith::MaxSIOp::create(b, x, y).getResult();
}
static Value least(BodyBuilder &b, Value x, Value y) {
  if (isa<FloatType>(x.getType()))
    return arith::MinimumFOp::create(b, x, y);
  return x.getType().isInteger(1) ? arith::AndIOp::create(b, x, y).getResult()
                                  : arith::MinSIOp::create(b, x, y).getResult();
}
static Value magnitude(BodyBuilder &b, Value x) {
  if (isa<FloatType>(x.getType()))
    return math::AbsFOp::create(b, x);
  return math::AbsIOp::create(b, x);
}
static Value square(BodyBuilder &b, Value x) { return multiply(b, x, x); }
/// By way of floats for integers.
template <typename Op> static Value applyFloat(BodyBuilder &b, Value x) {
  Type type = x.getType();
  Value real = isa<FloatType>(type) ? x : buildCast(b, x, b.getF64Type());
  return buildCast(b, Op::create(b, real), type);
}

/// The axes to reduce: all if none are given, unless that means none.
static FailureOr<SmallVector<int64_t>> getReducedAxes(Node &n) {
  const int64_t rank = n.input(0).rank();
  auto axes = n.getAxes(1, rank);
  if (failed(axes))
    return failure();
  const bool keepsAll = n.getFlag("noop_with_empty_axes");
  SmallVector<int64_t> result;
  if (*axes)
    result = **axes;
  if (result.empty() && !keepsAll)
    for (int64_t axis = 0; axis < rank; ++axis)
      result.push_back(axis);
  return result;
}

static Tensor keepAxes(Node &n, Tensor x, ArrayRef<int64_t> axes, bool keeps) {
  if (!keeps)
    return x;
  SmallVector<int64_t> sorted(axes);
  llvm::sort(sorted);
  return n.g.insertAxes(x, sorted);
}

/// The neutral element as an attribute of the type.
static Attribute getInit(Type type, double init) {
  auto integer = dyn_cast<IntegerType>(type);
  if (!integer)
    return makeNumber(type, init);
  if (!std::isinf(init))
    return makeNumber(type, init);
  const unsigned width = integer.getWidth();
  if (width == 1)
    return IntegerAttr::get(type, init > 0);
  return IntegerAttr::get(type, init < 0 ? APInt::getSignedMinValue(width)
                                         : APInt::getSignedMaxValue(width));
}

static LogicalResult importReduction(Node &n, const Reduction &r,
                                     StringRef kind = "number") {
  const Tensor &x = n.input(0);
  auto axes = getReducedAxes(n);
  if (failed(axes) || (!x.isBool() && failed(n.expect(0, kind))))
    return failure();
  const bool keeps = n.getFlag("keepdims", true);
  Type compute = getComputeType(x.element);
  Tensor result =
      n.g.reduceAxes(x, *axes, x.element, getInit(compute, r.floatInit),
                     [&](BodyBuilder &b, ValueRange args) {
                       Value element =
                           r.before ? r.before(b, args[0]) : args[0];
                       return r.join(b, args[1], element);
                     });
  if (r.after)
    result = n.g.unary(result, x.element, [&](BodyBuilder &b, ValueRange args) {
      return r.after(b, args[0]);
    });
  return n.setOutput(0, keepAxes(n, result, *axes, keeps));
}

template <const Reduction &reduction>
static LogicalResult importSimple(Node &n) {
  return importReduction(n, reduction);
}

static constexpr double kInfinity = std::numeric_limits<double>::infinity();
static constexpr Reduction kSum = {0, nullptr, add, nullptr};
static constexpr Reduction kProduct = {1, nullptr, multiply, nullptr};
static constexpr Reduction kMax = {-kInfinity, nullptr, greatest, nullptr};
static constexpr Reduction kMin = {kInfinity, nullptr, least, nullptr};
static constexpr Reduction kL1 = {0, magnitude, add, nullptr};
static constexpr Reduction kL2 = {0, square, add, applyFloat<math::SqrtOp>};
static constexpr Reduction kLogSum = {0, nullptr, add, applyFloat<math::LogOp>};
static constexpr Reduction kSumSquare = {0, square, add, nullptr};

/// The number of elements along axes as a scalar in IR.
static Value buildCount(Node &n, ArrayRef<int64_t> axes) {
  Size count = 1;
  for (int64_t axis : axes)
    count = count * n.input(0).sizes[axis];
  return n.g.table.buildValue(count);
}

static LogicalResult importReduceMean(Node &n) {
  const Tensor &x = n.input(0);
  auto axes = getReducedAxes(n);
  if (failed(axes) || failed(n.expect(0, "number")))
    return failure();
  const bool keeps = n.getFlag("keepdims", true);
  Type compute = getComputeType(x.element);
  Value count = buildCount(n, *axes);
  Tensor sum = n.g.reduceAxes(x, *axes, compute, getInit(compute, 0),
                              [&](BodyBuilder &b, ValueRange args) {
                                return add(b, args[1], args[0]);
                              });
  Tensor mean =
      n.g.unary(sum, x.element, [&](BodyBuilder &b, ValueRange args) -> Value {
        Value number = arith::IndexCastOp::create(b, b.getI64Type(), count);
        Value divisor = buildCast(b, number, compute);
        if (isa<FloatType>(compute))
          return arith::DivFOp::create(b, args[0], divisor);
        return arith::DivSIOp::create(b, args[0], divisor);
      });
  return n.setOutput(0, keepAxes(n, mean, *axes, keeps));
}

/// max + log sum exp(x - max), which does not overflow.
static LogicalResult importReduceLogSumExp(Node &n) {
  const Tensor &x = n.input(0);
  auto axes = getReducedAxes(n);
  if (failed(axes) || failed(n.expect(0, "float")))
    return failure();
  const bool keeps = n.getFlag("keepdims", true);
  Type f32 = n.g.b.getF32Type();
  Tensor max = n.g.reduceAxes(x, *axes, f32, getInit(f32, -kInfinity),
                              [](BodyBuilder &b, ValueRange args) {
                                return greatest(b, args[1], args[0]);
                              });
  // An infinite maximum is no number to subtract.
  Tensor reference = n.g.unary(max, f32, [](BodyBuilder &b, ValueRange args) {
    Value size = math::AbsFOp::create(b, args[0]);
    Value isInfinite =
        arith::CmpFOp::create(b, arith::CmpFPredicate::OEQ, size,
                              buildNumber(b, size.getType(), kInfinity));
    return arith::SelectOp::create(b, isInfinite,
                                   buildNumber(b, size.getType(), 0), args[0])
        .getResult();
  });
  Tensor kept = keepAxes(n, reference, *axes, true);
  FailureOr<Tensor> shifted = n.g.pointwise(
      {x, kept}, f32, [](BodyBuilder &b, ValueRange args) -> Value {
        return math::ExpOp::create(b,
                                   arith::SubFOp::create(b, args[0], args[1]));
      });
  if (failed(shifted))
    return failure();
  Tensor sum = n.g.reduceAxes(
      *shifted, *axes, f32, getInit(f32, 0),
      [](BodyBuilder &b, ValueRange args) { return add(b, args[1], args[0]); });
  FailureOr<Tensor> result =
      n.g.pointwise({sum, reference}, x.element,
                    [](BodyBuilder &b, ValueRange args) -> Value {
                      return arith::AddFOp::create(
                          b, math::LogOp::create(b, args[0]), args[1]);
                    });
  if (failed(result))
    return failure();
  return n.setOutput(0, keepAxes(n, *result, *axes, keeps));
}

OperatorGroup weft::onnx::getReductionOperators() {
  static const Operator operators[] = {
      {"ReduceL1", 1, 2, 1, importSimple<kL1>},
      {"ReduceL2", 1, 2, 1, importSimple<kL2>},
      {"ReduceLogSum", 1, 2, 1, importSimple<kLogSum>},
      {"ReduceLogSumExp", 1, 2, 1, importReduceLogSumExp},
      {"ReduceMax", 1, 2, 1, importSimple<kMax>},
      {"ReduceMean", 1, 2, 1, importReduceMean},
      {"ReduceMin", 1, 2, 1, importSimple<kMin>},
      {"ReduceProd", 1, 2, 1, importSimple<kProduct>},
      {"ReduceSum", 1, 2, 1, importSimple<kSum>},
      {"ReduceSumSquare", 1, 2, 1, importSimple<kSumSquare>},
  };
  return operators;
}
