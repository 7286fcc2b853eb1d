//===- Pipelines.h - Passes in order ----------------------------*- C++ -*-===//

#ifndef WEFT_COMPILER_PIPELINES_PIPELINES_H
#define WEFT_COMPILER_PIPELINES_PIPELINES_H

#include "mlir/Pass/PassManager.h"

namespace weft {

struct PassOptions {
  /// Tokens that a stream or a whole sequence may have.
  int64_t maxContext = 4096;
  /// Tokens that a piece (`prefill`) may take at once.
  int64_t maxPiece = 512;
  bool explain = false;
};

/// Over the MODEL level: fuse, derive prefill and step.
void buildModelPasses(mlir::OpPassManager &pm, const PassOptions &options);

/// From the MODEL to the PROGRAM level: kernels, launches, planned memory.
void buildProgramPasses(mlir::OpPassManager &pm, const PassOptions &options);

/// Registers the pipelines above with the command line.
void registerCompilerPipelines();

} // namespace weft

#endif // WEFT_COMPILER_PIPELINES_PIPELINES_H
