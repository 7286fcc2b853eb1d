//===- ArtifactWriter.h - The file that the runtime loads -------*- C++ -*-===//

#ifndef WEFT_COMPILER_ARTIFACT_ARTIFACTWRITER_H
#define WEFT_COMPILER_ARTIFACT_ARTIFACTWRITER_H

#include "dialects/program/ops/ProgramOps.h"
#include "runtime/schema/artifact_generated.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"
#include <functional>

namespace weft::artifact {

/// The code of all kernels for one CPU level.
struct Code {
  std::string level;
  std::vector<std::string> features;
  uint32_t rank = 0;
  std::unique_ptr<llvm::MemoryBuffer> object; // a shared object
};

/// Adds the variant of a level and its segment, still without bytes.
fb::SegmentT &addVariant(fb::ProgramT &tables, const Code &level);

/// Writes all bytes of a packed parameter to the stream, in parts as small as
/// the layout allows. Reports what fails as an error on the op.
using PackParameter = std::function<mlir::LogicalResult(
    program::ParameterOp op, llvm::raw_ostream &out)>;

/// Writes the parameters where `tables` places them, from the stream's begin
/// on, with zeros between, and sets the hash of their segment. Calls `progress`
/// with the number of parameters written so far, if it is there.
mlir::LogicalResult writeParameters(mlir::ModuleOp module, fb::ProgramT &tables,
                                    const PackParameter &pack,
                                    const std::function<void(size_t)> &progress,
                                    llvm::raw_ostream &out);

/// Writes the artifact to the file `path` ("-": standard output): `tables`, as
/// translateProgram() made them of `module` and others completed them, the code
/// of each level as a variant and a segment, and the parameters. The file
/// appears at once when it is whole; after a failure there is none. The same
/// arguments give the same bytes. Errors are reported on the module.
mlir::LogicalResult writeArtifact(mlir::ModuleOp module, fb::ProgramT &tables,
                                  llvm::ArrayRef<Code> code,
                                  const PackParameter &pack,
                                  const std::function<void(size_t)> &progress,
                                  llvm::StringRef path);

} // namespace weft::artifact

#endif // WEFT_COMPILER_ARTIFACT_ARTIFACTWRITER_H
