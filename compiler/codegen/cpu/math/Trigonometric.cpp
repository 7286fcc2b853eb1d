//===- Trigonometric.cpp - sin and cos in f64 -----------------------------===//
//
// x = n pi/2 + r with |r| <= pi/4. pi/2 is subtracted in three parts by FMA,
// which leaves r right to some 2^-53 of itself while n fits 31 bits. Then the
// Taylor series of sin and cos, whose first dropped terms are below 2^-54.
//
//===----------------------------------------------------------------------===//

#include "compiler/codegen/cpu/math/Elementary.h"
#include "compiler/codegen/cpu/math/Lanes.h"

using namespace mlir;
using namespace weft;
using namespace weft::cpu;

/// sin(r) / r - 1 and cos(r) - 1, over r^2, in powers of r^2.
static constexpr double kSin[] = {
    -1.0 / 6,        1.0 / 120,          -1.0 / 5040,           1.0 / 362880,
    -1.0 / 39916800, 1.0 / 6227020800.0, -1.0 / 1307674368000.0};
static constexpr double kCos[] = {-1.0 / 2,
                                  1.0 / 24,
                                  -1.0 / 720,
                                  1.0 / 40320,
                                  -1.0 / 3628800,
                                  1.0 / 479001600,
                                  -1.0 / 87178291200.0,
                                  1.0 / 20922789888000.0};

/// Builds sin(x + turns * pi/2) in f64.
static Value buildQuarterTurns(ImplicitLocOpBuilder &b, Value x,
                               int64_t turns) {
  Lanes l(b, x);
  constexpr double kRound = 6755399441055744.0; // 1.5 * 2^52
  Value rounded = l.fma(x, l.f(0.6366197723675814), l.f(kRound));
  Value n = l.sub(rounded, l.f(kRound));
  Value r = l.fma(n, l.f(-1.5707963267948966), x);
  r = l.fma(n, l.f(-6.123233995736766e-17), r);
  r = l.fma(n, l.f(1.4973849048591833e-33), r);

  Value square = l.mul(r, r);
  Value sin = l.fma(l.mul(l.polynomial(square, kSin), square), r, r);
  Value cos = l.fma(l.polynomial(square, kCos), square, l.f(1.0));
  Value quarter = l.addI(l.toBits(rounded), l.i(turns));
  Value odd = arith::CmpIOp::create(b, arith::CmpIPredicate::ne,
                                    l.andI(quarter, l.i(1)), l.i(0));
  Value y = l.select(odd, cos, sin);
  Value sign = l.shl(l.andI(quarter, l.i(2)), 62);
  return l.toFloat(l.xorI(l.toBits(y), sign));
}

/// Computes f32 in f64 by `build`.
static Value inDouble(ImplicitLocOpBuilder &b, Value x,
                      function_ref<Value(Value)> build) {
  if (getElementTypeOrSelf(x).isF64())
    return build(x);
  Type wide = Lanes(b, x).like(b.getF64Type());
  return arith::TruncFOp::create(b, x.getType(),
                                 build(arith::ExtFOp::create(b, wide, x)));
}

Value cpu::buildSin(ImplicitLocOpBuilder &b, Value x) {
  return inDouble(b, x, [&](Value x) { return buildQuarterTurns(b, x, 0); });
}

Value cpu::buildCos(ImplicitLocOpBuilder &b, Value x) {
  return inDouble(b, x, [&](Value x) { return buildQuarterTurns(b, x, 1); });
}
