//===- PackParameters.h - Model parameters as packed bytes ------*- C++ -*-===//

#ifndef WEFT_COMPILER_PIPELINES_PACKPARAMETERS_H
#define WEFT_COMPILER_PIPELINES_PACKPARAMETERS_H

#include "compiler/artifact/ArtifactWriter.h"
#include "frontends/common/ModelSource.h"

namespace weft {

/// Packs a `program.parameter` from the files of `source`, which must outlive
/// the packer: what it computes first, then in its layout.
artifact::PackParameter makePacker(const ModelSource &source);

} // namespace weft

#endif // WEFT_COMPILER_PIPELINES_PACKPARAMETERS_H
