//===- IndexBuilder.h - Arithmetic on sizes ---------------------*- C++ -*-===//

#ifndef WEFT_PASSES_LOWER_INDEXBUILDER_H
#define WEFT_PASSES_LOWER_INDEXBUILDER_H

#include "mlir/IR/AffineMap.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "passes/memory/IndexPolynomial.h"

namespace weft {

using IndexExpr = mlir::OpFoldResult;
using IndexExprs = llvm::SmallVector<mlir::OpFoldResult>;

/// Builds `arith` on index at the place of a builder, folded, and each constant
/// and symbol once, at the begin of the function.
class IndexBuilder {
public:
  explicit IndexBuilder(mlir::ImplicitLocOpBuilder &b) : b(b) {}

  IndexExpr constant(int64_t value) { return b.getIndexAttr(value); }
  IndexExpr add(IndexExpr lhs, IndexExpr rhs);
  IndexExpr sub(IndexExpr lhs, IndexExpr rhs);
  IndexExpr mul(IndexExpr lhs, IndexExpr rhs);
  IndexExpr ceilDiv(IndexExpr lhs, IndexExpr rhs);
  IndexExpr min(IndexExpr lhs, IndexExpr rhs);
  IndexExpr product(llvm::ArrayRef<IndexExpr> factors);

  /// Builds a one-result map of symbols on `values`.
  IndexExpr apply(mlir::AffineMap map, llvm::ArrayRef<IndexExpr> values);

  mlir::Value symbol(int64_t number);
  /// The expression as a value.
  mlir::Value value(IndexExpr expr);

  bool equal(IndexExpr lhs, IndexExpr rhs) {
    return polynomials.equal(lhs, rhs);
  }

private:
  template <typename OpTy> IndexExpr build(IndexExpr lhs, IndexExpr rhs);
  mlir::Block &getEntry();

  mlir::ImplicitLocOpBuilder &b;
  IndexPolynomials polynomials;
  llvm::DenseMap<int64_t, mlir::Value> constants, symbols;
  /// Results in the entry block by name and operands.
  std::map<std::tuple<const void *, void *, void *>, mlir::Value> built;
};

} // namespace weft

#endif // WEFT_PASSES_LOWER_INDEXBUILDER_H
