//===- IndexPolynomial.cpp - Sizes as polynomials of symbols --------------===//

#include "passes/memory/IndexPolynomial.h"
#include "dialects/program/ops/ProgramOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/IR/Matchers.h"
#include <numeric>

using namespace mlir;
using namespace weft;

//===----------------------------------------------------------------------===//
// Polynomial
//===----------------------------------------------------------------------===//

void Polynomial::add(const Monomial &monomial, int64_t coefficient) {
  auto it = terms.try_emplace(monomial, 0).first;
  it->second += coefficient;
  if (it->second == 0)
    terms.erase(it);
}

Polynomial Polynomial::operator+(const Polynomial &other) const {
  Polynomial sum = *this;
  for (const auto &[monomial, coefficient] : other.terms)
    sum.add(monomial, coefficient);
  return sum;
}

Polynomial Polynomial::operator-(const Polynomial &other) const {
  Polynomial difference = *this;
  for (const auto &[monomial, coefficient] : other.terms)
    difference.add(monomial, -coefficient);
  return difference;
}

Polynomial Polynomial::operator*(const Polynomial &other) const {
  Polynomial product;
  for (const auto &[lhs, lhsCoefficient] : terms)
    for (const auto &[rhs, rhsCoefficient] : other.terms) {
      Monomial monomial;
      std::merge(lhs.begin(), lhs.end(), rhs.begin(), rhs.end(),
                 std::back_inserter(monomial));
      product.add(monomial, lhsCoefficient * rhsCoefficient);
    }
  return product;
}

std::optional<int64_t> Polynomial::getConstant() const {
  if (terms.empty())
    return 0;
  if (terms.size() == 1 && terms.begin()->first.empty())
    return terms.begin()->second;
  return std::nullopt;
}

int64_t Polynomial::getContent() const {
  int64_t content = 0;
  for (const auto &[monomial, coefficient] : terms)
    content = std::gcd(content, coefficient);
  return std::max<int64_t>(content, 1);
}

Polynomial Polynomial::divideExactly(int64_t divisor) const {
  Polynomial quotient;
  for (const auto &[monomial, coefficient] : terms)
    quotient.add(monomial, coefficient / divisor);
  return quotient;
}

//===----------------------------------------------------------------------===//
// IndexPolynomials
//===----------------------------------------------------------------------===//

Polynomial IndexPolynomials::get(OpFoldResult value) {
  if (std::optional<int64_t> constant = getConstantIntValue(value))
    return Polynomial(*constant);
  return get(cast<Value>(value));
}

Polynomial IndexPolynomials::get(Value value) {
  auto it = known.find(value);
  if (it != known.end())
    return it->second;
  Polynomial result;
  IntegerAttr constant;
  if (matchPattern(value, m_Constant(&constant)))
    result = Polynomial(constant.getInt());
  else if (auto add = value.getDefiningOp<arith::AddIOp>())
    result = get(add.getLhs()) + get(add.getRhs());
  else if (auto sub = value.getDefiningOp<arith::SubIOp>())
    result = get(sub.getLhs()) - get(sub.getRhs());
  else if (auto mul = value.getDefiningOp<arith::MulIOp>())
    result = get(mul.getLhs()) * get(mul.getRhs());
  else
    result.add({getNumber(value)}, 1);
  return known[value] = result;
}

/// What an atom is, such that equal expressions have equal keys.
std::string IndexPolynomials::getKey(Value value) {
  std::string key;
  llvm::raw_string_ostream os(key);
  Operation *op = value.getDefiningOp();
  bool isPlain = op && op->getNumRegions() == 0 && op->getNumResults() == 1 &&
                 isMemoryEffectFree(op) &&
                 llvm::all_of(op->getOperandTypes(),
                              [](Type type) { return type.isIndex(); });
  if (!isPlain) {
    os << "value " << value.getAsOpaquePointer();
    return key;
  }
  os << op->getName() << op->getAttrDictionary()
     << op->getPropertiesAsAttribute();
  for (Value operand : op->getOperands()) {
    os << '(';
    Polynomial polynomial = get(operand);
    for (const auto &[monomial, coefficient] : polynomial.getTerms()) {
      os << '+' << coefficient;
      for (unsigned atom : monomial)
        os << '*' << atom;
    }
    os << ')';
  }
  return key;
}

unsigned IndexPolynomials::getNumber(Value value) {
  std::string key = getKey(value); // May number other atoms.
  auto [it, isNew] = numbers.try_emplace(key, atoms.size());
  if (isNew)
    atoms.push_back(value);
  return it->second;
}

static bool dependsOnSymbolsAlone(Value value) {
  Operation *op = value.getDefiningOp();
  if (!op)
    return false;
  if (isa<program::SymbolOp>(op) || matchPattern(value, m_Constant()))
    return true;
  return isa_and_present<arith::ArithDialect>(op->getDialect()) &&
         llvm::all_of(op->getOperands(), dependsOnSymbolsAlone);
}

bool IndexPolynomials::isStatic(unsigned number) const {
  return dependsOnSymbolsAlone(atoms[number]);
}

bool IndexPolynomials::isStatic(const Polynomial &polynomial) const {
  for (const auto &[monomial, coefficient] : polynomial.getTerms())
    for (unsigned atom : monomial)
      if (!isStatic(atom))
        return false;
  return true;
}

/// At least the quotient rounded up: each term by itself, as atoms are never
/// negative.
static Polynomial divideUp(const Polynomial &dividend, int64_t divisor) {
  Polynomial quotient;
  for (const auto &[monomial, coefficient] : dividend.getTerms()) {
    if (coefficient < 0)
      return dividend;
    quotient.add(monomial, llvm::divideCeil(coefficient, divisor));
  }
  return quotient;
}

FailureOr<Polynomial> IndexPolynomials::getBound(Value value) {
  Polynomial exact = get(value);
  if (isStatic(exact))
    return exact;

  // Monotone in both operands, all of which are never negative.
  auto combine = [&](Operation *op, auto &&function) -> FailureOr<Polynomial> {
    FailureOr<Polynomial> lhs = getBound(op->getOperand(0));
    FailureOr<Polynomial> rhs = getBound(op->getOperand(1));
    if (failed(lhs) || failed(rhs))
      return failure();
    return function(*lhs, *rhs);
  };
  if (auto arg = dyn_cast<BlockArgument>(value)) {
    auto loop = dyn_cast<scf::ForOp>(arg.getOwner()->getParentOp());
    if (loop && arg == loop.getInductionVar())
      return getBound(loop.getUpperBound());
    return failure();
  }
  Operation *op = value.getDefiningOp();
  if (auto length = dyn_cast<program::StateLengthOp>(op)) {
    auto state = SymbolTable::lookupNearestSymbolFrom<program::StateOp>(
        op, length.getSymbolAttr());
    if (!state)
      return failure();
    bool isLast = state.getGrowth() == Growth::Last;
    return Polynomial(isLast ? int64_t(state.getWindow())
                             : cast<MemRefType>(state.getType()).getDimSize(0));
  }
  if (isa<arith::AddIOp, arith::MaxSIOp>(op))
    return combine(op, [](auto &lhs, auto &rhs) { return lhs + rhs; });
  if (isa<arith::MulIOp>(op))
    return combine(op, [](auto &lhs, auto &rhs) { return lhs * rhs; });
  if (isa<arith::SubIOp>(op))
    return getBound(op->getOperand(0));
  if (isa<arith::MinSIOp>(op)) {
    FailureOr<Polynomial> lhs = getBound(op->getOperand(0));
    FailureOr<Polynomial> rhs = getBound(op->getOperand(1));
    if (failed(lhs) || (succeeded(rhs) && rhs->getConstant()))
      return rhs;
    return lhs;
  }
  if (isa<arith::CeilDivSIOp, arith::FloorDivSIOp>(op)) {
    FailureOr<Polynomial> lhs = getBound(op->getOperand(0));
    std::optional<int64_t> rhs = getConstantIntValue(op->getOperand(1));
    if (failed(lhs) || !rhs || *rhs <= 0)
      return failure();
    return divideUp(*lhs, *rhs);
  }
  return failure();
}
