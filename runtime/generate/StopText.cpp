//===- StopText.cpp - Ending a text at given strings ----------------------===//

#include "runtime/generate/StopText.h"
#include <algorithm>

using namespace weft;

StopText::StopText(std::vector<std::string> list) {
  for (std::string &string : list)
    if (!string.empty())
      strings.push_back(std::move(string));
}

/// How many bytes at the end of `text` are a proper begin of `string`.
static size_t overlap(std::string_view text, std::string_view string) {
  for (size_t n = std::min(text.size(), string.size() - 1); n > 0; --n)
    if (text.substr(text.size() - n) == string.substr(0, n))
      return n;
  return 0;
}

std::string StopText::put(std::string_view text) {
  if (found)
    return {};
  held += text;
  size_t first = std::string::npos, keep = 0;
  for (const std::string &string : strings) {
    first = std::min(first, held.find(string));
    keep = std::max(keep, overlap(held, string));
  }
  found = first != std::string::npos;
  std::string passed = held.substr(0, found ? first : held.size() - keep);
  held.erase(0, found ? std::string::npos : passed.size());
  return passed;
}

std::string StopText::finish() {
  std::string rest = std::move(held);
  held.clear();
  return rest;
}
