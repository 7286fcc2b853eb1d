//===- Tensor.h - A value of an ONNX graph during import ------------------===//

#ifndef WEFT_FRONTENDS_ONNX_TENSOR_H
#define WEFT_FRONTENDS_ONNX_TENSOR_H

#include "frontends/onnx/Size.h"
#include "mlir/IR/AffineMap.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"

#include <memory>

namespace weft::onnx {

/// A value of the graph. Ops that only say where elements lie (Transpose,
/// Unsqueeze, Expand) build no IR: the tensor is a view of another one, and who
/// reads it reads that. A value may also be known at import, without any IR.
struct Tensor {
  mlir::Type element; // integers without sign; i1 for bool
  Sizes sizes;

  /// Element (i, j, …) is that of `base` at `map`(i, j, …), whose results are
  /// axes or 0. Null where the value is known and nobody needed it as IR.
  mlir::Value base;
  mlir::AffineMap map;

  /// Integers and truth values that are known, row-major.
  std::optional<Sizes> known;
  /// The numbers, where the file gives few of them; of a view, if they are all
  /// the same, in whatever shape.
  mlir::DenseElementsAttr literal;
  /// Whether it is computed from parameters and constants alone.
  bool isParameter = false;
  /// Whether it is known that no number is negative, as in a range.
  bool isNonNegative = false;
  /// Whether its integers are unsigned. Operators that do not say that they
  /// know such integers are refused them.
  bool isUnsigned = false;

  /// The same elements in the same order under other sizes, where that is a
  /// view and this one would be a copy.
  std::shared_ptr<const Tensor> unflattened;
  /// What it was concatenated from along its last axis, each of size 1 there.
  std::shared_ptr<const std::vector<Tensor>> columns;

  /// The element type, with its sign.
  mlir::Type getPortType() const {
    return isUnsigned ? mlir::IntegerType::get(element.getContext(),
                                               element.getIntOrFloatBitWidth(),
                                               mlir::IntegerType::Unsigned)
                      : element;
  }

  int64_t rank() const { return int64_t(sizes.size()); }
  bool isFloat() const { return mlir::isa<mlir::FloatType>(element); }
  bool isInteger() const {
    return mlir::isa<mlir::IntegerType>(element) && !element.isInteger(1);
  }
  bool isBool() const { return element.isInteger(1); }

  /// Whether elements lie in `base` as they are numbered here.
  bool isWhole() const { return base && map.isIdentity(); }

  /// The one number that all elements are, if it is known.
  std::optional<double> getSplat() const;
  /// Known integers that are numbers; none if one is not.
  std::optional<std::vector<int64_t>> getNumbers() const;
};

} // namespace weft::onnx

#endif // WEFT_FRONTENDS_ONNX_TENSOR_H
