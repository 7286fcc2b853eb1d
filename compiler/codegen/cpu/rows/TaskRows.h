//===- TaskRows.h - The rows of each task of a row kernel -------*- C++ -*-===//

#ifndef WEFT_CODEGEN_CPU_ROWS_TASKROWS_H
#define WEFT_CODEGEN_CPU_ROWS_TASKROWS_H

#include "compiler/codegen/cpu/KernelBuilder.h"

namespace weft::cpu {

/// Runs `body(row)` for the rows of each task of the call: `rowsPerTask` of
/// them, as many as are left in the last one. The first scalar counts all.
inline void forTaskRows(KernelBuilder &b, int64_t rowsPerTask,
                        llvm::function_ref<void(mlir::Value)> body) {
  b.forTasks([&](mlir::Value task) {
    mlir::Value first = b.mul(task, rowsPerTask);
    mlir::Value last = b.min(b.add(first, rowsPerTask), b.scalar(0));
    b.loop(first, last, 1, body);
  });
}

} // namespace weft::cpu

#endif // WEFT_CODEGEN_CPU_ROWS_TASKROWS_H
