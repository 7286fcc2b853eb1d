//===- Arithmetic.cpp - Element-wise numbers, with broadcasting -----------===//

#include "frontends/onnx/Node.h"

#include "dialects/weft/kinds/Builders.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace weft::onnx;

/// One op for floats, another for integers.
template <typename FloatOp, typename IntOp>
static Value buildEither(BodyBuilder &b, Value x, Value y) {
  if (isa<FloatType>(x.getType()))
    return FloatOp::create(b, x, y);
  return IntOp::create(b, x, y);
}

/// What `op` gives on sizes, if all inputs are known integers.
static std::optional<Tensor> foldKnown(
    Node &n, ArrayRef<Tensor> inputs,
    llvm::function_ref<std::optional<Size>(const Size &, const Size &)> op) {
  for (const Tensor &input : inputs)
    if (!input.known || !input.isInteger() || input.known->size() > 1024)
      return std::nullopt;
  FailureOr<Sizes> sizes = n.g.getBroadcastSizes(inputs);
  if (failed(sizes))
    return std::nullopt;
  // Lists and single numbers; that is what shapes are.
  auto count = getProduct(*sizes).asNumber();
  for (const Tensor &input : inputs)
    if (int64_t(input.known->size()) != 1 &&
        int64_t(input.known->size()) != count)
      return std::nullopt;
  Sizes result;
  for (int64_t i = 0; i < *count; ++i) {
    auto get = [&](const Tensor &x) {
      return (*x.known)[x.known->size() == 1 ? 0 : i];
    };
    Size value = get(inputs[0]);
    for (const Tensor &input : inputs.drop_front()) {
      std::optional<Size> next = op(value, get(input));
      if (!next)
        return std::nullopt;
      value = *next;
    }
    result.push_back(value);
  }
  return n.g.makeKnown(result, *sizes, inputs[0].element);
}

using Fold = std::optional<Size> (*)(SizeTable &, const Size &, const Size &);
using Build = Value (*)(BodyBuilder &, Value, Value);

/// Joins all inputs, of one type, from the first on.
static LogicalResult importFold(Node &n, Build build, Fold fold = nullptr) {
  std::vector<Tensor> inputs = n.getInputs();
  for (unsigned i = 0; i < inputs.size(); ++i)
    if (failed(n.expect(i, "number")) || failed(n.expectSameType(0, i)))
      return failure();
  // Broadcasting by an attribute, as it was before version 7.
  if (n.opset < 7)
    return n.fail("expected operator set 7 or later but got " + Twine(n.opset));
  const bool isUnsigned = !inputs.empty() && inputs[0].isUnsigned;
  if (fold && !isUnsigned)
    if (auto known = foldKnown(n, inputs, [&](const Size &x, const Size &y) {
          return fold(n.g.table, x, y);
        }))
      return n.setOutput(0, *known);
  FailureOr<Tensor> joined = n.g.pointwise(
      inputs, inputs[0].element, [&](BodyBuilder &b, ValueRange args) {
        Value result = args[0];
        for (Value next : args.drop_front())
          result = build(b, result, next);
        return result;
      });
  if (failed(joined))
    return failure();
  joined->isUnsigned = isUnsigned;
  return n.setOutput(0, *joined);
}

static LogicalResult importAdd(Node &n) {
  return importFold(n, buildEither<arith::AddFOp, arith::AddIOp>,
                    [](SizeTable &, const Size &x,
                       const Size &y) -> std::optional<Size> { return x + y; });
}

static LogicalResult importSub(Node &n) {
  return importFold(n, buildEither<arith::SubFOp, arith::SubIOp>,
                    [](SizeTable &, const Size &x,
                       const Size &y) -> std::optional<Size> { return x - y; });
}

static LogicalResult importMul(Node &n) {
  return importFold(n, buildEither<arith::MulFOp, arith::MulIOp>,
                    [](SizeTable &, const Size &x,
                       const Size &y) -> std::optional<Size> { return x * y; });
}

/// A divisor that is neither 0 nor -1, on which the quotient is not defined or
/// the processor stops; what is wrong with those is set right by the caller.
static Value makeSafe(BodyBuilder &b, Value y) {
  Value zero = buildNumber(b, y.getType(), 0);
  Value minusOne = buildNumber(b, y.getType(), -1);
  Value isZero = arith::CmpIOp::create(b, arith::CmpIPredicate::eq, y, zero);
  Value isMinusOne =
      arith::CmpIOp::create(b, arith::CmpIPredicate::eq, y, minusOne);
  Value isUnsafe = arith::OrIOp::create(b, isZero, isMinusOne);
  return arith::SelectOp::create(b, isUnsafe, buildNumber(b, y.getType(), 1),
                                 y);
}

static Value isMinusOne(BodyBuilder &b, Value y) {
  return arith::CmpIOp::create(b, arith::CmpIPredicate::eq, y,
                               buildNumber(b, y.getType(), -1));
}

/// x / y towards zero. By 0, which has no value, it gives x.
static Value buildDiv(BodyBuilder &b, Value x, Value y) {
  if (isa<FloatType>(x.getType()))
    return arith::DivFOp::create(b, x, y);
  Value quotient = arith::DivSIOp::create(b, x, makeSafe(b, y));
  Value negated = arith::SubIOp::create(b, buildNumber(b, x.getType(), 0), x);
  return arith::SelectOp::create(b, isMinusOne(b, y), negated, quotient);
}

/// Of unsigned integers; by 0, which has no value, they give x.
static Value buildUnsignedDiv(BodyBuilder &b, Value x, Value y) {
  Value zero = buildNumber(b, y.getType(), 0),
        one = buildNumber(b, y.getType(), 1);
  Value isZero = arith::CmpIOp::create(b, arith::CmpIPredicate::eq, y, zero);
  return arith::DivUIOp::create(b, x,
                                arith::SelectOp::create(b, isZero, one, y));
}
static Value buildUnsignedMod(BodyBuilder &b, Value x, Value y) {
  Value product = arith::MulIOp::create(b, buildUnsignedDiv(b, x, y), y);
  return arith::SubIOp::create(b, x, product);
}

static LogicalResult importDiv(Node &n) {
  if (n.input(0).isUnsigned)
    return importFold(n, buildUnsignedDiv);
  return importFold(n, buildDiv,
                    [](SizeTable &table, const Size &x,
                       const Size &y) -> std::optional<Size> {
                      // Towards zero and downwards are one where nothing is
                      // negative.
                      auto a = x.asNumber(), c = y.asNumber();
                      if (c == 0 ||
                          (a && c && (*a < 0) != (*c < 0) && *a % *c != 0))
                        return std::nullopt;
                      return table.apply(SizeOp::FloorDiv, x, y);
                    });
}

/// The rest with the sign of the divisor.
static Value buildIntegerMod(BodyBuilder &b, Value x, Value y) {
  Value zero = buildNumber(b, x.getType(), 0);
  Value rest = arith::RemSIOp::create(b, x, makeSafe(b, y));
  Value sum = arith::AddIOp::create(b, rest, y);
  auto isNegative = [&](Value v) -> Value {
    return arith::CmpIOp::create(b, arith::CmpIPredicate::slt, v, zero);
  };
  Value differs = arith::XOrIOp::create(b, isNegative(rest), isNegative(y));
  Value isSome = arith::CmpIOp::create(b, arith::CmpIPredicate::ne, rest, zero);
  Value moves = arith::AndIOp::create(b, differs, isSome);
  Value result = arith::SelectOp::create(b, moves, sum, rest);
  return arith::SelectOp::create(b, isMinusOne(b, y), zero, result);
}

/// The rest with the sign of the dividend, as C's fmod.
static Value buildFmod(BodyBuilder &b, Value x, Value y) {
  Value rest = arith::RemSIOp::create(b, x, makeSafe(b, y));
  return arith::SelectOp::create(b, isMinusOne(b, y),
                                 buildNumber(b, x.getType(), 0), rest);
}

/// The rest with the sign of the dividend, of floats. The quotient is rounded,
/// so that a rest may come out a divisor too low or too high.
static Value buildFloatFmod(BodyBuilder &b, Value x, Value y) {
  Value quotient = math::TruncOp::create(b, arith::DivFOp::create(b, x, y));
  Value rest = math::FmaOp::create(b, arith::NegFOp::create(b, quotient), y, x);
  Value size = math::AbsFOp::create(b, y);
  Value zero = buildNumber(b, x.getType(), 0);
  auto isLess = [&](Value u, Value v) -> Value {
    return arith::CmpFOp::create(b, arith::CmpFPredicate::OLT, u, v);
  };
  // In terms of sizes: of |x|, with its sign at the end.
  Value isNegative = isLess(x, zero);
  Value turned = arith::SelectOp::create(
      b, isNegative, arith::NegFOp::create(b, rest).getResult(), rest);
  Value low = isLess(turned, zero);
  turned = arith::SelectOp::create(
      b, low, arith::AddFOp::create(b, turned, size).getResult(), turned);
  Value inside = isLess(turned, size);
  turned = arith::SelectOp::create(
      b, inside, turned, arith::SubFOp::create(b, turned, size).getResult());
  Value result = arith::SelectOp::create(
      b, isNegative, arith::NegFOp::create(b, turned).getResult(), turned);
  // Of an infinite divisor too.
  Value isRest = isLess(math::AbsFOp::create(b, x), size);
  return arith::SelectOp::create(b, isRest, x, result);
}

/// The rest with the sign of the divisor, of floats.
static Value buildFloatMod(BodyBuilder &b, Value x, Value y) {
  Value rest = buildFloatFmod(b, x, y), zero = buildNumber(b, x.getType(), 0);
  auto isNegative = [&](Value v) -> Value {
    return arith::CmpFOp::create(b, arith::CmpFPredicate::OLT, v, zero);
  };
  Value differs = arith::XOrIOp::create(b, isNegative(rest), isNegative(y));
  Value isSome =
      arith::CmpFOp::create(b, arith::CmpFPredicate::ONE, rest, zero);
  Value moves = arith::AndIOp::create(b, differs, isSome);
  // A rest of zero has the sign of the divisor too.
  Value none = math::CopySignOp::create(b, rest, y);
  Value other = arith::SelectOp::create(b, isSome, rest, none);
  return arith::SelectOp::create(
      b, moves, arith::AddFOp::create(b, rest, y).getResult(), other);
}

static LogicalResult importMod(Node &n) {
  const bool isFmod = n.getFlag("fmod");
  if (failed(n.expect(0, "number")))
    return failure();
  if (n.input(0).isUnsigned)
    return importFold(n, buildUnsignedMod);
  if (n.input(0).isFloat())
    return importFold(n, isFmod ? buildFloatFmod : buildFloatMod);
  if (isFmod)
    return importFold(n, buildFmod);
  return importFold(n, buildIntegerMod,
                    [](SizeTable &table, const Size &x,
                       const Size &y) -> std::optional<Size> {
                      if (y.is(0))
                        return std::nullopt;
                      return table.apply(SizeOp::Mod, x, y);
                    });
}

static LogicalResult importMax(Node &n) {
  if (n.input(0).isUnsigned)
    return importFold(n, buildEither<arith::MaximumFOp, arith::MaxUIOp>);
  return importFold(n, buildEither<arith::MaximumFOp, arith::MaxSIOp>,
                    [](SizeTable &table, const Size &x,
                       const Size &y) -> std::optional<Size> {
                      return table.apply(SizeOp::Max, x, y);
                    });
}

static LogicalResult importMin(Node &n) {
  if (n.input(0).isUnsigned)
    return importFold(n, buildEither<arith::MinimumFOp, arith::MinUIOp>);
  return importFold(n, buildEither<arith::MinimumFOp, arith::MinSIOp>,
                    [](SizeTable &table, const Size &x,
                       const Size &y) -> std::optional<Size> {
                      return table.apply(SizeOp::Min, x, y);
                    });
}

static LogicalResult importSum(Node &n) {
  return importFold(n, buildEither<arith::AddFOp, arith::AddIOp>);
}

static LogicalResult importMean(Node &n) {
  if (failed(n.expect(0, "float")) || failed(importSum(n)))
    return failure();
  const Tensor &sum = *n.getOutputs()[0];
  const double count = double(n.getInputs().size());
  return n.setOutput(
      0, n.g.unary(sum, sum.element,
                   [&](BodyBuilder &b, ValueRange args) -> Value {
                     return arith::DivFOp::create(
                         b, args[0], buildNumber(b, args[0].getType(), count));
                   }));
}

//===----------------------------------------------------------------------===//
// Powers
//===----------------------------------------------------------------------===//

/// A power of integers, by squares; it wraps as products do. A negative
/// exponent gives what is left of a fraction: 0, or 1 and -1 themselves.
static Value buildIntegerPow(BodyBuilder &b, Value base, Value exponent,
                             unsigned bits) {
  Type type = base.getType();
  auto number = [&](Type type, int64_t value) {
    return buildNumber(b, type, double(value));
  };
  Value zero = number(exponent.getType(), 0), one = number(type, 1);
  Value isNegative =
      arith::CmpIOp::create(b, arith::CmpIPredicate::slt, exponent, zero);
  Value size = arith::SelectOp::create(
      b, isNegative, arith::SubIOp::create(b, zero, exponent), exponent);
  Value result = one, square = base;
  for (unsigned bit = 0; bit + 1 < bits; ++bit) {
    Value mask = number(size.getType(), int64_t(1) << bit);
    Value isSet =
        arith::CmpIOp::create(b, arith::CmpIPredicate::ne,
                              arith::AndIOp::create(b, size, mask), zero);
    Value product = arith::MulIOp::create(b, result, square);
    result = arith::SelectOp::create(b, isSet, product, result);
    square = arith::MulIOp::create(b, square, square);
  }
  // |base| > 1: nothing is left of 1 / base^n.
  Value magnitude = math::AbsIOp::create(b, base);
  Value vanishes = arith::AndIOp::create(
      b, isNegative,
      arith::CmpIOp::create(b, arith::CmpIPredicate::ne, magnitude, one));
  return arith::SelectOp::create(b, vanishes, number(type, 0), result);
}

static LogicalResult importPow(Node &n) {
  if (failed(n.expect(0, "number")) || failed(n.expect(1, "number")))
    return failure();
  const Tensor &x = n.input(0);
  if (x.isUnsigned || (n.input(1).isUnsigned && !x.isFloat()))
    return n.fail("unsigned integers are supported as powers of floats alone");
  auto exponent = n.input(1).getSplat();
  if (!x.isFloat() && n.input(1).isFloat())
    return n.fail("integers to the power of floats are not supported");
  if (x.element.isF64() &&
      !(exponent && llvm::is_contained({0.5, 2.0, 3.0}, *exponent)))
    return n.fail("expected a double to the power of 0.5, 2 or 3, which are "
                  "exact, but got another exponent");
  // No more steps than a known exponent has bits.
  const unsigned bits = exponent && *exponent >= 0 && *exponent < 0x1p31
                            ? llvm::Log2_64(uint64_t(*exponent) | 1) + 2
                            : n.input(1).element.getIntOrFloatBitWidth();
  auto build = [&](BodyBuilder &b, ValueRange args) -> Value {
    Value base = args[0];
    // Small powers are products, and exact.
    if (exponent && (*exponent == 2 || *exponent == 3)) {
      auto multiply = [&](Value y) {
        return buildEither<arith::MulFOp, arith::MulIOp>(b, base, y);
      };
      Value square = multiply(base);
      return *exponent == 2 ? square : multiply(square);
    }
    if (!x.isFloat())
      return buildIntegerPow(b, base, args[1], bits);
    if (exponent && *exponent == 0.5)
      return math::SqrtOp::create(b, base);
    Value power =
        n.input(1).isUnsigned
            ? arith::UIToFPOp::create(b, base.getType(), args[1]).getResult()
            : buildCast(b, args[1], base.getType());
    return math::PowFOp::create(b, base, power);
  };
  return n.finish(n.g.pointwise({x, n.input(1)}, x.element, build));
}

//===----------------------------------------------------------------------===//
// Of one number
//===----------------------------------------------------------------------===//

template <typename Op> static LogicalResult importMath(Node &n) {
  if (failed(n.expect(0, "float")))
    return failure();
  return n.setOutput(0, n.g.unary(n.input(0), n.input(0).element,
                                  [](BodyBuilder &b, ValueRange args) -> Value {
                                    return Op::create(b, args[0]);
                                  }));
}

static LogicalResult importNumber(Node &n,
                                  Value (*build)(BodyBuilder &, Value)) {
  if (failed(n.expect(0, "number")))
    return failure();
  return n.setOutput(0, n.g.unary(n.input(0), n.input(0).element,
                                  [&](BodyBuilder &b, ValueRange args) {
                                    return build(b, args[0]);
                                  }));
}

static LogicalResult importNeg(Node &n) {
  if (auto numbers = n.input(0).known; numbers && n.input(0).isInteger()) {
    for (Size &size : *numbers)
      size = Size(0) - size;
    return n.setOutput(
        0, n.g.makeKnown(*numbers, n.input(0).sizes, n.input(0).element));
  }
  return importNumber(n, [](BodyBuilder &b, Value x) -> Value {
    if (isa<FloatType>(x.getType()))
      return arith::NegFOp::create(b, x);
    return arith::SubIOp::create(b, buildNumber(b, x.getType(), 0), x);
  });
}

static LogicalResult importAbs(Node &n) {
  return importNumber(n, [](BodyBuilder &b, Value x) -> Value {
    if (isa<FloatType>(x.getType()))
      return math::AbsFOp::create(b, x);
    return math::AbsIOp::create(b, x);
  });
}

static LogicalResult importSign(Node &n) {
  return importNumber(n, [](BodyBuilder &b, Value x) -> Value {
    Type type = x.getType();
    Value zero = buildNumber(b, type, 0);
    auto isLess = [&](Value a, Value c) -> Value {
      if (isa<FloatType>(type))
        return arith::CmpFOp::create(b, arith::CmpFPredicate::OLT, a, c);
      return arith::CmpIOp::create(b, arith::CmpIPredicate::slt, a, c);
    };
    Value negative = arith::SelectOp::create(b, isLess(x, zero),
                                             buildNumber(b, type, -1), zero);
    return arith::SelectOp::create(b, isLess(zero, x), buildNumber(b, type, 1),
                                   negative);
  });
}

static LogicalResult importReciprocal(Node &n) {
  if (failed(n.expect(0, "float")))
    return failure();
  return importNumber(n, [](BodyBuilder &b, Value x) -> Value {
    return arith::DivFOp::create(b, buildNumber(b, x.getType(), 1), x);
  });
}

static LogicalResult importClip(Node &n) {
  if (failed(n.expect(0, "number")))
    return failure();
  std::vector<Tensor> inputs{n.input(0)};
  std::vector<bool> isLower;
  Type type = n.input(0).element;
  for (unsigned i : {1, 2}) {
    const char *name = i == 1 ? "min" : "max";
    if (n.hasInput(i)) {
      if (failed(n.expectSameType(0, i)))
        return failure();
      if (!getProduct(n.input(i).sizes).is(1))
        return n.fail("expected one number as " + Twine(name) + " but got " +
                      n.g.table.str(n.input(i).sizes));
      inputs.push_back(n.input(i));
    } else if (n.has(name)) {
      inputs.push_back(n.g.makeSplat(n.getFloat(name, 0), type));
    } else {
      continue;
    }
    isLower.push_back(i == 1);
  }
  return n.finish(
      n.g.pointwise(inputs, type, [&](BodyBuilder &b, ValueRange args) {
        Value x = args[0];
        for (auto [bound, lower] : llvm::zip(args.drop_front(), isLower))
          x = lower
                  ? buildEither<arith::MaximumFOp, arith::MaxSIOp>(b, x, bound)
                  : buildEither<arith::MinimumFOp, arith::MinSIOp>(b, x, bound);
        return x;
      }));
}

OperatorGroup weft::onnx::getArithmeticOperators() {
  static const Operator operators[] = {
      {"Abs", 1, 1, 6, importAbs},
      {"Add", 2, 2, 7, importAdd, true},
      {"Ceil", 1, 1, 6, importMath<math::CeilOp>},
      {"Clip", 1, 3, 6, importClip},
      {"Cos", 1, 1, 7, importMath<math::CosOp>},
      {"Div", 2, 2, 7, importDiv, true},
      {"Erf", 1, 1, 9, importMath<math::ErfOp>},
      {"Exp", 1, 1, 6, importMath<math::ExpOp>},
      {"Floor", 1, 1, 6, importMath<math::FloorOp>},
      {"Log", 1, 1, 6, importMath<math::LogOp>},
      {"Max", 1, kManyInputs, 8, importMax, true},
      {"Mean", 1, kManyInputs, 8, importMean},
      {"Min", 1, kManyInputs, 8, importMin, true},
      {"Mod", 2, 2, 10, importMod, true},
      {"Mul", 2, 2, 7, importMul, true},
      {"Neg", 1, 1, 6, importNeg},
      {"Pow", 2, 2, 7, importPow, true},
      {"Reciprocal", 1, 1, 6, importReciprocal},
      {"Round", 1, 1, 11, importMath<math::RoundEvenOp>},
      {"Sign", 1, 1, 9, importSign},
      {"Sin", 1, 1, 7, importMath<math::SinOp>},
      {"Sqrt", 1, 1, 6, importMath<math::SqrtOp>},
      {"Sub", 2, 2, 7, importSub, true},
      {"Sum", 1, kManyInputs, 8, importSum},
      {"Tanh", 1, 1, 6, importMath<math::TanhOp>},
  };
  return operators;
}
