//===- Build.h - From a family's description to a verified module ---------===//

#ifndef WEFT_FRONTENDS_MODELS_BUILD_H
#define WEFT_FRONTENDS_MODELS_BUILD_H

#include "frontends/common/Parameters.h"
#include "frontends/models/Family.h"

namespace weft {

/// Runs `build`, one of the family's readings, and fills module and files of
/// `source`. Fails if the configuration holds a key that was not honoured, if a
/// tensor is missing, has another shape or is left over, or if the module does
/// not verify. `place` is the file or directory to name where a tensor is
/// missing.
formats::Status
buildModel(mlir::MLIRContext &context, const ModelFamily &family,
           void (*build)(const ModelInput &), formats::Config &config,
           const formats::TensorStore &store, const std::string &place,
           Parameters::Rename rename, ModelSource &source);

/// Loads the dialects that models are written in.
void loadModelDialects(mlir::MLIRContext &context);

/// Verifies the module; a diagnostic becomes an error of `file`.
formats::Status verifyModule(mlir::ModuleOp module, const std::string &file);

} // namespace weft

#endif // WEFT_FRONTENDS_MODELS_BUILD_H
