//===- Spec.h - What a tokenizer is made of ---------------------*- C++ -*-===//
//
// One description of every tokenizer, whatever file it came from. TokenizerSpec
// owns the data (readers fill it), TokenizerView points at it: into a spec or
// into the table `Tokenizer` of runtime/schema/artifact.fbs, which has the same
// fields.
//
// Text becomes ids in the order of the Hugging Face `tokenizers` library:
//   1. invalid UTF-8 is replaced by U+FFFD
//   2. added tokens with normalized = false are cut out
//   3. the rest is normalized (`normalizer`, step by step)
//   4. added tokens with normalized = true are cut out
//   5. the rest is split into pieces (`pre_tokenizer`, step by step)
//   6. every piece becomes ids by the model (`kind`)
//   7. `prefix` and `suffix` are put around, if asked for
//
// Steps and their arguments (a bool is "true" or "false"):
//   normalizer     nfc nfd nfkc nfkd lowercase strip_accents byte_level nmt
//                  bert(clean_text, handle_chinese_chars, strip_accents,
//                  lowercase) strip(left, right)  prepend(content)
//                  replace(string | regex, content)
//   pre_tokenizer  split(string | regex, behavior, invert)  whitespace
//                  whitespace_split  bert  digits(individual)
//                  punctuation(behavior)  byte_level(add_prefix_space,
//                  use_regex) metaspace(replacement, prepend_scheme, split)
//                  char_delimiter(delimiter)
//     behavior: removed | isolated | merged_with_previous | merged_with_next |
//     contiguous; prepend_scheme: always | first | never
//   decoder        byte_level  byte_fallback  fuse  wordpiece(prefix, cleanup)
//                  metaspace(replacement, prepend_scheme)  bpe(suffix)
//                  strip(content, start, stop)  replace(string | regex,
//                  content)
//
// Settings: unk_token, continuing_subword_prefix, end_of_word_suffix,
// max_input_chars_per_word, fuse_unk, byte_fallback, ignore_merges of the
// model; bos_token_id, eos_token_id, pad_token_id, chat_template of the model
// file.
//
//===----------------------------------------------------------------------===//

#ifndef WEFT_TOKENIZER_SPEC_H
#define WEFT_TOKENIZER_SPEC_H

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weft {

enum class TokenType : uint8_t {
  Normal = 0,
  Special = 1, // control token, such as the end of a text
  Unknown = 2,
  Byte = 3, // <0x00> to <0xFF>
  UserDefined = 4,
  Unused = 5, // an id without a text
  Added = 6   // outside the model's vocabulary: only matched as added token
};

/// See `Merge` in artifact.fbs; laid out alike.
struct MergeRule {
  uint32_t left, right, result, rank;
};

struct AddedToken {
  uint32_t id = 0;
  std::string content;
  bool special = false, singleWord = false, lstrip = false, rstrip = false,
       normalized = false;
};

using TokenizerSettings = std::vector<std::pair<std::string, std::string>>;

struct TokenizerStep {
  std::string op;
  TokenizerSettings args;
};

/// The owning form, filled by readers and closed by buildTokenizerTables().
struct TokenizerSpec {
  std::string kind;
  std::string tokenText;
  std::vector<uint32_t> tokenEnds;
  std::vector<uint8_t> tokenTypes;
  std::vector<uint32_t> tokenTable;
  std::vector<MergeRule> merges;
  std::vector<uint32_t> mergeTable;
  std::vector<float> scores;
  std::vector<AddedToken> added;
  std::vector<TokenizerStep> normalizer, preTokenizer, decoder;
  std::vector<uint32_t> prefix, suffix;
  TokenizerSettings settings;

  size_t size() const { return tokenEnds.size(); }
  std::string_view token(size_t id) const {
    size_t begin = id ? tokenEnds[id - 1] : 0;
    return std::string_view(tokenText).substr(begin, tokenEnds[id] - begin);
  }
  /// Appends the token of the next id.
  void addToken(std::string_view text, TokenType type) {
    tokenText.append(text);
    tokenEnds.push_back(static_cast<uint32_t>(tokenText.size()));
    tokenTypes.push_back(static_cast<uint8_t>(type));
  }
  void set(std::string key, std::string value) {
    settings.emplace_back(std::move(key), std::move(value));
  }
  /// The value of a setting, or null.
  const std::string *setting(std::string_view key) const {
    for (const auto &entry : settings)
      if (entry.first == key)
        return &entry.second;
    return nullptr;
  }
};

/// `size` values that somebody else owns.
template <typename T> struct TokenizerSpan {
  const T *data = nullptr;
  size_t size = 0;
  const T &operator[](size_t i) const { return data[i]; }
  const T *begin() const { return data; }
  const T *end() const { return data + size; }
};

/// The big arrays as spans, the small parts as copies. What the spans point at
/// must outlive the view and every Tokenizer made from it.
struct TokenizerView {
  std::string kind;
  TokenizerSpan<char> tokenText;
  TokenizerSpan<uint32_t> tokenEnds;
  TokenizerSpan<uint8_t> tokenTypes;
  TokenizerSpan<uint32_t> tokenTable;
  TokenizerSpan<MergeRule> merges;
  TokenizerSpan<uint32_t> mergeTable;
  std::vector<AddedToken> added;
  std::vector<TokenizerStep> normalizer, preTokenizer, decoder;
  std::vector<uint32_t> prefix, suffix;
  TokenizerSettings settings;
};

TokenizerView viewOf(const TokenizerSpec &spec);

} // namespace weft

#endif // WEFT_TOKENIZER_SPEC_H
