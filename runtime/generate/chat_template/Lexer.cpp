//===- Lexer.cpp - Tokens of chat templates -------------------------------===//

#include "runtime/generate/chat_template/Lexer.h"
#include "runtime/tokenizer/Unicode.h"
#include <algorithm>

using namespace weft;
using namespace weft::chat;

static bool isBlank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
static bool isDigit(char c) { return c >= '0' && c <= '9'; }
static bool isNameBegin(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

namespace {
class Lexer {
public:
  Lexer(std::string source, std::vector<Token> &tokens, std::string &error)
      : source(std::move(source)), tokens(tokens), error(error) {}
  bool run();

private:
  bool text();
  bool tag(Token::Kind begin, Token::Kind end, const char *close);
  bool comment();
  bool raw();
  bool code();
  bool string();
  void number();
  void closeTag(size_t closeSize, bool trimsLine);
  bool fail(const std::string &message) {
    error = "line " + std::to_string(line) + ": " + message;
    return false;
  }
  void add(Token::Kind kind, std::string text) {
    tokens.push_back({kind, std::move(text), line});
  }
  bool startsWith(std::string_view what, size_t from) const {
    return std::string_view(source).substr(from, what.size()) == what;
  }
  void moveTo(size_t end) {
    line += static_cast<int>(
        std::count(source.begin() + static_cast<ptrdiff_t>(at),
                   source.begin() + static_cast<ptrdiff_t>(end), '\n'));
    at = end;
  }

  std::string source;
  std::vector<Token> &tokens;
  std::string &error;
  size_t at = 0;
  int line = 1;
  bool lineStarts = true; // the last tag took its line break along
};
} // namespace

bool Lexer::run() {
  while (at < source.size())
    if (!text())
      return false;
  add(Token::Kind::End, "end of template");
  return true;
}

/// The place of the next tag, or the end.
static size_t nextTag(const std::string &source, size_t from) {
  for (size_t at = source.find('{', from); at != std::string::npos;
       at = source.find('{', at + 1))
    if (at + 1 < source.size() &&
        (source[at + 1] == '{' || source[at + 1] == '%' ||
         source[at + 1] == '#'))
      return at;
  return source.size();
}

/// Text up to the next tag, and that tag.
bool Lexer::text() {
  size_t begin = at, open = nextTag(source, at);
  std::string chunk = source.substr(begin, open - begin);
  char kind = open < source.size() ? source[open + 1] : 0;
  char sign = open + 2 < source.size() ? source[open + 2] : 0;
  if (kind && sign == '-') {
    while (!chunk.empty() && isBlank(chunk.back()))
      chunk.pop_back();
  } else if (kind && kind != '{' && sign != '+') {
    // A block tag takes the white space before it, if its line holds nothing
    // else.
    size_t lineBegin = chunk.rfind('\n');
    bool whole = lineBegin != std::string::npos || lineStarts;
    lineBegin = lineBegin == std::string::npos ? 0 : lineBegin + 1;
    if (whole && std::all_of(chunk.begin() + static_cast<ptrdiff_t>(lineBegin),
                             chunk.end(), isBlank))
      chunk.resize(lineBegin);
  }
  if (!chunk.empty())
    add(Token::Kind::Text, chunk);
  if (!kind)
    return at = source.size(), true;
  moveTo(open);
  at += 2;
  if (at < source.size() && (source[at] == '-' || source[at] == '+'))
    ++at;
  if (kind == '#')
    return comment();
  if (kind == '{')
    return tag(Token::Kind::OutputBegin, Token::Kind::OutputEnd, "}}");
  return raw() || (error.empty() &&
                   tag(Token::Kind::TagBegin, Token::Kind::TagEnd, "%}"));
}

/// Moves behind a closing mark: with '-' all white space after it goes as well,
/// for blocks and comments otherwise one line break, but for '+'.
void Lexer::closeTag(size_t closeSize, bool trimsLine) {
  char sign = at > 0 ? source[at] : 0;
  bool hasSign = sign == '-' || (sign == '+' && trimsLine);
  size_t end = at + closeSize + (hasSign ? 1 : 0);
  if (sign == '-')
    while (end < source.size() && isBlank(source[end]))
      ++end;
  else if (trimsLine && sign != '+' && end < source.size() &&
           source[end] == '\n')
    ++end;
  lineStarts = end > 0 && source[end - 1] == '\n';
  moveTo(end);
}

bool Lexer::comment() {
  size_t close = source.find("#}", at);
  if (close == std::string::npos)
    return fail("the comment is not closed");
  char before = source[close - 1];
  moveTo((before == '-' || before == '+') && close > at ? close - 1 : close);
  closeTag(2, /*trimsLine=*/true);
  return true;
}

/// {% raw %}…{% endraw %}. False without an error if it is another tag.
bool Lexer::raw() {
  auto skipBlank = [&](size_t from) {
    while (from < source.size() && isBlank(source[from]))
      ++from;
    return from;
  };
  auto closes = [&](size_t from) {
    from = skipBlank(from);
    return startsWith("%}", from) || startsWith("-%}", from) ||
                   startsWith("+%}", from)
               ? from
               : std::string::npos;
  };
  size_t name = skipBlank(at);
  if (!startsWith("raw", name) || closes(name + 3) == std::string::npos)
    return false;
  moveTo(closes(name + 3));
  closeTag(2, /*trimsLine=*/true);
  for (size_t open = source.find("{%", at); open != std::string::npos;
       open = source.find("{%", open + 2)) {
    bool minus = open + 2 < source.size() && source[open + 2] == '-';
    size_t word = skipBlank(open + (minus ? 3 : 2));
    if (!startsWith("endraw", word) || closes(word + 6) == std::string::npos)
      continue;
    std::string chunk = source.substr(at, open - at);
    while (minus && !chunk.empty() && isBlank(chunk.back()))
      chunk.pop_back();
    add(Token::Kind::Text, chunk);
    moveTo(closes(word + 6));
    closeTag(2, /*trimsLine=*/true);
    return true;
  }
  return fail("'raw' is not closed");
}

bool Lexer::tag(Token::Kind begin, Token::Kind end, const char *close) {
  add(begin, begin == Token::Kind::TagBegin ? "{%" : "{{");
  bool trims = begin == Token::Kind::TagBegin;
  int depth = 0; // of brackets: }} closes nothing inside a dictionary
  while (at < source.size()) {
    char c = source[at];
    if (isBlank(c)) {
      moveTo(at + 1);
      continue;
    }
    bool sign = (c == '-' || (c == '+' && trims)) && startsWith(close, at + 1);
    if (depth == 0 && (sign || startsWith(close, at))) {
      closeTag(2, trims);
      add(end, close);
      return true;
    }
    depth +=
        (c == '(' || c == '[' || c == '{') - (c == ')' || c == ']' || c == '}');
    if (depth < 0)
      return fail(std::string("unexpected '") + c + "'");
    if (!code())
      return false;
  }
  return fail(std::string("expected '") + close +
              "' but got the end of the template");
}

bool Lexer::code() {
  char c = source[at];
  if (c == '\'' || c == '"')
    return string();
  if (isDigit(c)) {
    number();
    return true;
  }
  size_t begin = at;
  if (isNameBegin(c)) {
    while (at < source.size() &&
           (isNameBegin(source[at]) || isDigit(source[at])))
      ++at;
    add(Token::Kind::Name, source.substr(begin, at - begin));
    return true;
  }
  for (const char *op :
       {"**", "//", "==", "!=", "<=", ">=", "+", "-", "*", "/", "%", "~", "<",
        ">",  "=",  "(",  ")",  "[",  "]",  "{", "}", ",", ".", ":", "|"})
    if (startsWith(op, at)) {
      add(Token::Kind::Operator, op);
      at += std::string_view(op).size();
      return true;
    }
  return fail(std::string("unexpected character '") + c + "'");
}

void Lexer::number() {
  size_t begin = at;
  bool real = false;
  auto digits = [&] {
    while (at < source.size() && (isDigit(source[at]) || source[at] == '_'))
      ++at;
  };
  digits();
  if (at + 1 < source.size() && source[at] == '.' && isDigit(source[at + 1])) {
    real = true;
    ++at;
    digits();
  }
  size_t exponent = at + 1;
  if (at < source.size() && (source[at] == 'e' || source[at] == 'E')) {
    if (exponent < source.size() &&
        (source[exponent] == '+' || source[exponent] == '-'))
      ++exponent;
    if (exponent < source.size() && isDigit(source[exponent])) {
      real = true;
      at = exponent;
      digits();
    }
  }
  std::string text = source.substr(begin, at - begin);
  text.erase(std::remove(text.begin(), text.end(), '_'), text.end());
  add(real ? Token::Kind::Float : Token::Kind::Integer, text);
}

/// Reads `digits` hexadecimal digits at `at`; false if there are fewer.
static bool readHex(const std::string &source, size_t at, size_t digits,
                    char32_t &value) {
  value = 0;
  if (at + digits > source.size())
    return false;
  for (char c : source.substr(at, digits)) {
    int digit = isDigit(c)             ? c - '0'
                : c >= 'a' && c <= 'f' ? c - 'a' + 10
                : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                       : -1;
    if (digit < 0)
      return false;
    value = value * 16 + static_cast<char32_t>(digit);
  }
  return value < 0x110000;
}

/// A literal with Python's escapes; an unknown one stays as it is.
bool Lexer::string() {
  char quote = source[at];
  size_t i = at + 1;
  std::string value;
  for (; i < source.size() && source[i] != quote; ++i) {
    if (source[i] != '\\' || i + 1 >= source.size()) {
      value += source[i];
      continue;
    }
    char c = source[++i];
    static const char from[] = "ntrabfv0\\'\"", to[] = "\n\t\r\a\b\f\v\0\\'\"";
    size_t simple = std::string_view(from, sizeof from - 1).find(c);
    size_t digits = c == 'x' ? 2 : c == 'u' ? 4 : c == 'U' ? 8 : 0;
    char32_t code;
    if (digits && readHex(source, i + 1, digits, code)) {
      appendChar(value, code);
      i += digits;
    } else if (simple != std::string_view::npos) {
      value += to[simple];
    } else if (c != '\n') {
      value += std::string("\\") + c;
    }
  }
  if (i >= source.size())
    return fail("the string is not closed");
  add(Token::Kind::String, value);
  moveTo(i + 1);
  return true;
}

/// Line breaks as \n, and one at the end left out: as Jinja reads sources.
static std::string prepare(std::string_view source) {
  std::string result;
  for (size_t i = 0; i < source.size(); ++i) {
    bool pair =
        source[i] == '\r' && i + 1 < source.size() && source[i + 1] == '\n';
    if (!pair)
      result += source[i] == '\r' ? '\n' : source[i];
  }
  if (!result.empty() && result.back() == '\n')
    result.pop_back();
  return result;
}

bool chat::tokenize(std::string_view source, std::vector<Token> &tokens,
                    std::string &error) {
  error.clear();
  return Lexer(prepare(replaceInvalidUtf8(source)), tokens, error).run();
}
