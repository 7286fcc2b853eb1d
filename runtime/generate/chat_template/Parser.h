//===- Parser.h - Reading tokens of chat templates --------------*- C++ -*-===//
//
// Internal to chat templates: what the parsers of expressions and of statements
// share. A method that fails sets the error and returns null or false.
//
//===----------------------------------------------------------------------===//

#ifndef WEFT_GENERATE_CHATTEMPLATE_PARSER_H
#define WEFT_GENERATE_CHATTEMPLATE_PARSER_H

#include "runtime/generate/chat_template/Lexer.h"
#include "runtime/generate/chat_template/Syntax.h"
#include <algorithm>

namespace weft::chat {

/// Nesting of expressions and statements.
constexpr int kMaxNesting = 100;
/// Operators, filters and the like one after the other: each is a level of the
/// tree.
constexpr int kMaxChain = 200;

class TokenStream {
public:
  TokenStream(std::vector<Token> tokens, std::string &error)
      : tokens(std::move(tokens)), error(error) {}

  const Token &peek(size_t ahead = 0) const {
    return tokens[std::min(at + ahead, tokens.size() - 1)];
  }
  Token next() {
    Token token = peek();
    at = std::min(at + 1, tokens.size() - 1);
    return token;
  }
  bool isName(std::string_view name, size_t ahead = 0) const {
    return peek(ahead).kind == Token::Kind::Name && peek(ahead).text == name;
  }
  bool isOperator(std::string_view op) const {
    return peek().kind == Token::Kind::Operator && peek().text == op;
  }
  bool acceptName(std::string_view name) {
    return isName(name) && (next(), true);
  }
  bool acceptOperator(std::string_view op) {
    return isOperator(op) && (next(), true);
  }
  /// Takes a token of that kind; its text is set if `text` is given.
  bool expect(Token::Kind kind, const char *what, std::string *text = nullptr);
  bool expectOperator(const char *op);
  /// Records the first error; false.
  bool fail(const std::string &message) { return failAt(peek().line, message); }
  bool failAt(int line, const std::string &message);
  /// "expected X but got Y".
  bool unexpected(const std::string &expected);

private:
  std::vector<Token> tokens;
  std::string &error;
  size_t at = 0;
};

class ExpressionParser {
public:
  explicit ExpressionParser(TokenStream &in) : in(in) {}

  /// A whole expression; without `conditional`, an `if` after it is left alone.
  ExpressionPtr parse(bool conditional = true);
  /// One expression, or several with commas, which make a list.
  ExpressionPtr parseTuple(bool conditional = true);
  /// A name and arguments after `|`, applied to `subject`.
  ExpressionPtr parseFilter(ExpressionPtr subject);
  ExpressionPtr parseUnary(bool withFilter = true);

private:
  using Parse = ExpressionPtr (ExpressionParser::*)();
  ExpressionPtr parseOr();
  ExpressionPtr parseAnd();
  ExpressionPtr parseNot();
  ExpressionPtr parseCompare();
  ExpressionPtr parseSum();
  ExpressionPtr parseConcat();
  ExpressionPtr parseProduct();
  ExpressionPtr parsePower();
  ExpressionPtr parseFactor() { return parseUnary(); }
  ExpressionPtr parsePrimary();
  ExpressionPtr parsePostfix(ExpressionPtr subject);
  ExpressionPtr parseFilters(ExpressionPtr subject);
  ExpressionPtr parseTest(ExpressionPtr subject);
  ExpressionPtr parseSubscript(ExpressionPtr subject);
  ExpressionPtr parseSequence(const char *close);
  ExpressionPtr parseMap();
  ExpressionPtr parseNumber();
  bool parseArguments(Expression &call);
  ExpressionPtr leftToRight(Parse operand,
                            std::initializer_list<const char *> ops);
  ExpressionPtr make(Expression::Kind kind, std::string name = "");
  /// Counts a link of a chain; false, as an error, if it is one too many.
  bool link(int &length);

  TokenStream &in;
  int depth = 0;
};

} // namespace weft::chat

#endif // WEFT_GENERATE_CHATTEMPLATE_PARSER_H
