//===- ParameterValues.h - Values of parameters alone -----------*- C++ -*-===//

#ifndef WEFT_PASSES_LOWER_PARAMETERVALUES_H
#define WEFT_PASSES_LOWER_PARAMETERVALUES_H

#include "mlir/IR/Builders.h"
#include "mlir/IR/Region.h"
#include "mlir/IR/Value.h"

namespace weft {

/// Whether `value`, a scalar or a tensor of static shape, is computed from
/// parameters and constants alone, at least one parameter among them, by ops
/// that packing can evaluate.
bool isParameterValue(mlir::Value value);

/// Rows of a parameter, from one on that only a launch knows: of a matrix, a
/// multiple of the width of panels, so that they are whole panels.
struct ParameterRows {
  mlir::Value whole;
  mlir::OpFoldResult first;
};

/// The rows that `tensor` is, if weights of linears are all that it is.
std::optional<ParameterRows> getParameterRows(mlir::Value tensor);

/// The names of the parameters that `tensor` is, one stacked on the other along
/// axis 0; nothing if it is anything else.
std::optional<llvm::SmallVector<mlir::Attribute>>
getStackedParameters(mlir::Value tensor);

/// Builds the ops that compute `tensor` into `region`, whose arguments are the
/// parameters that it uses, and returns their names.
llvm::SmallVector<mlir::Attribute>
buildCompute(mlir::OpBuilder &b, mlir::Region &region, mlir::Value tensor);

} // namespace weft

#endif // WEFT_PASSES_LOWER_PARAMETERVALUES_H
