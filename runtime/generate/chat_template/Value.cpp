//===- Value.cpp - Values of chat templates -------------------------------===//

#include "runtime/generate/chat_template/Value.h"
#include <algorithm>
#include <charconv>
#include <cmath>

using namespace weft;
using namespace weft::chat;

static void addTo(Shape &shape, const Value &child) {
  Shape below = child.shape();
  shape.depth = std::max(shape.depth, below.depth + 1);
  shape.weight += below.weight;
  shape.holdsNamespace |= below.holdsNamespace;
}

Value::Value(List list) {
  auto box = std::make_shared<ListBox>();
  for (const Value &item : list)
    addTo(box->shape, item);
  box->items = std::move(list);
  data = std::move(box);
}

Value Value::tuple(List list) {
  Value value(std::move(list));
  value.pointee<ListBox>()->isTuple = true;
  return value;
}

Value::Value(Map map) {
  // What a namespace holds changes, and is never written or compared.
  map.shape = Shape();
  map.shape.holdsNamespace = map.isNamespace;
  for (const auto &[key, value] : map.entries)
    if (!map.isNamespace) {
      addTo(map.shape, value);
      map.shape.weight += key.size();
    }
  data = std::make_shared<Map>(std::move(map));
}

Shape Value::shape() const {
  if (const ListBox *box = pointee<ListBox>())
    return box->shape;
  if (const Map *map = asMap())
    return map->shape;
  const std::string *text = asString();
  // A method holds the value that it is of.
  return {0, text ? text->size() + 1 : 1, asFunction() != nullptr};
}

const Value *Map::find(std::string_view key) const {
  for (const auto &entry : entries)
    if (entry.first == key)
      return &entry.second;
  return nullptr;
}

void Map::set(std::string_view key, Value value) {
  for (auto &entry : entries)
    if (entry.first == key) {
      entry.second = std::move(value);
      return;
    }
  entries.emplace_back(key, std::move(value));
}

const Value *Arguments::find(size_t position, std::string_view name) const {
  if (position < positional.size())
    return &positional[position];
  for (const auto &entry : named)
    if (entry.first == name)
      return &entry.second;
  return nullptr;
}

int64_t Value::toInt() const {
  if (const bool *value = asBool())
    return *value;
  if (const int64_t *value = asInt())
    return *value;
  const double *value = asDouble();
  return value && std::fabs(*value) < 9e18 ? static_cast<int64_t>(*value) : 0;
}

double Value::toDouble() const {
  const double *value = asDouble();
  return value ? *value : static_cast<double>(toInt());
}

bool Value::isTrue() const {
  if (isNumber())
    return toDouble() != 0;
  if (const std::string *text = asString())
    return !text->empty();
  if (const List *list = asList())
    return !list->empty();
  if (const Map *map = asMap())
    return !map->entries.empty();
  return asFunction() != nullptr;
}

const char *Value::typeName() const {
  static const char *const names[] = {"Undefined", "NoneType", "bool",
                                      "int",       "float",    "str",
                                      "list",      "dict",     "function"};
  return names[data.index()];
}

/// Python's repr of a float: the shortest digits that give it back.
static std::string floatText(double value) {
  if (std::isnan(value))
    return "nan";
  if (std::isinf(value))
    return value < 0 ? "-inf" : "inf";
  char buffer[400];
  double size = std::fabs(value);
  bool plain = size == 0 || (size >= 1e-4 && size < 1e16);
  auto *end = std::to_chars(buffer, buffer + sizeof buffer, value,
                            plain ? std::chars_format::fixed
                                  : std::chars_format::scientific)
                  .ptr;
  std::string text(buffer, end);
  if (plain && text.find('.') == std::string::npos)
    text += ".0";
  return text;
}

std::string Value::toText() const {
  if (isUndefined())
    return "";
  const std::string *text = asString();
  return text ? *text : toRepr();
}

static std::string quoted(const std::string &text) {
  bool both = text.find('\'') != std::string::npos &&
              text.find('"') == std::string::npos;
  char quote = both ? '"' : '\'';
  std::string result(1, quote);
  for (char c : text) {
    const char *escapes[][2] = {
        {"\\", "\\\\"}, {"\n", "\\n"}, {"\r", "\\r"}, {"\t", "\\t"}};
    auto *escape = std::find_if(std::begin(escapes), std::end(escapes),
                                [c](auto &entry) { return entry[0][0] == c; });
    if (escape != std::end(escapes))
      result += (*escape)[1];
    else if (c == quote)
      result += std::string("\\") + c;
    else
      result += c;
  }
  return result + quote;
}

std::string Value::toRepr() const {
  if (isUndefined())
    return "Undefined";
  if (isNone())
    return "None";
  if (const bool *value = asBool())
    return *value ? "True" : "False";
  if (const int64_t *value = asInt())
    return std::to_string(*value);
  if (const double *value = asDouble())
    return floatText(*value);
  if (const std::string *text = asString())
    return quoted(*text);
  std::string result;
  if (const List *list = asList()) {
    for (const Value &item : *list)
      result += (result.empty() ? "" : ", ") + item.toRepr();
    if (pointee<ListBox>()->isTuple)
      return "(" + result + (list->size() == 1 ? ",)" : ")");
    return "[" + result + "]";
  }
  if (const Map *map = asMap()) {
    if (map->isNamespace)
      return "<Namespace>";
    for (const auto &[key, value] : map->entries)
      result +=
          (result.empty() ? "" : ", ") + quoted(key) + ": " + value.toRepr();
    return "{" + result + "}";
  }
  return "<function " + asFunction()->name + ">";
}

bool Value::operator==(const Value &other) const {
  if (isNumber() && other.isNumber()) {
    bool real = asDouble() || other.asDouble();
    return real ? toDouble() == other.toDouble() : toInt() == other.toInt();
  }
  if (data.index() != other.data.index())
    return false;
  if (const std::string *text = asString())
    return *text == *other.asString();
  if (const List *list = asList())
    return *list == *other.asList();
  if (const Map *map = asMap()) {
    const Map *second = other.asMap();
    if (map->isNamespace || second->isNamespace)
      return map == second;
    return map->entries.size() == second->entries.size() &&
           std::all_of(map->entries.begin(), map->entries.end(),
                       [&](auto &entry) {
                         const Value *value = second->find(entry.first);
                         return value && *value == entry.second;
                       });
  }
  return isNone() || isUndefined() || asFunction() == other.asFunction();
}

int chat::compare(const Value &left, const Value &right, bool &ordered) {
  auto sign = [](const auto &a, const auto &b) {
    return a < b ? -1 : b < a ? 1 : 0;
  };
  if (left.isNumber() && right.isNumber()) {
    bool real = left.asDouble() || right.asDouble();
    return real ? sign(left.toDouble(), right.toDouble())
                : sign(left.toInt(), right.toInt());
  }
  if (left.asString() && right.asString())
    return sign(*left.asString(), *right.asString());
  if (left.asList() && right.asList()) {
    const List &a = *left.asList(), &b = *right.asList();
    for (size_t i = 0; i < std::min(a.size(), b.size()); ++i)
      if (a[i] != b[i])
        return compare(a[i], b[i], ordered);
    return sign(a.size(), b.size());
  }
  ordered = false;
  return 0;
}

static std::string jsonString(const std::string &text) {
  std::string result = "\"";
  for (unsigned char c : text) {
    const char *digits = "0123456789abcdef";
    if (c == '"' || c == '\\')
      result += std::string("\\") + static_cast<char>(c);
    else if (c == '\n')
      result += "\\n";
    else if (c == '\r')
      result += "\\r";
    else if (c == '\t')
      result += "\\t";
    else if (c == '\b')
      result += "\\b";
    else if (c == '\f')
      result += "\\f";
    else if (c < 0x20)
      result += std::string("\\u00") + digits[c >> 4] + digits[c & 15];
    else
      result += static_cast<char>(c);
  }
  return result + "\"";
}

/// The parts of a list or map between brackets, on one line or each on its own.
static void bracketed(const std::vector<std::string> &parts,
                      const char *brackets, int indent, int level,
                      std::string &text) {
  text += brackets[0];
  auto line = [&](int depth) {
    if (indent >= 0 && !parts.empty())
      text += "\n" + std::string(static_cast<size_t>(indent * depth), ' ');
  };
  for (size_t i = 0; i < parts.size(); ++i) {
    if (i > 0)
      text += indent >= 0 ? "," : ", ";
    line(level + 1);
    text += parts[i];
  }
  line(level);
  text += brackets[1];
}

bool chat::toJson(const Value &value, int indent, bool sortKeys,
                  std::string &text, int level) {
  std::vector<std::string> parts;
  if (const List *list = value.asList()) {
    for (const Value &item : *list)
      if (!toJson(item, indent, sortKeys, parts.emplace_back(), level + 1))
        return false;
    bracketed(parts, "[]", indent, level, text);
    return true;
  }
  if (const Map *map = value.asMap(); map && !map->isNamespace) {
    NamedValues entries = map->entries;
    if (sortKeys)
      std::sort(entries.begin(), entries.end(),
                [](auto &a, auto &b) { return a.first < b.first; });
    for (const auto &[key, item] : entries) {
      parts.push_back(jsonString(key) + ": ");
      if (!toJson(item, indent, sortKeys, parts.back(), level + 1))
        return false;
    }
    bracketed(parts, "{}", indent, level, text);
    return true;
  }
  if (const std::string *string = value.asString())
    text += jsonString(*string);
  else if (const bool *flag = value.asBool())
    text += *flag ? "true" : "false";
  else if (value.isNone())
    text += "null";
  else if (value.isNumber())
    text += value.toRepr();
  else
    return false;
  return true;
}
