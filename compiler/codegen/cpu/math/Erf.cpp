//===- Erf.cpp - The error function ---------------------------------------===//
//
// Below 0.9 an odd polynomial; above, 1 - exp(t R(t)) with t = |x|, for which
// log(erfc(t)) / t is fitted up to 4.1, where the result has rounded to 1.
//
//===----------------------------------------------------------------------===//

#include "compiler/codegen/cpu/math/Elementary.h"
#include "compiler/codegen/cpu/math/Lanes.h"

using namespace mlir;
using namespace weft;
using namespace weft::cpu;

/// erf(x) / x - 1, in powers of x^2, for |x| <= 0.9.
static constexpr double kSmall[] = {
    0.12837915122509003,   -0.37612515687942505, 0.11282084882259369,
    -0.026777280494570732, 0.005009916145354509, -0.0006081067840568721};

/// log(erfc(t)) / t for 0.9 <= t <= 4.1.
static constexpr double kLarge[] = {
    -1.1286370754241943,    -0.6351980566978455,    -0.10615896433591843,
    0.023694442585110664,   -0.0036102544981986284, 0.0003148278337903321,
    -1.0429015674162656e-05};

Value cpu::buildErf(ImplicitLocOpBuilder &b, Value x) {
  Lanes l(b, x);
  Value small = l.fma(x, l.polynomial(l.mul(x, x), kSmall), x);
  Value t = l.min(l.abs(x), l.f(4.1));
  Value tail = buildExp(b, l.mul(t, l.polynomial(t, kLarge)));
  Value large = math::CopySignOp::create(b, l.sub(l.f(1.0), tail), x);
  return l.select(l.cmp(Lanes::F::OLT, l.abs(x), l.f(0.9)), small, large);
}
