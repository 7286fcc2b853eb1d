//===- Evaluate.cpp - Expressions of chat templates -----------------------===//

#include "runtime/generate/chat_template/Interpreter.h"
#include <algorithm>

using namespace weft;
using namespace weft::chat;

using Kind = Expression::Kind;

Value Interpreter::fail(int line, const std::string &message) {
  if (error.empty())
    error = "line " + std::to_string(line) + ": " + message;
  return Undefined{};
}

bool Interpreter::step(int line) {
  if (++steps > kMaxSteps)
    fail(line, "the template does not come to an end");
  return !failed();
}

Value Interpreter::evaluate(const Expression &node) {
  if (!step(node.line))
    return Undefined{};
  if (++depth > kMaxDepth)
    fail(node.line, "evaluation is nested too deeply");
  Value value = failed() ? Value() : evaluateNode(node);
  --depth;
  Shape shape = value.shape();
  steps += shape.weight / 64;
  if (shape.depth > kMaxValueDepth || shape.weight > kMaxOutput)
    return fail(node.line, "a value is too big");
  return value;
}

Value Interpreter::evaluateNode(const Expression &node) {
  switch (node.kind) {
  case Kind::Constant:
    return node.value;
  case Kind::Name:
    return evaluateName(node);
  case Kind::List: {
    List list;
    for (const ExpressionPtr &part : node.parts)
      list.push_back(evaluate(*part));
    return node.name.empty() ? Value(list) : Value::tuple(list);
  }
  case Kind::Map:
    return evaluateMap(node);
  case Kind::Unary:
    return evaluateUnary(node);
  case Kind::Binary:
    return evaluateBinary(node);
  case Kind::Compare:
    return evaluateCompare(node);
  case Kind::Conditional:
    if (evaluate(*node.parts[0]).isTrue())
      return evaluate(*node.parts[1]);
    return node.parts.size() > 2 ? evaluate(*node.parts[2]) : Value();
  case Kind::Attribute:
    return evaluateAttribute(node);
  case Kind::Index:
    return evaluateIndex(node);
  case Kind::Slice:
    return evaluateSlice(node);
  case Kind::Call:
    return evaluateCall(node);
  case Kind::Filter:
  case Kind::Test: {
    Value subject = evaluate(*node.parts[0]);
    Arguments arguments = evaluateArguments(node);
    if (failed())
      return Undefined{};
    if (node.kind == Kind::Filter)
      return applyFilter(node.name, subject, arguments, node.line);
    return applyTest(node.name, subject, arguments, node.line) != node.negated;
  }
  }
  return Undefined{};
}

Value Interpreter::evaluateName(const Expression &node) {
  const Value *value = find(node.name);
  return value ? *value : Value(Undefined{node.name});
}

Value Interpreter::evaluateMap(const Expression &node) {
  Map map;
  for (size_t i = 0; i + 1 < node.parts.size(); i += 2) {
    Value key = evaluate(*node.parts[i]);
    if (!key.asString())
      return fail(node.line, std::string("expected text as a key but got ") +
                                 key.typeName());
    map.set(*key.asString(), evaluate(*node.parts[i + 1]));
  }
  return map;
}

Value Interpreter::evaluateUnary(const Expression &node) {
  Value operand = evaluate(*node.parts[0]);
  if (node.name == "not")
    return !operand.isTrue();
  if (!operand.isNumber())
    return fail(node.line, "bad operand type for unary " + node.name + ": " +
                               operand.typeName());
  std::string message;
  Value value = applyOperator(node.name, 0, operand, message);
  return message.empty() ? value : fail(node.line, message);
}

Value Interpreter::evaluateBinary(const Expression &node) {
  Value left = evaluate(*node.parts[0]);
  if (node.name == "and" || node.name == "or")
    return left.isTrue() == (node.name == "or") ? left
                                                : evaluate(*node.parts[1]);
  Value right = evaluate(*node.parts[1]);
  if (failed())
    return Undefined{};
  for (const Value *operand : {&left, &right})
    if (operand->isUndefined() && node.name != "~")
      return fail(node.line,
                  "'" + operand->asUndefined()->name + "' is undefined");
  std::string message;
  Value value = applyOperator(node.name, left, right, message);
  return message.empty() ? value : fail(node.line, message);
}

/// One comparison; `message` is set if the two cannot be compared.
static bool compareBy(const std::string &op, const Value &left,
                      const Value &right, std::string &message) {
  if (op == "==" || op == "!=")
    return (left == right) == (op == "==");
  if (op == "in" || op == "not in")
    return contains(right, left, message) == (op == "in");
  bool ordered = true;
  int order = compare(left, right, ordered);
  if (!ordered)
    message = "'" + op + "' is not supported between " + left.typeName() +
              " and " + right.typeName();
  return op == "<"    ? order < 0
         : op == "<=" ? order <= 0
         : op == ">"  ? order > 0
                      : order >= 0;
}

Value Interpreter::evaluateCompare(const Expression &node) {
  Value left = evaluate(*node.parts[0]);
  for (size_t i = 0; i < node.names.size(); ++i) {
    Value right = evaluate(*node.parts[i + 1]);
    std::string message;
    bool holds = compareBy(node.names[i], left, right, message);
    if (!message.empty())
      return fail(node.line, message);
    if (!holds || failed())
      return false;
    left = right;
  }
  return true;
}

static const Value *findMember(const Value &subject, const std::string &name) {
  const Map *map = subject.asMap();
  return map ? map->find(name) : nullptr;
}

Value Interpreter::lookUp(const Value &subject, const std::string &path) {
  size_t dot = path.find('.');
  const Value *member = findMember(subject, path.substr(0, dot));
  if (!member || dot == std::string::npos)
    return member ? *member : Value(Undefined{path});
  return lookUp(*member, path.substr(dot + 1));
}

Value Interpreter::evaluateAttribute(const Expression &node) {
  Value subject = evaluate(*node.parts[0]);
  if (subject.isUndefined())
    return fail(node.line,
                "'" + subject.asUndefined()->name + "' is undefined");
  // As in Python, methods go before members of the same name, but for
  // namespaces.
  bool isNamespace = subject.asMap() && subject.asMap()->isNamespace;
  Value method = isNamespace ? Value() : findMethod(subject, node.name);
  if (!method.isUndefined())
    return method;
  const Value *member = findMember(subject, node.name);
  return member ? *member : Value(Undefined{node.name});
}

Value Interpreter::evaluateIndex(const Expression &node) {
  Value subject = evaluate(*node.parts[0]), index = evaluate(*node.parts[1]);
  if (failed())
    return Undefined{};
  if (subject.isUndefined())
    return fail(node.line,
                "'" + subject.asUndefined()->name + "' is undefined");
  if (index.asString()) {
    const Value *member = findMember(subject, *index.asString());
    if (member)
      return *member;
    Value method = findMethod(subject, *index.asString());
    return method.isUndefined() ? Value(Undefined{*index.asString()}) : method;
  }
  List items;
  if (subject.asMap() || !index.isNumber() || index.asDouble() ||
      !itemsOf(subject, items))
    return Undefined{index.toText()};
  int64_t at = index.toInt(), size = static_cast<int64_t>(items.size());
  at += at < 0 ? size : 0;
  return at >= 0 && at < size ? items[static_cast<size_t>(at)]
                              : Value(Undefined{index.toText()});
}

/// Python's slice.indices: positions from `begin` to before `end` by `step`.
static void sliceBounds(const Value &begin, const Value &end, int64_t step,
                        int64_t size, int64_t &first, int64_t &last) {
  auto bound = [&](const Value &value, int64_t otherwise) {
    if (!value.isNumber())
      return otherwise;
    int64_t at = value.toInt();
    at += at < 0 ? size : 0;
    return step > 0 ? std::clamp<int64_t>(at, 0, size)
                    : std::clamp<int64_t>(at, -1, size - 1);
  };
  first = bound(begin, step > 0 ? 0 : size - 1);
  last = bound(end, step > 0 ? size : -1);
}

Value Interpreter::evaluateSlice(const Expression &node) {
  Value subject = evaluate(*node.parts[0]);
  Value bounds[3];
  for (size_t i = 0; i < 3; ++i)
    if (node.parts[i + 1])
      bounds[i] = evaluate(*node.parts[i + 1]);
  List items, result;
  if (subject.asMap() || !itemsOf(subject, items))
    return fail(node.line, std::string("cannot slice ") + subject.typeName());
  int64_t step = bounds[2].isNumber() ? bounds[2].toInt() : 1, first, last;
  if (step == 0)
    return fail(node.line, "the step of a slice is zero");
  int64_t size = static_cast<int64_t>(items.size());
  step = std::clamp<int64_t>(step, -size - 1, size + 1);
  sliceBounds(bounds[0], bounds[1], step, size, first, last);
  std::string text;
  for (int64_t at = first; step > 0 ? at < last : at > last; at += step)
    if (subject.asString())
      text += *items[static_cast<size_t>(at)].asString();
    else
      result.push_back(items[static_cast<size_t>(at)]);
  return subject.asString() ? Value(text) : Value(result);
}

Arguments Interpreter::evaluateArguments(const Expression &node) {
  Arguments arguments;
  for (size_t i = 1; i < node.parts.size(); ++i)
    arguments.positional.push_back(evaluate(*node.parts[i]));
  for (const auto &[name, value] : node.named)
    arguments.named.emplace_back(name, evaluate(*value));
  return arguments;
}

Value Interpreter::evaluateCall(const Expression &node) {
  Value callee = evaluate(*node.parts[0]);
  Arguments arguments = evaluateArguments(node);
  if (failed())
    return Undefined{};
  if (callee.isUndefined()) {
    const Expression &what = *node.parts[0];
    bool method = what.kind == Kind::Attribute;
    return fail(node.line,
                (method ? "unsupported method '" : "unsupported function '") +
                    callee.asUndefined()->name + "'");
  }
  const Function *function = callee.asFunction();
  if (!function)
    return fail(node.line, std::string("cannot call ") + callee.typeName());
  std::string message;
  Value value = function->call(arguments, message);
  return message.empty() ? value : fail(node.line, message);
}
