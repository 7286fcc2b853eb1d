//===- ByteInput.h - Rows rounded to bytes ----------------------*- C++ -*-===//
//
// Precision `int8`: a row is codes from -127 to 127 times a scale of its own,
// found when the kernel runs:
//
//   scale = max |x| / 127,  code = round(x * (127 / max |x|)), ties to even
//
// A row of zeros, or of numbers below 2^-100, has codes of zero. What is not
// finite makes a scale that is not, and so results that are not.
//
//===----------------------------------------------------------------------===//

#ifndef WEFT_CODEGEN_CPU_LINEAR_TILES_BYTEINPUT_H
#define WEFT_CODEGEN_CPU_LINEAR_TILES_BYTEINPUT_H

#include "compiler/codegen/cpu/linear/LinearKernel.h"

namespace weft::cpu {

/// Numbers `first` to `first + count` of a row of the input.
struct RowSpan {
  mlir::Value row;
  KernelBuilder::Index first;
  int64_t count;
};

/// Rounds them as above, as if they were the row. Calls `store` for every
/// vector of codes, the first of which is that of `k`: i8, with `zeroCode`
/// added; beyond the last number they are zero. Returns the scale.
mlir::Value
emitByteRow(KernelBuilder &b, const LinearKernel &kernel, const RowSpan &span,
            int64_t zeroCode,
            llvm::function_ref<void(mlir::Value codes, mlir::Value k)> store);

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
