//===- IndexPolynomial.h - Sizes as polynomials of symbols ------*- C++ -*-===//
//
// Sizes and strides at PROGRAM level are `arith` on index. Written as
// polynomials with integer coefficients, those that are equal look equal, and
// the memory planner sees by what a buffer grows.
//
//===----------------------------------------------------------------------===//

#ifndef WEFT_PASSES_MEMORY_INDEXPOLYNOMIAL_H
#define WEFT_PASSES_MEMORY_INDEXPOLYNOMIAL_H

#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/Value.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/SmallVector.h"
#include <map>
#include <string>
#include <vector>

namespace weft {

/// Numbers of atoms, sorted, with repetition: 1 is the empty product.
using Monomial = std::vector<unsigned>;

/// A sum of integers times monomials; no coefficient is 0.
class Polynomial {
public:
  Polynomial() = default;
  explicit Polynomial(int64_t constant) { add({}, constant); }

  void add(const Monomial &monomial, int64_t coefficient);
  Polynomial operator+(const Polynomial &other) const;
  Polynomial operator-(const Polynomial &other) const;
  Polynomial operator*(const Polynomial &other) const;
  bool operator==(const Polynomial &other) const {
    return terms == other.terms;
  }
  bool operator<(const Polynomial &other) const { return terms < other.terms; }

  /// The value, if there is no atom.
  std::optional<int64_t> getConstant() const;
  /// The greatest common divisor of the coefficients, at least 1.
  int64_t getContent() const;
  Polynomial divideExactly(int64_t divisor) const;

  const std::map<Monomial, int64_t> &getTerms() const { return terms; }

private:
  std::map<Monomial, int64_t> terms;
};

/// Finds the polynomials of values in one function. What is neither constant,
/// sum, difference nor product is an atom; equal expressions are one atom.
class IndexPolynomials {
public:
  Polynomial get(mlir::OpFoldResult value);
  Polynomial get(mlir::Value value);

  bool equal(mlir::OpFoldResult lhs, mlir::OpFoldResult rhs) {
    return lhs == rhs || get(lhs) == get(rhs);
  }

  /// A value that the atom stands for.
  mlir::Value getAtom(unsigned number) const { return atoms[number]; }

  /// Whether an atom depends on the symbols of the function alone.
  bool isStatic(unsigned number) const;
  bool isStatic(const Polynomial &polynomial) const;

  /// A polynomial of static atoms that is never less than `value`, for values
  /// that are never negative. Fails where none is known.
  mlir::FailureOr<Polynomial> getBound(mlir::Value value);

private:
  unsigned getNumber(mlir::Value value);
  std::string getKey(mlir::Value value);

  llvm::DenseMap<mlir::Value, Polynomial> known;
  llvm::StringMap<unsigned> numbers;
  std::vector<mlir::Value> atoms;
};

} // namespace weft

#endif // WEFT_PASSES_MEMORY_INDEXPOLYNOMIAL_H
