//===- Decoder.h - From the texts of tokens to text -------------*- C++ -*-===//
//
// Internal to the tokenizer. The steps are listed in Spec.h; each maps the list
// of texts to another, whose parts are joined at the end.
//
//===----------------------------------------------------------------------===//

#ifndef WEFT_TOKENIZER_DECODER_H
#define WEFT_TOKENIZER_DECODER_H

#include "runtime/tokenizer/Step.h"
#include <functional>

namespace weft {

class Decoder {
public:
  bool init(const std::vector<TokenizerStep> &steps, std::string &error);

  /// Joins to bytes that need not be valid UTF-8. With `streaming`, bytes of
  /// the byte fallback come as they are; else a run of them that is not valid
  /// UTF-8 becomes one U+FFFD a byte, as the reference does.
  bool apply(std::vector<std::string> texts, bool streaming, std::string &bytes,
             RegexScratch &scratch, std::string &error) const;

  struct Context {
    bool streaming;
    RegexScratch &scratch;
    std::string &error;
  };
  using Step = std::function<bool(std::vector<std::string> &, Context &)>;

private:
  std::vector<Step> steps;
};

} // namespace weft

#endif // WEFT_TOKENIZER_DECODER_H
