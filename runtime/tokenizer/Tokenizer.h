//===- Tokenizer.h - Text to ids and ids to text ----------------*- C++ -*-===//
//
// Ids are those of the Hugging Face `tokenizers` library for the same files. A
// Tokenizer keeps nothing between calls: const members may be called by many
// threads at once. No exceptions leave it; failures are a false and a text in
// `error`.
//
//===----------------------------------------------------------------------===//

#ifndef WEFT_TOKENIZER_TOKENIZER_H
#define WEFT_TOKENIZER_TOKENIZER_H

#include "runtime/tokenizer/Spec.h"
#include <memory>

namespace weft {

struct EncodeOptions {
  bool addSpecial = true;   // put prefix and suffix around
  bool parseSpecial = true; // cut special tokens out of the text
};

class Tokenizer {
public:
  /// Checks the view and prepares its steps. What its spans point at must
  /// outlive the tokenizer. Null, with `error` set, if something in it is
  /// unsupported or contradicts itself.
  static std::unique_ptr<Tokenizer> create(TokenizerView view,
                                           std::string &error);
  ~Tokenizer();

  /// Appends the ids of `text` to `ids`. Any bytes are accepted; what isn't
  /// UTF-8 counts as U+FFFD. Fails only if a pattern exceeds its limits.
  bool encode(std::string_view text, std::vector<int64_t> &ids,
              std::string &error, EncodeOptions options = {}) const;

  /// The text of `ids`; ids outside the vocabulary are left out, and special
  /// tokens as well if `skipSpecial`. Bytes that are not UTF-8 become U+FFFD.
  bool decode(const std::vector<int64_t> &ids, std::string &text,
              std::string &error, bool skipSpecial = true) const;

  size_t vocabularySize() const;
  /// The text of a token as the vocabulary writes it; empty if there is none.
  std::string_view tokenText(int64_t id) const;
  /// The id of a token by that text, or -1.
  int64_t findToken(std::string_view text) const;
  bool isSpecial(int64_t id) const;
  /// The value of a setting of the model file, or null; see Spec.h.
  const std::string *setting(std::string_view key) const;

private:
  friend class DecodeStream;
  struct Impl;
  explicit Tokenizer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl;
};

/// Decodes ids one by one, for showing text while it is made. What put() and
/// finish() return, joined, is the text of all ids together; it never ends
/// inside a UTF-8 character, and a character whose bytes are spread over ids
/// comes with the last of them. (Where byte tokens such as <0xE2> do not make
/// up UTF-8, decode() sees the whole run of them and may count its broken
/// characters differently.)
class DecodeStream {
public:
  /// `tokenizer` must outlive the stream.
  explicit DecodeStream(const Tokenizer &tokenizer, bool skipSpecial = true)
      : tokenizer(tokenizer), skipSpecial(skipSpecial) {}

  /// Takes the next id; sets `text` to what can be shown now, maybe nothing.
  bool put(int64_t id, std::string &text, std::string &error);
  /// Sets `text` to what was held back; incomplete characters as U+FFFD.
  bool finish(std::string &text, std::string &error);

private:
  const Tokenizer &tokenizer;
  bool skipSpecial;
  std::vector<int64_t> window; // ids since the last place where text was whole
  size_t shown = 0;            // bytes of the window's text that were returned
};

} // namespace weft

#endif // WEFT_TOKENIZER_TOKENIZER_H
