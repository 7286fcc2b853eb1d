//===- StaticLibrary.h - A model to link into an application ----*- C++ -*-===//

#ifndef WEFT_COMPILER_ARTIFACT_STATICLIBRARY_H
#define WEFT_COMPILER_ARTIFACT_STATICLIBRARY_H

#include "compiler/artifact/ArtifactWriter.h"

namespace weft::artifact {

/// Writes the archive `path` (model, model.a) and beside it a C header
/// (model.h): the tables, the packed parameters, the kernels of each level,
/// whose `object`s are relocatable, and the members of the runtime's archive,
/// so that a C compiler is all it takes to use the model. Names begin with the
/// file's stem. Errors are reported on the module.
mlir::LogicalResult
writeStaticLibrary(mlir::ModuleOp module, fb::ProgramT &tables,
                   llvm::ArrayRef<Code> code, const PackParameter &pack,
                   const std::function<void(size_t)> &progress,
                   llvm::StringRef path, llvm::StringRef runtimeArchive);

} // namespace weft::artifact

#endif // WEFT_COMPILER_ARTIFACT_STATICLIBRARY_H
