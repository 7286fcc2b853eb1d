//===- Split.cpp - What becomes of the text that a split matches ----------===//

#include "runtime/tokenizer/PreTokenizer.h"

using namespace weft;

namespace {
struct Part {
  TextRange range;
  bool match;
};
} // namespace

/// All of `piece` as matches and gaps, in order.
static std::vector<Part>
partition(TextRange piece, const std::vector<TextRange> &matches, bool invert) {
  std::vector<Part> parts;
  size_t done = piece.begin;
  for (TextRange match : matches) {
    if (match.begin > done)
      parts.push_back({{done, match.begin}, invert});
    parts.push_back({match, !invert});
    done = match.end;
  }
  if (done < piece.end)
    parts.push_back({{done, piece.end}, invert});
  return parts;
}

/// Parts joined to the one before: a run of equal kind (contiguous), or a match
/// to the text before it.
template <typename Joins>
static std::vector<TextRange> joinForward(const std::vector<Part> &parts,
                                          Joins joins) {
  std::vector<TextRange> joined;
  bool previous = false;
  for (const Part &part : parts) {
    if (joins(part.match, previous) && !joined.empty())
      joined.back().end = part.range.end;
    else
      joined.push_back(part.range);
    previous = part.match;
  }
  return joined;
}

static std::vector<TextRange> joinToNext(const std::vector<Part> &parts) {
  std::vector<TextRange> joined;
  bool previous = false;
  for (auto part = parts.rbegin(); part != parts.rend(); ++part) {
    if (part->match && !previous && !joined.empty())
      joined.back().begin = part->range.begin;
    else
      joined.push_back(part->range);
    previous = part->match;
  }
  return {joined.rbegin(), joined.rend()};
}

static std::vector<TextRange> combine(const std::vector<Part> &parts,
                                      SplitBehavior behavior) {
  switch (behavior) {
  case SplitBehavior::Removed:
  case SplitBehavior::Isolated: {
    std::vector<TextRange> kept;
    for (const Part &part : parts)
      if (!part.match || behavior == SplitBehavior::Isolated)
        kept.push_back(part.range);
    return kept;
  }
  case SplitBehavior::MergedWithPrevious:
    return joinForward(
        parts, [](bool match, bool previous) { return match && !previous; });
  case SplitBehavior::MergedWithNext:
    return joinToNext(parts);
  case SplitBehavior::Contiguous:
    return joinForward(
        parts, [](bool match, bool previous) { return match == previous; });
  }
  return {};
}

void weft::splitPiece(TextRange piece, const std::vector<TextRange> &matches,
                      SplitBehavior behavior, bool invert,
                      std::vector<TextRange> &result) {
  for (TextRange range : combine(partition(piece, matches, invert), behavior))
    if (range.begin < range.end)
      result.push_back(range);
}
