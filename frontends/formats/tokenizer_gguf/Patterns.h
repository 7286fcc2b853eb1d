//===- Patterns.h - What `tokenizer.ggml.pre` names -------------*- C++ -*-===//
//
// Internal to the reader. A GGUF file names how text was split before
// byte-level merges were learned; the patterns themselves are known to readers.
//
//===----------------------------------------------------------------------===//

#ifndef WEFT_FORMATS_TOKENIZERGGUF_PATTERNS_H
#define WEFT_FORMATS_TOKENIZERGGUF_PATTERNS_H

#include <string_view>
#include <vector>

namespace weft::formats {

struct PreTokenizerPatterns {
  std::vector<const char *> patterns; // one after the other, matches isolated
  bool ignoreMerges = false;          // a piece that is a token is taken whole
  bool addBos = false;                // where the file does not say
};

/// The patterns of a name, or null.
const PreTokenizerPatterns *findPreTokenizer(std::string_view name);

} // namespace weft::formats

#endif // WEFT_FORMATS_TOKENIZERGGUF_PATTERNS_H
