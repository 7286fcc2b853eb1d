//===- Decoder.cpp - From the texts of tokens to text ---------------------===//

#include "runtime/tokenizer/Decoder.h"
#include "runtime/tokenizer/Unicode.h"
#include <algorithm>
#include <map>

using namespace weft;

using Step = Decoder::Step;
using Context = Decoder::Context;
using Texts = std::vector<std::string>;

/// A step that cannot fail, from a function that changes the texts.
template <typename Function> static Step always(Function function) {
  return [function = std::move(function)](Texts &texts, Context &) {
    function(texts);
    return true;
  };
}

static bool buildByteLevel(const StepArgs &, Step &step, std::string &) {
  step = always([](Texts &texts) {
    std::string joined;
    for (const std::string &text : texts)
      if (!appendFromByteLevel(joined, text))
        joined += text;
    texts = {joined};
  });
  return true;
}

/// The byte that a token such as <0x0A> stands for, or -1.
static int byteOfToken(std::string_view text) {
  if (text.size() != 6 || text.substr(0, 3) != "<0x" || text[5] != '>')
    return -1;
  int value = 0;
  for (char c : text.substr(3, 2)) {
    int digit = c >= '0' && c <= '9'   ? c - '0'
                : c >= 'A' && c <= 'F' ? c - 'A' + 10
                : c >= 'a' && c <= 'f' ? c - 'a' + 10
                                       : -1;
    if (digit < 0)
      return -1;
    value = value * 16 + digit;
  }
  return value;
}

static bool buildByteFallback(const StepArgs &, Step &step, std::string &) {
  step = [](Texts &texts, Context &context) {
    Texts result;
    std::string run;
    auto flush = [&] {
      bool valid = context.streaming || replaceInvalidUtf8(run) == run;
      if (valid && !run.empty())
        result.push_back(run);
      for (size_t i = 0; !valid && i < run.size(); ++i)
        result.push_back("\xEF\xBF\xBD");
      run.clear();
    };
    for (std::string &text : texts) {
      int byte = byteOfToken(text);
      if (byte >= 0) {
        run += static_cast<char>(byte);
        continue;
      }
      flush();
      result.push_back(std::move(text));
    }
    flush();
    texts = std::move(result);
    return true;
  };
  return true;
}

static bool buildFuse(const StepArgs &, Step &step, std::string &) {
  step = always([](Texts &texts) {
    std::string joined;
    for (const std::string &text : texts)
      joined += text;
    texts = {joined};
  });
  return true;
}

static void replaceLiteral(std::string &text, std::string_view from,
                           std::string_view to) {
  for (size_t at = text.find(from); !from.empty() && at != std::string::npos;
       at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
}

/// BERT's clean-up of the spaces before punctuation and shortened words.
static void cleanUp(std::string &text) {
  static const char *const rules[][2] = {
      {" .", "."},   {" ?", "?"},     {" !", "!"},    {" ,", ","},
      {" ' ", "'"},  {" n't", "n't"}, {" 'm", "'m"},  {" do not", " don't"},
      {" 's", "'s"}, {" 've", "'ve"}, {" 're", "'re"}};
  for (const auto &rule : rules)
    replaceLiteral(text, rule[0], rule[1]);
}

static bool buildWordPiece(const StepArgs &args, Step &step, std::string &) {
  step = always([prefix = args.text("prefix", "##"),
                 clean = args.flag("cleanup", true)](Texts &texts) {
    for (size_t i = 0; i < texts.size(); ++i) {
      bool continues = texts[i].compare(0, prefix.size(), prefix) == 0;
      if (i > 0)
        texts[i] = continues ? texts[i].substr(prefix.size()) : " " + texts[i];
      if (clean)
        cleanUp(texts[i]);
    }
  });
  return true;
}

static bool buildMetaspace(const StepArgs &args, Step &step, std::string &) {
  step = always(
      [mark = args.text("replacement", "\xE2\x96\x81"),
       strip = args.text("prepend_scheme", "always") != "never"](Texts &texts) {
        for (size_t i = 0; i < texts.size(); ++i)
          replaceLiteral(texts[i], mark, i == 0 && strip ? "" : " ");
      });
  return true;
}

static bool buildBpe(const StepArgs &args, Step &step, std::string &) {
  step = always([suffix = args.text("suffix", "</w>")](Texts &texts) {
    for (size_t i = 0; i < texts.size(); ++i)
      replaceLiteral(texts[i], suffix, i + 1 == texts.size() ? "" : " ");
  });
  return true;
}

static bool buildStrip(const StepArgs &args, Step &step, std::string &) {
  step = always([content = args.text("content", " "),
                 start = args.count("start", 0),
                 stop = args.count("stop", 0)](Texts &texts) {
    for (std::string &text : texts) {
      size_t begin = 0, end = text.size(), width = content.size();
      for (size_t i = 0;
           i < start && width && text.compare(begin, width, content) == 0; ++i)
        begin += width;
      for (size_t i = 0; i < stop && width && end >= begin + width &&
                         text.compare(end - width, width, content) == 0;
           ++i)
        end -= width;
      text = text.substr(begin, end - begin);
    }
  });
  return true;
}

static bool buildReplace(const StepArgs &args, Step &step, std::string &error) {
  auto matcher = std::make_shared<TextMatcher>();
  if (!matcher->init(args, error))
    return false;
  step = [matcher, content = args.text("content")](Texts &texts,
                                                   Context &context) {
    for (std::string &text : texts) {
      std::string result;
      // Patterns want valid UTF-8, which a vocabulary need not hold.
      if (!matcher->replaceAll(replaceInvalidUtf8(text), content, result,
                               context.scratch, context.error))
        return false;
      text = std::move(result);
    }
    return true;
  };
  return true;
}

using Build = bool (*)(const StepArgs &, Step &, std::string &);

static const std::map<std::string_view, Build> &builders() {
  static const std::map<std::string_view, Build> table = {
      {"byte_level", buildByteLevel},
      {"byte_fallback", buildByteFallback},
      {"fuse", buildFuse},
      {"wordpiece", buildWordPiece},
      {"metaspace", buildMetaspace},
      {"bpe", buildBpe},
      {"strip", buildStrip},
      {"replace", buildReplace},
  };
  return table;
}

bool Decoder::init(const std::vector<TokenizerStep> &list, std::string &error) {
  for (const TokenizerStep &step : list) {
    auto entry = builders().find(step.op);
    if (entry == builders().end()) {
      error = "unsupported decoder '" + step.op + "'";
      return false;
    }
    Step built;
    if (!entry->second(StepArgs(step), built, error)) {
      error = "decoder '" + step.op + "': " + error;
      return false;
    }
    steps.push_back(std::move(built));
  }
  return true;
}

bool Decoder::apply(std::vector<std::string> texts, bool streaming,
                    std::string &bytes, RegexScratch &scratch,
                    std::string &error) const {
  Context context{streaming, scratch, error};
  for (const Step &step : steps)
    if (!step(texts, context))
      return false;
  for (size_t i = 0; i < texts.size(); ++i) {
    if (steps.empty() && i > 0)
      bytes += ' '; // without a decoder the reference joins by spaces
    bytes += texts[i];
  }
  return true;
}
