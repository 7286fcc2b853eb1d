//===- Structured.h - Structured IR that decompositions share ---*- C++ -*-===//

#ifndef WEFT_OPS_STRUCTURED_H
#define WEFT_OPS_STRUCTURED_H

#include "dialects/weft/kinds/Builders.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace weft {

using ElementBody = llvm::function_ref<llvm::SmallVector<mlir::Value>(
    mlir::ImplicitLocOpBuilder &, mlir::ValueRange args)>;

/// The sizes of `tensor`; static ones are attributes.
llvm::SmallVector<mlir::OpFoldResult> getSizes(mlir::ImplicitLocOpBuilder &b,
                                               mlir::Value tensor);

/// The map from `loops` dimensions to those at `positions`.
mlir::AffineMap getDimMap(mlir::ImplicitLocOpBuilder &b, unsigned loops,
                          llvm::ArrayRef<int64_t> positions);

/// Builds an f32 tensor of `sizes` without content, or full of `value`.
mlir::Value buildEmpty(mlir::ImplicitLocOpBuilder &b,
                       llvm::ArrayRef<mlir::OpFoldResult> sizes);
mlir::Value buildFilled(mlir::ImplicitLocOpBuilder &b,
                        llvm::ArrayRef<mlir::OpFoldResult> sizes,
                        mlir::Value value);
mlir::Value buildZeros(mlir::ImplicitLocOpBuilder &b,
                       llvm::ArrayRef<mlir::OpFoldResult> sizes);

/// Builds a nest of loops of which `reduced` are reductions; `maps` are those
/// of the inputs, then of the inits.
llvm::SmallVector<mlir::Value>
buildGeneric(mlir::ImplicitLocOpBuilder &b, mlir::ValueRange inputs,
             mlir::ValueRange inits, llvm::ArrayRef<mlir::AffineMap> maps,
             llvm::ArrayRef<int64_t> reduced, ElementBody body);

/// Builds, in the body of a nest, the position of the token at `loop`, counted
/// from `first`, or from 0 if it is null.
mlir::Value buildPosition(mlir::ImplicitLocOpBuilder &b, int64_t loop,
                          mlir::Value first);

/// Builds `first + token`, where a null `first` is 0.
mlir::Value buildOffset(mlir::ImplicitLocOpBuilder &b, mlir::Value first,
                        mlir::Value token);

/// Builds the rows `[offset, offset + size)` of `tensor`, along its axis 1.
mlir::Value buildRows(mlir::ImplicitLocOpBuilder &b, mlir::Value tensor,
                      mlir::OpFoldResult offset, mlir::OpFoldResult size);

/// Builds `tensor` with `rows` written from row `offset` on.
mlir::Value buildWriteRows(mlir::ImplicitLocOpBuilder &b, mlir::Value rows,
                           mlir::Value tensor, mlir::OpFoldResult offset);

/// Builds the rows of `front`, then those of `back`.
mlir::Value buildJoinedRows(mlir::ImplicitLocOpBuilder &b, mlir::Value front,
                            mlir::Value back);

/// Builds the f32 numbers of a tensor in any storage.
mlir::Value buildDequantized(mlir::ImplicitLocOpBuilder &b, mlir::Value stored);

} // namespace weft

#endif // WEFT_OPS_STRUCTURED_H
