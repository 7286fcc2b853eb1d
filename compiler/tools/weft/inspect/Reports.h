//===- Reports.h - What a file holds, as JSON -------------------*- C++ -*-===//

#ifndef WEFT_TOOLS_WEFT_INSPECT_REPORTS_H
#define WEFT_TOOLS_WEFT_INSPECT_REPORTS_H

#include "compiler/tools/weft/common/Runtime.h"

namespace weft::cli {

/// Functions, shapes, states, sizes, levels and provenance of an artifact.
Json reportArtifact(const Program &program);

/// Tensors, types, sizes and metadata of a model: a Hugging Face folder, .gguf
/// or .safetensors.
Json reportModel(const std::string &path);

/// Prints a report for people: a line a value, indented.
void printReport(const Json &report);

/// Prints the instructions of a function, one a line, with slots as s0, s1, …
void printInstructions(const Program &program, const std::string &function);

} // namespace weft::cli

#endif // WEFT_TOOLS_WEFT_INSPECT_REPORTS_H
