//===- StoredRow.h - Rows of numbers as a cache keeps them ------*- C++ -*-===//
//
// A row, the channels of a head, lies in memory as the type of its buffer says:
// numbers of f32, f16 or bf16, or codes of i8 with a scale of f32 in the four
// bytes behind them. Kernels compute in f32; what they read and write of a
// cache passes through here.
//
//===----------------------------------------------------------------------===//

#ifndef WEFT_CODEGEN_CPU_ROWS_STOREDROW_H
#define WEFT_CODEGEN_CPU_ROWS_STOREDROW_H

#include "compiler/codegen/cpu/KernelBuilder.h"

namespace weft::cpu {

class StoredRow {
public:
  using Value = mlir::Value;
  using Index = KernelBuilder::Index;

  /// The rows of operand `buffer`, of `channels` numbers each. Fails, with an
  /// error on the kernel, where its type is none of those above.
  static mlir::FailureOr<StoredRow> read(KernelBuilder &b, unsigned buffer,
                                         int64_t channels);

  /// Whether numbers lie there as kernels compute with them.
  bool isPlain() const { return element.isF32(); }
  /// Whether what `load` gives is still to be multiplied by the row's scale.
  bool hasScale() const { return element.isInteger(8); }
  /// Numbers in a line of the processor's caches.
  int64_t getNumbersPerLine() const {
    return 64 * 8 / element.getIntOrFloatBitWidth();
  }

  /// The numbers from `channel` on of row `at` (all axes but the last), as
  /// f32; lanes outside `mask` are zero.
  Value load(KernelBuilder &b, Value buffer, llvm::ArrayRef<Index> at,
             Index channel, Value mask = {}) const;
  /// The scale of the row, an f32.
  Value loadScale(KernelBuilder &b, Value buffer,
                  llvm::ArrayRef<Index> at) const;
  /// Writes row `from` of f32 numbers to row `to`: to the nearest number of
  /// f16 or bf16, ties to even; as i8, to the nearest code under the scale
  /// with which the largest is 127. A row of less than 1e-30 becomes zeros, and
  /// one with an infinite number is not a number.
  void store(KernelBuilder &b, Value source, llvm::ArrayRef<Index> from,
             Value target, llvm::ArrayRef<Index> to) const;

private:
  StoredRow(mlir::Type element, int64_t channels)
      : element(element), channels(channels) {}

  using Body = llvm::function_ref<void(Index channel, Value mask)>;
  void forVectors(KernelBuilder &b, Body body) const;
  Value narrow(KernelBuilder &b, Value vector) const;
  void storeCodes(KernelBuilder &b, Value source, llvm::ArrayRef<Index> from,
                  Value target, llvm::ArrayRef<Index> to) const;

  mlir::Type element;
  int64_t channels;
};

/// What a code counts, and its inverse, both f32.
struct CodeScale {
  mlir::Value scale, inverse;
};
/// The scale under which `maximum`, the largest size in a row, is `maxCode`:
/// zero for a row of less than 1e-30, and not a number where that is not
/// finite.
CodeScale buildCodeScale(KernelBuilder &b, mlir::Value maximum, double maxCode);

/// A vector of f32 to the nearest bf16, by its bits: not every level has the
/// instruction, and the same numbers come out on all.
mlir::Value toBf16(KernelBuilder &b, mlir::Value vector);

} // namespace weft::cpu

#endif // WEFT_CODEGEN_CPU_ROWS_STOREDROW_H
