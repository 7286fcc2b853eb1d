//===- Unicode.cpp - Characters: UTF-8, classes, normal forms -------------===//

#include "runtime/tokenizer/Unicode.h"
#include <algorithm>
#include <tuple>
#include <utf8proc.h>
#include <vector>

using namespace weft;

/// The bytes from `at` on that are a character, or the longest proper begin of
/// one; `whole` says which. At least 1.
static size_t sequenceLength(std::string_view bytes, size_t at, bool &whole) {
  auto byte = [&](size_t i) { return static_cast<unsigned char>(bytes[i]); };
  unsigned char lead = byte(at);
  whole = lead < 0x80;
  if (lead < 0xC2 || lead > 0xF4)
    return 1;
  size_t length = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  unsigned char low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
  unsigned char high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
  for (size_t i = 1; i < length; ++i) {
    if (at + i >= bytes.size() || byte(at + i) < low || byte(at + i) > high)
      return i;
    low = 0x80;
    high = 0xBF;
  }
  whole = true;
  return length;
}

std::string weft::replaceInvalidUtf8(std::string_view bytes) {
  std::string text;
  text.reserve(bytes.size());
  for (size_t at = 0; at < bytes.size();) {
    bool whole;
    size_t length = sequenceLength(bytes, at, whole);
    if (whole)
      text.append(bytes, at, length);
    else
      text += "\xEF\xBF\xBD";
    at += length;
  }
  return text;
}

size_t weft::incompleteUtf8Tail(std::string_view bytes) {
  for (size_t tail = 1; tail <= 3 && tail <= bytes.size(); ++tail) {
    unsigned char byte = bytes[bytes.size() - tail];
    if (byte >= 0x80 && byte < 0xC0)
      continue;
    bool whole;
    size_t length = sequenceLength(bytes, bytes.size() - tail, whole);
    bool mayGrow = byte >= 0xC2 && byte <= 0xF4;
    return !whole && mayGrow && length == tail ? tail : 0;
  }
  return 0;
}

char32_t weft::nextChar(std::string_view text, size_t &at) {
  auto byte = [&](size_t i) -> char32_t {
    return at + i < text.size()
               ? static_cast<unsigned char>(text[at + i]) & 0x3F
               : 0;
  };
  unsigned char lead = text[at];
  char32_t c = lead;
  size_t length = 1;
  if (lead >= 0xF0) {
    c = (lead & 0x07) << 18 | byte(1) << 12 | byte(2) << 6 | byte(3);
    length = 4;
  } else if (lead >= 0xE0) {
    c = (lead & 0x0F) << 12 | byte(1) << 6 | byte(2);
    length = 3;
  } else if (lead >= 0xC0) {
    c = (lead & 0x1F) << 6 | byte(1);
    length = 2;
  }
  at = std::min(at + length, text.size());
  return c;
}

char32_t weft::previousChar(std::string_view text, size_t &end) {
  do
    --end;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80);
  size_t at = end;
  return nextChar(text, at);
}

void weft::appendChar(std::string &text, char32_t c) {
  utf8proc_uint8_t bytes[4];
  utf8proc_ssize_t length =
      utf8proc_encode_char(static_cast<utf8proc_int32_t>(c), bytes);
  text.append(reinterpret_cast<const char *>(bytes),
              static_cast<size_t>(length));
}

bool weft::isAscii(std::string_view text) {
  return std::none_of(text.begin(), text.end(),
                      [](char c) { return c & 0x80; });
}

static utf8proc_category_t category(char32_t c) {
  return utf8proc_category(static_cast<utf8proc_int32_t>(c));
}

static bool within(char32_t c, utf8proc_category_t first,
                   utf8proc_category_t last) {
  utf8proc_category_t k = category(c);
  return first <= k && k <= last;
}

bool weft::isWhiteSpace(char32_t c) {
  if (c < 0x80)
    return c == ' ' || (c >= '\t' && c <= '\r');
  return c == 0x85 || within(c, UTF8PROC_CATEGORY_ZS, UTF8PROC_CATEGORY_ZP);
}

bool weft::isNumeric(char32_t c) {
  return within(c, UTF8PROC_CATEGORY_ND, UTF8PROC_CATEGORY_NO);
}

namespace {
struct CharRange {
  char32_t first, last;
};
} // namespace

// The reference library takes some classes from tables older than utf8proc's.
#include "runtime/tokenizer/ReferenceClasses.inc"

template <size_t n>
static bool contains(const CharRange (&ranges)[n], char32_t c) {
  const CharRange *end = ranges + n;
  const CharRange *range = std::partition_point(
      ranges, end, [c](const CharRange &range) { return range.last < c; });
  return range != end && range->first <= c;
}

bool weft::isPunctuation(char32_t c) {
  if (c < 0x80)
    return (c >= '!' && c <= '/') || (c >= ':' && c <= '@') ||
           (c >= '[' && c <= '`') || (c >= '{' && c <= '~');
  return within(c, UTF8PROC_CATEGORY_PC, UTF8PROC_CATEGORY_PO) !=
         contains(kPunctuationDiffers, c);
}

bool weft::isOther(char32_t c) {
  return within(c, UTF8PROC_CATEGORY_CC, UTF8PROC_CATEGORY_CO) !=
         contains(kOtherDiffers, c);
}

bool weft::isMark(char32_t c) {
  return within(c, UTF8PROC_CATEGORY_MN, UTF8PROC_CATEGORY_ME) !=
         contains(kMarkDiffers, c);
}

bool weft::isNonspacingMark(char32_t c) {
  return (category(c) == UTF8PROC_CATEGORY_MN) !=
         contains(kNonspacingMarkDiffers, c);
}

bool weft::isWord(char32_t c) {
  utf8proc_category_t k = category(c);
  bool circledLetter =
      (c >= 0x24B6 && c <= 0x24E9) || (c >= 0x1F130 && c <= 0x1F149) ||
      (c >= 0x1F150 && c <= 0x1F169) || (c >= 0x1F170 && c <= 0x1F189);
  return (k >= UTF8PROC_CATEGORY_LU && k <= UTF8PROC_CATEGORY_NL) ||
         k == UTF8PROC_CATEGORY_PC || c == 0x200C || c == 0x200D ||
         circledLetter;
}

/// Appends the full decomposition of every character, not yet in canonical
/// order.
static std::vector<utf8proc_int32_t> decompose(std::string_view text,
                                               bool compat) {
  auto options = static_cast<utf8proc_option_t>(
      UTF8PROC_STABLE | UTF8PROC_DECOMPOSE | (compat ? UTF8PROC_COMPAT : 0));
  std::vector<utf8proc_int32_t> chars;
  chars.reserve(text.size());
  for (size_t at = 0; at < text.size();) {
    auto c = static_cast<utf8proc_int32_t>(nextChar(text, at));
    if (contains(kDecomposesDiffers, static_cast<char32_t>(c))) {
      chars.push_back(c);
      continue;
    }
    utf8proc_int32_t parts[32];
    int boundary = 0;
    utf8proc_ssize_t count =
        utf8proc_decompose_char(c, parts, 32, options, &boundary);
    if (count < 0 || count > 32)
      chars.push_back(c); // cannot happen for valid UTF-8: 18 is the longest
    else
      chars.insert(chars.end(), parts, parts + count);
  }
  return chars;
}

static int combiningClass(utf8proc_int32_t c) {
  if (contains(kMarkDiffers, static_cast<char32_t>(c)))
    return 0;
  return utf8proc_get_property(c)->combining_class;
}

/// Canonical ordering. utf8proc's own is quadratic in the length of a run of
/// marks.
static void sortMarks(std::vector<utf8proc_int32_t> &chars) {
  std::vector<std::tuple<int, size_t, utf8proc_int32_t>> run;
  for (auto at = chars.begin(); at != chars.end();) {
    auto first = std::find_if(at, chars.end(), combiningClass);
    auto last = std::find_if_not(first, chars.end(), combiningClass);
    run.clear();
    for (auto mark = first; mark != last; ++mark)
      run.emplace_back(combiningClass(*mark), run.size(), *mark);
    std::sort(run.begin(), run.end());
    for (const auto &mark : run)
      *first++ = std::get<2>(mark);
    at = last;
  }
}

std::string weft::toNormalForm(std::string_view text, NormalForm form) {
  if (isAscii(text))
    return std::string(text);
  bool compat = form == NormalForm::KC || form == NormalForm::KD;
  std::vector<utf8proc_int32_t> chars = decompose(text, compat);
  sortMarks(chars);
  if (form == NormalForm::C || form == NormalForm::KC) {
    utf8proc_ssize_t length = utf8proc_normalize_utf32(
        chars.data(), static_cast<utf8proc_ssize_t>(chars.size()),
        static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE));
    if (length >= 0)
      chars.resize(static_cast<size_t>(length));
  }
  std::string result;
  result.reserve(text.size());
  for (utf8proc_int32_t c : chars)
    appendChar(result, static_cast<char32_t>(c));
  return result;
}

std::string weft::toLower(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  for (size_t at = 0; at < text.size();) {
    char32_t c = nextChar(text, at);
    if (c < 0x80)
      result += static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
    else if (c == 0x130)
      result += "i\xCC\x87";
    else
      appendChar(result, static_cast<char32_t>(utf8proc_tolower(
                             static_cast<utf8proc_int32_t>(c))));
  }
  return result;
}
