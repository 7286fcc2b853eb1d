//===- AddedTokens.h - Texts that stand for one token -----------*- C++ -*-===//
//
// Internal to the tokenizer: finds added tokens in a text, the leftmost first,
// of those that begin at one place the longest.
//
//===----------------------------------------------------------------------===//

#ifndef WEFT_TOKENIZER_ADDEDTOKENS_H
#define WEFT_TOKENIZER_ADDEDTOKENS_H

#include "runtime/tokenizer/Regex.h"
#include "runtime/tokenizer/Spec.h"
#include <bitset>
#include <map>

namespace weft {

/// A part of a text: an added token, or text between them.
struct AddedPart {
  TextRange range;
  const AddedToken *token; // null: text
};

class AddedTokenMatcher {
public:
  /// Seeks `text` for `token`, which must outlive the matcher. Empty texts are
  /// never found; of equal texts the last added counts.
  void add(const std::string &text, const AddedToken &token);
  /// To be called after the last add().
  void finish();
  bool empty() const { return entries.empty(); }

  /// Cuts all of `text`; special tokens are left in the text unless
  /// `parseSpecial`.
  std::vector<AddedPart> cut(std::string_view text, bool parseSpecial) const;

private:
  struct Entry {
    std::string text;
    const AddedToken *token;
  };
  const Entry *longestAt(std::string_view text, size_t at) const;

  std::map<std::string, const AddedToken *> byText; // until finish()
  std::vector<Entry> entries;                       // sorted by text
  std::bitset<256> firstBytes;
};

} // namespace weft

#endif // WEFT_TOKENIZER_ADDEDTOKENS_H
