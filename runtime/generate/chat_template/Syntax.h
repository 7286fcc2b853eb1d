//===- Syntax.h - Parsed chat templates -------------------------*- C++ -*-===//
//
// Internal to chat templates.
//
//===----------------------------------------------------------------------===//

#ifndef WEFT_GENERATE_CHATTEMPLATE_SYNTAX_H
#define WEFT_GENERATE_CHATTEMPLATE_SYNTAX_H

#include "runtime/generate/chat_template/Value.h"

namespace weft::chat {

struct Expression;
using ExpressionPtr = std::unique_ptr<Expression>;
using NamedExpressions = std::vector<std::pair<std::string, ExpressionPtr>>;

struct Expression {
  enum class Kind {
    Constant,    // value
    Name,        // name
    List,        // parts; name: "tuple" or nothing
    Map,         // parts: key, value, key, value…
    Unary,       // name: - + not; parts: operand
    Binary,      // name: + - * / // % ** ~ and or; parts: left, right
    Compare,     // names: operators; parts: operands, one more
    Conditional, // parts: condition, then, else or nothing
    Attribute,   // name; parts: object
    Index,       // parts: object, index
    Slice,       // parts: object, begin, end, step; each may be null
    Call,        // parts: callee, positional arguments; named
    Filter,      // name; parts: subject, positional arguments; named
    Test         // name; as Filter; negated
  };
  Kind kind;
  int line = 0;
  std::string name;
  Value value;
  std::vector<ExpressionPtr> parts;
  NamedExpressions named;
  std::vector<std::string> names;
  bool negated = false;
};

struct Statement;
using StatementPtr = std::unique_ptr<Statement>;
using Block = std::vector<StatementPtr>;

struct Statement {
  enum class Kind {
    Text,      // name is the text
    Output,    // expression
    If,        // expression, body, orElse
    For,       // targets, expression, filter or null, body, orElse
    Set,       // targets, or name.attribute; expression
    SetBlock,  // targets; body; filter: expression over the name "", or null
    Macro,     // name, targets: parameters, defaults: of the last ones; body
    CallBlock, // expression: a call; targets: parameters; body
    Filter,    // filter, body
    Body,      // body alone
    Break,
    Continue
  };
  Kind kind;
  int line = 0;
  std::string name, attribute;
  std::vector<std::string> targets;
  ExpressionPtr expression, filter;
  std::vector<ExpressionPtr> defaults;
  Block body, orElse;
};

/// Parses a template. False with `error` set to "line N: …".
bool parseTemplate(std::string_view source, Block &block, std::string &error);

} // namespace weft::chat

#endif // WEFT_GENERATE_CHATTEMPLATE_SYNTAX_H
