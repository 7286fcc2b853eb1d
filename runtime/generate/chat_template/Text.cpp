//===- Text.cpp - Python's functions of text ------------------------------===//

#include "runtime/generate/chat_template/Text.h"
#include "runtime/generate/chat_template/Interpreter.h"
#include <algorithm>
#include <utf8proc.h>

using namespace weft;
using namespace weft::chat;

std::string chat::lower(std::string_view text) { return toLower(text); }

static void appendUpper(std::string &out, char32_t c) {
  if (c == 0xDF)
    out += "SS";
  else
    appendChar(out, static_cast<char32_t>(
                        utf8proc_toupper(static_cast<utf8proc_int32_t>(c))));
}

std::string chat::upper(std::string_view text) {
  std::string result;
  for (size_t at = 0; at < text.size();)
    appendUpper(result, nextChar(text, at));
  return result;
}

bool chat::isLetter(char32_t c) {
  auto category = utf8proc_category(static_cast<utf8proc_int32_t>(c));
  return category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_LO;
}

bool chat::isDigitChar(char32_t c) {
  return utf8proc_category(static_cast<utf8proc_int32_t>(c)) ==
             UTF8PROC_CATEGORY_ND ||
         c == 0xB2 || c == 0xB3 || c == 0xB9;
}

bool chat::isLetterOrDigit(char32_t c) { return isLetter(c) || isNumeric(c); }

bool chat::everyChar(std::string_view text, bool (*holds)(char32_t)) {
  for (size_t at = 0; at < text.size();)
    if (!holds(nextChar(text, at)))
      return false;
  return true;
}

/// The first letter large wherever `starts` says that a word begins after the
/// character before, all others small.
template <typename Starts>
static std::string recased(std::string_view text, Starts starts) {
  std::string result;
  char32_t previous = 0;
  for (size_t at = 0; at < text.size();) {
    size_t begin = at;
    char32_t c = nextChar(text, at);
    if (starts(begin, previous))
      appendUpper(result, c);
    else
      result += toLower(text.substr(begin, at - begin));
    previous = c;
  }
  return result;
}

std::string chat::capitalized(std::string_view text) {
  return recased(text, [](size_t at, char32_t) { return at == 0; });
}

std::string chat::titled(std::string_view text) {
  return recased(text, [](size_t at, char32_t previous) {
    return at == 0 || !isLetter(previous);
  });
}

std::string chat::titledWords(std::string_view text) {
  return recased(text, [](size_t at, char32_t previous) {
    bool opens = previous == '-' || previous == '(' || previous == '{' ||
                 previous == '[' || previous == '<';
    return at == 0 || opens || isWhiteSpace(previous);
  });
}

std::string chat::strip(std::string_view text, std::string_view chars,
                        bool left, bool right) {
  auto drop = [&](char32_t c) {
    if (chars.empty())
      return isWhiteSpace(c) || (c >= 0x1C && c <= 0x1F);
    for (size_t at = 0; at < chars.size();)
      if (nextChar(chars, at) == c)
        return true;
    return false;
  };
  size_t begin = 0, end = text.size();
  for (size_t next = begin; left && begin < end && drop(nextChar(text, next));
       next = begin)
    begin = next;
  for (size_t before = end;
       right && begin < end && drop(previousChar(text, before)); before = end)
    end = before;
  return std::string(text.substr(begin, end - begin));
}

static List splitWhite(std::string_view text, int64_t limit) {
  List parts;
  size_t at = 0;
  auto skip = [&](bool white) {
    size_t next = at;
    while (at < text.size() && isWhiteSpace(nextChar(text, next)) == white)
      at = next;
  };
  for (skip(true); at < text.size(); skip(true)) {
    size_t begin = at;
    if (limit >= 0 && static_cast<int64_t>(parts.size()) == limit) {
      parts.push_back(text.substr(begin));
      break;
    }
    skip(false);
    parts.push_back(text.substr(begin, at - begin));
  }
  return parts;
}

List chat::split(std::string_view text, std::string_view separator,
                 int64_t limit, bool fromRight) {
  if (separator.empty())
    return splitWhite(text, limit);
  List parts;
  while (limit < 0 || static_cast<int64_t>(parts.size()) < limit) {
    size_t at = fromRight ? text.rfind(separator) : text.find(separator);
    if (at == std::string_view::npos)
      break;
    size_t behind = at + separator.size();
    parts.push_back(fromRight ? text.substr(behind) : text.substr(0, at));
    text = fromRight ? text.substr(0, at) : text.substr(behind);
  }
  parts.push_back(text);
  if (fromRight)
    std::reverse(parts.begin(), parts.end());
  return parts;
}

List chat::splitLines(std::string_view text) {
  List lines;
  while (!text.empty()) {
    size_t end = std::min(text.find_first_of("\n\r"), text.size());
    lines.push_back(text.substr(0, end));
    bool pair = text.substr(end, 2) == "\r\n";
    text.remove_prefix(std::min(text.size(), end + (pair ? 2 : 1)));
  }
  return lines;
}

std::string chat::replaceText(const std::string &text, const std::string &from,
                              const std::string &to, int64_t limit,
                              std::string &error) {
  std::string result;
  size_t done = 0;
  for (int64_t n = 0; n != limit; ++n) {
    size_t at = from.empty() ? (n ? done + 1 : 0) : text.find(from, done);
    if (at == std::string::npos || at > text.size())
      break;
    result.append(text, done, at - done);
    result += to;
    done = at + from.size();
    if (result.size() > kMaxOutput) {
      error = "the text exceeds " + std::to_string(kMaxOutput) + " bytes";
      return {};
    }
  }
  return result.append(text, std::min(done, text.size()), std::string::npos);
}

int64_t chat::countText(std::string_view text, std::string_view wanted) {
  if (wanted.empty())
    return lengthOf(text) + 1;
  int64_t count = 0;
  for (size_t at = text.find(wanted); at != std::string_view::npos;
       at = text.find(wanted, at + wanted.size()))
    ++count;
  return count;
}
