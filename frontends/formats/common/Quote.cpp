//===- Quote.cpp - Names from files, in messages --------------------------===//

#include "frontends/formats/common/Quote.h"

std::string weft::formats::printable(std::string_view name) {
  constexpr size_t kLongest = 80;
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (char c : name.substr(0, kLongest)) {
    const unsigned char byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte < 0x7f && c != '"' && c != '\\')
      text += c;
    else
      (text += "\\x") += {kDigits[byte >> 4], kDigits[byte & 15]};
  }
  return text + (name.size() > kLongest ? "…" : "");
}

std::string weft::formats::quote(std::string_view name) {
  return "\"" + printable(name) + "\"";
}
