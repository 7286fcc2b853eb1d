//===- CompileKernels.h - Kernels of a program to machine code --*- C++ -*-===//

#ifndef WEFT_CODEGEN_CPU_COMPILE_COMPILEKERNELS_H
#define WEFT_CODEGEN_CPU_COMPILE_COMPILEKERNELS_H

#include "compiler/codegen/cpu/CpuLevel.h"
#include "mlir/IR/BuiltinOps.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"

namespace weft::cpu {

struct CompileOptions {
  /// Threads for the work in LLVM; 0: one a core.
  unsigned threads = 0;
  /// Folder that keeps objects by the hash of their IR; empty: none is kept.
  std::string cacheDirectory;
  /// Whether the result is to be linked further, not to be loaded.
  bool relocatable = false;
};

/// Scratch that a thread must give a kernel.
struct KernelScratch {
  std::string symbol;
  uint64_t bytes = 0;
};

/// All kernels of a program for one level: a shared object, or a relocatable
/// one. It needs no library, and exports the kernels, of the type in
/// kernel_abi.h, and nothing else.
struct SharedObject {
  std::unique_ptr<llvm::MemoryBuffer> object;
  std::vector<KernelScratch> kernels; ///< In the order of the program.
};

/// ~/.cache/weft/kernels, or under $XDG_CACHE_HOME; empty if there is no home.
std::string getDefaultCacheDirectory();

/// Compiles each `program.kernel` of `program`, which stays as it is. Errors
/// are reported on the kernels. The same arguments give the same bytes. The
/// context gets the dialects that lowering needs. Nobody else may use the
/// context meanwhile.
mlir::FailureOr<SharedObject> compileKernels(mlir::ModuleOp program,
                                             const CpuLevel &level,
                                             const CompileOptions &options);

/// Steps whose text can be printed.
enum class KernelStage {
  Kernels, ///< `func.func`, as emitters make them.
  Dialect, ///< The LLVM dialect.
  Llvm,    ///< LLVM IR, optimised.
  Assembly
};

/// Prints all kernels of `program` after a step.
mlir::LogicalResult printKernels(mlir::ModuleOp program, const CpuLevel &level,
                                 KernelStage stage, llvm::raw_ostream &out);

} // namespace weft::cpu

#endif // WEFT_CODEGEN_CPU_COMPILE_COMPILEKERNELS_H
