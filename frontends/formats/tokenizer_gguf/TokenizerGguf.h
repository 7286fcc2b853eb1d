//===- TokenizerGguf.h - The tokenizer in a GGUF file -----------*- C++ -*-===//
//
// Reads the metadata `tokenizer.ggml.*` and `tokenizer.chat_template` into a
// TokenizerSpec. Models: "gpt2" (byte-level BPE with the pattern that
// `tokenizer.ggml.pre` names, see Patterns.h), "llama" (SentencePiece BPE by
// scores), "bert" (WordPiece).
//
//===----------------------------------------------------------------------===//

#ifndef WEFT_FORMATS_TOKENIZERGGUF_H
#define WEFT_FORMATS_TOKENIZERGGUF_H

#include "frontends/formats/gguf/Gguf.h"
#include "runtime/tokenizer/Spec.h"

namespace weft::formats {

/// The tokenizer, tables included, independent of the metadata afterwards.
/// `file` is for messages.
Expected<TokenizerSpec> readGgufTokenizer(const GgufMetadata &metadata,
                                          const std::string &file);

} // namespace weft::formats

#endif // WEFT_FORMATS_TOKENIZERGGUF_H
