//===- OnnxModel.h - Models in ONNX files ---------------------------------===//

#ifndef WEFT_FRONTENDS_ONNX_ONNXMODEL_H
#define WEFT_FRONTENDS_ONNX_ONNXMODEL_H

#include "frontends/common/ModelSource.h"
#include "frontends/formats/common/Error.h"

namespace weft {

/// Loads an .onnx file as one function `forward`, whose inputs and outputs are
/// those of the graph; a dynamic dimension is named as the file names it.
/// `fixed` gives files of NumPy arrays for inputs whose value is known when the
/// model is compiled, by name. A `tokenizer.json` beside the file becomes the
/// model's tokenizer.
formats::Expected<ModelSource>
loadOnnx(mlir::MLIRContext &context, const std::string &path,
         const std::map<std::string, std::string> &fixed = {});

} // namespace weft

#endif // WEFT_FRONTENDS_ONNX_ONNXMODEL_H
