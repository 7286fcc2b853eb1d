//===- Sampling.h - Options of verbs that generate --------------*- C++ -*-===//

#ifndef WEFT_TOOLS_WEFT_COMMON_SAMPLING_H
#define WEFT_TOOLS_WEFT_COMMON_SAMPLING_H

#include "compiler/tools/weft/common/Options.h"
#include "runtime/generate/Generate.h"

namespace weft::cli {

/// Adds -n, --temperature, --top-k, --top-p, --seed and --stop.
void addSampling(CLI::App *verb, GenerateOptions &options);

} // namespace weft::cli

#endif // WEFT_TOOLS_WEFT_COMMON_SAMPLING_H
