//===- ByteInput.h - Rows as bytes for products -----------------*- C++ -*-===//
//
// Precision `int8`: a row is codes times a scale of its own (rows/ByteRows.h),
// rounded here or by who made it.
//
//===----------------------------------------------------------------------===//

#ifndef WEFT_CODEGEN_CPU_LINEAR_TILES_BYTEINPUT_H
#define WEFT_CODEGEN_CPU_LINEAR_TILES_BYTEINPUT_H

#include "compiler/codegen/cpu/linear/LinearKernel.h"
#include "compiler/codegen/cpu/rows/ByteRows.h"

namespace weft::cpu {

/// Numbers `first` to `first + count` of a row of the input.
struct RowSpan {
  mlir::Value row;
  KernelBuilder::Index first;
  int64_t count;
};

/// Their codes and scale, found as if they were the row, or those of a whole
/// row in tiles of bytes. Calls `store` for every vector of codes, with
/// `zeroCode` added; beyond the last number they are zero. Returns the scale.
mlir::Value emitByteRow(KernelBuilder &b, const LinearKernel &kernel,
                        const RowSpan &span, int64_t zeroCode,
                        StoreCodes store);

/// What sums of products of codes become: `f32(sum) * row's scale * output's
/// scale`, rounded in this order.
class ByteScales {
public:
  ByteScales(KernelBuilder &b, const LinearKernel &kernel, unsigned product)
      : b(b), kernel(kernel), product(product) {}

  /// Of a vector of outputs from `column` on.
  mlir::Value getScales(mlir::Value column);
  /// Sums of their codes, i32.
  mlir::Value getSums(mlir::Value column);
  /// `sums`: i32; `rowScale`: a vector.
  mlir::Value apply(mlir::Value sums, mlir::Value rowScale,
                    mlir::Value columnScales);

private:
  mlir::Value load(mlir::Value column, int64_t offset, mlir::Type element);

  KernelBuilder &b;
  const LinearKernel &kernel;
  unsigned product;
};

} // namespace weft::cpu

#endif // WEFT_CODEGEN_CPU_LINEAR_TILES_BYTEINPUT_H
