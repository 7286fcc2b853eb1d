//===- Tests.cpp - Tests of chat templates --------------------------------===//

#include "runtime/generate/chat_template/Interpreter.h"
#include "runtime/generate/chat_template/Text.h"

using namespace weft;
using namespace weft::chat;

using Test = bool (*)(const Value &subject, const Value *argument,
                      std::string &error);
using V = const Value &;
using A = const Value *;
using E = std::string &;

static int order(V subject, A argument, E error) {
  bool ordered = argument != nullptr;
  int result = argument ? compare(subject, *argument, ordered) : 0;
  if (!ordered)
    error = "the values cannot be ordered";
  return result;
}

static bool divides(V subject, A argument, E error) {
  if (!argument || argument->toInt() == 0 || argument->toInt() == -1)
    error = "expected a number to divide by";
  return error.empty() && subject.toInt() % argument->toInt() == 0;
}

static bool equals(V subject, A argument, E) {
  return argument && subject == *argument;
}

static bool sameCase(V subject, std::string (*change)(std::string_view)) {
  std::string text = subject.toText(), changed = change(text);
  // Both ways the same: there is no letter in it.
  return text == changed && upper(text) != lower(text);
}

static const std::map<std::string_view, Test> &tests() {
  static const std::map<std::string_view, Test> table = {
      {"boolean", [](V v, A, E) { return v.asBool() != nullptr; }},
      {"callable", [](V v, A, E) { return v.asFunction() != nullptr; }},
      {"defined", [](V v, A, E) { return !v.isUndefined(); }},
      {"undefined", [](V v, A, E) { return v.isUndefined(); }},
      {"none", [](V v, A, E) { return v.isNone(); }},
      {"true", [](V v, A, E) { return v.asBool() && *v.asBool(); }},
      {"false", [](V v, A, E) { return v.asBool() && !*v.asBool(); }},
      {"string", [](V v, A, E) { return v.asString() != nullptr; }},
      {"number", [](V v, A, E) { return v.isNumber(); }},
      {"integer", [](V v, A, E) { return v.asInt() != nullptr; }},
      {"float", [](V v, A, E) { return v.asDouble() != nullptr; }},
      {"mapping",
       [](V v, A, E) { return v.asMap() && !v.asMap()->isNamespace; }},
      {"sequence",
       [](V v, A, E) { return v.asList() || v.asString() || v.asMap(); }},
      {"iterable",
       [](V v, A, E) {
         return v.asList() || v.asString() || v.asMap() || v.isUndefined();
       }},
      {"even", [](V v, A, E) { return v.toInt() % 2 == 0; }},
      {"odd", [](V v, A, E) { return v.toInt() % 2 != 0; }},
      {"divisibleby", divides},
      {"eq", equals},
      {"equalto", equals},
      {"ne", [](V v, A a, E) { return a && v != *a; }},
      {"lt", [](V v, A a, E e) { return order(v, a, e) < 0; }},
      {"le", [](V v, A a, E e) { return order(v, a, e) <= 0; }},
      {"gt", [](V v, A a, E e) { return order(v, a, e) > 0; }},
      {"ge", [](V v, A a, E e) { return order(v, a, e) >= 0; }},
      {"in", [](V v, A a, E e) { return a && contains(*a, v, e); }},
      {"upper", [](V v, A, E) { return sameCase(v, upper); }},
      {"lower", [](V v, A, E) { return sameCase(v, lower); }},
  };
  return table;
}

/// Names that stand for another, as Jinja has them.
static std::string_view otherName(std::string_view name) {
  static const std::pair<std::string_view, std::string_view> names[] = {
      {"==", "eq"}, {"!=", "ne"}, {"<", "lt"},           {"<=", "le"},
      {">", "gt"},  {">=", "ge"}, {"greaterthan", "gt"}, {"lessthan", "lt"}};
  for (const auto &entry : names)
    if (entry.first == name)
      return entry.second;
  return name;
}

bool Interpreter::applyTest(const std::string &name, const Value &subject,
                            const Arguments &arguments, int line) {
  auto entry = tests().find(otherName(name));
  if (entry == tests().end()) {
    fail(line, "unsupported test '" + name + "'");
    return false;
  }
  const Value *argument =
      arguments.positional.empty() ? nullptr : &arguments.positional[0];
  std::string message;
  bool holds = entry->second(subject, argument, message);
  if (!message.empty())
    fail(line, message);
  return holds;
}
