//===- GgufModel.h - Models in GGUF files ---------------------------------===//

#ifndef WEFT_FRONTENDS_GGUF_GGUFMODEL_H
#define WEFT_FRONTENDS_GGUF_GGUFMODEL_H

#include "frontends/common/ModelSource.h"

namespace weft {

/// Loads a GGUF file: its weights, its tokenizer and what its metadata says.
formats::Expected<ModelSource> loadGguf(mlir::MLIRContext &context,
                                        const std::string &path);

} // namespace weft

#endif // WEFT_FRONTENDS_GGUF_GGUFMODEL_H
