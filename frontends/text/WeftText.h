//===- WeftText.h - Models written as Weft text ---------------------------===//

#ifndef WEFT_FRONTENDS_TEXT_WEFTTEXT_H
#define WEFT_FRONTENDS_TEXT_WEFTTEXT_H

#include "frontends/common/ModelSource.h"

namespace weft {

/// Loads a module of the MODEL level. With `params`, a safetensors file, each
/// `weft.parameter` is the tensor of its symbol there, whatever file it names;
/// without, a parameter names its file itself, seen from the text's directory.
/// Type and place are checked against the file in both cases.
formats::Expected<ModelSource> loadWeftText(mlir::MLIRContext &context,
                                            const std::string &path,
                                            const std::string &params);

} // namespace weft

#endif // WEFT_FRONTENDS_TEXT_WEFTTEXT_H
