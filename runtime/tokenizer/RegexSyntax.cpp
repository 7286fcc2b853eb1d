//===- RegexSyntax.cpp - From Oniguruma's syntax to PCRE2's ---------------===//

#include "runtime/tokenizer/Regex.h"

using namespace weft;

namespace {
/// Classes of characters by their letter after a backslash, as the inside of
/// [].
struct ShortClass {
  char letter;
  const char *inside;
};
} // namespace

// \s is White_Space: PCRE2's own adds U+180E. \h is a hexadecimal digit.
static const ShortClass kShortClasses[] = {
    {'s', "\\t-\\r\\x{85}\\p{Z}"},
    {'d', "\\p{Nd}"},
    {'w', "\\p{L}\\p{M}\\p{N}\\p{Pc}"},
    {'h', "0-9a-fA-F"},
};

/// Names of \p{} that PCRE2 lacks, as the inside of [].
struct NamedClass {
  std::string_view name;
  const char *inside;
};
static const NamedClass kNamedClasses[] = {
    {"alpha", "\\p{L}\\p{M}\\p{Nl}"},
    {"alphabetic", "\\p{L}\\p{M}\\p{Nl}"},
    {"digit", "\\p{Nd}"},
    {"space", "\\t-\\r\\x{85}\\p{Z}"},
    {"upper", "\\p{Lu}"},
    {"lower", "\\p{Ll}"},
    {"punct", "\\p{P}"},
    {"cntrl", "\\p{Cc}"},
    {"letter", "\\p{L}"},
    {"number", "\\p{N}"},
    {"punctuation", "\\p{P}"},
    {"symbol", "\\p{S}"},
    {"mark", "\\p{M}"},
    {"separator", "\\p{Z}"},
};

static std::string lowered(std::string_view text) {
  std::string result(text);
  for (char &c : result)
    c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return result;
}

namespace {
class Translator {
public:
  Translator(std::string_view pattern, std::string &out, std::string &error)
      : in(pattern), out(out), error(error) {}

  bool run() {
    while (at < in.size()) {
      bool ok = in[at] == '\\'  ? escape(/*inClass=*/false)
                : in[at] == '[' ? bracket()
                : in[at] == '(' ? group()
                                : copy();
      if (!ok)
        return false;
    }
    return true;
  }

private:
  bool copy() {
    out += in[at++];
    return true;
  }

  bool unsupported(const char *what) {
    error = std::string("unsupported ") + what + " at byte " +
            std::to_string(at) + " of pattern '" + std::string(in) + "'";
    return false;
  }

  bool escape(bool inClass) {
    if (at + 1 >= in.size())
      return unsupported("backslash at the end");
    char letter = in[at + 1];
    if ((letter == 'p' || letter == 'P') && at + 2 < in.size() &&
        in[at + 2] == '{')
      return property(inClass);
    for (const ShortClass &entry : kShortClasses) {
      bool negated = letter == entry.letter - 32;
      if (letter != entry.letter && !negated)
        continue;
      at += 2;
      return put(entry.inside, negated, inClass);
    }
    out += in[at++];
    return copy();
  }

  /// Writes a class by its inside. The negation of one that has several parts
  /// has no place inside another class.
  bool put(std::string_view inside, bool negated, bool inClass) {
    if (!inClass)
      out += std::string(negated ? "[^" : "[") + std::string(inside) + "]";
    else if (!negated)
      out += inside;
    else if (inside == kShortClasses[0].inside)
      out += "[:^space:]";
    else if (inside == "\\p{Nd}")
      out += "\\P{Nd}";
    else
      return unsupported("negated class inside a class");
    return true;
  }

  bool property(bool inClass) {
    size_t close = in.find('}', at);
    if (close == std::string_view::npos)
      return unsupported("open \\p{");
    std::string_view name = in.substr(at + 3, close - at - 3);
    bool negated = in[at + 1] == 'P';
    if (!name.empty() && name[0] == '^') {
      negated = !negated;
      name.remove_prefix(1);
    }
    at = close + 1;
    std::string key = lowered(name);
    for (const NamedClass &entry : kNamedClasses)
      if (entry.name == key)
        return put(entry.inside, negated, inClass);
    out += std::string(negated ? "\\P{" : "\\p{") + std::string(name) + "}";
    return true;
  }

  bool bracket() {
    copy();
    if (at < in.size() && in[at] == '^')
      copy();
    if (at < in.size() && in[at] == ']')
      copy();
    while (at < in.size() && in[at] != ']') {
      if (in.substr(at, 2) == "&&")
        return unsupported("class intersection");
      if (in[at] == '[') {
        size_t close = in.find(":]", at);
        if (in.substr(at, 2) != "[:" || close == std::string_view::npos)
          return unsupported("class inside a class");
        out += in.substr(at, close + 2 - at);
        at = close + 2;
      } else if (!(in[at] == '\\' ? escape(/*inClass=*/true) : copy())) {
        return false;
      }
    }
    return at < in.size() ? copy() : unsupported("open class");
  }

  /// Ruby's (?m) lets the dot match a line break: PCRE2's (?s).
  bool group() {
    copy();
    if (at >= in.size() || in[at] != '?')
      return true;
    size_t end = at + 1;
    while (end < in.size() && (in[end] == 'i' || in[end] == 'm' ||
                               in[end] == 'x' || in[end] == '-'))
      ++end;
    if (end >= in.size() || (in[end] != ':' && in[end] != ')'))
      return copy();
    for (; at < end; ++at)
      out += in[at] == 'm' ? 's' : in[at];
    return true;
  }

  std::string_view in;
  std::string &out, &error;
  size_t at = 0;
};
} // namespace

bool weft::translatePattern(std::string_view pattern, std::string &result,
                            std::string &error) {
  result.clear();
  return Translator(pattern, result, error).run();
}
