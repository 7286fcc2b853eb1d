//===- PreTokenizer.h - Cutting text into pieces ----------------*- C++ -*-===//
//
// Internal to the tokenizer. The steps are listed in Spec.h.
//
//===----------------------------------------------------------------------===//

#ifndef WEFT_TOKENIZER_PRETOKENIZER_H
#define WEFT_TOKENIZER_PRETOKENIZER_H

#include "runtime/tokenizer/Step.h"
#include <functional>

namespace weft {

/// Pieces of a text, from left to right; what lies between them is dropped.
struct Pieces {
  std::string text;
  std::vector<TextRange> ranges; // none is empty
  bool atStart = false;          // the text begins where the whole input begins

  std::string_view piece(TextRange range) const {
    return std::string_view(text).substr(range.begin, range.end - range.begin);
  }
};

class PreTokenizer {
public:
  bool init(const std::vector<TokenizerStep> &steps, std::string &error);
  bool apply(Pieces &pieces, RegexScratch &scratch, std::string &error) const;

  using Step = std::function<bool(Pieces &, RegexScratch &, std::string &)>;

private:
  std::vector<Step> steps;
};

/// What becomes of the text that a split matches.
enum class SplitBehavior {
  Removed,
  Isolated,
  MergedWithPrevious,
  MergedWithNext,
  Contiguous
};

/// Cuts `piece` at `matches`, which lie inside it and do not overlap, and
/// appends the parts that are kept. `invert` exchanges matches and what lies
/// between.
void splitPiece(TextRange piece, const std::vector<TextRange> &matches,
                SplitBehavior behavior, bool invert,
                std::vector<TextRange> &result);

} // namespace weft

#endif // WEFT_TOKENIZER_PRETOKENIZER_H
