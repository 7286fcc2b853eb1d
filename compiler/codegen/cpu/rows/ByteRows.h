//===- ByteRows.h - Rows rounded to bytes -----------------------*- C++ -*-===//
//
// A row is codes from -127 to 127 times a scale of its own, found when the
// kernel runs:
//
//   scale = max |x| / 127,  code = round(x * (127 / max |x|)), ties to even
//
// A row of zeros, or of numbers below 2^-100, has codes of zero. What is not
// finite makes a scale that is not, and so results that are not.
//
//===----------------------------------------------------------------------===//

#ifndef WEFT_CODEGEN_CPU_ROWS_BYTEROWS_H
#define WEFT_CODEGEN_CPU_ROWS_BYTEROWS_H

#include "compiler/codegen/cpu/KernelBuilder.h"

namespace weft::cpu {

/// What rounds numbers whose largest magnitude is `most`: scalars or vectors of
/// f32.
struct ByteRounding {
  ByteRounding(KernelBuilder &b, mlir::Value most);
  mlir::Value factor; ///< From numbers to codes.
  mlir::Value scale;
};
/// Magnitudes of a vector of f32 as i32: of those NaN has the largest.
mlir::Value getMagnitudes(KernelBuilder &b, mlir::Value numbers);
/// Codes of a vector, i8, with `zeroCode` added. `factor`: a vector.
mlir::Value roundToBytes(KernelBuilder &b, mlir::Value numbers,
                         mlir::Value factor, int64_t zeroCode);

/// Numbers `first` to `first + count` of a row, `lanes()` at a time: those
/// from `k` on, zeros outside `mask` if there is one.
struct NumberSpan {
  KernelBuilder::Index first;
  int64_t count;
  llvm::function_ref<mlir::Value(mlir::Value k, mlir::Value mask)> load;
};

/// Takes a vector of codes, i8, the first of which is that of `k`.
using StoreCodes = llvm::function_ref<void(mlir::Value codes, mlir::Value k)>;

/// Rounds them as above, as if they were the row. Calls `store` for every
/// vector, with `zeroCode` added to codes; beyond the last number they are
/// zero. Returns the scale.
mlir::Value emitByteRow(KernelBuilder &b, const NumberSpan &row,
                        int64_t zeroCode, StoreCodes store);

/// Rows of codes in tiles (dialects/program/layouts/ByteTiles.h).
class ByteTileRows {
public:
  using Value = mlir::Value;

  ByteTileRows(KernelBuilder &b, Value buffer, int64_t columns)
      : b(b), buffer(buffer), columns(columns) {}

  /// Rounds `[0, columns)` of a row and writes it.
  void store(Value row, llvm::function_ref<Value(Value k, Value mask)> load);
  /// Passes the codes of a row on, as emitByteRow() does.
  Value load(Value row, int64_t zeroCode, StoreCodes store);
  /// The scale of a row in each lane.
  Value getScale(Value row);

private:
  /// Of the block of `row`, [16] of f32.
  Value getScales(Value row);
  llvm::SmallVector<KernelBuilder::Index> at(Value row, Value k);

  KernelBuilder &b;
  Value buffer;
  int64_t columns;
};

} // namespace weft::cpu

#endif // WEFT_CODEGEN_CPU_ROWS_BYTEROWS_H
