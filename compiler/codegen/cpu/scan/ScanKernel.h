//===- ScanKernel.h - What a kernel of family scan is -----------*- C++ -*-===//

#ifndef WEFT_CODEGEN_CPU_SCAN_SCANKERNEL_H
#define WEFT_CODEGEN_CPU_SCAN_SCANKERNEL_H

#include "compiler/codegen/cpu/KernelBuilder.h"
#include "dialects/weft/kinds/Kinds.h"

namespace weft::cpu {

/// Operands and config of a kernel of family scan.
struct ScanKernel {
  /// Reads the kernel of `b`, or reports what is wrong with it.
  static mlir::FailureOr<ScanKernel> read(KernelBuilder &b);

  /// Whether blocks of tokens suit it better than a state in registers, or are
  /// the one form that can do it.
  bool wantsBlocks() const;
  /// Whether chunks of tokens are multiplied on the level's matrix unit.
  bool wantsTiles(KernelBuilder &b) const;

  TransitionAttrInterface transition;
  FeatureMapAttrInterface features; ///< Null: channels are the rows.
  llvm::SmallVector<GateAxes> gates;
  int64_t heads, channels, rows, columns, columnsPerTask;
  bool hasSum, bidirectional, isOneToken;
  bool stateOnly; ///< Of a table: tokens write and do not read.
  /// Parts of bf16 that factors may be rounded to; 0: they stay f32.
  int64_t parts;
  unsigned firstGate = 3;
  mlir::Value query, key, value, initial, initialSum, out, final, finalSum;
  /// What the element region takes beside the result: numbers of a row of
  /// tokens, [rows, columns], or of all, [columns].
  llvm::SmallVector<mlir::Value> extras;
};

/// What a task works on: some columns of one head's state.
struct ScanTask {
  mlir::Value batch, head, firstColumn, columnCount;
};
ScanTask getScanTask(KernelBuilder &b, const ScanKernel &kernel,
                     mlir::Value task);

/// Emits a scan whose rows are one-hot features, as a table that tokens write
/// to and read from (TableScan.cpp).
mlir::LogicalResult emitTableScan(KernelBuilder &b, const ScanKernel &kernel);

} // namespace weft::cpu

#endif // WEFT_CODEGEN_CPU_SCAN_SCANKERNEL_H
