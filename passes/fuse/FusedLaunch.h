//===- FusedLaunch.h - Several launches as one ------------------*- C++ -*-===//
//
// A launch taken apart into stages, to which others are added, and put together
// again as a launch of a kernel of family `fused` (docs/program-level.md).
//
//===----------------------------------------------------------------------===//

#ifndef WEFT_PASSES_FUSE_FUSEDLAUNCH_H
#define WEFT_PASSES_FUSE_FUSEDLAUNCH_H

#include "dialects/program/ops/ProgramOps.h"
#include "mlir/IR/SymbolTable.h"
#include "llvm/ADT/StringMap.h"

namespace weft {

/// The kernels of a module, with new ones added once each.
class KernelTable {
public:
  explicit KernelTable(mlir::ModuleOp module);

  program::KernelOp lookup(program::LaunchOp launch);
  /// Names `kernel`, which stands nowhere yet, and adds it; or returns an equal
  /// one.
  program::KernelOp add(program::KernelOp kernel);
  /// Erases kernels that nothing launches.
  void eraseUnused();

private:
  mlir::ModuleOp module;
  mlir::SymbolTable symbols;
  llvm::StringMap<program::KernelOp> known; // by text
};

/// A part of a fused kernel, written as a kernel of its own is.
struct Stage {
  llvm::StringRef family;
  mlir::DictionaryAttr config;
  mlir::AffineMap tasks;
  llvm::SmallVector<mlir::Type> types; // of its operands
  /// Numbers of operands of the whole; -1 - s is scratch s.
  llvm::SmallVector<int64_t> buffers;
  llvm::SmallVector<int64_t> scalars;
  /// Of a stage after the main one: slots [first, last), and how many a task of
  /// the main one makes. Slot `first + i` works on each buffer from element
  /// `offset + i * stride` on, or on all of it where the stride is 0.
  llvm::SmallVector<int64_t> slots, offsets, strides;
};

class FusedLaunch {
public:
  FusedLaunch(KernelTable &table, program::LaunchOp launch);

  /// Runs `producer`, whose one result is read as buffer `operand` of the main
  /// stage, first, into scratch of each call.
  void addBefore(program::LaunchOp producer, int64_t operand);
  /// Runs a stage on what the tasks of the main one have written.
  /// `writes` are numbers of the stage's buffers, given here as values.
  void addAfter(Stage stage, mlir::ValueRange buffers,
                llvm::ArrayRef<int64_t> writes);

  Stage &getMain() { return stages[main]; }
  /// The buffer that operand `number` of the main stage is; null for scratch.
  mlir::Value getMainBuffer(int64_t number);

  /// The number of a scalar, which the launch takes from now on.
  int64_t addScalar(mlir::Value scalar);

  /// Builds the launch at `b` and the kernel, if it is new.
  program::LaunchOp create(mlir::OpBuilder &b, mlir::Value tasks);

private:
  int64_t addBuffer(mlir::Value buffer, bool isWritten);
  void readStages(program::KernelOp kernel);
  void dropUnusedBuffers();
  mlir::DictionaryAttr getConfig(mlir::Builder &b);

  KernelTable &table;
  program::LaunchOp launch;
  program::KernelOp kernel; // has the element region of the main stage
  std::vector<Stage> stages;
  size_t main = 0;
  llvm::SmallVector<mlir::Value> buffers, scalars;
  llvm::SmallVector<bool> written;
  llvm::SmallVector<int64_t> scratch; // bytes
};

/// The buffer that `view` is a part of.
mlir::Value getRootBuffer(mlir::Value view);

/// Whether `view` shows all elements of its root in their order.
bool isWhole(mlir::Value view);

/// Whether the two may be parts of one buffer.
bool mayOverlap(mlir::Value a, mlir::Value b);

/// Whether `op`, a launch or copy, can run where `place` stands, later in its
/// block: no op between writes what it reads or touches what it writes. Ops of
/// `except` are passed over.
bool canMoveTo(mlir::Operation *op, mlir::Operation *place,
               llvm::ArrayRef<mlir::Operation *> except = {});

/// Whether what `op` reads is the same where `place` stands.
bool canRepeatAt(mlir::Operation *op, mlir::Operation *place);

} // namespace weft

#endif // WEFT_PASSES_FUSE_FUSEDLAUNCH_H
