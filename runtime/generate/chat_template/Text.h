//===- Text.h - Python's functions of text ----------------------*- C++ -*-===//
//
// Internal to chat templates: what filters and methods of strings share.
//
//===----------------------------------------------------------------------===//

#ifndef WEFT_GENERATE_CHATTEMPLATE_TEXT_H
#define WEFT_GENERATE_CHATTEMPLATE_TEXT_H

#include "runtime/generate/chat_template/Value.h"
#include "runtime/tokenizer/Unicode.h"

namespace weft::chat {

std::string upper(std::string_view text);
std::string lower(std::string_view text);
/// The first letter of the text large, all others small.
std::string capitalized(std::string_view text);
/// The first letter of every word large, all others small. A word is a run of
/// letters, as str.title has it.
std::string titled(std::string_view text);
/// The same with words as Jinja's filter has them: after white space - ( { [ <
std::string titledWords(std::string_view text);
/// Without the characters `chars`, or white space if there are none, at the
/// ends.
std::string strip(std::string_view text, std::string_view chars, bool left,
                  bool right);
/// At a separator, or at runs of white space if it is empty; at most `limit`
/// times unless that is negative.
List split(std::string_view text, std::string_view separator, int64_t limit,
           bool fromRight);
List splitLines(std::string_view text);
std::string replaceText(const std::string &text, const std::string &from,
                        const std::string &to, int64_t limit,
                        std::string &error);
int64_t countText(std::string_view text, std::string_view wanted);
bool everyChar(std::string_view text, bool (*holds)(char32_t));
bool isLetter(char32_t c);
bool isDigitChar(char32_t c);
bool isLetterOrDigit(char32_t c);

} // namespace weft::chat

#endif // WEFT_GENERATE_CHATTEMPLATE_TEXT_H
