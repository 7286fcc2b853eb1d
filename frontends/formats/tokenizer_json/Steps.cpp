//===- Steps.cpp - Normalizers, pre-tokenizers and decoders of tokenizer.json
//===//

#include "frontends/formats/tokenizer_json/Json.h"
#include <map>

using namespace weft;
using namespace weft::json;

namespace {
using Translate = bool (*)(const Value &, TokenizerStep &, std::string &);

/// One kind of steps: its name in messages, the field with the parts of a
/// Sequence, and a function for each type.
struct StepKind {
  const char *name, *parts;
  std::map<std::string_view, Translate> types;
};
} // namespace

static void setFlag(const Value &from, const char *key, bool otherwise,
                    TokenizerStep &step, const char *name = nullptr) {
  step.args.emplace_back(name ? name : key,
                         boolText(flagOf(from, key, otherwise)));
}

static void setText(const Value &from, const char *key, const char *otherwise,
                    TokenizerStep &step, const char *name = nullptr) {
  step.args.emplace_back(name ? name : key, textOf(from, key, otherwise));
}

/// {"String": …} or {"Regex": …}.
static bool setPattern(const Value &from, TokenizerStep &step,
                       std::string &error) {
  const Value *pattern = member(from, "pattern");
  for (auto [key, name] :
       {std::pair{"String", "string"}, std::pair{"Regex", "regex"}})
    if (const Value *text = pattern ? member(*pattern, key) : nullptr;
        text && text->is_string()) {
      step.args.emplace_back(name, text->get_ref<const std::string &>());
      return true;
    }
  error = "expected a pattern with 'String' or 'Regex' but got " +
          describe(pattern);
  return false;
}

/// "MergedWithPrevious" as merged_with_previous.
static bool setBehavior(const Value &from, const char *otherwise,
                        TokenizerStep &step, std::string &error) {
  static const std::map<std::string_view, const char *> names = {
      {"Removed", "removed"},
      {"Isolated", "isolated"},
      {"MergedWithPrevious", "merged_with_previous"},
      {"MergedWithNext", "merged_with_next"},
      {"Contiguous", "contiguous"}};
  std::string behavior = textOf(from, "behavior", otherwise);
  auto entry = names.find(behavior);
  if (entry == names.end()) {
    error = "unsupported behavior '" + behavior + "'";
    return false;
  }
  step.args.emplace_back("behavior", entry->second);
  return true;
}

/// A step without arguments.
static bool plain(const Value &, TokenizerStep &, std::string &) {
  return true;
}

static bool bertNormalizer(const Value &from, TokenizerStep &step,
                           std::string &) {
  setFlag(from, "clean_text", true, step);
  setFlag(from, "handle_chinese_chars", true, step);
  setFlag(from, "lowercase", true, step);
  setFlag(from, "strip_accents", flagOf(from, "lowercase", true), step);
  return true;
}

static bool stripNormalizer(const Value &from, TokenizerStep &step,
                            std::string &) {
  setFlag(from, "strip_left", true, step, "left");
  setFlag(from, "strip_right", true, step, "right");
  return true;
}

static bool prepend(const Value &from, TokenizerStep &step, std::string &) {
  setText(from, "prepend", "", step, "content");
  return true;
}

static bool replace(const Value &from, TokenizerStep &step,
                    std::string &error) {
  setText(from, "content", "", step);
  return setPattern(from, step, error);
}

static bool split(const Value &from, TokenizerStep &step, std::string &error) {
  setFlag(from, "invert", false, step);
  return setBehavior(from, "", step, error) && setPattern(from, step, error);
}

static bool digits(const Value &from, TokenizerStep &step, std::string &) {
  setFlag(from, "individual_digits", false, step, "individual");
  return true;
}

static bool punctuation(const Value &from, TokenizerStep &step,
                        std::string &error) {
  return setBehavior(from, "Isolated", step, error);
}

static bool byteLevel(const Value &from, TokenizerStep &step, std::string &) {
  setFlag(from, "add_prefix_space", true, step);
  setFlag(from, "use_regex", true, step);
  return true;
}

static bool metaspace(const Value &from, TokenizerStep &step, std::string &) {
  setText(from, "replacement", "\xE2\x96\x81", step);
  // Older files say add_prefix_space instead.
  bool never = !flagOf(from, "add_prefix_space", true);
  setText(from, "prepend_scheme", "always", step);
  if (never)
    step.args.back().second = "never";
  setFlag(from, "split", true, step);
  return true;
}

static bool charDelimiter(const Value &from, TokenizerStep &step,
                          std::string &) {
  setText(from, "delimiter", "", step);
  return true;
}

static bool wordPieceDecoder(const Value &from, TokenizerStep &step,
                             std::string &) {
  setText(from, "prefix", "##", step);
  setFlag(from, "cleanup", true, step);
  return true;
}

static bool bpeDecoder(const Value &from, TokenizerStep &step, std::string &) {
  setText(from, "suffix", "</w>", step);
  return true;
}

static bool stripDecoder(const Value &from, TokenizerStep &step,
                         std::string &error) {
  setText(from, "content", " ", step);
  for (const char *key : {"start", "stop"}) {
    const Value *count = member(from, key);
    if (!count || !count->is_number_unsigned()) {
      error = std::string("expected a count '") + key + "' but got " +
              describe(count);
      return false;
    }
    step.args.emplace_back(key, count->dump());
  }
  return true;
}

/// "StripAccents" as strip_accents, "NFC" as nfc: names of steps are
/// lower-case.
static std::string stepName(std::string_view type) {
  static const std::map<std::string_view, const char *> names = {
      {"BertNormalizer", "bert"},
      {"BertPreTokenizer", "bert"},
      {"WordPiece", "wordpiece"},
      {"BPEDecoder", "bpe"},
      {"CharDelimiterSplit", "char_delimiter"},
      {"NFC", "nfc"},
      {"NFD", "nfd"},
      {"NFKC", "nfkc"},
      {"NFKD", "nfkd"}};
  auto entry = names.find(type);
  if (entry != names.end())
    return entry->second;
  std::string name;
  for (char c : type) {
    bool upper = c >= 'A' && c <= 'Z';
    if (upper && !name.empty())
      name += '_';
    name += static_cast<char>(upper ? c + 32 : c);
  }
  return name;
}

static bool readSteps(const Value &from, const StepKind &kind, int depth,
                      std::vector<TokenizerStep> &steps, std::string &error) {
  std::string type = textOf(from, "type");
  if (type == "Sequence") {
    const Value *parts = member(from, kind.parts);
    if (!parts || !parts->is_array() || depth > 16) {
      error = std::string("expected a list '") + kind.parts +
              "' in the sequence of " + kind.name + "s but got " +
              (depth > 16 ? "too many levels" : describe(parts));
      return false;
    }
    for (const Value &part : *parts)
      if (!readSteps(part, kind, depth + 1, steps, error))
        return false;
    return true;
  }
  auto entry = kind.types.find(type);
  if (entry == kind.types.end()) {
    error = std::string("unsupported ") + kind.name + " '" + type + "'";
    return false;
  }
  TokenizerStep step{stepName(type), {}};
  if (!entry->second(from, step, error)) {
    error = std::string(kind.name) + " '" + type + "': " + error;
    return false;
  }
  steps.push_back(std::move(step));
  return true;
}

bool json::readNormalizer(const Value &step, std::vector<TokenizerStep> &steps,
                          std::string &error) {
  static const StepKind kind = {"normalizer",
                                "normalizers",
                                {{"NFC", plain},
                                 {"NFD", plain},
                                 {"NFKC", plain},
                                 {"NFKD", plain},
                                 {"Lowercase", plain},
                                 {"StripAccents", plain},
                                 {"Nmt", plain},
                                 {"ByteLevel", plain},
                                 {"BertNormalizer", bertNormalizer},
                                 {"Strip", stripNormalizer},
                                 {"Prepend", prepend},
                                 {"Replace", replace}}};
  return readSteps(step, kind, 0, steps, error);
}

bool json::readPreTokenizer(const Value &step,
                            std::vector<TokenizerStep> &steps,
                            std::string &error) {
  static const StepKind kind = {"pre-tokenizer",
                                "pretokenizers",
                                {{"Split", split},
                                 {"Digits", digits},
                                 {"Punctuation", punctuation},
                                 {"ByteLevel", byteLevel},
                                 {"Metaspace", metaspace},
                                 {"Whitespace", plain},
                                 {"WhitespaceSplit", plain},
                                 {"BertPreTokenizer", plain},
                                 {"CharDelimiterSplit", charDelimiter}}};
  return readSteps(step, kind, 0, steps, error);
}

bool json::readDecoder(const Value &step, std::vector<TokenizerStep> &steps,
                       std::string &error) {
  static const StepKind kind = {"decoder",
                                "decoders",
                                {{"ByteLevel", plain},
                                 {"ByteFallback", plain},
                                 {"Fuse", plain},
                                 {"Metaspace", metaspace},
                                 {"WordPiece", wordPieceDecoder},
                                 {"BPEDecoder", bpeDecoder},
                                 {"Strip", stripDecoder},
                                 {"Replace", replace}}};
  return readSteps(step, kind, 0, steps, error);
}
