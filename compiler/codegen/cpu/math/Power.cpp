//===- Power.cpp - What is computed by exp in f64; roots and rounding -----===//
//
// x^y = exp(y log|x|) in f64, where both series need only some 2^-40: log by
// the series of atanh, exp by Taylor's.
//
//===----------------------------------------------------------------------===//

#include "compiler/codegen/cpu/math/Elementary.h"
#include "compiler/codegen/cpu/math/Lanes.h"

using namespace mlir;
using namespace weft;
using namespace weft::cpu;

static constexpr double kLn2 = 0.6931471805599453;
static constexpr double kInfinity = std::numeric_limits<double>::infinity();
static constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

/// Builds log(x) in f64 for x a positive f32, 0, infinity or NaN.
static Value buildWideLog(ImplicitLocOpBuilder &b, Value x) {
  Lanes l(b, x);
  constexpr int64_t kRootHalf = 0x3fe6a09e667f3bcd;
  Value offset = l.subI(l.toBits(x), l.i(kRootHalf));
  Value n = arith::SIToFPOp::create(b, x.getType(), l.shrS(offset, 52));
  Value m = l.toFloat(
      l.addI(l.andI(offset, l.i(0x000fffffffffffff)), l.i(kRootHalf)));
  Value s = l.div(l.sub(m, l.f(1.0)), l.add(m, l.f(1.0)));
  Value series =
      l.polynomial(l.mul(s, s), {2.0, 2.0 / 3, 2.0 / 5, 2.0 / 7, 2.0 / 9,
                                 2.0 / 11, 2.0 / 13, 2.0 / 15});
  Value y = l.fma(n, l.f(kLn2), l.mul(s, series));
  y = l.select(l.cmp(Lanes::F::OEQ, x, l.f(0.0)), l.f(-kInfinity), y);
  return l.select(l.cmp(Lanes::F::OLT, x, l.f(kInfinity)), y, x);
}

/// Builds e^x in f64, clamped to what an f32 may need.
static Value buildWideExp(ImplicitLocOpBuilder &b, Value x) {
  Lanes l(b, x);
  constexpr double kRound = 6755399441055744.0; // 1.5 * 2^52
  Value clamped = l.max(l.min(x, l.f(200.0)), l.f(-200.0));
  Value rounded = l.fma(clamped, l.f(1 / kLn2), l.f(kRound));
  Value n = l.sub(rounded, l.f(kRound));
  Value r = l.fma(n, l.f(-kLn2), clamped);
  SmallVector<double> taylor{1.0};
  for (int i = 1; i <= 11; ++i)
    taylor.push_back(taylor.back() / i);
  Value p = l.polynomial(r, taylor);
  return l.toFloat(l.addI(l.toBits(p), l.shl(l.toBits(rounded), 52)));
}

Value cpu::buildPow(ImplicitLocOpBuilder &b, Value x, Value y) {
  Lanes narrow(b, x);
  Type wide = narrow.like(b.getF64Type());
  Value base = arith::ExtFOp::create(b, wide, x);
  Value exponent = arith::ExtFOp::create(b, wide, y);
  Lanes l(b, base);
  Value size = l.abs(base);
  Value result = buildWideExp(b, l.mul(exponent, buildWideLog(b, size)));

  // A negative base: odd exponents turn the sign, broken ones have no value.
  Value whole =
      l.cmp(Lanes::F::OEQ, math::FloorOp::create(b, exponent), exponent);
  Value half = l.mul(exponent, l.f(0.5));
  Value odd = arith::AndIOp::create(
      b, whole, l.cmp(Lanes::F::UNE, math::FloorOp::create(b, half), half));
  Value broken = l.select(whole, result, l.f(kNaN));
  Value turned = l.select(odd, l.neg(result), broken);
  result = l.select(l.cmp(Lanes::F::OLT, base, l.f(0.0)), turned, result);
  // x^0 and 1^y are 1 whatever the other is.
  Value one = arith::OrIOp::create(b, l.cmp(Lanes::F::OEQ, exponent, l.f(0.0)),
                                   l.cmp(Lanes::F::OEQ, base, l.f(1.0)));
  result = l.select(one, l.f(1.0), result);
  return arith::TruncFOp::create(b, x.getType(), result);
}

/// (exp(x) + sign * exp(-x)) / 2, where exp alone may be out of range.
static Value buildHyperbolic(ImplicitLocOpBuilder &b, Value x, double sign) {
  Type wide = Lanes(b, x).like(b.getF64Type());
  Value exponent = arith::ExtFOp::create(b, wide, x);
  Lanes l(b, exponent);
  Value up = buildWideExp(b, exponent), down = buildWideExp(b, l.neg(exponent));
  Value y = l.mul(l.f(0.5), l.fma(down, l.f(sign), up));
  return arith::TruncFOp::create(b, x.getType(), y);
}

Value cpu::buildCosh(ImplicitLocOpBuilder &b, Value x) {
  return buildHyperbolic(b, x, 1.0);
}

Value cpu::buildSinh(ImplicitLocOpBuilder &b, Value x) {
  Lanes l(b, x);
  Value m = buildExpM1(b, l.min(l.abs(x), l.f(1.0)));
  Value small = l.mul(l.f(0.5), l.add(m, l.div(m, l.add(m, l.f(1.0)))));
  return l.select(l.cmp(Lanes::F::OLT, l.abs(x), l.f(1.0)),
                  math::CopySignOp::create(b, small, x),
                  buildHyperbolic(b, x, -1.0));
}

Value cpu::buildRsqrt(ImplicitLocOpBuilder &b, Value x) {
  Lanes l(b, x);
  return l.div(l.f(1.0), math::SqrtOp::create(b, x));
}

Value cpu::buildRound(ImplicitLocOpBuilder &b, Value x) {
  Lanes l(b, x);
  // The number before 1/2, so that what lies just below it is not rounded up.
  Value half = math::CopySignOp::create(b, l.f(0.49999997019767761), x);
  return math::TruncOp::create(b, l.add(x, half));
}
