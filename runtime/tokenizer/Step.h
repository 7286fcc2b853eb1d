//===- Step.h - Building steps from their names and arguments ---*- C++ -*-===//
//
// Internal to the tokenizer: what normalizers, pre-tokenizers and decoders
// share.
//
//===----------------------------------------------------------------------===//

#ifndef WEFT_TOKENIZER_STEP_H
#define WEFT_TOKENIZER_STEP_H

#include "runtime/tokenizer/Regex.h"
#include "runtime/tokenizer/Spec.h"

namespace weft {

/// Typed access to the arguments of a step.
class StepArgs {
public:
  explicit StepArgs(const TokenizerStep &step) : step(step) {}
  /// The value, or null if the argument is not there.
  const std::string *find(std::string_view key) const;
  std::string text(std::string_view key, std::string_view otherwise = "") const;
  bool flag(std::string_view key, bool otherwise) const;
  /// A small count; `otherwise` if it is not a number.
  size_t count(std::string_view key, size_t otherwise) const;

private:
  const TokenizerStep &step;
};

/// What a step looks for: a literal text or a pattern.
class TextMatcher {
public:
  /// From the argument `string` or `regex`; false with `error` set.
  bool init(const StepArgs &args, std::string &error);
  bool findAll(std::string_view text, std::vector<TextRange> &matches,
               RegexScratch &scratch, std::string &error) const;
  /// `text` with every match replaced by `content`, appended to `result`.
  bool replaceAll(std::string_view text, std::string_view content,
                  std::string &result, RegexScratch &scratch,
                  std::string &error) const;

private:
  std::string literal;
  std::unique_ptr<Regex> regex;
};

/// The byte-level alphabet: every byte as one printable character, the way that
/// byte-level vocabularies write tokens.
void appendByteLevel(std::string &text, std::string_view bytes);
/// Appends the bytes that `text` stands for. False, with nothing appended, if a
/// character is outside the alphabet.
bool appendFromByteLevel(std::string &bytes, std::string_view text);

} // namespace weft

#endif // WEFT_TOKENIZER_STEP_H
