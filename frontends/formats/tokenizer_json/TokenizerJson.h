//===- TokenizerJson.h - Hugging Face's tokenizer files ---------*- C++ -*-===//
//
// Reads the text of tokenizer.json and the files beside it into one
// TokenizerSpec. What is wrong or unsupported is named in the error.
//
//===----------------------------------------------------------------------===//

#ifndef WEFT_FORMATS_TOKENIZERJSON_H
#define WEFT_FORMATS_TOKENIZERJSON_H

#include "frontends/formats/common/Error.h"
#include "runtime/tokenizer/Spec.h"
#include <optional>

namespace weft::formats {

/// The texts of the files; those that a directory lacks stay empty. Either
/// `tokenizerJson`, or `vocabTxt` (BERT), or `vocabJson` and `mergesTxt`
/// (GPT-2) must be there; the first of these is read.
struct TokenizerFiles {
  std::string tokenizerJson;    // tokenizer.json
  std::string tokenizerConfig;  // tokenizer_config.json
  std::string specialTokensMap; // special_tokens_map.json
  std::string chatTemplate;     // chat_template.jinja
  std::string vocabTxt;         // vocab.txt
  std::string vocabJson;        // vocab.json
  std::string mergesTxt;        // merges.txt
};

/// The files of `directory`; nothing if it holds no tokenizer. Reads, not
/// parses.
std::optional<TokenizerFiles> findTokenizerFiles(const std::string &directory);

/// The tokenizer, tables included. `directory` is for messages.
Expected<TokenizerSpec> readTokenizerFiles(const TokenizerFiles &files,
                                           const std::string &directory);

} // namespace weft::formats

#endif // WEFT_FORMATS_TOKENIZERJSON_H
