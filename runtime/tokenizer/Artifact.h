//===- Artifact.h - Tokenizers in and out of artifact tables ----*- C++ -*-===//

#ifndef WEFT_TOKENIZER_ARTIFACT_H
#define WEFT_TOKENIZER_ARTIFACT_H

#include "runtime/schema/artifact_generated.h"
#include "runtime/tokenizer/Spec.h"

namespace weft {

/// Writes `spec`, whose tables are built, into `builder`.
flatbuffers::Offset<fb::Tokenizer>
writeTokenizer(flatbuffers::FlatBufferBuilder &builder,
               const TokenizerSpec &spec);

/// Points into `table`, which the FlatBuffers verifier has accepted and which
/// must outlive the view. That sizes agree is checked when a Tokenizer is
/// created.
TokenizerView viewOf(const fb::Tokenizer &table);

} // namespace weft

#endif // WEFT_TOKENIZER_ARTIFACT_H
