//===- Operators.cpp - Arithmetic and containers of chat templates --------===//

#include "runtime/generate/chat_template/Interpreter.h"
#include "runtime/tokenizer/Unicode.h"
#include <cmath>

using namespace weft;
using namespace weft::chat;

bool chat::itemsOf(const Value &value, List &items) {
  if (const List *list = value.asList()) {
    items = *list;
    return true;
  }
  if (const Map *map = value.asMap(); map && !map->isNamespace) {
    for (const auto &entry : map->entries)
      items.push_back(entry.first);
    return true;
  }
  const std::string *text = value.asString();
  for (size_t at = 0; text && at < text->size();) {
    size_t begin = at;
    nextChar(*text, at);
    items.push_back(text->substr(begin, at - begin));
  }
  return text != nullptr;
}

int64_t chat::lengthOf(const Value &value) {
  if (const List *list = value.asList())
    return static_cast<int64_t>(list->size());
  if (const Map *map = value.asMap())
    return static_cast<int64_t>(map->entries.size());
  const std::string *text = value.asString();
  int64_t count = text ? 0 : -1;
  for (size_t at = 0; text && at < text->size(); ++count)
    nextChar(*text, at);
  return count;
}

bool chat::contains(const Value &container, const Value &item,
                    std::string &message) {
  if (const std::string *text = container.asString()) {
    if (!item.asString())
      message = std::string("expected text to seek in text but got ") +
                item.typeName();
    return item.asString() && text->find(*item.asString()) != std::string::npos;
  }
  if (const Map *map = container.asMap())
    return item.asString() && map->find(*item.asString());
  if (const List *list = container.asList()) {
    for (const Value &entry : *list)
      if (entry == item)
        return true;
    return false;
  }
  if (!container.isUndefined())
    message = std::string("cannot seek in ") + container.typeName();
  return false;
}

/// Integer operators; false if the result does not fit or does not exist.
static bool integerOperator(char op, bool floor, int64_t a, int64_t b,
                            int64_t &result) {
  if (op == '+')
    return !__builtin_add_overflow(a, b, &result);
  if (op == '-')
    return !__builtin_sub_overflow(a, b, &result);
  if (op == '*')
    return !__builtin_mul_overflow(a, b, &result);
  if (b == 0 || (a == INT64_MIN && b == -1))
    return false;
  // Python rounds quotients down; the remainder has the sign of the divisor.
  int64_t quotient = a / b, rest = a % b;
  bool adjust = rest != 0 && (rest < 0) != (b < 0);
  result = floor ? quotient - adjust : rest + (adjust ? b : 0);
  return true;
}

static bool integerPower(int64_t base, int64_t exponent, int64_t &result) {
  result = 1;
  for (; exponent > 0; --exponent) {
    if (__builtin_mul_overflow(result, base, &result))
      return false;
    if (base == 0 || base == 1)
      return true;
    if (base == -1) {
      result = exponent % 2 ? -1 : 1;
      return true;
    }
  }
  return true;
}

static Value realOperator(const std::string &op, double a, double b,
                          std::string &message) {
  bool divides = op == "/" || op == "//" || op == "%";
  if (divides && b == 0)
    message = "division by zero";
  if (op == "+")
    return a + b;
  if (op == "-")
    return a - b;
  if (op == "*")
    return a * b;
  if (op == "/")
    return a / b;
  if (op == "//")
    return std::floor(a / b);
  return op == "%" ? a - b * std::floor(a / b) : std::pow(a, b);
}

static Value numberOperator(const std::string &op, const Value &left,
                            const Value &right, std::string &message) {
  bool real = left.asDouble() || right.asDouble() || op == "/" ||
              (op == "**" && right.toInt() < 0);
  if (real)
    return realOperator(op, left.toDouble(), right.toDouble(), message);
  int64_t a = left.toInt(), b = right.toInt(), result = 0;
  bool ok = op == "**" ? integerPower(a, b, result)
                       : integerOperator(op[0], op == "//", a, b, result);
  if (!ok)
    message = b == 0 && (op == "//" || op == "%")
                  ? "division by zero"
                  : "the result of '" + op + "' does not fit 64 bits";
  return result;
}

/// text * count and list * count.
static Value repeat(const Value &value, int64_t count, std::string &message) {
  count = count < 0 ? 0 : count;
  size_t size =
      value.asString() ? value.asString()->size() : value.asList()->size();
  size_t limit = value.asString() ? kMaxOutput : kMaxItems;
  if (size != 0 && static_cast<uint64_t>(count) > limit / size) {
    message = "the repeated value is too long";
    return Undefined{};
  }
  std::string text;
  List list;
  for (int64_t i = 0; size != 0 && i < count; ++i)
    if (value.asString())
      text += *value.asString();
    else
      list.insert(list.end(), value.asList()->begin(), value.asList()->end());
  return value.asString() ? Value(text) : Value(list);
}

Value chat::applyOperator(const std::string &op, const Value &left,
                          const Value &right, std::string &message) {
  const std::string *a = left.asString(), *b = right.asString();
  if (op == "~" || (op == "+" && a && b)) {
    std::string text = left.toText() + right.toText();
    if (text.size() > kMaxOutput)
      message = "the text exceeds " + std::to_string(kMaxOutput) + " bytes";
    return text;
  }
  if (left.isNumber() && right.isNumber())
    return numberOperator(op, left, right, message);
  if (op == "+" && left.asList() && right.asList()) {
    List list = *left.asList();
    list.insert(list.end(), right.asList()->begin(), right.asList()->end());
    if (list.size() > kMaxItems)
      message = "the list is too long";
    return list;
  }
  if (op == "*" && (a || left.asList()) && right.isNumber() &&
      !right.asDouble())
    return repeat(left, right.toInt(), message);
  if (op == "*" && (b || right.asList()) && left.isNumber() && !left.asDouble())
    return repeat(right, left.toInt(), message);
  message = "unsupported operand types for " + op + ": " + left.typeName() +
            " and " + right.typeName();
  return Undefined{};
}
