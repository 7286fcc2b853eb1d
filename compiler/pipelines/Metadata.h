//===- Metadata.h - What an artifact says about its model -------*- C++ -*-===//

#ifndef WEFT_COMPILER_PIPELINES_METADATA_H
#define WEFT_COMPILER_PIPELINES_METADATA_H

#include "frontends/common/ModelSource.h"
#include "runtime/schema/artifact_generated.h"

namespace weft {

/// The capacity of caches: `wanted`, or without it (0) what the model was made
/// for, at most 4096.
int64_t chooseContext(const ModelSource &source, int64_t wanted);

/// Notes the value of inputs that need not be given (`weft.default`), as
/// `default.FUNCTION.INPUT` of the metadata.
void recordDefaults(ModelSource &source);

/// Adds the producer, the tokenizer, and what is known about the model to the
/// tables.
void addMetadata(const ModelSource &source, fb::ProgramT &tables);

} // namespace weft

#endif // WEFT_COMPILER_PIPELINES_METADATA_H
