//===- Compile.h - From a model to an artifact ------------------*- C++ -*-===//

#ifndef WEFT_COMPILER_PIPELINES_COMPILE_H
#define WEFT_COMPILER_PIPELINES_COMPILE_H

#include "compiler/codegen/cpu/CpuLevel.h"
#include "frontends/common/ModelSource.h"
#include "passes/lower/linear/Precision.h"
#include "llvm/ADT/SmallVector.h"
#include <functional>

namespace weft {

/// What compilation ends in.
enum class Emit {
  Model,         ///< Text: the model as it was read.
  Program,       ///< Text: the planned program.
  Kernels,       ///< Text: a function a kernel, for each level.
  Llvm,          ///< Text: LLVM IR.
  Assembly,      ///< Text.
  Object,        ///< A relocatable object with the kernels of one level.
  StaticLibrary, ///< model.a and model.h, to be linked with a C compiler.
  Artifact       ///< A file for the runtime.
};

struct CompileOptions {
  Emit emit = Emit::Artifact;
  /// At least one.
  llvm::SmallVector<const cpu::CpuLevel *> levels;
  /// Of products of matrices.
  Precision precision = Precision::F32;
  /// What caches of keys and values hold.
  std::string cache = "f32";
  /// Capacity of caches; 0: what the model says, at most 4096.
  int64_t maxContext = 0;
  /// Most tokens that prefill takes at once: longer prompts go in as several
  /// pieces, whose scratch memory is that of one.
  int64_t maxPiece = 0;
  /// Takes a line for each op: the lowering taken, and why not another. Null:
  /// not asked for.
  std::function<void(const std::string &line)> explain;
  /// Threads for the work in LLVM; 0: one a core.
  unsigned threads = 0;
  /// The archive of the runtime, for a static library.
  std::string runtimeArchive;
  /// Told of each stage as it begins, and how much of it is done.
  std::function<void(const std::string &stage)> beginStage;
  std::function<void(size_t done, size_t all)> advance;
};

/// Compiles `source` and writes the result to the file `output` ("-": standard
/// output). A module that is at PROGRAM level already is taken from there.
/// Errors are reported through the context's diagnostics; then no file is
/// written.
mlir::LogicalResult compile(ModelSource &source, const CompileOptions &options,
                            llvm::StringRef output);

} // namespace weft

#endif // WEFT_COMPILER_PIPELINES_COMPILE_H
