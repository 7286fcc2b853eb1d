//===- Normalizer.cpp - Rewriting text before it is split -----------------===//

#include "runtime/tokenizer/Normalizer.h"
#include "runtime/tokenizer/Unicode.h"
#include <map>

using namespace weft;

/// A step that maps each character to any number of them.
template <typename Rewrite>
static std::string rewriteChars(std::string_view text, Rewrite rewrite) {
  std::string result;
  result.reserve(text.size());
  for (size_t at = 0; at < text.size();)
    rewrite(nextChar(text, at), result);
  return result;
}

// The blocks that BERT's own code calls Chinese, gap at U+2B820 included.
static bool isBertCjk(char32_t c) {
  return (c >= 0x4E00 && c <= 0x9FFF) || (c >= 0x3400 && c <= 0x4DBF) ||
         (c >= 0x20000 && c <= 0x2A6DF) || (c >= 0x2A700 && c <= 0x2B73F) ||
         (c >= 0x2B740 && c <= 0x2B81F) || (c >= 0x2B920 && c <= 0x2CEAF) ||
         (c >= 0xF900 && c <= 0xFAFF) || (c >= 0x2F800 && c <= 0x2FA1F);
}

static void cleanChar(char32_t c, std::string &out) {
  bool blank = c == '\t' || c == '\n' || c == '\r';
  if (c == 0 || c == 0xFFFD || (!blank && isOther(c)))
    return;
  appendChar(out, blank || isWhiteSpace(c) ? ' ' : c);
}

static void spaceCjk(char32_t c, std::string &out) {
  bool cjk = isBertCjk(c);
  if (cjk)
    out += ' ';
  appendChar(out, c);
  if (cjk)
    out += ' ';
}

/// The rules of sentencepiece's "nmt" preparation.
static void nmtChar(char32_t c, std::string &out) {
  if ((c >= 0x01 && c <= 0x08) || c == 0x0B || (c >= 0x0E && c <= 0x1F) ||
      c == 0x7F || c == 0x8F || c == 0x9F)
    return;
  bool blank = c == 0x09 || c == 0x0A || c == 0x0C || c == 0x0D ||
               c == 0x1680 || (c >= 0x200B && c <= 0x200F) || c == 0x2028 ||
               c == 0x2029 || c == 0x2581 || c == 0xFEFF || c == 0xFFFD;
  appendChar(out, blank ? ' ' : c);
}

static std::string withoutChars(std::string_view text, bool (*drop)(char32_t)) {
  return rewriteChars(text, [drop](char32_t c, std::string &out) {
    if (!drop(c))
      appendChar(out, c);
  });
}

static std::string stripped(std::string_view text, bool left, bool right) {
  size_t begin = 0, end = text.size();
  while (left && begin < end) {
    size_t next = begin;
    if (!isWhiteSpace(nextChar(text, next)))
      break;
    begin = next;
  }
  while (right && begin < end) {
    size_t previous = end;
    if (!isWhiteSpace(previousChar(text, previous)))
      break;
    end = previous;
  }
  return std::string(text.substr(begin, end - begin));
}

namespace {
using Apply = std::function<bool(std::string &, RegexScratch &, std::string &)>;
using Build = bool (*)(const StepArgs &, Apply &, std::string &);
} // namespace

/// A step that cannot fail, from a function of the text.
template <typename Function> static Apply always(Function function) {
  return [function = std::move(function)](std::string &text, RegexScratch &,
                                          std::string &) {
    text = function(text);
    return true;
  };
}

template <NormalForm form>
static bool buildForm(const StepArgs &, Apply &apply, std::string &) {
  apply =
      always([](const std::string &text) { return toNormalForm(text, form); });
  return true;
}

static bool buildLowercase(const StepArgs &, Apply &apply, std::string &) {
  apply = always([](const std::string &text) { return toLower(text); });
  return true;
}

static bool buildStripAccents(const StepArgs &, Apply &apply, std::string &) {
  apply = always(
      [](const std::string &text) { return withoutChars(text, isMark); });
  return true;
}

static bool buildNmt(const StepArgs &, Apply &apply, std::string &) {
  apply = always(
      [](const std::string &text) { return rewriteChars(text, nmtChar); });
  return true;
}

static bool buildByteLevel(const StepArgs &, Apply &apply, std::string &) {
  apply = always([](const std::string &text) {
    std::string result;
    appendByteLevel(result, text);
    return result;
  });
  return true;
}

static bool buildBert(const StepArgs &args, Apply &apply, std::string &) {
  bool clean = args.flag("clean_text", true);
  bool cjk = args.flag("handle_chinese_chars", true);
  bool lower = args.flag("lowercase", true);
  bool accents = args.flag("strip_accents", lower);
  apply = always([=](std::string text) {
    if (clean)
      text = rewriteChars(text, cleanChar);
    if (cjk)
      text = rewriteChars(text, spaceCjk);
    if (accents)
      text = withoutChars(toNormalForm(text, NormalForm::D), isNonspacingMark);
    return lower ? toLower(text) : text;
  });
  return true;
}

static bool buildStrip(const StepArgs &args, Apply &apply, std::string &) {
  bool left = args.flag("left", true), right = args.flag("right", true);
  apply = always(
      [=](const std::string &text) { return stripped(text, left, right); });
  return true;
}

static bool buildPrepend(const StepArgs &args, Apply &apply, std::string &) {
  apply = always([content = args.text("content")](const std::string &text) {
    return text.empty() ? text : content + text;
  });
  return true;
}

static bool buildReplace(const StepArgs &args, Apply &apply,
                         std::string &error) {
  auto matcher = std::make_shared<TextMatcher>();
  if (!matcher->init(args, error))
    return false;
  apply = [matcher, content = args.text("content")](
              std::string &text, RegexScratch &scratch, std::string &error) {
    std::string result;
    if (!matcher->replaceAll(text, content, result, scratch, error))
      return false;
    text = std::move(result);
    return true;
  };
  return true;
}

static const std::map<std::string_view, Build> &builders() {
  static const std::map<std::string_view, Build> table = {
      {"nfc", buildForm<NormalForm::C>},
      {"nfd", buildForm<NormalForm::D>},
      {"nfkc", buildForm<NormalForm::KC>},
      {"nfkd", buildForm<NormalForm::KD>},
      {"lowercase", buildLowercase},
      {"strip_accents", buildStripAccents},
      {"nmt", buildNmt},
      {"byte_level", buildByteLevel},
      {"bert", buildBert},
      {"strip", buildStrip},
      {"prepend", buildPrepend},
      {"replace", buildReplace},
  };
  return table;
}

bool Normalizer::init(const std::vector<TokenizerStep> &list,
                      std::string &error) {
  for (const TokenizerStep &step : list) {
    auto entry = builders().find(step.op);
    if (entry == builders().end()) {
      error = "unsupported normalizer '" + step.op + "'";
      return false;
    }
    Step apply;
    if (!entry->second(StepArgs(step), apply, error)) {
      error = "normalizer '" + step.op + "': " + error;
      return false;
    }
    steps.push_back(std::move(apply));
  }
  return true;
}

bool Normalizer::apply(std::string &text, RegexScratch &scratch,
                       std::string &error) const {
  for (const Step &step : steps)
    if (!step(text, scratch, error))
      return false;
  return true;
}
