//===- IndexBuilder.cpp - Arithmetic on sizes -----------------------------===//

#include "passes/lower/IndexBuilder.h"
#include "dialects/program/ops/ProgramOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace weft;

Block &IndexBuilder::getEntry() {
  Operation *op = b.getInsertionBlock()->getParentOp();
  while (!isa<program::FunctionOp>(op))
    op = op->getParentOp();
  return op->getRegion(0).front();
}

Value IndexBuilder::value(IndexExpr expr) {
  std::optional<int64_t> number = getConstantIntValue(expr);
  if (!number)
    return cast<Value>(expr);
  Value &constant = constants[*number];
  if (!constant) {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(&getEntry());
    constant = arith::ConstantIndexOp::create(b, *number);
  }
  return constant;
}

Value IndexBuilder::symbol(int64_t number) {
  Value &symbol = symbols[number];
  if (!symbol) {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(&getEntry());
    symbol = program::SymbolOp::create(b, b.getIndexType(),
                                       b.getI64IntegerAttr(number));
  }
  return symbol;
}

template <typename OpTy>
IndexExpr IndexBuilder::build(IndexExpr lhs, IndexExpr rhs) {
  Value left = value(lhs), right = value(rhs);
  // In a loop an earlier result may stand in another block.
  if (b.getInsertionBlock() != &getEntry())
    return OpTy::create(b, left, right).getResult();
  const void *name = OpTy::getOperationName().data();
  Value &result =
      built[{name, left.getAsOpaquePointer(), right.getAsOpaquePointer()}];
  if (!result)
    result = OpTy::create(b, left, right);
  return result;
}

IndexExpr IndexBuilder::add(IndexExpr lhs, IndexExpr rhs) {
  auto left = getConstantIntValue(lhs), right = getConstantIntValue(rhs);
  if (left && right)
    return constant(*left + *right);
  if (left == 0)
    return rhs;
  if (right == 0)
    return lhs;
  return build<arith::AddIOp>(lhs, rhs);
}

IndexExpr IndexBuilder::sub(IndexExpr lhs, IndexExpr rhs) {
  auto left = getConstantIntValue(lhs), right = getConstantIntValue(rhs);
  if (left && right)
    return constant(*left - *right);
  if (right == 0)
    return lhs;
  return build<arith::SubIOp>(lhs, rhs);
}

IndexExpr IndexBuilder::mul(IndexExpr lhs, IndexExpr rhs) {
  auto left = getConstantIntValue(lhs), right = getConstantIntValue(rhs);
  if (left && right)
    return constant(*left * *right);
  if (left == 0 || right == 0)
    return constant(0);
  if (left == 1)
    return rhs;
  if (right == 1)
    return lhs;
  return left ? build<arith::MulIOp>(rhs, lhs) : build<arith::MulIOp>(lhs, rhs);
}

IndexExpr IndexBuilder::ceilDiv(IndexExpr lhs, IndexExpr rhs) {
  auto left = getConstantIntValue(lhs), right = getConstantIntValue(rhs);
  if (left && right)
    return constant(llvm::divideCeilSigned(*left, *right));
  if (right == 1)
    return lhs;
  return build<arith::CeilDivSIOp>(lhs, rhs);
}

IndexExpr IndexBuilder::min(IndexExpr lhs, IndexExpr rhs) {
  auto left = getConstantIntValue(lhs), right = getConstantIntValue(rhs);
  if (left && right)
    return constant(std::min(*left, *right));
  return build<arith::MinSIOp>(lhs, rhs);
}

IndexExpr IndexBuilder::product(ArrayRef<IndexExpr> factors) {
  IndexExpr result = constant(1);
  for (IndexExpr factor : factors)
    result = mul(result, factor);
  return result;
}

IndexExpr IndexBuilder::apply(AffineMap map, ArrayRef<IndexExpr> values) {
  std::function<IndexExpr(AffineExpr)> visit =
      [&](AffineExpr expr) -> IndexExpr {
    if (auto number = dyn_cast<AffineConstantExpr>(expr))
      return constant(number.getValue());
    if (auto symbol = dyn_cast<AffineSymbolExpr>(expr))
      return values[symbol.getPosition()];
    auto binary = cast<AffineBinaryOpExpr>(expr);
    IndexExpr lhs = visit(binary.getLHS()), rhs = visit(binary.getRHS());
    switch (expr.getKind()) {
    case AffineExprKind::Add:
      return add(lhs, rhs);
    case AffineExprKind::Mul:
      return mul(lhs, rhs);
    case AffineExprKind::CeilDiv:
      return ceilDiv(lhs, rhs);
    default:
      llvm_unreachable("maps of tasks have sums, products and ceildiv alone");
    }
  };
  return visit(map.getResult(0));
}
