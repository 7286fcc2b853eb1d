//===- Pooling.h - How sentence-transformers makes one vector -------------===//

#ifndef WEFT_FRONTENDS_HF_POOLING_H
#define WEFT_FRONTENDS_HF_POOLING_H

#include "frontends/formats/common/Error.h"

#include <map>
#include <string>

namespace weft {

/// Reads `modules.json` and the modules it names, where there are any, and sets
/// `pooling` ("mean" or "cls") and `normalize` of the metadata. Modules and
/// poolings other than these are errors.
formats::Status readPooling(const std::string &directory,
                            std::map<std::string, std::string> &metadata);

} // namespace weft

#endif // WEFT_FRONTENDS_HF_POOLING_H
