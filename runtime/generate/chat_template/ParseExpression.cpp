//===- ParseExpression.cpp - Expressions of chat templates ----------------===//
//
// Precedence, loosest first: x if y else z; or; and; not; comparisons; + -; ~;
// * / // %; **; signs; attributes, calls; filters and tests.
//
//===----------------------------------------------------------------------===//

#include "runtime/generate/chat_template/Parser.h"
#include <charconv>

using namespace weft;
using namespace weft::chat;

using Kind = Expression::Kind;

bool TokenStream::failAt(int line, const std::string &message) {
  if (error.empty())
    error = "line " + std::to_string(line) + ": " + message;
  return false;
}

bool TokenStream::unexpected(const std::string &expected) {
  return fail("expected " + expected + " but got '" + peek().text + "'");
}

bool TokenStream::expect(Token::Kind kind, const char *what,
                         std::string *text) {
  if (peek().kind != kind)
    return unexpected(what);
  Token token = next();
  if (text)
    *text = token.text;
  return true;
}

bool TokenStream::expectOperator(const char *op) {
  return acceptOperator(op) || unexpected(std::string("'") + op + "'");
}

ExpressionPtr ExpressionParser::make(Kind kind, std::string name) {
  auto node = std::make_unique<Expression>();
  node->kind = kind;
  node->line = in.peek().line;
  node->name = std::move(name);
  return node;
}

bool ExpressionParser::link(int &length) {
  return ++length <= kMaxChain || in.fail("the expression is too long");
}

ExpressionPtr ExpressionParser::parse(bool conditional) {
  if (++depth > kMaxNesting) {
    in.fail("expressions are nested too deeply");
    return nullptr;
  }
  ExpressionPtr left = parseOr();
  int length = 0;
  while (left && conditional && in.isName("if")) {
    if (!link(length))
      return nullptr;
    ExpressionPtr node = make(Kind::Conditional);
    in.next();
    node->parts.push_back(parseOr());
    node->parts.push_back(std::move(left));
    if (in.acceptName("else")) {
      node->parts.push_back(parse());
      if (!node->parts.back())
        return nullptr;
    }
    if (!node->parts[0])
      return nullptr;
    left = std::move(node);
  }
  --depth;
  return left;
}

ExpressionPtr ExpressionParser::parseTuple(bool conditional) {
  ExpressionPtr first = parse(conditional);
  if (!first || !in.isOperator(","))
    return first;
  ExpressionPtr list = make(Kind::List, "tuple");
  list->parts.push_back(std::move(first));
  while (in.acceptOperator(",")) {
    bool ends = in.peek().kind == Token::Kind::TagEnd ||
                in.peek().kind == Token::Kind::OutputEnd || in.isOperator(")");
    if (ends)
      break;
    list->parts.push_back(parse(conditional));
    if (!list->parts.back())
      return nullptr;
  }
  return list;
}

ExpressionPtr
ExpressionParser::leftToRight(Parse operand,
                              std::initializer_list<const char *> ops) {
  ExpressionPtr left = (this->*operand)();
  int length = 0;
  while (left && link(length)) {
    const char *found = nullptr;
    for (const char *op : ops)
      if (in.isOperator(op) || (op[0] >= 'a' && in.isName(op)))
        found = op;
    if (!found)
      return left;
    ExpressionPtr node = make(Kind::Binary, found);
    in.next();
    node->parts.push_back(std::move(left));
    node->parts.push_back((this->*operand)());
    if (!node->parts.back())
      return nullptr;
    left = std::move(node);
  }
  return nullptr;
}

ExpressionPtr ExpressionParser::parseOr() {
  return leftToRight(&ExpressionParser::parseAnd, {"or"});
}
ExpressionPtr ExpressionParser::parseAnd() {
  return leftToRight(&ExpressionParser::parseNot, {"and"});
}
ExpressionPtr ExpressionParser::parseSum() {
  return leftToRight(&ExpressionParser::parseConcat, {"+", "-"});
}
ExpressionPtr ExpressionParser::parseConcat() {
  return leftToRight(&ExpressionParser::parseProduct, {"~"});
}
ExpressionPtr ExpressionParser::parseProduct() {
  return leftToRight(&ExpressionParser::parsePower, {"*", "/", "//", "%"});
}
ExpressionPtr ExpressionParser::parsePower() {
  return leftToRight(&ExpressionParser::parseFactor, {"**"});
}

ExpressionPtr ExpressionParser::parseNot() {
  size_t count = 0;
  while (in.acceptName("not"))
    ++count;
  ExpressionPtr operand = parseCompare();
  // Two are more than none: they make it a truth value.
  for (count = count > 2 ? 2 - count % 2 : count; operand && count > 0;
       --count) {
    ExpressionPtr node = make(Kind::Unary, "not");
    node->parts.push_back(std::move(operand));
    operand = std::move(node);
  }
  return operand;
}

/// The comparison at this place, as one word; empty if there is none.
static std::string comparison(const TokenStream &in) {
  for (const char *op : {"==", "!=", "<=", ">=", "<", ">"})
    if (in.isOperator(op))
      return op;
  if (in.isName("in"))
    return "in";
  return in.isName("not") && in.isName("in", 1) ? "not in" : "";
}

ExpressionPtr ExpressionParser::parseCompare() {
  ExpressionPtr first = parseSum();
  std::string op = comparison(in);
  if (!first || op.empty())
    return first;
  ExpressionPtr node = make(Kind::Compare);
  node->parts.push_back(std::move(first));
  for (; !op.empty(); op = comparison(in)) {
    in.next();
    if (op == "not in")
      in.next();
    node->names.push_back(op);
    node->parts.push_back(parseSum());
    if (!node->parts.back())
      return nullptr;
  }
  return node;
}

ExpressionPtr ExpressionParser::parseUnary(bool withFilter) {
  if (++depth > kMaxNesting) {
    in.fail("expressions are nested too deeply");
    return nullptr;
  }
  ExpressionPtr node;
  if (in.isOperator("-") || in.isOperator("+")) {
    node = make(Kind::Unary, in.next().text);
    node->parts.push_back(parseUnary(/*withFilter=*/false));
    if (!node->parts.back())
      return nullptr;
  } else {
    node = parsePrimary();
  }
  node = node ? parsePostfix(std::move(node)) : nullptr;
  --depth;
  return node && withFilter ? parseFilters(std::move(node)) : std::move(node);
}

ExpressionPtr ExpressionParser::parseNumber() {
  Token token = in.next();
  ExpressionPtr node = make(Kind::Constant);
  const char *begin = token.text.data(), *end = begin + token.text.size();
  if (token.kind == Token::Kind::Float) {
    double value = 0;
    std::from_chars(begin, end, value);
    node->value = value;
    return node;
  }
  int64_t value = 0;
  if (std::from_chars(begin, end, value).ec != std::errc()) {
    in.fail("the number " + token.text + " does not fit 64 bits");
    return nullptr;
  }
  node->value = value;
  return node;
}

ExpressionPtr ExpressionParser::parsePrimary() {
  const Token &token = in.peek();
  if (token.kind == Token::Kind::Integer || token.kind == Token::Kind::Float)
    return parseNumber();
  if (token.kind == Token::Kind::String) {
    ExpressionPtr node = make(Kind::Constant);
    std::string text;
    while (in.peek().kind == Token::Kind::String)
      text += in.next().text;
    node->value = text;
    return node;
  }
  if (token.kind == Token::Kind::Name) {
    std::string name = in.next().text;
    ExpressionPtr node = make(Kind::Constant);
    if (name == "true" || name == "True" || name == "false" || name == "False")
      node->value = name[0] == 't' || name[0] == 'T';
    else if (name == "none" || name == "None")
      node->value = None{};
    else
      node = make(Kind::Name, name);
    return node;
  }
  if (in.acceptOperator("("))
    return parseSequence(")");
  if (in.acceptOperator("["))
    return parseSequence("]");
  if (in.acceptOperator("{"))
    return parseMap();
  in.unexpected("an expression");
  return nullptr;
}

/// After the opening bracket. In round ones a single value stays itself.
ExpressionPtr ExpressionParser::parseSequence(const char *close) {
  ExpressionPtr list = make(Kind::List, close[0] == ')' ? "tuple" : "");
  bool comma = false;
  while (!in.acceptOperator(close)) {
    if (!list->parts.empty()) {
      if (!in.expectOperator(","))
        return nullptr;
      comma = true;
      if (in.acceptOperator(close))
        break;
    }
    list->parts.push_back(parse());
    if (!list->parts.back())
      return nullptr;
  }
  if (close[0] == ')' && list->parts.size() == 1 && !comma)
    return std::move(list->parts[0]);
  return list;
}

ExpressionPtr ExpressionParser::parseMap() {
  ExpressionPtr map = make(Kind::Map);
  while (!in.acceptOperator("}")) {
    if (!map->parts.empty() && !in.expectOperator(","))
      return nullptr;
    if (in.acceptOperator("}"))
      break;
    map->parts.push_back(parse());
    if (!map->parts.back() || !in.expectOperator(":"))
      return nullptr;
    map->parts.push_back(parse());
    if (!map->parts.back())
      return nullptr;
  }
  return map;
}

/// After "(".
bool ExpressionParser::parseArguments(Expression &call) {
  bool first = true;
  while (!in.acceptOperator(")")) {
    if (!first && !in.expectOperator(","))
      return false;
    if (!first && in.acceptOperator(")"))
      return true;
    first = false;
    if (in.isOperator("*") || in.isOperator("**"))
      return in.fail("unsupported unpacking of arguments");
    bool named = in.peek().kind == Token::Kind::Name &&
                 in.peek(1).kind == Token::Kind::Operator &&
                 in.peek(1).text == "=";
    std::string name;
    if (named) {
      name = in.next().text;
      in.next();
    }
    ExpressionPtr value = parse();
    if (!value)
      return false;
    if (named)
      call.named.emplace_back(name, std::move(value));
    else if (!call.named.empty())
      return in.fail("expected a named argument after named ones");
    else
      call.parts.push_back(std::move(value));
  }
  return true;
}

/// After "[".
ExpressionPtr ExpressionParser::parseSubscript(ExpressionPtr subject) {
  ExpressionPtr node = make(Kind::Index);
  node->parts.push_back(std::move(subject));
  node->parts.push_back(in.isOperator(":") ? nullptr : parseTuple());
  if (!in.isOperator(":")) {
    bool ok = node->parts.back() && in.expectOperator("]");
    return ok ? std::move(node) : nullptr;
  }
  node->kind = Kind::Slice;
  node->parts.resize(4);
  for (size_t i = 2; i < 4 && in.acceptOperator(":"); ++i) {
    if (in.isOperator(":") || in.isOperator("]"))
      continue;
    node->parts[i] = parse();
    if (!node->parts[i])
      return nullptr;
  }
  return in.expectOperator("]") ? std::move(node) : nullptr;
}

ExpressionPtr ExpressionParser::parsePostfix(ExpressionPtr subject) {
  int length = 0;
  while (link(length)) {
    if (in.isOperator(".")) {
      ExpressionPtr node = make(Kind::Attribute);
      in.next();
      if (in.peek().kind == Token::Kind::Integer) {
        node->kind = Kind::Index;
        node->parts.push_back(std::move(subject));
        node->parts.push_back(parseNumber());
        if (!node->parts.back())
          return nullptr;
      } else {
        if (!in.expect(Token::Kind::Name, "a name after '.'", &node->name))
          return nullptr;
        node->parts.push_back(std::move(subject));
      }
      subject = std::move(node);
    } else if (in.acceptOperator("[")) {
      subject = parseSubscript(std::move(subject));
    } else if (in.isOperator("(")) {
      ExpressionPtr node = make(Kind::Call);
      in.next();
      node->parts.push_back(std::move(subject));
      subject = parseArguments(*node) ? std::move(node) : nullptr;
    } else {
      return subject;
    }
    if (!subject)
      break;
  }
  return nullptr;
}

ExpressionPtr ExpressionParser::parseFilter(ExpressionPtr subject) {
  ExpressionPtr node = make(Kind::Filter);
  if (!in.expect(Token::Kind::Name, "the name of a filter", &node->name))
    return nullptr;
  node->parts.push_back(std::move(subject));
  if (in.acceptOperator("(") && !parseArguments(*node))
    return nullptr;
  return node;
}

ExpressionPtr ExpressionParser::parseFilters(ExpressionPtr subject) {
  int length = 0;
  while (subject && link(length)) {
    if (in.acceptOperator("|"))
      subject = parseFilter(std::move(subject));
    else if (in.isName("is"))
      subject = parseTest(std::move(subject));
    else if (in.isOperator("("))
      subject = parsePostfix(std::move(subject));
    else
      return subject;
  }
  return nullptr;
}

/// A test may have one argument without brackets: `is divisibleby 3`.
ExpressionPtr ExpressionParser::parseTest(ExpressionPtr subject) {
  ExpressionPtr node = make(Kind::Test);
  in.next();
  node->negated = in.acceptName("not");
  if (!in.expect(Token::Kind::Name, "the name of a test", &node->name))
    return nullptr;
  node->parts.push_back(std::move(subject));
  if (in.acceptOperator("("))
    return parseArguments(*node) ? std::move(node) : nullptr;
  Token::Kind kind = in.peek().kind;
  bool word = kind == Token::Kind::Name && !in.isName("else") &&
              !in.isName("or") && !in.isName("and") && !in.isName("is") &&
              !in.isName("if") && !in.isName("in") && !in.isName("not");
  bool argument = word || kind == Token::Kind::String ||
                  kind == Token::Kind::Integer || kind == Token::Kind::Float ||
                  in.isOperator("[") || in.isOperator("{");
  if (!argument)
    return node;
  ExpressionPtr value = parsePrimary();
  value = value ? parsePostfix(std::move(value)) : nullptr;
  if (!value)
    return nullptr;
  node->parts.push_back(std::move(value));
  return node;
}
