//===- Frontends.cpp - From a model's files to weft IR --------------------===//

#include "frontends/Frontends.h"

#include "frontends/gguf/GgufModel.h"
#include "frontends/hf/HuggingFace.h"
#include "frontends/onnx/OnnxModel.h"
#include "frontends/text/WeftText.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

using namespace weft;
using formats::Error;
using formats::Expected;

Expected<ModelSource> weft::loadModel(mlir::MLIRContext &context,
                                      const std::string &path,
                                      const LoadOptions &options) {
  const llvm::StringRef extension = llvm::sys::path::extension(path);
  const bool isText = extension == ".mlir";
  if (!llvm::sys::fs::exists(path))
    return Error{path, "", "no such file or directory"};
  if (!options.params.empty() && !isText)
    return Error{path, "", "takes no params file: the model holds its own"};
  if (!options.fixed.empty() && extension != ".onnx")
    return Error{path, "", "takes no fixed inputs: only .onnx files do"};
  if (llvm::sys::fs::is_directory(path)) {
    // Without a slash at the end, which messages would double.
    std::string directory = path;
    while (directory.size() > 1 && directory.back() == '/')
      directory.pop_back();
    return loadHuggingFace(context, directory);
  }
  if (isText)
    return loadWeftText(context, path, options.params);
  if (extension == ".gguf")
    return loadGguf(context, path);
  if (extension == ".onnx")
    return loadOnnx(context, path, options.fixed);
  return Error{path, "",
               "expected a Hugging Face directory, a .gguf or .onnx file or a "
               ".mlir text but got a file of another kind"};
}
