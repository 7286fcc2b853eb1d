//===- Logarithm.cpp - log and what follows from it -----------------------===//
//
// x = 2^n m with m in [sqrt 1/2, sqrt 2) and f = m - 1, so
// log x = n ln2 + f - f^2 / 2 + f^3 P(f).
//
//===----------------------------------------------------------------------===//

#include "compiler/codegen/cpu/math/Elementary.h"
#include "compiler/codegen/cpu/math/Lanes.h"

using namespace mlir;
using namespace weft;
using namespace weft::cpu;

static constexpr double kLn2High = 0.693359375;
static constexpr double kLn2Low = -2.12194440054690583e-4;
static constexpr double kInfinity = std::numeric_limits<double>::infinity();
static constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

/// (log(1 + f) - f + f^2 / 2) / f^3 for f from sqrt 1/2 - 1 to sqrt 2 - 1.
static constexpr double kLog[] = {
    0.3333331346511841,  -0.25000011920928955, 0.20002073049545288,
    -0.1666785478591919, 0.14220233261585236,  -0.12408196181058884,
    0.11886202543973923, -0.1166066899895668,  0.06733028590679169};

/// n ln2 + log(1 + f).
static Value buildSum(Lanes &l, Value n, Value f) {
  Value square = l.mul(f, f);
  Value y = l.mul(l.mul(square, f), l.polynomial(f, kLog));
  y = l.fma(n, l.f(kLn2Low), y);
  y = l.fma(square, l.f(-0.5), y);
  return l.fma(n, l.f(kLn2High), l.add(y, f));
}

Value cpu::buildLog(ImplicitLocOpBuilder &b, Value x) {
  Lanes l(b, x);
  // Denormal numbers are brought into range first.
  Value tiny = l.cmp(Lanes::F::OLT, x, l.f(1.1754943508222875e-38));
  Value normal = l.select(tiny, l.mul(x, l.f(8388608.0)), x);
  Value bits = l.toBits(normal);
  // Counting from the bits of sqrt 1/2 puts the border of n there.
  constexpr int64_t kRootHalf = 0x3f3504f3;
  Value offset = l.subI(bits, l.i(kRootHalf));
  Value n = arith::SIToFPOp::create(b, x.getType(), l.shrS(offset, 23));
  Value mantissa = l.addI(l.andI(offset, l.i(0x007fffff)), l.i(kRootHalf));
  n = l.sub(n, l.select(tiny, l.f(23.0), l.f(0.0)));

  Value y = buildSum(l, n, l.sub(l.toFloat(mantissa), l.f(1.0)));
  y = l.select(l.cmp(Lanes::F::OLT, x, l.f(kInfinity)), y, x); // inf and NaN
  y = l.select(l.cmp(Lanes::F::OLT, x, l.f(0.0)), l.f(kNaN), y);
  return l.select(l.cmp(Lanes::F::OEQ, x, l.f(0.0)), l.f(-kInfinity), y);
}

Value cpu::buildLog2(ImplicitLocOpBuilder &b, Value x) {
  Lanes l(b, x);
  return l.mul(buildLog(b, x), l.f(1.4426950408889634));
}

Value cpu::buildLog1p(ImplicitLocOpBuilder &b, Value x) {
  Lanes l(b, x);
  Value u = l.add(x, l.f(1.0));
  Value lost = l.div(l.sub(x, l.sub(u, l.f(1.0))), u);
  // At both ends of the domain nothing was lost, and the division has no value.
  Value inside = arith::AndIOp::create(b, l.cmp(Lanes::F::OGT, u, l.f(0.0)),
                                       l.cmp(Lanes::F::OLT, u, l.f(kInfinity)));
  lost = l.select(inside, lost, l.f(0.0));
  // Keeps the sign of zero, which the sum above loses.
  Value y = l.add(buildLog(b, u), lost);
  return l.select(l.cmp(Lanes::F::OEQ, x, l.f(0.0)), x, y);
}

Value cpu::buildSoftplus(ImplicitLocOpBuilder &b, Value x) {
  Lanes l(b, x);
  // Of 1 + t in [1, 2] nothing is lost: f is t, or half of t - 1.
  Value t = buildExp(b, l.neg(l.abs(x)));
  Value isUpper = l.cmp(Lanes::F::OGT, t, l.f(0.41421356));
  Value f = l.select(isUpper, l.fma(t, l.f(0.5), l.f(-0.5)), t);
  Value tail = buildSum(l, l.select(isUpper, l.f(1.0), l.f(0.0)), f);
  return l.add(l.max(x, l.f(0.0)), tail);
}
