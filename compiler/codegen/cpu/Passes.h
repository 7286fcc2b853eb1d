//===- Passes.h - Passes of CPU code generation -----------------*- C++ -*-===//

#ifndef WEFT_CODEGEN_CPU_PASSES_H
#define WEFT_CODEGEN_CPU_PASSES_H

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Pass/Pass.h"

namespace weft::cpu {

#define GEN_PASS_DECL
#include "compiler/codegen/cpu/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "compiler/codegen/cpu/Passes.h.inc"

/// Adds the passes from functions at KERNEL level to exported functions of the
/// LLVM dialect.
void buildLowerKernels(mlir::OpPassManager &pm);

/// Registers the passes above and the pipeline `weft-lower-kernels`.
void registerCpuPasses();

} // namespace weft::cpu

#endif // WEFT_CODEGEN_CPU_PASSES_H
