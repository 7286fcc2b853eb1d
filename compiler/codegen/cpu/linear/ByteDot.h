//===- ByteDot.h - Sums of products of four bytes at a time -----*- C++ -*-===//
//
// One factor's bytes are unsigned, the other's are from -127 to 127: with VNNI
// an instruction, else two products of pairs of 16 bits. All are exact.
//
//===----------------------------------------------------------------------===//

#ifndef WEFT_CODEGEN_CPU_LINEAR_BYTEDOT_H
#define WEFT_CODEGEN_CPU_LINEAR_BYTEDOT_H

#include "compiler/codegen/cpu/KernelBuilder.h"

namespace weft::cpu {

class ByteDot {
public:
  explicit ByteDot(KernelBuilder &b)
      : b(b), isOne(b.getLevel().has("avx512vnni")) {}

  /// Four bytes in each lane of i32, ready for add().
  using Operand = llvm::SmallVector<mlir::Value, 2>;
  Operand prepareUnsigned(mlir::Value bytes);
  Operand prepareSigned(mlir::Value bytes);
  /// `sums`, a vector of i32, and the four products of each lane.
  mlir::Value add(mlir::Value sums, const Operand &unsignedBytes,
                  const Operand &signedBytes);

  /// Whether add() is one instruction.
  bool hasInstruction() const { return isOne; }

private:
  KernelBuilder &b;
  bool isOne;
};

/// The same over a group, whose unsigned bytes are small: without VNNI their
/// products are added up in 16 bits as long as they fit.
class GroupDot {
public:
  /// Unsigned bytes are at most `most`.
  GroupDot(KernelBuilder &b, int64_t most);

  using Operand = ByteDot::Operand;
  Operand prepareUnsigned(mlir::Value bytes);
  Operand prepareSigned(mlir::Value bytes);

  /// A sum that is being formed, from `wide` on.
  struct Sum {
    mlir::Value wide;   ///< i32.
    mlir::Value narrow; ///< i16, what is not in `wide` yet; null: nothing.
    int64_t count = 0;  ///< Of additions to `narrow`.
  };
  void add(Sum &sum, const Operand &unsignedBytes, const Operand &signedBytes);
  mlir::Value finish(Sum &sum);

private:
  KernelBuilder &b;
  ByteDot dot;
  int64_t mostNarrow; ///< Additions that 16 bits hold; 0: none.
};

} // namespace weft::cpu

#endif // WEFT_CODEGEN_CPU_LINEAR_BYTEDOT_H
