//===- Value.h - Values of chat templates -----------------------*- C++ -*-===//
//
// The values that Jinja knows, with Python's rules for truth, equality and
// text. Lists and maps are shared: a copy refers to the same.
//
//===----------------------------------------------------------------------===//

#ifndef WEFT_GENERATE_CHATTEMPLATE_VALUE_H
#define WEFT_GENERATE_CHATTEMPLATE_VALUE_H

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace weft::chat {

class Value;
using List = std::vector<Value>;
using NamedValues = std::vector<std::pair<std::string, Value>>;

/// How much hangs below a value. Values are written and compared by recursion,
/// so interpreters bound it.
struct Shape {
  int depth = 0;
  size_t weight = 1; // values, and bytes of text
  bool holdsNamespace =
      false; // what a namespace must not hold: it could be itself
};

/// Keys in the order they were put in.
struct Map {
  NamedValues entries;
  bool isNamespace = false; // only then may templates change it
  Shape shape;              // set when it becomes a value
  const Value *find(std::string_view key) const;
  void set(std::string_view key, Value value);
};

struct Arguments {
  List positional;
  NamedValues named;
  /// The argument at a position or of a name, or null.
  const Value *find(size_t position, std::string_view name) const;
};

/// A macro, method or global function; sets `error` if it fails.
struct Function {
  std::string name;
  std::function<Value(const Arguments &, std::string &error)> call;
};

struct Undefined {
  std::string name; // what was not found, for messages
};
struct None {};

class Value {
public:
  Value() : data(Undefined{}) {}
  Value(Undefined value) : data(std::move(value)) {}
  Value(None) : data(None{}) {}
  Value(bool value) : data(value) {}
  Value(int64_t value) : data(value) {}
  Value(int value) : data(static_cast<int64_t>(value)) {}
  Value(double value) : data(value) {}
  Value(std::string value) : data(std::move(value)) {}
  Value(std::string_view value) : data(std::string(value)) {}
  Value(const char *value) : data(std::string(value)) {}
  Value(List list);
  Value(Map map);
  /// A list that is written with round brackets, as pairs of a dictionary are.
  static Value tuple(List list);
  Value(Function function)
      : data(std::make_shared<Function>(std::move(function))) {}

  bool isUndefined() const { return std::holds_alternative<Undefined>(data); }
  bool isNone() const { return std::holds_alternative<None>(data); }
  bool isNumber() const { return asInt() || asDouble() || asBool(); }

  /// The value if it is of that kind, else null.
  const Undefined *asUndefined() const { return std::get_if<Undefined>(&data); }
  const bool *asBool() const { return std::get_if<bool>(&data); }
  const int64_t *asInt() const { return std::get_if<int64_t>(&data); }
  const double *asDouble() const { return std::get_if<double>(&data); }
  const std::string *asString() const {
    return std::get_if<std::string>(&data);
  }
  const List *asList() const {
    const ListBox *box = pointee<ListBox>();
    return box ? &box->items : nullptr;
  }
  Map *asMap() const { return pointee<Map>(); }
  const Function *asFunction() const { return pointee<Function>(); }

  Shape shape() const;

  /// The number as an integer (true is 1) or a real; 0 for what is no number.
  int64_t toInt() const;
  double toDouble() const;

  bool isTrue() const;
  /// "str", "list"…, as Python names it.
  const char *typeName() const;
  /// What {{ value }} writes.
  std::string toText() const;
  /// How it stands inside a list that is written.
  std::string toRepr() const;
  bool operator==(const Value &other) const;
  bool operator!=(const Value &other) const { return !(*this == other); }

private:
  struct ListBox {
    List items;
    Shape shape;
    bool isTuple = false;
  };
  template <typename T> T *pointee() const {
    auto *pointer = std::get_if<std::shared_ptr<T>>(&data);
    return pointer ? pointer->get() : nullptr;
  }
  std::variant<Undefined, None, bool, int64_t, double, std::string,
               std::shared_ptr<ListBox>, std::shared_ptr<Map>,
               std::shared_ptr<Function>>
      data;
};

/// -1, 0 or 1; `ordered` becomes false if the two have no order.
int compare(const Value &left, const Value &right, bool &ordered);

/// Python's json.dumps without ASCII escapes; `indent` below 0 writes one line.
/// False if a value has no JSON.
bool toJson(const Value &value, int indent, bool sortKeys, std::string &text,
            int level = 0);

} // namespace weft::chat

#endif // WEFT_GENERATE_CHATTEMPLATE_VALUE_H
