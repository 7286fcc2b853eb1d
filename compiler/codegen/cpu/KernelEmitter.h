//===- KernelEmitter.h - Emitters of kernel families ------------*- C++ -*-===//
//
// An emitter makes the KERNEL-level code of one family (docs/program-level.md).
// It registers itself where it is written:
//
//   static LogicalResult emitNorm(program::KernelOp kernel, KernelBuilder &b);
//   static RegisterKernelEmitter norm("norm", emitNorm);
//
//===----------------------------------------------------------------------===//

#ifndef WEFT_CODEGEN_CPU_KERNELEMITTER_H
#define WEFT_CODEGEN_CPU_KERNELEMITTER_H

#include "compiler/codegen/cpu/KernelBuilder.h"

namespace weft::cpu {

/// Emits the body of `kernel` through `b`, which stands at the begin of the
/// function and knows the level. What it refuses it says by an error on the op.
using KernelEmitter = mlir::LogicalResult (*)(program::KernelOp kernel,
                                              KernelBuilder &b);

/// The emitter of `family`, or null.
KernelEmitter findKernelEmitter(llvm::StringRef family);

/// Registers `emitter` for `family` for the life of the program.
struct RegisterKernelEmitter {
  RegisterKernelEmitter(llvm::StringRef family, KernelEmitter emitter);
};

/// Makes the function of `kernel` for `level` at the end of `module`.
mlir::FailureOr<mlir::func::FuncOp> emitKernel(program::KernelOp kernel,
                                               const CpuLevel &level,
                                               mlir::ModuleOp module);

} // namespace weft::cpu

#endif // WEFT_CODEGEN_CPU_KERNELEMITTER_H
