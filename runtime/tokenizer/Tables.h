//===- Tables.h - Hash tables made at compile time --------------*- C++ -*-===//
//
// Looking up a token by its text and a merge by its pair are the two things
// that a tokenizer does often. Both tables are open addressing with linear
// probing: a power of two of 32-bit cells, at least twice the entries; a cell
// is 0 or index + 1. They are plain arrays, so that an artifact holds them and
// start-up builds nothing. Nothing in them is trusted: a cell out of range is
// skipped, probing ends.
//
//===----------------------------------------------------------------------===//

#ifndef WEFT_TOKENIZER_TABLES_H
#define WEFT_TOKENIZER_TABLES_H

#include "runtime/tokenizer/Spec.h"

namespace weft {

constexpr uint32_t kNoToken = UINT32_MAX;

/// FNV-1a of 64 bits, its halves folded.
uint32_t hashTokenText(std::string_view text);

inline uint32_t hashMergePair(uint32_t left, uint32_t right) {
  uint64_t key = (static_cast<uint64_t>(left) << 32 | right) *
                 UINT64_C(0x9E3779B97F4A7C15);
  return static_cast<uint32_t>(key >> 32);
}

/// Fills `tokenTable` and `mergeTable`. Of equal texts or pairs the last
/// counts. Returns false with `error` set if the spec contradicts itself.
bool buildTokenizerTables(TokenizerSpec &spec, std::string &error);

/// Look-ups in a view; every access is checked.
class Vocabulary {
public:
  explicit Vocabulary(const TokenizerView &view) : view(view) {}

  size_t size() const { return view.tokenEnds.size; }
  /// The text of a token; empty if there is none.
  std::string_view text(uint32_t id) const;
  TokenType type(uint32_t id) const;
  /// The id of a text, or kNoToken.
  uint32_t find(std::string_view text) const;
  /// The merge of a pair, or null.
  const MergeRule *findMerge(uint32_t left, uint32_t right) const;

private:
  const TokenizerView &view;
};

} // namespace weft

#endif // WEFT_TOKENIZER_TABLES_H
