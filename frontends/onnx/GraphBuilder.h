//===- GraphBuilder.h - Tensor IR for ONNX operators ----------------------===//
//
// What operators are made of: views, element-wise work with broadcasting,
// reductions, contractions. Everything here takes tensors whose types and
// shapes the caller has checked, but for what returns a `FailureOr`: that
// fails, with an error recorded, where sizes do not go together.
//
//===----------------------------------------------------------------------===//

#ifndef WEFT_FRONTENDS_ONNX_GRAPHBUILDER_H
#define WEFT_FRONTENDS_ONNX_GRAPHBUILDER_H

#include "frontends/formats/common/Error.h"
#include "frontends/onnx/Tensor.h"
#include "mlir/Dialect/Utils/StructuredOpsUtils.h"

namespace weft::onnx {

/// Builds what is done to elements.
using BodyBuilder = mlir::ImplicitLocOpBuilder;
using Body = llvm::function_ref<mlir::Value(BodyBuilder &, mlir::ValueRange)>;

class GraphBuilder {
public:
  GraphBuilder(mlir::Location loc, mlir::Block *block);

  mlir::ImplicitLocOpBuilder b;
  SizeTable table;

  //===--------------------------------------------------------------------===//
  // Errors: the first is kept
  //===--------------------------------------------------------------------===//

  /// Records an error of what is being imported; always failure.
  mlir::LogicalResult fail(const llvm::Twine &message);
  std::string error;

  //===--------------------------------------------------------------------===//
  // Tensors
  //===--------------------------------------------------------------------===//

  /// A tensor that lies in `value`.
  Tensor wrap(mlir::Value value, llvm::ArrayRef<Size> sizes,
              bool isParameter = false);
  /// Integers (or truth values) that are known.
  Tensor makeKnown(llvm::ArrayRef<Size> elements, llvm::ArrayRef<Size> sizes,
                   mlir::Type element);
  Tensor makeLiteral(mlir::DenseElementsAttr literal);
  /// A tensor of one number.
  Tensor makeSplat(double number, mlir::Type element,
                   llvm::ArrayRef<Size> sizes = {});

  /// The tensor in IR: row-major, as its sizes say.
  mlir::Value dense(const Tensor &x);
  /// The tensor with a base, for what reads views.
  Tensor withBase(const Tensor &x);

  //===--------------------------------------------------------------------===//
  // Views
  //===--------------------------------------------------------------------===//

  /// Axis i of the result is axis permutation[i].
  Tensor transpose(const Tensor &x, llvm::ArrayRef<int64_t> permutation);
  /// Puts axes of size 1 at these places of the result, in rising order.
  Tensor insertAxes(const Tensor &x, llvm::ArrayRef<int64_t> axes);
  /// Drops axes of size 1.
  Tensor dropAxes(const Tensor &x, llvm::ArrayRef<int64_t> axes);
  /// The tensor as if it had these sizes; each of its own, counted from the
  /// last, is the same or 1.
  Tensor broadcast(const Tensor &x, llvm::ArrayRef<Size> sizes);
  /// The same elements in the same order; the counts are equal.
  Tensor reshape(const Tensor &x, llvm::ArrayRef<Size> sizes);
  /// Joins axes [first, last).
  Tensor flatten(const Tensor &x, int64_t first, int64_t last);
  /// Elements from `offsets` on, `strides` apart.
  Tensor slice(const Tensor &x, llvm::ArrayRef<Size> offsets,
               llvm::ArrayRef<Size> sizes, llvm::ArrayRef<int64_t> strides);
  Tensor concat(llvm::ArrayRef<Tensor> inputs, int64_t axis);

  //===--------------------------------------------------------------------===//
  // Elements
  //===--------------------------------------------------------------------===//

  /// The sizes that tensors have together.
  mlir::FailureOr<Sizes> getBroadcastSizes(llvm::ArrayRef<Tensor> inputs);

  /// `body` on each element of the inputs, which are broadcast. f16 and bf16
  /// come to it as f32, and its result is converted to `element`.
  mlir::FailureOr<Tensor> pointwise(llvm::ArrayRef<Tensor> inputs,
                                    mlir::Type element, Body body);
  /// The same for one input, which cannot fail.
  Tensor unary(const Tensor &x, mlir::Type element, Body body);

  /// A tensor of these sizes; `body` gets an index for each axis.
  Tensor fromIndices(llvm::ArrayRef<Size> sizes, mlir::Type element, Body body);

  /// Over loops of these sizes: an element of each input, read at its axes by
  /// `maps`; then the result so far, which starts at `init`. The result's axes
  /// are the loops `kept`, in order. f16 and bf16 come as f32.
  Tensor reduce(llvm::ArrayRef<Size> loops, llvm::ArrayRef<int64_t> kept,
                llvm::ArrayRef<Tensor> inputs,
                llvm::ArrayRef<mlir::AffineMap> maps, mlir::Type element,
                mlir::Attribute init, Body body);
  /// Over some axes of one tensor.
  Tensor reduceAxes(const Tensor &x, llvm::ArrayRef<int64_t> axes,
                    mlir::Type element, mlir::Attribute init, Body body);
  /// Sum over loops of the products of the inputs, in f32 or as integers.
  Tensor contract(llvm::ArrayRef<Size> loops, llvm::ArrayRef<int64_t> kept,
                  llvm::ArrayRef<Tensor> inputs,
                  llvm::ArrayRef<mlir::AffineMap> maps, mlir::Type element);

  /// Conversion as ONNX's Cast.
  Tensor cast(const Tensor &x, mlir::Type element);

  mlir::AffineMap mapOf(unsigned loops, llvm::ArrayRef<int64_t> axes);

private:
  mlir::Value buildKnown(const Tensor &x);
  Tensor copyView(const Tensor &x);

  mlir::Location functionLoc;
};

/// Converts a scalar between element types; a float to an integer by
/// truncation, anything to a truth value by "is not zero".
mlir::Value buildCast(mlir::ImplicitLocOpBuilder &b, mlir::Value x,
                      mlir::Type type);
/// The type in which an element is computed with: f32 for narrower floats.
mlir::Type getComputeType(mlir::Type element);
/// A constant scalar.
mlir::Value buildNumber(mlir::ImplicitLocOpBuilder &b, mlir::Type type,
                        double number);
/// Its attribute.
mlir::TypedAttr makeNumber(mlir::Type type, double number);

} // namespace weft::onnx

#endif // WEFT_FRONTENDS_ONNX_GRAPHBUILDER_H
