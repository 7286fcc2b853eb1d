//===- Size.cpp - Sizes that are known when a model is imported -----------===//

#include "frontends/onnx/Size.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace weft::onnx;

/// Wraps around, without the undefined behaviour of signed numbers.
static int64_t wrapAdd(int64_t a, int64_t b) {
  return int64_t(uint64_t(a) + uint64_t(b));
}
static int64_t wrapMul(int64_t a, int64_t b) {
  return int64_t(uint64_t(a) * uint64_t(b));
}

void Size::add(const std::vector<unsigned> &symbols, int64_t factor) {
  auto [it, isNew] = terms.try_emplace(symbols, 0);
  it->second = wrapAdd(it->second, factor);
  if (it->second == 0)
    terms.erase(it);
}

namespace weft::onnx {

Size operator+(const Size &a, const Size &b) {
  Size sum = a;
  for (const auto &[symbols, factor] : b.terms)
    sum.add(symbols, factor);
  return sum;
}

Size operator-(const Size &a, const Size &b) { return a + b * Size(-1); }

Size operator*(const Size &a, const Size &b) {
  Size product;
  for (const auto &[x, xFactor] : a.terms)
    for (const auto &[y, yFactor] : b.terms) {
      std::vector<unsigned> symbols;
      std::merge(x.begin(), x.end(), y.begin(), y.end(),
                 std::back_inserter(symbols));
      product.add(symbols, wrapMul(xFactor, yFactor));
    }
  return product;
}

Size getProduct(ArrayRef<Size> sizes) {
  Size product = 1;
  for (const Size &size : sizes)
    product = product * size;
  return product;
}

} // namespace weft::onnx

std::optional<Size> Size::divideExactly(const Size &a, const Size &b) {
  // By one term only; that is all that shapes ask for.
  if (b.terms.size() != 1)
    return a == b ? std::optional(Size(1)) : std::nullopt;
  const auto &[divisor, factor] = *b.terms.begin();
  Size quotient;
  for (const auto &[symbols, number] : a.terms) {
    std::vector<unsigned> rest;
    std::set_difference(symbols.begin(), symbols.end(), divisor.begin(),
                        divisor.end(), std::back_inserter(rest));
    if (rest.size() + divisor.size() != symbols.size() ||
        (factor == -1 && number == INT64_MIN) || number % factor != 0)
      return std::nullopt;
    quotient.add(rest, number / factor);
  }
  return quotient;
}

//===----------------------------------------------------------------------===//
// The table
//===----------------------------------------------------------------------===//

SizeTable::SizeTable(Location loc, Block *block)
    : b(loc, OpBuilder::atBlockEnd(block)) {
  // What is built later stands before this op, in order.
  b.setInsertionPoint(arith::ConstantIndexOp::create(b, 0));
}

Size SizeTable::getDimension(StringRef name, Value argument, unsigned axis) {
  auto [it, isNew] = dimensions.try_emplace(name.str(), symbols.size());
  if (isNew) {
    Value value = tensor::DimOp::create(b, argument, int64_t(axis));
    symbols.push_back({name.str(), value, /*isDimension=*/true});
  }
  return Size::symbol(it->second);
}

/// A sum of products of dimensions with positive factors.
bool SizeTable::isNonNegative(const Size &size) const {
  for (const auto &[names, factor] : size.getTerms()) {
    if (factor < 0)
      return false;
    for (unsigned name : names)
      if (!symbols[name].isDimension)
        return false;
  }
  return true;
}

static std::optional<int64_t> fold(SizeOp op, int64_t a, int64_t b) {
  switch (op) {
  case SizeOp::Min:
    return std::min(a, b);
  case SizeOp::Max:
    return std::max(a, b);
  case SizeOp::FloorDiv:
  case SizeOp::Mod:
    if (b == 0 || (a == INT64_MIN && b == -1))
      return std::nullopt;
    const int64_t rest = a % b;
    const bool isBelow = rest != 0 && (rest < 0) != (b < 0);
    return op == SizeOp::Mod ? rest + (isBelow ? b : 0) : a / b - isBelow;
  }
  llvm_unreachable("unknown op");
}

Size SizeTable::apply(SizeOp op, const Size &lhs, const Size &rhs) {
  auto x = lhs.asNumber(), y = rhs.asNumber();
  if (x && y)
    if (auto number = fold(op, *x, *y))
      return *number;
  if (op == SizeOp::Min || op == SizeOp::Max) {
    const bool isMin = op == SizeOp::Min;
    if (isNonNegative(rhs - lhs))
      return isMin ? lhs : rhs;
    if (isNonNegative(lhs - rhs))
      return isMin ? rhs : lhs;
    // The largest index stands for "to the end".
    if (y && *y > (int64_t(1) << 60))
      return isMin ? lhs : rhs;
  } else if (auto quotient = Size::divideExactly(lhs, rhs)) {
    return op == SizeOp::Mod ? Size(0) : *quotient;
  }
  auto [it, isNew] = results.try_emplace({op, lhs, rhs}, symbols.size());
  if (!isNew)
    return Size::symbol(it->second);
  Value a = buildValue(lhs), c = buildValue(rhs), value;
  const char *names[] = {"min", "max", "floordiv", "mod"};
  switch (op) {
  case SizeOp::Min:
    value = arith::MinSIOp::create(b, a, c);
    break;
  case SizeOp::Max:
    value = arith::MaxSIOp::create(b, a, c);
    break;
  case SizeOp::FloorDiv:
    value = arith::FloorDivSIOp::create(b, a, c);
    break;
  case SizeOp::Mod: {
    Value quotient = arith::FloorDivSIOp::create(b, a, c);
    Value product = arith::MulIOp::create(b, quotient, c);
    value = arith::SubIOp::create(b, a, product);
    break;
  }
  }
  std::string name =
      std::string(names[int(op)]) + "(" + str(lhs) + ", " + str(rhs) + ")";
  symbols.push_back({name, value, /*isDimension=*/false});
  return Size::symbol(it->second);
}

OpFoldResult SizeTable::build(const Size &size) {
  if (auto number = size.asNumber())
    return b.getIndexAttr(*number);
  return buildValue(size);
}

SmallVector<OpFoldResult> SizeTable::build(ArrayRef<Size> sizes) {
  return llvm::map_to_vector(sizes,
                             [&](const Size &size) { return build(size); });
}

Value SizeTable::buildValue(const Size &size) {
  auto known = built.find(size);
  if (known != built.end())
    return known->second;
  Value sum;
  for (const auto &[names, factor] : size.getTerms()) {
    Value product;
    auto multiply = [&](Value value) {
      product = product ? arith::MulIOp::create(b, product, value).getResult()
                        : value;
    };
    if (factor != 1 || names.empty())
      multiply(arith::ConstantIndexOp::create(b, factor));
    for (unsigned name : names)
      multiply(symbols[name].value);
    sum = sum ? arith::AddIOp::create(b, sum, product).getResult() : product;
  }
  if (!sum)
    sum = arith::ConstantIndexOp::create(b, 0);
  return built[size] = sum;
}

std::string SizeTable::str(const Size &size) const {
  std::string text;
  // The products before the number that is added.
  for (auto it = size.getTerms().rbegin(); it != size.getTerms().rend(); ++it) {
    const auto &[names, factor] = *it;
    std::string term;
    if (factor != 1 || names.empty())
      term = std::to_string(factor);
    for (unsigned name : names)
      term += (term.empty() ? "" : "*") + symbols[name].name;
    text += (text.empty() ? "" : " + ") + term;
  }
  return text.empty() ? "0" : text;
}

std::string SizeTable::str(ArrayRef<Size> sizes) const {
  std::string text;
  for (const Size &size : sizes)
    text += (text.empty() ? "" : ", ") + str(size);
  return "[" + text + "]";
}

std::optional<std::string> SizeTable::findName(const Size &size) const {
  for (const auto &[name, number] : dimensions)
    if (size == Size::symbol(number))
      return name;
  return std::nullopt;
}

bool SizeTable::limit(const Size &size, int64_t bound) {
  if (!findName(size))
    return false;
  most = std::min(most.value_or(bound), bound);
  return true;
}

RankedTensorType weft::onnx::getTensorType(ArrayRef<Size> sizes, Type element) {
  SmallVector<int64_t> shape;
  for (const Size &size : sizes)
    shape.push_back(size.asNumber().value_or(ShapedType::kDynamic));
  return RankedTensorType::get(shape, element);
}
