//===- Step.cpp - Building steps from their names and arguments -----------===//

#include "runtime/tokenizer/Step.h"
#include "runtime/tokenizer/Unicode.h"
#include <charconv>

using namespace weft;

const std::string *StepArgs::find(std::string_view key) const {
  for (const auto &entry : step.args)
    if (entry.first == key)
      return &entry.second;
  return nullptr;
}

std::string StepArgs::text(std::string_view key,
                           std::string_view otherwise) const {
  const std::string *value = find(key);
  return value ? *value : std::string(otherwise);
}

bool StepArgs::flag(std::string_view key, bool otherwise) const {
  const std::string *value = find(key);
  return value ? *value == "true" : otherwise;
}

size_t StepArgs::count(std::string_view key, size_t otherwise) const {
  const std::string *value = find(key);
  size_t number = otherwise;
  if (value)
    std::from_chars(value->data(), value->data() + value->size(), number);
  return number;
}

bool TextMatcher::init(const StepArgs &args, std::string &error) {
  if (const std::string *pattern = args.find("regex")) {
    regex = Regex::compile(*pattern, error);
    return regex != nullptr;
  }
  if (const std::string *text = args.find("string")) {
    literal = *text;
    return true;
  }
  error = "expected an argument 'string' or 'regex' but got neither";
  return false;
}

bool TextMatcher::findAll(std::string_view text,
                          std::vector<TextRange> &matches,
                          RegexScratch &scratch, std::string &error) const {
  if (regex)
    return regex->findAll(text, matches, scratch, error);
  if (literal.empty())
    return true;
  for (size_t at = text.find(literal); at != std::string_view::npos;
       at = text.find(literal, at + literal.size()))
    matches.push_back({at, at + literal.size()});
  return true;
}

bool TextMatcher::replaceAll(std::string_view text, std::string_view content,
                             std::string &result, RegexScratch &scratch,
                             std::string &error) const {
  std::vector<TextRange> matches;
  if (!findAll(text, matches, scratch, error))
    return false;
  size_t done = 0;
  for (TextRange match : matches) {
    result.append(text, done, match.begin - done);
    result.append(content);
    done = match.end;
  }
  result.append(text, done, std::string_view::npos);
  return true;
}

namespace {
/// Printable bytes of Latin-1 stand for themselves, the others for the
/// characters from U+0100 on, in order.
struct ByteAlphabet {
  char32_t charOf[256];
  int16_t byteOf[512];

  ByteAlphabet() {
    for (int16_t &byte : byteOf)
      byte = -1;
    char32_t next = 0x100;
    for (unsigned byte = 0; byte < 256; ++byte) {
      bool printable = (byte >= '!' && byte <= '~') ||
                       (byte >= 0xA1 && byte <= 0xAC) || byte >= 0xAE;
      charOf[byte] = printable ? byte : next++;
      byteOf[charOf[byte]] = static_cast<int16_t>(byte);
    }
  }
};
} // namespace

static const ByteAlphabet &byteAlphabet() {
  static const ByteAlphabet alphabet;
  return alphabet;
}

void weft::appendByteLevel(std::string &text, std::string_view bytes) {
  const ByteAlphabet &alphabet = byteAlphabet();
  for (unsigned char byte : bytes)
    appendChar(text, alphabet.charOf[byte]);
}

bool weft::appendFromByteLevel(std::string &bytes, std::string_view text) {
  const ByteAlphabet &alphabet = byteAlphabet();
  size_t before = bytes.size();
  for (size_t at = 0; at < text.size();) {
    char32_t c = nextChar(text, at);
    if (c >= 512 || alphabet.byteOf[c] < 0) {
      bytes.resize(before);
      return false;
    }
    bytes += static_cast<char>(alphabet.byteOf[c]);
  }
  return true;
}
