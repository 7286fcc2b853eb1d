//===- Filters.cpp - Filters of chat templates ----------------------------===//

#include "runtime/generate/chat_template/Interpreter.h"
#include "runtime/generate/chat_template/Text.h"
#include <algorithm>
#include <charconv>
#include <cmath>

using namespace weft;
using namespace weft::chat;

namespace {
/// What a filter gets.
struct Call {
  Interpreter &interpreter;
  const Value &subject;
  const Arguments &arguments;
  int line;
  std::string error; // set by filters that fail

  const Value *argument(size_t position, std::string_view name) const {
    return arguments.find(position, name);
  }
  std::string text(size_t position, std::string_view name,
                   const std::string &otherwise = "") const {
    const Value *value = argument(position, name);
    return value && !value->isNone() ? value->toText() : otherwise;
  }
  bool flag(size_t position, std::string_view name, bool otherwise) const {
    const Value *value = argument(position, name);
    return value ? value->isTrue() : otherwise;
  }
  List items() {
    List list;
    if (!subject.isUndefined() && !itemsOf(subject, list))
      error = std::string("expected a list but got ") + subject.typeName();
    return list;
  }
};
using Filter = Value (*)(Call &call);
} // namespace

static Value lengthFilter(Call &call) {
  int64_t length = call.subject.isUndefined() ? 0 : lengthOf(call.subject);
  if (length < 0)
    call.error = std::string(call.subject.typeName()) + " has no length";
  return length;
}

static Value defaultFilter(Call &call) {
  bool replace = call.subject.isUndefined() ||
                 (call.flag(1, "boolean", false) && !call.subject.isTrue());
  const Value *otherwise = call.argument(0, "default_value");
  return !replace ? call.subject : otherwise ? *otherwise : Value("");
}

static Value trimFilter(Call &call) {
  return strip(call.subject.toText(), call.text(0, "chars"), true, true);
}

static Value replaceFilter(Call &call) {
  const Value *count = call.argument(2, "count");
  return replaceText(
      call.subject.toText(), call.text(0, "old"), call.text(1, "new"),
      count && !count->isNone() ? count->toInt() : -1, call.error);
}

static Value joinFilter(Call &call) {
  std::string separator = call.text(0, "d"),
              attribute = call.text(1, "attribute"), joined;
  bool first = true;
  for (const Value &item : call.items()) {
    joined +=
        (first ? "" : separator) +
        (attribute.empty() ? item : call.interpreter.lookUp(item, attribute))
            .toText();
    first = false;
    if (joined.size() > kMaxOutput) {
      call.error = "the text exceeds " + std::to_string(kMaxOutput) + " bytes";
      break;
    }
  }
  return joined;
}

static Value jsonFilter(Call &call) {
  const Value *indent = call.argument(0, "indent");
  std::string text;
  bool sorted = call.flag(3, "sort_keys", false);
  int spaces =
      indent && indent->isNumber()
          ? static_cast<int>(std::clamp<int64_t>(indent->toInt(), 0, 64))
          : -1;
  if (call.argument(1, "separators") || call.flag(2, "ensure_ascii", false))
    call.error = "unsupported arguments of tojson";
  else if (!toJson(call.subject, spaces, sorted, text))
    call.error = std::string(call.subject.typeName()) + " has no JSON";
  return text;
}

static Value indentFilter(Call &call) {
  const Value *width = call.argument(0, "width");
  std::string space(
      static_cast<size_t>(std::clamp<int64_t>(
          width && width->isNumber() ? width->toInt() : 4, 0, 1000)),
      ' ');
  if (width && width->asString())
    space = *width->asString();
  bool blank = call.flag(2, "blank", false);
  std::string result;
  List lines = splitLines(call.subject.toText() + "\n");
  for (size_t i = 0; i < lines.size(); ++i) {
    const std::string &line = *lines[i].asString();
    bool indented =
        i == 0 ? call.flag(1, "first", false) : blank || !line.empty();
    result += (i ? "\n" : "") + (indented ? space : "") + line;
  }
  return result;
}

static Value numberFilter(Call &call, bool real) {
  const Value *otherwise = call.argument(0, "default");
  Value fallback = otherwise ? *otherwise : real ? Value(0.0) : Value(0);
  if (call.subject.isNumber())
    return real ? Value(call.subject.toDouble()) : Value(call.subject.toInt());
  if (!call.subject.asString())
    return fallback;
  std::string text = strip(*call.subject.asString(), "", true, true);
  double value = 0;
  auto [end, code] =
      std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc() || end != text.data() + text.size())
    return fallback;
  return real ? Value(value)
              : Value(static_cast<int64_t>(std::clamp(value, -9e18, 9e18)));
}

static Value roundFilter(Call &call) {
  const Value *digits = call.argument(0, "precision");
  double scale = std::pow(10, digits ? static_cast<double>(std::clamp<int64_t>(
                                           digits->toInt(), -15, 15))
                                     : 0);
  std::string method = call.text(1, "method", "common");
  double value = call.subject.toDouble() * scale;
  if (method == "common") // halves to even, as Python rounds
    value = std::nearbyint(value);
  else
    value = method == "ceil" ? std::ceil(value) : std::floor(value);
  return value / scale;
}

/// Orders by the value or an attribute of it; texts without regard to case
/// unless asked.
static bool sortItems(Call &call, List &items, const std::string &attribute,
                      bool caseSensitive) {
  auto key = [&](const Value &item) {
    Value value =
        attribute.empty() ? item : call.interpreter.lookUp(item, attribute);
    return value.asString() && !caseSensitive ? Value(lower(*value.asString()))
                                              : value;
  };
  bool ordered = true;
  std::vector<std::pair<Value, size_t>> keys;
  for (size_t i = 0; i < items.size(); ++i)
    keys.emplace_back(key(items[i]), i);
  // Whether all can be compared is asked first: sorting needs a strict order.
  for (size_t i = 1; i < keys.size(); ++i)
    compare(keys[0].first, keys[i].first, ordered);
  if (!ordered) {
    call.error = "the values cannot be ordered";
    return false;
  }
  std::sort(keys.begin(), keys.end(), [&](const auto &a, const auto &b) {
    int order = compare(a.first, b.first, ordered);
    return order != 0 ? order < 0 : a.second < b.second;
  });
  List sorted;
  for (const auto &entry : keys)
    sorted.push_back(items[entry.second]);
  items = std::move(sorted);
  return true;
}

static Value sortFilter(Call &call) {
  List items = call.items();
  sortItems(call, items, call.text(2, "attribute"),
            call.flag(1, "case_sensitive", false));
  if (call.flag(0, "reverse", false))
    std::reverse(items.begin(), items.end());
  return items;
}

static Value dictsortFilter(Call &call) {
  List pairs;
  const Map *map = call.subject.asMap();
  if (!map)
    call.error =
        std::string("expected a dictionary but got ") + call.subject.typeName();
  else
    for (const auto &[key, value] : map->entries)
      pairs.push_back(Map{{{"key", key}, {"value", value}}, false, {}});
  sortItems(call, pairs, call.text(1, "by", "key"),
            call.flag(0, "case_sensitive", false));
  for (Value &pair : pairs)
    pair = Value::tuple(
        {*pair.asMap()->find("key"), *pair.asMap()->find("value")});
  if (call.flag(2, "reverse", false))
    std::reverse(pairs.begin(), pairs.end());
  return pairs;
}

static Value uniqueFilter(Call &call) {
  List result;
  for (const Value &item : call.items()) {
    bool seen =
        std::any_of(result.begin(), result.end(), [&](const Value &other) {
          bool texts = item.asString() && other.asString();
          return texts ? lower(*item.asString()) == lower(*other.asString())
                       : item == other;
        });
    if (!seen)
      result.push_back(item);
    if (result.size() > 10000) {
      call.error = "too many values";
      break;
    }
  }
  return result;
}

static Value extremeFilter(Call &call, int wanted) {
  List items = call.items();
  if (items.empty())
    return Undefined{};
  Value best = items[0];
  for (const Value &item : items) {
    bool ordered = true;
    if (compare(item, best, ordered) == wanted)
      best = item;
    if (!ordered)
      call.error = "the values cannot be ordered";
  }
  return best;
}

static Value sumFilter(Call &call) {
  const Value *start = call.argument(1, "start");
  Value sum = start ? *start : Value(0);
  std::string attribute = call.text(0, "attribute");
  for (const Value &item : call.items())
    sum = applyOperator(
        "+", sum,
        attribute.empty() ? item : call.interpreter.lookUp(item, attribute),
        call.error);
  return sum;
}

/// map(attribute="a") or map("filter", arguments…).
static Value mapFilter(Call &call) {
  const Value *attribute = nullptr;
  for (const auto &entry : call.arguments.named)
    if (entry.first == "attribute")
      attribute = &entry.second;
  const Value *otherwise = attribute ? call.argument(1, "default") : nullptr;
  List result;
  Arguments rest;
  if (!attribute) {
    if (call.arguments.positional.empty()) {
      call.error = "map needs the name of a filter or an attribute";
      return Undefined{};
    }
    rest.positional.assign(call.arguments.positional.begin() + 1,
                           call.arguments.positional.end());
    rest.named = call.arguments.named;
  }
  for (const Value &item : call.items()) {
    Value value = attribute ? call.interpreter.lookUp(item, attribute->toText())
                            : call.interpreter.applyFilter(
                                  call.text(0, "name"), item, rest, call.line);
    result.push_back(value.isUndefined() && otherwise ? *otherwise : value);
    if (call.interpreter.failed())
      break;
  }
  return result;
}

/// select, reject and the same by an attribute: the test is the next argument,
/// truth if there is none.
static Value selectFilter(Call &call, bool wanted, bool byAttribute) {
  const List &given = call.arguments.positional;
  size_t at = byAttribute ? 1 : 0;
  if (given.size() < at) {
    call.error = "expected the name of an attribute";
    return Undefined{};
  }
  Arguments rest;
  if (given.size() > at + 1)
    rest.positional.assign(given.begin() + static_cast<ptrdiff_t>(at) + 1,
                           given.end());
  List result;
  for (const Value &item : call.items()) {
    Value value =
        byAttribute ? call.interpreter.lookUp(item, given[0].toText()) : item;
    bool holds = given.size() > at
                     ? call.interpreter.applyTest(given[at].toText(), value,
                                                  rest, call.line)
                     : value.isTrue();
    if (holds == wanted)
      result.push_back(item);
    if (call.interpreter.failed())
      break;
  }
  return result;
}

static Value reverseFilter(Call &call) {
  List items = call.items();
  std::reverse(items.begin(), items.end());
  if (!call.subject.asString())
    return items;
  std::string text;
  for (const Value &item : items)
    text += *item.asString();
  return text;
}

static Value itemsFilter(Call &call) {
  const Map *map = call.subject.asMap();
  List pairs;
  if (!map && !call.subject.isUndefined())
    call.error =
        std::string("expected a dictionary but got ") + call.subject.typeName();
  for (size_t i = 0; map && i < map->entries.size(); ++i)
    pairs.push_back(
        Value::tuple({map->entries[i].first, map->entries[i].second}));
  return pairs;
}

static Value endFilter(Call &call, bool last) {
  List items = call.items();
  return items.empty() ? Value(Undefined{})
         : last        ? items.back()
                       : items.front();
}

static const std::map<std::string_view, Filter> &filters() {
  using C = Call &;
  static const std::map<std::string_view, Filter> table = {
      {"abs",
       [](C c) -> Value {
         return c.subject.asDouble() ? Value(std::fabs(c.subject.toDouble()))
                                     : Value(std::abs(c.subject.toInt()));
       }},
      {"capitalize",
       [](C c) -> Value { return capitalized(c.subject.toText()); }},
      {"count", lengthFilter},
      {"d", defaultFilter},
      {"default", defaultFilter},
      {"dictsort", dictsortFilter},
      {"first", [](C c) { return endFilter(c, false); }},
      {"float", [](C c) { return numberFilter(c, true); }},
      {"indent", indentFilter},
      {"int", [](C c) { return numberFilter(c, false); }},
      {"items", itemsFilter},
      {"join", joinFilter},
      {"last", [](C c) { return endFilter(c, true); }},
      {"length", lengthFilter},
      {"list", [](C c) -> Value { return c.items(); }},
      {"lower", [](C c) -> Value { return lower(c.subject.toText()); }},
      {"map", mapFilter},
      {"max", [](C c) { return extremeFilter(c, 1); }},
      {"min", [](C c) { return extremeFilter(c, -1); }},
      {"reject", [](C c) { return selectFilter(c, false, false); }},
      {"rejectattr", [](C c) { return selectFilter(c, false, true); }},
      {"replace", replaceFilter},
      {"reverse", reverseFilter},
      {"round", roundFilter},
      {"safe", [](C c) -> Value { return c.subject.toText(); }},
      {"select", [](C c) { return selectFilter(c, true, false); }},
      {"selectattr", [](C c) { return selectFilter(c, true, true); }},
      {"sort", sortFilter},
      {"string", [](C c) -> Value { return c.subject.toText(); }},
      {"sum", sumFilter},
      {"title", [](C c) -> Value { return titledWords(c.subject.toText()); }},
      {"tojson", jsonFilter},
      {"trim", trimFilter},
      {"unique", uniqueFilter},
      {"upper", [](C c) -> Value { return upper(c.subject.toText()); }},
      {"wordcount",
       [](C c) -> Value {
         return static_cast<int64_t>(
             split(c.subject.toText(), "", -1, false).size());
       }},
  };
  return table;
}

Value Interpreter::applyFilter(const std::string &name, const Value &subject,
                               const Arguments &arguments, int line) {
  auto entry = filters().find(name);
  if (entry == filters().end())
    return fail(line, "unsupported filter '" + name + "'");
  if (!step(line))
    return Undefined{};
  Call call{*this, subject, arguments, line, ""};
  Value value = entry->second(call);
  return call.error.empty() ? value : fail(line, call.error);
}
