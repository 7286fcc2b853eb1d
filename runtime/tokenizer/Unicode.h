//===- Unicode.h - Characters: UTF-8, classes, normal forms -----*- C++ -*-===//
//
// Functions that take text expect valid UTF-8 (see replaceInvalidUtf8) unless
// they say otherwise. Classes are those of the general categories of utf8proc.
//
//===----------------------------------------------------------------------===//

#ifndef WEFT_TOKENIZER_UNICODE_H
#define WEFT_TOKENIZER_UNICODE_H

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace weft {

/// Any bytes to valid UTF-8: every maximal part of an ill-formed sequence
/// becomes one U+FFFD (Unicode 15, section 3.9, "U+FFFD Substitution of Maximal
/// Subparts").
std::string replaceInvalidUtf8(std::string_view bytes);

/// How many bytes at the end of any `bytes` are the begin of a character whose
/// other bytes may still follow: 0 to 3.
size_t incompleteUtf8Tail(std::string_view bytes);

/// The character at `at`, which moves past it.
char32_t nextChar(std::string_view text, size_t &at);
/// The character that ends at `end`, which moves before it.
char32_t previousChar(std::string_view text, size_t &end);
void appendChar(std::string &text, char32_t c);
bool isAscii(std::string_view text);

bool isWhiteSpace(char32_t c);  // White_Space
bool isNumeric(char32_t c);     // N
bool isPunctuation(char32_t c); // P, and all ASCII symbols
bool isOther(char32_t c);       // Cc, Cf, Co, Cs
bool isMark(char32_t c);        // M
bool isNonspacingMark(char32_t c);
bool isWord(char32_t c); // \w of UTS 18: alphabetic, M, Nd, Pc, join control

enum class NormalForm { C, D, KC, KD };
/// Linear but for the sorting of runs of combining marks.
std::string toNormalForm(std::string_view text, NormalForm form);
/// Full lower case without context (U+0130 becomes two characters).
std::string toLower(std::string_view text);

} // namespace weft

#endif // WEFT_TOKENIZER_UNICODE_H
