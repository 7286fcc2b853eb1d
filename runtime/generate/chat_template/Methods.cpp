//===- Methods.cpp - Methods of values and global functions ---------------===//

#include "runtime/generate/chat_template/Interpreter.h"
#include "runtime/generate/chat_template/Text.h"
#include <algorithm>
#include <ctime>

using namespace weft;
using namespace weft::chat;

namespace {
template <typename T>
using Method = Value (*)(const T &subject, const Arguments &arguments,
                         std::string &error);
} // namespace

/// A text argument; `otherwise` if it is missing or None.
static std::string textAt(const Arguments &arguments, size_t position,
                          const char *name, std::string otherwise,
                          std::string &error) {
  const Value *value = arguments.find(position, name);
  if (!value || value->isNone())
    return otherwise;
  if (!value->asString())
    error = std::string("expected text but got ") + value->typeName();
  return value->asString() ? *value->asString() : otherwise;
}

static Value stripMethod(const std::string &text, const Arguments &arguments,
                         bool left, bool right, std::string &error) {
  return strip(text, textAt(arguments, 0, "chars", "", error), left, right);
}

static Value affix(const std::string &text, const Arguments &arguments,
                   bool atEnd, std::string &error) {
  List options;
  const Value *value = arguments.find(0, "prefix");
  if (value && value->asList())
    options = *value->asList();
  else if (value)
    options = {*value};
  for (const Value &option : options) {
    if (!option.asString()) {
      error = std::string("expected text but got ") + option.typeName();
      return false;
    }
    const std::string &part = *option.asString();
    bool fits = part.size() <= text.size();
    if (fits && text.compare(atEnd ? text.size() - part.size() : 0, part.size(),
                             part) == 0)
      return true;
  }
  return false;
}

static Value splitMethod(const std::string &text, const Arguments &arguments,
                         bool fromRight, std::string &error) {
  const Value *limit = arguments.find(1, "maxsplit");
  std::string separator = textAt(arguments, 0, "sep", "", error);
  const Value *given = arguments.find(0, "sep");
  if (given && given->asString() && separator.empty())
    error = "the separator is empty";
  return split(text, separator, limit ? limit->toInt() : -1, fromRight);
}

static Value joinMethod(const std::string &text, const Arguments &arguments,
                        std::string &error) {
  List items;
  const Value *value = arguments.find(0, "iterable");
  if (!value || !itemsOf(*value, items)) {
    error = "expected a list to join";
    return Undefined{};
  }
  std::string joined;
  for (size_t i = 0; i < items.size(); ++i) {
    if (!items[i].asString())
      error =
          std::string("expected text to join but got ") + items[i].typeName();
    joined += (i ? text : "") + items[i].toText();
  }
  return joined;
}

static Value findText(const std::string &text, const Arguments &arguments,
                      bool last, std::string &error) {
  std::string wanted = textAt(arguments, 0, "sub", "", error);
  size_t at = last ? text.rfind(wanted) : text.find(wanted);
  if (at == std::string::npos)
    return -1;
  return Value(lengthOf(text.substr(0, at)));
}

template <bool (*holds)(char32_t)>
static Value allChars(const std::string &text, const Arguments &,
                      std::string &) {
  return !text.empty() && everyChar(text, holds);
}

using A = const Arguments &;
using S = const std::string &;
using E = std::string &;

static Method<std::string> stringMethod(const std::string &name) {
  static const std::map<std::string, Method<std::string>> table = {
      {"upper", [](S t, A, E) -> Value { return upper(t); }},
      {"lower", [](S t, A, E) -> Value { return lower(t); }},
      {"title", [](S t, A, E) -> Value { return titled(t); }},
      {"capitalize", [](S t, A, E) -> Value { return capitalized(t); }},
      {"strip", [](S t, A a, E e) { return stripMethod(t, a, true, true, e); }},
      {"lstrip",
       [](S t, A a, E e) { return stripMethod(t, a, true, false, e); }},
      {"rstrip",
       [](S t, A a, E e) { return stripMethod(t, a, false, true, e); }},
      {"startswith", [](S t, A a, E e) { return affix(t, a, false, e); }},
      {"endswith", [](S t, A a, E e) { return affix(t, a, true, e); }},
      {"split", [](S t, A a, E e) { return splitMethod(t, a, false, e); }},
      {"rsplit", [](S t, A a, E e) { return splitMethod(t, a, true, e); }},
      {"splitlines", [](S t, A, E) -> Value { return splitLines(t); }},
      {"join", joinMethod},
      {"find", [](S t, A a, E e) { return findText(t, a, false, e); }},
      {"rfind", [](S t, A a, E e) { return findText(t, a, true, e); }},
      {"isdigit", allChars<isDigitChar>},
      {"isalpha", allChars<isLetter>},
      {"isalnum", allChars<isLetterOrDigit>},
      {"isspace", allChars<isWhiteSpace>},
      {"count",
       [](S t, A a, E e) -> Value {
         return countText(t, textAt(a, 0, "sub", "", e));
       }},
      {"removeprefix",
       [](S t, A a, E e) -> Value {
         std::string part = textAt(a, 0, "prefix", "", e);
         return t.compare(0, part.size(), part) == 0 ? t.substr(part.size())
                                                     : t;
       }},
      {"removesuffix",
       [](S t, A a, E e) -> Value {
         std::string part = textAt(a, 0, "suffix", "", e);
         bool ends = t.size() >= part.size() &&
                     t.compare(t.size() - part.size(), part.size(), part) == 0;
         return ends ? t.substr(0, t.size() - part.size()) : t;
       }},
      {"replace",
       [](S t, A a, E e) -> Value {
         const Value *limit = a.find(2, "count");
         return replaceText(t, textAt(a, 0, "old", "", e),
                            textAt(a, 1, "new", "", e),
                            limit ? limit->toInt() : -1, e);
       }},
  };
  auto entry = table.find(name);
  return entry == table.end() ? nullptr : entry->second;
}

static List pairsOf(const Map &map) {
  List pairs;
  for (const auto &[key, value] : map.entries)
    pairs.push_back(Value::tuple({key, value}));
  return pairs;
}

static Method<Map> mapMethod(const std::string &name) {
  using M = const Map &;
  static const std::map<std::string, Method<Map>> table = {
      {"items", [](M m, A, E) -> Value { return pairsOf(m); }},
      {"copy", [](M m, A, E) -> Value { return m; }},
      {"keys",
       [](M m, A, E) -> Value {
         List keys;
         for (const auto &entry : m.entries)
           keys.push_back(entry.first);
         return keys;
       }},
      {"values",
       [](M m, A, E) -> Value {
         List values;
         for (const auto &entry : m.entries)
           values.push_back(entry.second);
         return values;
       }},
      {"get",
       [](M m, A a, E) -> Value {
         const Value *key = a.find(0, "key"), *otherwise = a.find(1, "default");
         const Value *found =
             key && key->asString() ? m.find(*key->asString()) : nullptr;
         return found ? *found : otherwise ? *otherwise : Value(None{});
       }},
  };
  auto entry = table.find(name);
  return entry == table.end() ? nullptr : entry->second;
}

static Method<List> listMethod(const std::string &name) {
  using L = const List &;
  static const std::map<std::string, Method<List>> table = {
      {"copy", [](L l, A, E) -> Value { return l; }},
      {"count",
       [](L l, A a, E) -> Value {
         const Value *wanted = a.find(0, "value");
         return static_cast<int64_t>(
             wanted ? std::count(l.begin(), l.end(), *wanted) : 0);
       }},
      {"index",
       [](L l, A a, E e) -> Value {
         const Value *wanted = a.find(0, "value");
         auto found = wanted ? std::find(l.begin(), l.end(), *wanted) : l.end();
         if (found == l.end())
           e = "the value is not in the list";
         return static_cast<int64_t>(found - l.begin());
       }},
  };
  auto entry = table.find(name);
  return entry == table.end() ? nullptr : entry->second;
}

/// A function that holds its subject.
template <typename T, typename Get>
static Value bound(const std::string &name, const Value &subject,
                   Method<T> method, Get get) {
  if (!method)
    return Undefined{name};
  return Function{name, [subject, method, get](A arguments, E error) {
                    return method(*get(subject), arguments, error);
                  }};
}

Value chat::findMethod(const Value &subject, const std::string &name) {
  if (subject.asString())
    return bound<std::string>(name, subject, stringMethod(name),
                              [](const Value &v) { return v.asString(); });
  if (subject.asMap() && !subject.asMap()->isNamespace)
    return bound<Map>(name, subject, mapMethod(name),
                      [](const Value &v) { return v.asMap(); });
  if (subject.asList())
    return bound<List>(name, subject, listMethod(name),
                       [](const Value &v) { return v.asList(); });
  return Undefined{name};
}

static Value rangeFunction(A arguments, E error) {
  const List &given = arguments.positional;
  for (const Value &value : given)
    if (!value.isNumber() || value.asDouble())
      error = "expected integers for range";
  if (given.empty() || given.size() > 3)
    error = "expected one to three integers for range";
  if (!error.empty())
    return Undefined{};
  int64_t begin = given.size() > 1 ? given[0].toInt() : 0;
  int64_t end = given[given.size() > 1 ? 1 : 0].toInt();
  int64_t step = given.size() > 2 ? given[2].toInt() : 1;
  List list;
  if (step == 0)
    error = "the step of range is zero";
  for (__int128 i = begin; step != 0 && (step > 0 ? i < end : i > end);
       i += step) {
    if (list.size() >= kMaxItems) {
      error =
          "the range has more than " + std::to_string(kMaxItems) + " numbers";
      return Undefined{};
    }
    list.push_back(static_cast<int64_t>(i));
  }
  return list;
}

/// dict(a=1) and namespace(a=1), or from a map.
static Map mapOf(A arguments) {
  Map map;
  for (const Value &value : arguments.positional)
    if (value.asMap())
      map = *value.asMap();
  for (const auto &[name, value] : arguments.named)
    map.set(name, value);
  return map;
}

static Value namespaceFunction(A arguments, E error) {
  Map map = mapOf(arguments);
  for (const auto &entry : map.entries)
    if (entry.second.shape().holdsNamespace)
      error = "a namespace cannot hold a namespace or function";
  map.isNamespace = true;
  return error.empty() ? Value(map) : Value();
}

static Value timeFunction(A arguments, E error) {
  std::string format = textAt(arguments, 0, "format", "", error);
  std::time_t now = std::time(nullptr);
  std::tm local{};
  localtime_r(&now, &local);
  char text[512];
  size_t size = std::strftime(text, sizeof text, format.c_str(), &local);
  return std::string(text, size);
}

void chat::addGlobals(std::map<std::string, Value> &scope) {
  scope["range"] = Function{"range", rangeFunction};
  scope["namespace"] = Function{"namespace", namespaceFunction};
  scope["dict"] = Function{"dict", [](A arguments, E) -> Value {
                             Map map = mapOf(arguments);
                             map.isNamespace = false;
                             return map;
                           }};
  scope["strftime_now"] = Function{"strftime_now", timeFunction};
  scope["raise_exception"] =
      Function{"raise_exception", [](A arguments, E error) -> Value {
                 error = textAt(arguments, 0, "message", "", error);
                 error = "the template refuses: " + error;
                 return Undefined{};
               }};
}
