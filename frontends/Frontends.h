//===- Frontends.h - From a model's files to weft IR ----------------------===//

#ifndef WEFT_FRONTENDS_FRONTENDS_H
#define WEFT_FRONTENDS_FRONTENDS_H

#include "frontends/common/ModelSource.h"
#include "frontends/formats/common/Error.h"

namespace weft {

/// What the user says about a model beside its path.
struct LoadOptions {
  /// For Weft text: a safetensors file that holds every parameter, by its
  /// symbol. Empty: the parameters name their own files.
  std::string params;
  /// For ONNX: files of NumPy arrays for inputs whose value is known when the
  /// model is compiled, by name.
  std::map<std::string, std::string> fixed;
};

/// Loads a model: a Hugging Face directory, a .gguf or .onnx file or a Weft
/// text (.mlir). Loads the dialects it needs into the context. Every failure is
/// an error that says file, place, what was expected and what was found;
/// nothing is printed.
formats::Expected<ModelSource> loadModel(mlir::MLIRContext &context,
                                         const std::string &path,
                                         const LoadOptions &options = {});

} // namespace weft

#endif // WEFT_FRONTENDS_FRONTENDS_H
