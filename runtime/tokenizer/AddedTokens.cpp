//===- AddedTokens.cpp - Texts that stand for one token -------------------===//

#include "runtime/tokenizer/AddedTokens.h"
#include "runtime/tokenizer/Unicode.h"
#include <algorithm>

using namespace weft;

void AddedTokenMatcher::add(const std::string &text, const AddedToken &token) {
  if (text.empty())
    return;
  firstBytes.set(static_cast<unsigned char>(text[0]));
  byText[text] = &token;
}

void AddedTokenMatcher::finish() {
  for (const auto &[text, token] : byText)
    entries.push_back({text, token});
  byText.clear();
}

/// Narrows the sorted entries to those that begin with the text, byte by byte.
const AddedTokenMatcher::Entry *
AddedTokenMatcher::longestAt(std::string_view text, size_t at) const {
  auto first = entries.begin(), last = entries.end();
  const Entry *longest = nullptr;
  for (size_t depth = 0; first != last && at + depth < text.size(); ++depth) {
    auto byte = static_cast<unsigned char>(text[at + depth]);
    auto byteOf = [depth](const Entry &entry) {
      return static_cast<unsigned char>(entry.text[depth]);
    };
    first = std::partition_point(
        first, last, [&](const Entry &e) { return byteOf(e) < byte; });
    last = std::partition_point(
        first, last, [&](const Entry &e) { return byteOf(e) == byte; });
    // An entry that ends here sorts first, and goes before the next round.
    if (first != last && first->text.size() == depth + 1)
      longest = &*first++;
  }
  return longest;
}

static bool wordTouches(std::string_view text, TextRange range) {
  if (range.begin > 0) {
    size_t end = range.begin;
    if (isWord(previousChar(text, end)))
      return true;
  }
  size_t at = range.end;
  return at < text.size() && isWord(nextChar(text, at));
}

static size_t skipSpaceBefore(std::string_view text, size_t end) {
  while (end > 0) {
    size_t previous = end;
    if (!isWhiteSpace(previousChar(text, previous)))
      break;
    end = previous;
  }
  return end;
}

static size_t skipSpaceAfter(std::string_view text, size_t at) {
  while (at < text.size()) {
    size_t next = at;
    if (!isWhiteSpace(nextChar(text, next)))
      break;
    at = next;
  }
  return at;
}

std::vector<AddedPart> AddedTokenMatcher::cut(std::string_view text,
                                              bool parseSpecial) const {
  std::vector<AddedPart> parts;
  size_t done = 0; // end of the last part
  for (size_t at = 0; at < text.size();) {
    const Entry *entry = firstBytes[static_cast<unsigned char>(text[at])]
                             ? longestAt(text, at)
                             : nullptr;
    if (!entry) {
      ++at;
      continue;
    }
    TextRange range{at, at + entry->text.size()};
    const AddedToken &token = *entry->token;
    at = range.end;
    if ((token.special && !parseSpecial) ||
        (token.singleWord && wordTouches(text, range)))
      continue;
    if (token.lstrip)
      range.begin = std::max(skipSpaceBefore(text, range.begin), done);
    if (token.rstrip)
      range.end = skipSpaceAfter(text, range.end);
    if (done < range.begin)
      parts.push_back({{done, range.begin}, nullptr});
    parts.push_back({range, &token});
    done = range.end;
  }
  if (done < text.size())
    parts.push_back({{done, text.size()}, nullptr});
  return parts;
}
