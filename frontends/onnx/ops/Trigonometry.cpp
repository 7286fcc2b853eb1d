//===- Trigonometry.cpp - Angles, hyperbolic functions, windows -----------===//
//
// Made of exponentials, logarithms and a polynomial, in f32.
//
//===----------------------------------------------------------------------===//

#include "frontends/onnx/Node.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace weft::onnx;

namespace {

/// Arithmetic on scalars of f32.
struct Numbers {
  BodyBuilder &b;

  Value of(double number) { return buildNumber(b, b.getF32Type(), number); }
  Value add(Value x, Value y) { return arith::AddFOp::create(b, x, y); }
  Value sub(Value x, Value y) { return arith::SubFOp::create(b, x, y); }
  Value mul(Value x, Value y) { return arith::MulFOp::create(b, x, y); }
  Value div(Value x, Value y) { return arith::DivFOp::create(b, x, y); }
  Value sqrt(Value x) { return math::SqrtOp::create(b, x); }
  Value abs(Value x) { return math::AbsFOp::create(b, x); }
  Value isLess(Value x, Value y) {
    return arith::CmpFOp::create(b, arith::CmpFPredicate::OLT, x, y);
  }
  Value select(Value condition, Value x, Value y) {
    return arith::SelectOp::create(b, condition, x, y);
  }
  /// x with the sign of y.
  Value withSign(Value x, Value y) {
    return select(isLess(y, of(0)), arith::NegFOp::create(b, x), x);
  }
};

} // namespace

/// log(1 + x), right where x is small too: what 1 + x rounds to is put right by
/// the quotient.
static Value buildLog1p(Numbers n, Value x) {
  Value sum = n.add(n.of(1), x);
  Value rounded = n.sub(sum, n.of(1));
  Value log = math::LogOp::create(n.b, sum);
  Value isSmall =
      arith::CmpFOp::create(n.b, arith::CmpFPredicate::OEQ, rounded, n.of(0));
  // Far from zero, and at infinity, nothing is lost.
  Value isLarge = n.isLess(n.of(1), x);
  Value exact = n.div(n.mul(log, x), n.select(isSmall, n.of(1), rounded));
  return n.select(isSmall, x, n.select(isLarge, log, exact));
}

/// By a polynomial of |x| <= 1 (Abramowitz and Stegun 4.4.49, error 2e-8), of
/// the inverse for others.
static Value buildAtan(Numbers n, Value x) {
  static constexpr double coefficients[] = {
      1,           -.3333314528, .1999355085, -.1420889944,
      .1065626393, -.0752896400, .0429096138, -.0161657367,
      .0028662257};
  Value size = n.abs(x), one = n.of(1);
  Value isFar = n.isLess(one, size);
  Value small = n.select(isFar, n.div(one, size), size);
  Value square = n.mul(small, small), sum = n.of(std::end(coefficients)[-1]);
  for (double c : llvm::reverse(ArrayRef(coefficients).drop_back()))
    sum = n.add(n.mul(sum, square), n.of(c));
  Value angle = n.mul(sum, small);
  Value far = n.sub(n.of(M_PI_2), angle);
  return n.withSign(n.select(isFar, far, angle), x);
}

static Value buildAsin(Numbers n, Value x) {
  Value one = n.of(1);
  Value other = n.sqrt(n.mul(n.sub(one, x), n.add(one, x)));
  return buildAtan(n, n.div(x, other));
}

static Value buildAcos(Numbers n, Value x) {
  Value one = n.of(1);
  Value half = n.sqrt(n.div(n.sub(one, x), n.add(one, x)));
  return n.mul(n.of(2), buildAtan(n, half));
}

static Value buildTan(Numbers n, Value x) {
  return n.div(math::SinOp::create(n.b, x), math::CosOp::create(n.b, x));
}

/// (e^x - e^-x) / 2 by e^x - 1.
static Value buildSinh(Numbers n, Value x) {
  Value more = math::ExpM1Op::create(n.b, n.abs(x));
  Value sum = n.add(more, n.div(more, n.add(more, n.of(1))));
  // At infinity the quotient is not a number.
  Value isLarge = n.isLess(n.of(80), n.abs(x));
  return n.withSign(n.mul(n.of(0.5), n.select(isLarge, more, sum)), x);
}

static Value buildCosh(Numbers n, Value x) {
  Value e = math::ExpOp::create(n.b, n.abs(x));
  return n.mul(n.of(0.5), n.add(e, n.div(n.of(1), e)));
}

static Value buildAsinh(Numbers n, Value x) {
  Value size = n.abs(x), square = n.mul(size, size), one = n.of(1);
  Value rest = n.div(square, n.add(one, n.sqrt(n.add(square, one))));
  return n.withSign(buildLog1p(n, n.add(size, rest)), x);
}

static Value buildAcosh(Numbers n, Value x) {
  Value above = n.sub(x, n.of(1));
  Value root = n.sqrt(n.mul(above, n.add(x, n.of(1))));
  return buildLog1p(n, n.add(above, root));
}

static Value buildAtanh(Numbers n, Value x) {
  Value size = n.abs(x);
  Value ratio = n.div(n.mul(n.of(2), size), n.sub(n.of(1), size));
  return n.withSign(n.mul(n.of(0.5), buildLog1p(n, ratio)), x);
}

template <Value (*build)(Numbers, Value)>
static LogicalResult importFunction(Node &n) {
  if (failed(n.expect(0, "float")))
    return failure();
  return n.setOutput(0, n.g.unary(n.input(0), n.input(0).element,
                                  [](BodyBuilder &b, ValueRange args) {
                                    return build(Numbers{b}, args[0]);
                                  }));
}

//===----------------------------------------------------------------------===//
// Windows of signals
//===----------------------------------------------------------------------===//

/// a0 - a1 cos(2 pi i / n) + a2 cos(4 pi i / n).
static LogicalResult importWindow(Node &n, double a0, double a1, double a2) {
  const bool isPeriodic = n.getFlag("periodic", true);
  const int64_t type = n.getInt("output_datatype", 1);
  FailureOr<std::vector<int64_t>> size = n.getNumbers(0);
  if (failed(size))
    return failure();
  constexpr int64_t kMost = 1 << 20;
  if (type != 1 || size->size() != 1 || size->front() < 1 ||
      size->front() > kMost)
    return n.fail("expected one size from 1 to " + Twine(kMost) +
                  " and output_datatype 1, float");
  const int64_t count = size->front();
  const double period =
      double(isPeriodic ? count : std::max<int64_t>(count - 1, 1));
  std::vector<float> numbers;
  for (int64_t i = 0; i < count; ++i) {
    const double angle = 2 * M_PI * double(i) / period;
    numbers.push_back(
        float(a0 - a1 * std::cos(angle) + a2 * std::cos(2 * angle)));
  }
  auto tensor = RankedTensorType::get({count}, n.g.b.getF32Type());
  return n.setOutput(
      0, n.g.makeLiteral(DenseElementsAttr::get(tensor, ArrayRef(numbers))));
}

static LogicalResult importHann(Node &n) {
  return importWindow(n, 0.5, 0.5, 0);
}
static LogicalResult importHamming(Node &n) {
  return importWindow(n, 25.0 / 46, 21.0 / 46, 0);
}
static LogicalResult importBlackman(Node &n) {
  return importWindow(n, 0.42, 0.5, 0.08);
}

OperatorGroup weft::onnx::getTrigonometryOperators() {
  static const Operator operators[] = {
      {"Acos", 1, 1, 7, importFunction<buildAcos>},
      {"Acosh", 1, 1, 9, importFunction<buildAcosh>},
      {"Asin", 1, 1, 7, importFunction<buildAsin>},
      {"Asinh", 1, 1, 9, importFunction<buildAsinh>},
      {"Atan", 1, 1, 7, importFunction<buildAtan>},
      {"Atanh", 1, 1, 9, importFunction<buildAtanh>},
      {"BlackmanWindow", 1, 1, 17, importBlackman},
      {"Cosh", 1, 1, 9, importFunction<buildCosh>},
      {"HammingWindow", 1, 1, 17, importHamming},
      {"HannWindow", 1, 1, 17, importHann},
      {"Sinh", 1, 1, 9, importFunction<buildSinh>},
      {"Tan", 1, 1, 7, importFunction<buildTan>},
  };
  return operators;
}
