//===- Exponential.cpp - exp and what follows from it ---------------------===//
//
// x = n ln2 + r, so e^x = 2^n e^r. Adding 1.5 * 2^23 rounds to a whole number
// and leaves it in the low bits, from where a shift brings it to the exponent.
// Coefficients are minimax fits of the relative error (Lawson's iteration).
//
//===----------------------------------------------------------------------===//

#include "compiler/codegen/cpu/math/Elementary.h"
#include "compiler/codegen/cpu/math/Lanes.h"

using namespace mlir;
using namespace weft;
using namespace weft::cpu;

static constexpr double kRound = 12582912.0; // 1.5 * 2^23
static constexpr double kLog2E = 1.4426950408889634;
// ln 2 in two parts; the first has few bits, so that n times it is exact.
static constexpr double kLn2High = 0.693359375;
static constexpr double kLn2Low = -2.12194440054690583e-4;
static constexpr double kLargest = 88.72283172607422; // exp is finite up to it
static constexpr double kSmallest = -87.33654022216797; // and normal from it on
static constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// (e^r - 1 - r) / r^2 for |r| <= ln2 / 2.
static constexpr double kExp[] = {0.4999999403953552, 0.166665181517601,
                                  0.04166823998093605, 0.008369027636945248,
                                  0.0013823744375258684};

/// (2^r - 1) / r for |r| <= 1/2.
static constexpr double kExp2[] = {
    0.6931471824645996,  0.24022643268108368,   0.05550357699394226,
    0.00961899384856224, 0.0013391950633376837, 0.00015201781934592873};

/// (2^r - 1) / r for |r| <= 1/2, two terms fewer.
static constexpr double kExp2Short[] = {
    0.6931470036506653, 0.24022242426872253, 0.05550733581185341,
    0.009671512991189957, 0.001326472731307149};

/// (2^r - 1) / r for |r| <= 1/2, for results of 13 bits.
static constexpr double kExp2Bf16[] = {0.6932829022407532, 0.2422110140323639,
                                       0.05500895157456398};

/// tanh x = x P(x^2) / Q(x^2) for |x| <= 8.9, the first coefficients being 1.
static constexpr double kTanhAbove[] = {
    0.13387537002563477, 0.0035033333115279675, 2.073710311378818e-05,
    1.3533605347504363e-08};
static constexpr double kTanhBelow[] = {
    1.0, 0.4672085642814636, 0.02590641751885414, 0.0003298322844784707,
    7.849448024899175e-07};

namespace {
/// n as a float and, in the low bits, as an integer; r; (e^r - 1 - r) / r^2.
struct Reduced {
  Value number, bits, rest, quotient;
};
} // namespace

/// Splits x and builds the polynomial for the part that is left.
static Reduced reduce(Lanes &l, Value x) {
  Value rounded = l.fma(x, l.f(kLog2E), l.f(kRound));
  Value n = l.sub(rounded, l.f(kRound));
  Value r = l.fma(n, l.f(-kLn2Low), l.fma(n, l.f(-kLn2High), x));
  return {n, l.toBits(rounded), r, l.polynomial(r, kExp)};
}

/// p * 2^n with n in the low bits of `bits`, for normal results.
static Value scale(Lanes &l, Value p, Value bits) {
  return l.toFloat(l.addI(l.toBits(p), l.shl(bits, 23)));
}

/// Infinity where x is above `largest`, NaN where x is, y elsewhere.
static Value setAbove(Lanes &l, Value x, double largest, Value y) {
  Value above = l.cmp(Lanes::F::UGT, x, l.f(largest));
  return l.select(above, l.add(x, l.f(kInfinity)), y);
}

Value cpu::buildExp(ImplicitLocOpBuilder &b, Value x) {
  Lanes l(b, x);
  Reduced reduced = reduce(l, x);
  Value one = l.f(1.0), r = reduced.rest;
  Value p = l.fma(l.fma(reduced.quotient, r, one), r, one);
  Value y = scale(l, p, reduced.bits);
  y = setAbove(l, x, kLargest, y);
  return l.select(l.cmp(Lanes::F::OLT, x, l.f(kSmallest)), l.f(0.0), y);
}

static Value buildBounded(ImplicitLocOpBuilder &b, Value x,
                          ArrayRef<double> coefficients) {
  Lanes l(b, x);
  // The low bits of the sum are n and the exponent's bias: 2^n by one shift.
  constexpr double round = kRound + 127;
  Value rounded = l.fma(x, l.f(kLog2E), l.f(round));
  Value n = l.sub(rounded, l.f(round));
  Value r = l.fma(x, l.f(kLog2E), l.neg(n));
  Value p = l.fma(l.polynomial(r, coefficients), r, l.f(1.0));
  Value y = l.mul(p, l.toFloat(l.shl(l.toBits(rounded), 23)));
  // What would be denormal is zero: products with it would be slow.
  return l.select(l.cmp(Lanes::F::OLT, x, l.f(kSmallest)), l.f(0.0), y);
}

Value cpu::buildExpBounded(ImplicitLocOpBuilder &b, Value x) {
  return buildBounded(b, x, kExp2Short);
}

Value cpu::buildExpFinite(ImplicitLocOpBuilder &b, Value x) {
  return buildBounded(b, x, kExp2);
}

Value cpu::buildExpForBf16(ImplicitLocOpBuilder &b, Value x) {
  return buildBounded(b, x, kExp2Bf16);
}

Value cpu::buildExp2(ImplicitLocOpBuilder &b, Value x) {
  Lanes l(b, x);
  // The polynomial is 1 at 0, so that -127 gives zero exactly.
  Value clamped =
      l.select(l.cmp(Lanes::F::OLT, x, l.f(-126.0)), l.f(-127.0), x);
  Value rounded = l.add(clamped, l.f(kRound));
  Value r = l.sub(clamped, l.sub(rounded, l.f(kRound)));
  Value p = l.fma(l.polynomial(r, kExp2), r, l.f(1.0));
  return setAbove(l, x, 127.99999237060547, scale(l, p, l.toBits(rounded)));
}

Value cpu::buildExpM1(ImplicitLocOpBuilder &b, Value x) {
  Lanes l(b, x);
  // Below -17.4 the result rounds to -1.
  Value clamped = l.max(x, l.f(-17.5));
  Reduced reduced = reduce(l, clamped);
  Value r = reduced.rest;
  Value small = l.fma(l.mul(r, r), reduced.quotient, r); // e^r - 1
  Value half = l.toFloat(l.shl(l.addI(reduced.bits, l.i(126)), 23));
  // Half of 2^n (e^r - 1) + 2^n - 1, doubled: 2^n alone may be out of range.
  Value y = l.fma(half, small, l.sub(half, l.f(0.5)));
  y = l.add(y, y);
  // Where n is 0 the result is e^r - 1 itself, -0 included.
  Value isZero = l.cmp(Lanes::F::OEQ, reduced.number, l.f(0.0));
  y = l.select(isZero, small, y);
  return setAbove(l, x, kLargest, y);
}

Value cpu::buildSigmoid(ImplicitLocOpBuilder &b, Value x) {
  Lanes l(b, x);
  return l.div(l.f(1.0), l.add(l.f(1.0), buildExp(b, l.neg(x))));
}

Value cpu::buildSilu(ImplicitLocOpBuilder &b, Value x) {
  Lanes l(b, x);
  return l.div(x, l.add(l.f(1.0), buildExp(b, l.neg(x))));
}

Value cpu::buildTanh(ImplicitLocOpBuilder &b, Value x) {
  Lanes l(b, x);
  // From 9.02 on the result rounds to 1.
  Value a = l.min(l.abs(x), l.f(10.0));
  Value m = buildExpM1(b, l.add(a, a));
  Value y = l.div(m, l.add(m, l.f(2.0)));
  return math::CopySignOp::create(b, y, x);
}

/// x / y to 1 ulp, for y above 0 that is as far from infinity: a division of 16
/// lanes takes longer. Turned around, the bits of y are near those of 1 / y: an
/// error of e = 0.05 becomes e^3 by two more terms of the series, and that its
/// square.
static Value divideShort(Lanes &l, Value x, Value y) {
  constexpr int64_t around = 0x7ef31000;
  Value r = l.toFloat(l.subI(l.i(around), l.toBits(y))), minus = l.neg(y);
  Value e = l.fma(minus, r, l.f(1.0));
  r = l.fma(r, l.fma(e, e, e), r);
  Value quotient = l.mul(x, r);
  return l.fma(r, l.fma(minus, quotient, x), quotient);
}

Value cpu::buildTanhShort(ImplicitLocOpBuilder &b, Value x) {
  Lanes l(b, x);
  // From there on it is 1 - 4e-8.
  constexpr double last = 8.9;
  Value c = l.max(l.min(x, l.f(last)), l.f(-last)), t = l.mul(c, c);
  Value above = l.fma(l.mul(c, t), l.polynomial(t, kTanhAbove), c);
  return divideShort(l, above, l.polynomial(t, kTanhBelow));
}
