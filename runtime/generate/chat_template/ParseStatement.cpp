//===- ParseStatement.cpp - Statements of chat templates ------------------===//

#include "runtime/generate/chat_template/Parser.h"
#include <algorithm>
#include <map>

using namespace weft;
using namespace weft::chat;

using Kind = Statement::Kind;
using Names = std::initializer_list<const char *>;

namespace {
class StatementParser {
public:
  explicit StatementParser(TokenStream &in) : in(in), expressions(in) {}

  /// Statements up to a tag of one of the names, which is left alone; up to the
  /// end of the template if there are none.
  bool parseBlock(Block &block, Names ends);

private:
  StatementPtr parseStatement();
  StatementPtr parseIf();
  StatementPtr parseFor();
  StatementPtr parseSet();
  StatementPtr parseMacro();
  StatementPtr parseCall();
  StatementPtr parseFilter();
  StatementPtr parseGeneration();
  StatementPtr parseLoopControl();
  bool parseTargets(std::vector<std::string> &targets);
  bool parseParameters(Statement &node);
  bool endTag() { return in.expect(Token::Kind::TagEnd, "'%}'"); }
  /// The tag that ended a block.
  bool closing() {
    in.next();
    in.next();
    return endTag();
  }
  bool atEnd(Names ends) const {
    return in.peek().kind == Token::Kind::TagBegin &&
           std::any_of(ends.begin(), ends.end(),
                       [&](const char *name) { return in.isName(name, 1); });
  }
  StatementPtr make(Kind kind) {
    auto node = std::make_unique<Statement>();
    node->kind = kind;
    node->line = in.peek().line;
    return node;
  }

  TokenStream &in;
  ExpressionParser expressions;
  int depth = 0, loops = 0;
};
} // namespace

bool StatementParser::parseBlock(Block &block, Names ends) {
  if (++depth > kMaxNesting)
    return in.fail("statements are nested too deeply");
  while (!atEnd(ends)) {
    StatementPtr node;
    switch (in.peek().kind) {
    case Token::Kind::End:
      --depth;
      return ends.size() == 0 ||
             in.unexpected(std::string("'") + *ends.begin() + "'");
    case Token::Kind::Text:
      node = make(Kind::Text);
      node->name = in.next().text;
      break;
    case Token::Kind::OutputBegin:
      node = make(Kind::Output);
      in.next();
      node->expression = expressions.parseTuple();
      if (!node->expression || !in.expect(Token::Kind::OutputEnd, "'}}'"))
        return false;
      break;
    default:
      node = parseStatement();
      break;
    }
    if (!node)
      return false;
    block.push_back(std::move(node));
  }
  --depth;
  return true;
}

StatementPtr StatementParser::parseStatement() {
  using Parse = StatementPtr (StatementParser::*)();
  static const std::map<std::string_view, Parse> tags = {
      {"if", &StatementParser::parseIf},
      {"for", &StatementParser::parseFor},
      {"set", &StatementParser::parseSet},
      {"macro", &StatementParser::parseMacro},
      {"call", &StatementParser::parseCall},
      {"filter", &StatementParser::parseFilter},
      {"generation", &StatementParser::parseGeneration},
      {"break", &StatementParser::parseLoopControl},
      {"continue", &StatementParser::parseLoopControl},
  };
  in.next();
  auto tag = tags.find(in.peek().text);
  if (in.peek().kind == Token::Kind::Name && tag != tags.end())
    return (this->*tag->second)();
  in.fail("unsupported tag '" + in.peek().text + "'");
  return nullptr;
}

StatementPtr StatementParser::parseIf() {
  StatementPtr node = make(Kind::If);
  in.next(); // if or elif
  node->expression = expressions.parseTuple();
  if (!node->expression || !endTag() ||
      !parseBlock(node->body, {"elif", "else", "endif"}))
    return nullptr;
  in.next();
  if (in.isName("elif")) {
    if (++depth > kMaxNesting) {
      in.fail("too many 'elif'");
      return nullptr;
    }
    StatementPtr rest = parseIf();
    if (!rest)
      return nullptr;
    --depth;
    node->orElse.push_back(std::move(rest));
    return node;
  }
  if (in.acceptName("else")) {
    if (!endTag() || !parseBlock(node->orElse, {"endif"}))
      return nullptr;
    in.next();
  }
  in.next();
  return endTag() ? std::move(node) : nullptr;
}

bool StatementParser::parseTargets(std::vector<std::string> &targets) {
  bool bracket = in.acceptOperator("(");
  do {
    std::string name;
    if (!in.expect(Token::Kind::Name, "a name", &name))
      return false;
    targets.push_back(name);
  } while (in.acceptOperator(","));
  return !bracket || in.expectOperator(")");
}

StatementPtr StatementParser::parseFor() {
  StatementPtr node = make(Kind::For);
  in.next();
  if (!parseTargets(node->targets))
    return nullptr;
  if (!in.acceptName("in")) {
    in.unexpected("'in'");
    return nullptr;
  }
  node->expression = expressions.parseTuple(/*conditional=*/false);
  if (!node->expression)
    return nullptr;
  if (in.acceptName("if")) {
    node->filter = expressions.parse();
    if (!node->filter)
      return nullptr;
  }
  if (in.isName("recursive")) {
    in.fail("unsupported recursive loop");
    return nullptr;
  }
  ++loops;
  bool ok = endTag() && parseBlock(node->body, {"else", "endfor"});
  --loops;
  if (!ok)
    return nullptr;
  in.next();
  if (in.acceptName("else")) {
    if (!endTag() || !parseBlock(node->orElse, {"endfor"}))
      return nullptr;
    in.next();
  }
  in.next();
  return endTag() ? std::move(node) : nullptr;
}

StatementPtr StatementParser::parseSet() {
  StatementPtr node = make(Kind::Set);
  in.next();
  if (in.peek().kind == Token::Kind::Name &&
      in.peek(1).kind == Token::Kind::Operator && in.peek(1).text == ".") {
    node->name = in.next().text;
    in.next();
    if (!in.expect(Token::Kind::Name, "a name after '.'", &node->attribute))
      return nullptr;
  } else if (!parseTargets(node->targets)) {
    return nullptr;
  }
  if (in.acceptOperator("=")) {
    node->expression = expressions.parseTuple();
    return node->expression && endTag() ? std::move(node) : nullptr;
  }
  node->kind = Kind::SetBlock;
  for (int length = 0; in.acceptOperator("|");) {
    if (++length > kMaxChain) {
      in.fail("too many filters");
      return nullptr;
    }
    ExpressionPtr subject = std::move(node->filter);
    if (!subject) {
      subject = std::make_unique<Expression>();
      subject->kind = Expression::Kind::Name;
      subject->line = node->line;
    }
    node->filter = expressions.parseFilter(std::move(subject));
    if (!node->filter)
      return nullptr;
  }
  if (node->targets.size() != 1) {
    in.unexpected("'='");
    return nullptr;
  }
  bool ok = endTag() && parseBlock(node->body, {"endset"}) && closing();
  return ok ? std::move(node) : nullptr;
}

/// "(a, b=1)".
bool StatementParser::parseParameters(Statement &node) {
  if (!in.expectOperator("("))
    return false;
  while (!in.acceptOperator(")")) {
    std::string name;
    if (!node.targets.empty() && !in.expectOperator(","))
      return false;
    if (!in.expect(Token::Kind::Name, "the name of a parameter", &name))
      return false;
    node.targets.push_back(name);
    if (in.acceptOperator("=")) {
      node.defaults.push_back(expressions.parse());
      if (!node.defaults.back())
        return false;
    } else if (!node.defaults.empty()) {
      return in.fail("expected a default for parameter '" + name + "'");
    }
  }
  return true;
}

StatementPtr StatementParser::parseMacro() {
  StatementPtr node = make(Kind::Macro);
  in.next();
  int outside = std::exchange(loops, 0);
  bool ok = in.expect(Token::Kind::Name, "the name of a macro", &node->name) &&
            parseParameters(*node) && endTag() &&
            parseBlock(node->body, {"endmacro"}) && closing();
  loops = outside;
  return ok ? std::move(node) : nullptr;
}

StatementPtr StatementParser::parseCall() {
  StatementPtr node = make(Kind::CallBlock);
  in.next();
  if (in.isOperator("(") && !parseParameters(*node))
    return nullptr;
  node->expression = expressions.parse();
  if (!node->expression)
    return nullptr;
  if (node->expression->kind != Expression::Kind::Call) {
    in.fail("expected a call in the call block");
    return nullptr;
  }
  bool ok = endTag() && parseBlock(node->body, {"endcall"}) && closing();
  return ok ? std::move(node) : nullptr;
}

StatementPtr StatementParser::parseFilter() {
  StatementPtr node = make(Kind::Filter);
  in.next();
  auto subject = std::make_unique<Expression>();
  subject->kind = Expression::Kind::Name;
  node->filter = expressions.parseFilter(std::move(subject));
  for (int length = 0;
       node->filter && in.acceptOperator("|") && length < kMaxChain; ++length)
    node->filter = expressions.parseFilter(std::move(node->filter));
  bool ok = node->filter && endTag() && parseBlock(node->body, {"endfilter"}) &&
            closing();
  return ok ? std::move(node) : nullptr;
}

/// Marks what the assistant says, for training; nothing when rendering.
StatementPtr StatementParser::parseGeneration() {
  StatementPtr node = make(Kind::Body);
  in.next();
  bool ok = endTag() && parseBlock(node->body, {"endgeneration"}) && closing();
  return ok ? std::move(node) : nullptr;
}

StatementPtr StatementParser::parseLoopControl() {
  StatementPtr node = make(in.isName("break") ? Kind::Break : Kind::Continue);
  std::string word = in.next().text;
  if (loops == 0) {
    in.fail("'" + word + "' stands outside of a loop");
    return nullptr;
  }
  return endTag() ? std::move(node) : nullptr;
}

bool chat::parseTemplate(std::string_view source, Block &block,
                         std::string &error) {
  std::vector<Token> tokens;
  if (!tokenize(source, tokens, error))
    return false;
  TokenStream stream(std::move(tokens), error);
  return StatementParser(stream).parseBlock(block, {});
}
