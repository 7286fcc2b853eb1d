//===- Lanes.h - Short names for element-wise IR ----------------*- C++ -*-===//
//
// Arithmetic on values of one shape: a scalar, or vectors of one width.
//
//===----------------------------------------------------------------------===//

#ifndef WEFT_CODEGEN_CPU_MATH_LANES_H
#define WEFT_CODEGEN_CPU_MATH_LANES_H

#include "dialects/weft/kinds/Builders.h"
#include "mlir/IR/TypeUtilities.h"

namespace weft::cpu {

/// Builds ops on the float type of `x`, on integers of the same width and on
/// conditions, all of the shape of `x`.
class Lanes {
public:
  using Value = mlir::Value;
  using F = mlir::arith::CmpFPredicate;

  Lanes(mlir::ImplicitLocOpBuilder &b, Value x) : Lanes(b, x.getType()) {}
  Lanes(mlir::ImplicitLocOpBuilder &b, mlir::Type type)
      : b(b), type(type),
        bits(like(b.getIntegerType(
            mlir::getElementTypeOrSelf(type).getIntOrFloatBitWidth()))) {}

  /// Returns `element` in the shape of this.
  mlir::Type like(mlir::Type element) const {
    if (auto shaped = mlir::dyn_cast<mlir::ShapedType>(type))
      return shaped.clone(element);
    return element;
  }

  Value f(double value) { return buildFloat(b, type, value); }
  Value i(int64_t value) {
    mlir::TypedAttr attr =
        b.getIntegerAttr(mlir::getElementTypeOrSelf(bits), value);
    if (auto shaped = mlir::dyn_cast<mlir::ShapedType>(bits))
      attr = mlir::DenseElementsAttr::get(shaped, attr);
    return mlir::arith::ConstantOp::create(b, attr);
  }

  Value add(Value x, Value y) { return mlir::arith::AddFOp::create(b, x, y); }
  Value sub(Value x, Value y) { return mlir::arith::SubFOp::create(b, x, y); }
  Value mul(Value x, Value y) { return mlir::arith::MulFOp::create(b, x, y); }
  Value div(Value x, Value y) { return mlir::arith::DivFOp::create(b, x, y); }
  Value neg(Value x) { return mlir::arith::NegFOp::create(b, x); }
  Value abs(Value x) { return mlir::math::AbsFOp::create(b, x); }
  Value fma(Value x, Value y, Value z) {
    return mlir::math::FmaOp::create(b, x, y, z);
  }

  Value addI(Value x, Value y) { return mlir::arith::AddIOp::create(b, x, y); }
  Value subI(Value x, Value y) { return mlir::arith::SubIOp::create(b, x, y); }
  Value andI(Value x, Value y) { return mlir::arith::AndIOp::create(b, x, y); }
  Value orI(Value x, Value y) { return mlir::arith::OrIOp::create(b, x, y); }
  Value xorI(Value x, Value y) { return mlir::arith::XOrIOp::create(b, x, y); }
  Value shl(Value x, int64_t n) {
    return mlir::arith::ShLIOp::create(b, x, i(n));
  }
  Value shrS(Value x, int64_t n) {
    return mlir::arith::ShRSIOp::create(b, x, i(n));
  }
  Value toBits(Value x) { return mlir::arith::BitcastOp::create(b, bits, x); }
  Value toFloat(Value x) { return mlir::arith::BitcastOp::create(b, type, x); }

  Value cmp(F predicate, Value x, Value y) {
    return mlir::arith::CmpFOp::create(b, predicate, x, y);
  }
  Value select(Value condition, Value x, Value y) {
    return mlir::arith::SelectOp::create(b, condition, x, y);
  }
  /// x where it is not above y, so that NaN stays.
  Value min(Value x, Value y) { return select(cmp(F::OLT, y, x), y, x); }
  Value max(Value x, Value y) { return select(cmp(F::OGT, y, x), y, x); }

  /// Evaluates `coefficients`, lowest first, at `x` by Horner's rule.
  Value polynomial(Value x, llvm::ArrayRef<double> coefficients) {
    Value sum = f(coefficients.back());
    for (double c : llvm::reverse(coefficients.drop_back()))
      sum = fma(sum, x, f(c));
    return sum;
  }

private:
  mlir::ImplicitLocOpBuilder &b;
  mlir::Type type, bits;
};

} // namespace weft::cpu

#endif // WEFT_CODEGEN_CPU_MATH_LANES_H
