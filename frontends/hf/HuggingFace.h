//===- HuggingFace.h - Model directories of Hugging Face ------------------===//

#ifndef WEFT_FRONTENDS_HF_HUGGINGFACE_H
#define WEFT_FRONTENDS_HF_HUGGINGFACE_H

#include "frontends/common/ModelSource.h"

namespace weft {

/// Loads `config.json` and the safetensors weights beside it, and, where they
/// are, `generation_config.json` and the pooling of sentence-transformers.
formats::Expected<ModelSource> loadHuggingFace(mlir::MLIRContext &context,
                                               const std::string &directory);

} // namespace weft

#endif // WEFT_FRONTENDS_HF_HUGGINGFACE_H
