//===- Lexer.h - Tokens of chat templates -----------------------*- C++ -*-===//
//
// Internal to chat templates.
//
//===----------------------------------------------------------------------===//

#ifndef WEFT_GENERATE_CHATTEMPLATE_LEXER_H
#define WEFT_GENERATE_CHATTEMPLATE_LEXER_H

#include <string>
#include <string_view>
#include <vector>

namespace weft::chat {

struct Token {
  enum class Kind {
    Text,        // outside of tags; white space control is done
    OutputBegin, // {{
    OutputEnd,
    TagBegin, // {%
    TagEnd,
    Name,
    String, // `text` is what it stands for
    Integer,
    Float,
    Operator,
    End
  };
  Kind kind;
  std::string text;
  int line;
};

/// Cuts a template into tokens, of which the last is End. False, with `error`
/// set to "line N: …", if a tag or string is open or a character is unknown.
bool tokenize(std::string_view source, std::vector<Token> &tokens,
              std::string &error);

} // namespace weft::chat

#endif // WEFT_GENERATE_CHATTEMPLATE_LEXER_H
