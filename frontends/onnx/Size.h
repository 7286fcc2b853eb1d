//===- Size.h - Sizes that are known when a model is imported -------------===//
//
// Shapes of ONNX graphs are computed by the graph itself, from the sizes of its
// inputs. The import does that arithmetic, on numbers and on symbols: a size is
// a polynomial of symbols with integer factors. A symbol is a dynamic dimension
// of an input, or what no polynomial says (a minimum, a quotient).
//
//===----------------------------------------------------------------------===//

#ifndef WEFT_FRONTENDS_ONNX_SIZE_H
#define WEFT_FRONTENDS_ONNX_SIZE_H

#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/IR/OpDefinition.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace weft::onnx {

class Size {
public:
  /// The number.
  Size(int64_t number = 0) {
    if (number)
      terms[{}] = number;
  }
  static Size symbol(unsigned number) {
    Size size;
    size.terms[{number}] = 1;
    return size;
  }

  /// The number, if it is one.
  std::optional<int64_t> asNumber() const {
    if (terms.empty())
      return 0;
    if (terms.size() == 1 && terms.begin()->first.empty())
      return terms.begin()->second;
    return std::nullopt;
  }
  bool is(int64_t number) const { return asNumber() == number; }

  /// Integer arithmetic wraps, as it does in the graph.
  friend Size operator+(const Size &a, const Size &b);
  friend Size operator-(const Size &a, const Size &b);
  friend Size operator*(const Size &a, const Size &b);
  friend bool operator==(const Size &a, const Size &b) {
    return a.terms == b.terms;
  }
  friend bool operator!=(const Size &a, const Size &b) { return !(a == b); }
  friend bool operator<(const Size &a, const Size &b) {
    return a.terms < b.terms;
  }

  /// a / b where that leaves no rest for any value of the symbols.
  static std::optional<Size> divideExactly(const Size &a, const Size &b);

  /// Factors by products of symbols, which are sorted.
  using Terms = std::map<std::vector<unsigned>, int64_t>;
  const Terms &getTerms() const { return terms; }

private:
  void add(const std::vector<unsigned> &symbols, int64_t factor);
  Terms terms;
};

using Sizes = llvm::SmallVector<Size>;

Size getProduct(llvm::ArrayRef<Size> sizes);

/// What sizes are made of.
enum class SizeOp { Min, Max, FloorDiv, Mod };

/// The symbols of one function, and sizes as IR.
class SizeTable {
public:
  /// Values of sizes are built at the begin of `block`, which is empty.
  SizeTable(mlir::Location loc, mlir::Block *block);

  /// The dynamic dimension `axis` of an argument. Those of one name are one.
  Size getDimension(llvm::StringRef name, mlir::Value argument, unsigned axis);

  /// Folded where both are numbers, and where symbols cancel; a dimension is
  /// not negative.
  Size apply(SizeOp op, const Size &a, const Size &b);

  mlir::OpFoldResult build(const Size &size);
  llvm::SmallVector<mlir::OpFoldResult> build(llvm::ArrayRef<Size> sizes);
  mlir::Value buildValue(const Size &size);

  /// For messages: "2*batch + 1".
  std::string str(const Size &size) const;
  std::string str(llvm::ArrayRef<Size> sizes) const;

  /// The name of the dimension that the size is, or nothing.
  std::optional<std::string> findName(const Size &size) const;

  /// Takes it that the dimension is at most so much: calls with more are
  /// refused. Fails where the size is no dimension.
  bool limit(const Size &size, int64_t most);
  std::optional<int64_t> getLimit() const { return most; }

private:
  struct Symbol {
    std::string name;
    mlir::Value value;
    bool isDimension;
  };
  bool isNonNegative(const Size &size) const;

  mlir::ImplicitLocOpBuilder b;
  std::vector<Symbol> symbols;
  std::map<std::string, unsigned> dimensions;
  std::map<std::tuple<SizeOp, Size, Size>, unsigned> results;
  std::map<Size, mlir::Value> built;
  std::optional<int64_t> most;
};

/// The type of a tensor of these sizes.
mlir::RankedTensorType getTensorType(llvm::ArrayRef<Size> sizes,
                                     mlir::Type element);

} // namespace weft::onnx

#endif // WEFT_FRONTENDS_ONNX_SIZE_H
