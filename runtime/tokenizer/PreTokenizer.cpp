//===- PreTokenizer.cpp - Cutting text into pieces ------------------------===//

#include "runtime/tokenizer/PreTokenizer.h"
#include "runtime/tokenizer/Unicode.h"
#include <map>

using namespace weft;

using Step = PreTokenizer::Step;

/// GPT-2's pattern, which the byte-level step applies unless told not to.
static const char *const kGpt2Pattern =
    R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";

static bool parseBehavior(const std::string &name, SplitBehavior &behavior,
                          std::string &error) {
  static const std::map<std::string_view, SplitBehavior> names = {
      {"removed", SplitBehavior::Removed},
      {"isolated", SplitBehavior::Isolated},
      {"merged_with_previous", SplitBehavior::MergedWithPrevious},
      {"merged_with_next", SplitBehavior::MergedWithNext},
      {"contiguous", SplitBehavior::Contiguous},
  };
  auto entry = names.find(name);
  if (entry == names.end()) {
    error = "unsupported split behavior '" + name + "'";
    return false;
  }
  behavior = entry->second;
  return true;
}

/// Cuts every piece at what `find` matches in it.
template <typename Find>
static bool splitAll(Pieces &pieces, SplitBehavior behavior, bool invert,
                     Find find) {
  std::vector<TextRange> result, matches;
  for (TextRange range : pieces.ranges) {
    matches.clear();
    if (!find(pieces.piece(range), matches))
      return false;
    for (TextRange &match : matches) {
      match.begin += range.begin;
      match.end += range.begin;
    }
    splitPiece(range, matches, behavior, invert, result);
  }
  pieces.ranges = std::move(result);
  return true;
}

/// Every character of a class is a match of its own.
static void splitAtChars(Pieces &pieces, SplitBehavior behavior,
                         bool (*inClass)(char32_t)) {
  splitAll(pieces, behavior, /*invert=*/false,
           [&](std::string_view text, std::vector<TextRange> &matches) {
             for (size_t at = 0; at < text.size();) {
               size_t begin = at;
               if (inClass(nextChar(text, at)))
                 matches.push_back({begin, at});
             }
             return true;
           });
}

static Step splitStep(std::shared_ptr<TextMatcher> matcher,
                      SplitBehavior behavior, bool invert) {
  return [=](Pieces &pieces, RegexScratch &scratch, std::string &error) {
    return splitAll(
        pieces, behavior, invert,
        [&](std::string_view text, std::vector<TextRange> &matches) {
          return matcher->findAll(text, matches, scratch, error);
        });
  };
}

static bool buildSplit(const StepArgs &args, std::vector<Step> &steps,
                       std::string &error) {
  SplitBehavior behavior;
  auto matcher = std::make_shared<TextMatcher>();
  if (!parseBehavior(args.text("behavior"), behavior, error) ||
      !matcher->init(args, error))
    return false;
  steps.push_back(splitStep(matcher, behavior, args.flag("invert", false)));
  return true;
}

static bool buildDigits(const StepArgs &args, std::vector<Step> &steps,
                        std::string &) {
  SplitBehavior behavior = args.flag("individual", false)
                               ? SplitBehavior::Isolated
                               : SplitBehavior::Contiguous;
  steps.push_back([=](Pieces &pieces, RegexScratch &, std::string &) {
    splitAtChars(pieces, behavior, isNumeric);
    return true;
  });
  return true;
}

static bool buildPunctuation(const StepArgs &args, std::vector<Step> &steps,
                             std::string &error) {
  SplitBehavior behavior;
  if (!parseBehavior(args.text("behavior", "isolated"), behavior, error))
    return false;
  steps.push_back([=](Pieces &pieces, RegexScratch &, std::string &) {
    splitAtChars(pieces, behavior, isPunctuation);
    return true;
  });
  return true;
}

/// Runs of word characters and runs of other visible ones.
static bool buildWhitespace(const StepArgs &, std::vector<Step> &steps,
                            std::string &) {
  auto kindOf = [](char32_t c) {
    return isWord(c) ? 1 : isWhiteSpace(c) ? 0 : 2;
  };
  steps.push_back([=](Pieces &pieces, RegexScratch &, std::string &) {
    return splitAll(
        pieces, SplitBehavior::Removed, /*invert=*/true,
        [&](std::string_view text, std::vector<TextRange> &matches) {
          int previous = 0;
          for (size_t at = 0; at < text.size();) {
            size_t begin = at;
            int kind = kindOf(nextChar(text, at));
            if (kind && kind == previous)
              matches.back().end = at;
            else if (kind)
              matches.push_back({begin, at});
            previous = kind;
          }
          return true;
        });
  });
  return true;
}

static bool buildWhitespaceSplit(const StepArgs &, std::vector<Step> &steps,
                                 std::string &) {
  steps.push_back([](Pieces &pieces, RegexScratch &, std::string &) {
    splitAtChars(pieces, SplitBehavior::Removed, isWhiteSpace);
    return true;
  });
  return true;
}

static bool buildBert(const StepArgs &, std::vector<Step> &steps,
                      std::string &) {
  steps.push_back([](Pieces &pieces, RegexScratch &, std::string &) {
    splitAtChars(pieces, SplitBehavior::Removed, isWhiteSpace);
    splitAtChars(pieces, SplitBehavior::Isolated, isPunctuation);
    return true;
  });
  return true;
}

/// Rewrites every piece: `rewrite` appends the new text of a piece.
template <typename Rewrite>
static void rewriteAll(Pieces &pieces, Rewrite rewrite) {
  std::string text;
  text.reserve(pieces.text.size() + pieces.ranges.size());
  for (TextRange &range : pieces.ranges) {
    size_t begin = text.size();
    // Only the piece at the very begin stays there.
    if (begin == 0 && range.begin != 0)
      pieces.atStart = false;
    rewrite(pieces.piece(range), begin == 0 && pieces.atStart, text);
    range = {begin, text.size()};
  }
  pieces.text = std::move(text);
}

static bool buildByteLevel(const StepArgs &args, std::vector<Step> &steps,
                           std::string &error) {
  if (args.flag("add_prefix_space", true))
    steps.push_back([](Pieces &pieces, RegexScratch &, std::string &) {
      rewriteAll(pieces, [](std::string_view piece, bool, std::string &out) {
        if (piece[0] != ' ')
          out += ' ';
        out += piece;
      });
      return true;
    });
  if (args.flag("use_regex", true)) {
    auto matcher = std::make_shared<TextMatcher>();
    TokenizerStep pattern{"split", {{"regex", kGpt2Pattern}}};
    if (!matcher->init(StepArgs(pattern), error))
      return false;
    steps.push_back(
        splitStep(matcher, SplitBehavior::Isolated, /*invert=*/false));
  }
  steps.push_back([](Pieces &pieces, RegexScratch &, std::string &) {
    rewriteAll(pieces, [](std::string_view piece, bool, std::string &out) {
      appendByteLevel(out, piece);
    });
    return true;
  });
  return true;
}

static bool buildMetaspace(const StepArgs &args, std::vector<Step> &steps,
                           std::string &error) {
  std::string mark = args.text("replacement", "\xE2\x96\x81");
  std::string scheme = args.text("prepend_scheme", "always");
  if (scheme != "always" && scheme != "first" && scheme != "never") {
    error = "unsupported prepend scheme '" + scheme + "'";
    return false;
  }
  steps.push_back([=](Pieces &pieces, RegexScratch &, std::string &) {
    rewriteAll(
        pieces, [&](std::string_view piece, bool first, std::string &out) {
          bool wanted = scheme == "always" || (scheme == "first" && first);
          bool there = piece[0] == ' ' || piece.substr(0, mark.size()) == mark;
          if (wanted && !there)
            out += mark;
          for (char c : piece)
            if (c == ' ')
              out += mark;
            else
              out += c;
        });
    return true;
  });
  if (!args.flag("split", true))
    return true;
  auto matcher = std::make_shared<TextMatcher>();
  TokenizerStep pattern{"split", {{"string", mark}}};
  if (!matcher->init(StepArgs(pattern), error))
    return false;
  steps.push_back(
      splitStep(matcher, SplitBehavior::MergedWithNext, /*invert=*/false));
  return true;
}

static bool buildCharDelimiter(const StepArgs &args, std::vector<Step> &steps,
                               std::string &error) {
  auto matcher = std::make_shared<TextMatcher>();
  TokenizerStep pattern{"split", {{"string", args.text("delimiter")}}};
  if (!matcher->init(StepArgs(pattern), error))
    return false;
  steps.push_back(splitStep(matcher, SplitBehavior::Removed, /*invert=*/false));
  return true;
}

using Build = bool (*)(const StepArgs &, std::vector<Step> &, std::string &);

static const std::map<std::string_view, Build> &builders() {
  static const std::map<std::string_view, Build> table = {
      {"split", buildSplit},
      {"digits", buildDigits},
      {"punctuation", buildPunctuation},
      {"whitespace", buildWhitespace},
      {"whitespace_split", buildWhitespaceSplit},
      {"bert", buildBert},
      {"byte_level", buildByteLevel},
      {"metaspace", buildMetaspace},
      {"char_delimiter", buildCharDelimiter},
  };
  return table;
}

bool PreTokenizer::init(const std::vector<TokenizerStep> &list,
                        std::string &error) {
  for (const TokenizerStep &step : list) {
    auto entry = builders().find(step.op);
    if (entry == builders().end()) {
      error = "unsupported pre-tokenizer '" + step.op + "'";
      return false;
    }
    if (!entry->second(StepArgs(step), steps, error)) {
      error = "pre-tokenizer '" + step.op + "': " + error;
      return false;
    }
  }
  return true;
}

bool PreTokenizer::apply(Pieces &pieces, RegexScratch &scratch,
                         std::string &error) const {
  for (const Step &step : steps)
    if (!step(pieces, scratch, error))
      return false;
  return true;
}
