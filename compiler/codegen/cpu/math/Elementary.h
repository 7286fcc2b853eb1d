//===- Elementary.h - Elementary functions without a library ----*- C++ -*-===//
//
// Builds f32 functions as element-wise IR: on scalars and on vectors of any
// width, from FMA, integer and select ops alone. Nothing here may be
// reassociated: the rounding steps rely on the order.
//
// Errors are the largest over all f32 inputs whose result is a normal number,
// in units of the last place of the exact result; the unit test measures them.
// Results below 2^-126 of exp and exp2 are zero. NaN gives NaN.
//
//   function   ulp     how
//   exp, exp2  0.9     2^n e^r, |r| <= ln2/2, degree 6
//   expm1      1.5     2^n (e^r - 1) + (2^n - 1)
//   log        0.9     m in [sqrt 1/2, sqrt 2), degree 11
//   log2       1.6     log(x) / ln 2
//   log1p      1.5     log(u) + (x - (u - 1)) / u, u = 1 + x
//   sigmoid    2.5     1 / (1 + exp(-x))
//   softplus   1.8     max(x, 0) + log1p(exp(-|x|))
//   tanh       2.5     m / (m + 2), m = expm1(2 |x|)
//   erf        1.0     odd polynomial up to 0.9, then 1 - exp(polynomial)
//   rsqrt      1.5     1 / sqrt(x)
//   sin, cos   0.51    in f64, up to |x| = 2^30
//   cosh       0.51    (exp(x) + exp(-x)) / 2 in f64
//   sinh       2.5     so too from 1 on; below (m + m / (m + 1)) / 2, m = expm1
//   pow        0.51    exp(y log(|x|)) in f64
//
//===----------------------------------------------------------------------===//

#ifndef WEFT_CODEGEN_CPU_MATH_ELEMENTARY_H
#define WEFT_CODEGEN_CPU_MATH_ELEMENTARY_H

#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/IR/PatternMatch.h"

namespace weft::cpu {

/// The operands are f32 or vectors of f32; so is the result.
mlir::Value buildExp(mlir::ImplicitLocOpBuilder &b, mlir::Value x);
/// e^x for x of at most 88.3, where none is above that: an error of 1 ulp near
/// 0, growing with |x| to 20 ulp. Zero below 2^-126, 1 at 0, NaN for NaN.
mlir::Value buildExpFinite(mlir::ImplicitLocOpBuilder &b, mlir::Value x);
/// The same with 1.5 ulp near 0, for weights under a maximum.
mlir::Value buildExpBounded(mlir::ImplicitLocOpBuilder &b, mlir::Value x);
/// The same with a relative error of 1.1e-4, for what becomes bf16.
mlir::Value buildExpForBf16(mlir::ImplicitLocOpBuilder &b, mlir::Value x);
mlir::Value buildExp2(mlir::ImplicitLocOpBuilder &b, mlir::Value x);
mlir::Value buildExpM1(mlir::ImplicitLocOpBuilder &b, mlir::Value x);
mlir::Value buildLog(mlir::ImplicitLocOpBuilder &b, mlir::Value x);
mlir::Value buildLog2(mlir::ImplicitLocOpBuilder &b, mlir::Value x);
mlir::Value buildLog1p(mlir::ImplicitLocOpBuilder &b, mlir::Value x);
mlir::Value buildSigmoid(mlir::ImplicitLocOpBuilder &b, mlir::Value x);
mlir::Value buildSilu(mlir::ImplicitLocOpBuilder &b, mlir::Value x);
mlir::Value buildSoftplus(mlir::ImplicitLocOpBuilder &b, mlir::Value x);
mlir::Value buildTanh(mlir::ImplicitLocOpBuilder &b, mlir::Value x);
/// The same with a relative error of 3.5e-7, 6 ulp just below 1, at less than
/// half of the cost: for scores. At most 1 + 2^-23.
mlir::Value buildTanhShort(mlir::ImplicitLocOpBuilder &b, mlir::Value x);
mlir::Value buildSinh(mlir::ImplicitLocOpBuilder &b, mlir::Value x);
mlir::Value buildCosh(mlir::ImplicitLocOpBuilder &b, mlir::Value x);
mlir::Value buildErf(mlir::ImplicitLocOpBuilder &b, mlir::Value x);
mlir::Value buildRsqrt(mlir::ImplicitLocOpBuilder &b, mlir::Value x);

/// Rounds to the nearest integer, halves away from zero.
mlir::Value buildRound(mlir::ImplicitLocOpBuilder &b, mlir::Value x);

/// f64 or f32, or vectors of either; f32 is computed in f64.
mlir::Value buildSin(mlir::ImplicitLocOpBuilder &b, mlir::Value x);
mlir::Value buildCos(mlir::ImplicitLocOpBuilder &b, mlir::Value x);

/// As C's pow, computed in f64: a negative base needs a whole exponent.
mlir::Value buildPow(mlir::ImplicitLocOpBuilder &b, mlir::Value x,
                     mlir::Value y);

/// Adds patterns that replace the f32 ops of the math dialect which would end
/// as calls of a C library: exp, exp2, expm1, log, log2, log10, log1p, tanh,
/// erf, sin, cos, tan, powf, rsqrt, round, sinh and cosh. log1p(exp(x)) becomes
/// softplus. An exp that is flagged `ninf` becomes the finite one, with `afn`
/// too the bounded one; a tanh that is flagged `afn` the short one.
void populateElementaryPatterns(mlir::RewritePatternSet &patterns);

} // namespace weft::cpu

#endif // WEFT_CODEGEN_CPU_MATH_ELEMENTARY_H
