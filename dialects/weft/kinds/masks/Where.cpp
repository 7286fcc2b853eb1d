//===- Where.cpp - Pairs where affine expressions hold --------------------===//

#include "dialects/weft/kinds/Builders.h"
#include "dialects/weft/kinds/Kinds.h"
#include "mlir/IR/AffineExpr.h"
#include "mlir/IR/AffineMap.h"

using namespace mlir;
using namespace weft;

/// Whether `expr` divides by what is not a constant of at least 1.
static bool dividesBadly(AffineExpr expr) {
  auto binary = dyn_cast<AffineBinaryOpExpr>(expr);
  if (!binary || expr.getKind() == AffineExprKind::Add ||
      expr.getKind() == AffineExprKind::Mul)
    return false;
  auto divisor = dyn_cast<AffineConstantExpr>(binary.getRHS());
  return !divisor || divisor.getValue() < 1;
}

LogicalResult WhereAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                                AffineMapAttr attr) {
  AffineMap map = attr.getValue();
  if (map.getNumDims() != 3 || map.getNumSymbols() != 0 ||
      map.getNumResults() == 0)
    return emitError() << "expected a map of (query, key, distance) without "
                          "symbols, to at least one result, but got "
                       << attr;
  WalkResult result = WalkResult::advance();
  map.walkExprs([&](AffineExpr expr) {
    if (dividesBadly(expr))
      result = WalkResult::interrupt();
  });
  if (result.wasInterrupted())
    return emitError() << "expected divisors of at least 1 but got " << attr;
  return success();
}

namespace {

/// Builds affine expressions as `arith` on indices of any shape.
class AffineBuilder {
public:
  AffineBuilder(ImplicitLocOpBuilder &b, ArrayRef<Value> dims)
      : b(b), dims(dims), type(dims.front().getType()) {}

  Value build(AffineExpr expr) {
    if (auto dim = dyn_cast<AffineDimExpr>(expr))
      return dims[dim.getPosition()];
    if (auto constant = dyn_cast<AffineConstantExpr>(expr))
      return buildIndex(b, type, constant.getValue());
    auto binary = cast<AffineBinaryOpExpr>(expr);
    // As a difference where it is one, which analyses understand.
    if (AffineExpr negated = getNegated(expr))
      return arith::SubIOp::create(b, buildIndex(b, type, 0), build(negated));
    if (expr.getKind() == AffineExprKind::Add)
      if (AffineExpr negated = getNegated(binary.getRHS())) {
        Value lhs = build(binary.getLHS());
        return arith::SubIOp::create(b, lhs, build(negated));
      }
    Value lhs = build(binary.getLHS()), rhs = build(binary.getRHS());
    // Positions are not negative, and then the plain division serves.
    bool plain = isPosition(binary.getLHS());
    switch (expr.getKind()) {
    case AffineExprKind::Add:
      return arith::AddIOp::create(b, lhs, rhs);
    case AffineExprKind::Mul:
      return arith::MulIOp::create(b, lhs, rhs);
    case AffineExprKind::FloorDiv:
      return buildFloorDiv(lhs, rhs, plain);
    case AffineExprKind::CeilDiv: {
      Value one = buildIndex(b, type, 1);
      Value below = arith::SubIOp::create(b, rhs, one);
      lhs = arith::AddIOp::create(b, lhs, below);
      return buildFloorDiv(lhs, rhs, /*plain=*/false);
    }
    case AffineExprKind::Mod:
      return buildMod(lhs, rhs, plain);
    default:
      llvm_unreachable("not an affine operation");
    }
  }

private:
  /// The expression that `expr` is -1 times of, or null.
  static AffineExpr getNegated(AffineExpr expr) {
    auto binary = dyn_cast<AffineBinaryOpExpr>(expr);
    if (!binary || expr.getKind() != AffineExprKind::Mul)
      return nullptr;
    auto factor = dyn_cast<AffineConstantExpr>(binary.getRHS());
    return factor && factor.getValue() == -1 ? binary.getLHS() : AffineExpr();
  }

  /// Whether `expr` is the position of the query or of the key.
  static bool isPosition(AffineExpr expr) {
    auto dim = dyn_cast<AffineDimExpr>(expr);
    return dim && dim.getPosition() < 2;
  }

  /// Builds the remainder that is never negative.
  Value buildMod(Value lhs, Value rhs, bool plain) {
    Value rest = arith::RemSIOp::create(b, lhs, rhs);
    if (plain)
      return rest;
    Value negative = arith::CmpIOp::create(b, arith::CmpIPredicate::slt, rest,
                                           buildIndex(b, type, 0));
    Value wrapped = arith::AddIOp::create(b, rest, rhs);
    return arith::SelectOp::create(b, negative, wrapped, rest);
  }

  /// Builds the quotient rounded down, by ops that every target has.
  Value buildFloorDiv(Value lhs, Value rhs, bool plain) {
    if (!plain)
      lhs = arith::SubIOp::create(b, lhs, buildMod(lhs, rhs, plain));
    return arith::DivSIOp::create(b, lhs, rhs);
  }

  ImplicitLocOpBuilder &b;
  ArrayRef<Value> dims;
  Type type;
};

} // namespace

Value WhereAttr::buildAllowed(ImplicitLocOpBuilder &b, Value i, Value j,
                              Value distance) const {
  Value dims[] = {i, j, distance};
  AffineBuilder builder(b, dims);
  Value zero = buildIndex(b, i.getType(), 0), allowed;
  for (AffineExpr expr : getMap().getValue().getResults()) {
    Value holds = arith::CmpIOp::create(b, arith::CmpIPredicate::sge,
                                        builder.build(expr), zero);
    allowed = allowed ? arith::AndIOp::create(b, allowed, holds) : holds;
  }
  return allowed;
}
