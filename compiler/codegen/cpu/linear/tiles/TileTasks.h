//===- TileTasks.h - Tasks of a call as rectangles --------------*- C++ -*-===//
//
// Tasks are cut fine, so that each of several threads gets rows of its own,
// that its cache holds from launch to launch. Few rows a task would read the
// weights often: a call puts the row blocks of which it has all tasks together,
// up to `rows_at_once`. One thread has all of them, and reads weights as seldom
// as if tasks were never cut.
//
//===----------------------------------------------------------------------===//

#ifndef WEFT_CODEGEN_CPU_LINEAR_TILES_TILETASKS_H
#define WEFT_CODEGEN_CPU_LINEAR_TILES_TILETASKS_H

#include "compiler/codegen/cpu/linear/LinearKernel.h"

namespace weft::cpu {

class TileTasks {
public:
  TileTasks(KernelBuilder &b, const LinearKernel &kernel);

  /// Of a rectangle: a multiple of 32.
  static int64_t getMostRows(const LinearKernel &kernel);

  /// Rows by groups of panels. The first row is a multiple of 32.
  struct Rectangle {
    mlir::Value row, count;         ///< Of the launch.
    mlir::Value firstTask, endTask; ///< Groups of panels.
    mlir::Value turn;               ///< Counts rectangles of the call.
  };
  /// All tasks of the call, in order; none twice.
  void forRectangles(llvm::function_ref<void(const Rectangle &)> body);

private:
  mlir::Value getFirstRow(mlir::Value block);

  KernelBuilder &b;
  const LinearKernel &kernel;
  mlir::Value rows, blocks; ///< Of the launch.
  int64_t groups;           ///< Of panels: tasks of a row block.
};

} // namespace weft::cpu

#endif // WEFT_CODEGEN_CPU_LINEAR_TILES_TILETASKS_H
