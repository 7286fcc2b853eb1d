//===- Interpreter.h - Rendering chat templates -----------------*- C++ -*-===//
//
// Internal to chat templates. Methods that fail record the first error and
// return an undefined value; whoever loops or has effects asks failed().
//
//===----------------------------------------------------------------------===//

#ifndef WEFT_GENERATE_CHATTEMPLATE_INTERPRETER_H
#define WEFT_GENERATE_CHATTEMPLATE_INTERPRETER_H

#include "runtime/generate/chat_template/Syntax.h"
#include <map>

namespace weft::chat {

// Templates are not trusted: past these, rendering is an error.
constexpr size_t kMaxOutput = size_t(64) << 20; // bytes; also of any one string
constexpr size_t kMaxSteps =
    2 * 1000 * 1000;                      // expressions, statements, 64 bytes
constexpr int kMaxDepth = 1000;           // of evaluation
constexpr int kMaxValueDepth = 100;       // of lists in lists
constexpr size_t kMaxItems = 1000 * 1000; // of a list that is made

class Interpreter {
public:
  Interpreter(const Map &variables, std::string &error);

  /// Renders the whole template. False with the error set.
  bool run(const Block &block, std::string &text);

  bool failed() const { return !error.empty(); }
  /// Records an error at a line, unless there is one.
  Value fail(int line, const std::string &message);

  /// Applies a filter or test by name, as `map` and `select` do.
  Value applyFilter(const std::string &name, const Value &subject,
                    const Arguments &arguments, int line);
  bool applyTest(const std::string &name, const Value &subject,
                 const Arguments &arguments, int line);
  /// subject.name, for filters with `attribute`; dots go deeper.
  Value lookUp(const Value &subject, const std::string &path);

private:
  enum class Flow { Next, Break, Continue };
  using Scope = std::map<std::string, Value>;

  Value evaluate(const Expression &node);
  Value evaluateNode(const Expression &node);
  Value evaluateName(const Expression &node);
  Value evaluateMap(const Expression &node);
  Value evaluateUnary(const Expression &node);
  Value evaluateBinary(const Expression &node);
  Value evaluateCompare(const Expression &node);
  Value evaluateAttribute(const Expression &node);
  Value evaluateIndex(const Expression &node);
  Value evaluateSlice(const Expression &node);
  Value evaluateCall(const Expression &node);
  Arguments evaluateArguments(const Expression &node);

  Flow execute(const Block &block, std::string &out);
  Flow execute(const Statement &node, std::string &out);
  Flow executeFor(const Statement &node, std::string &out);
  void executeSet(const Statement &node);
  bool unpack(const Statement &node, const Value &value);
  Value makeMacro(const Statement &node, const std::string &name);
  Value callMacro(const Statement &node, const std::string &name,
                  const Arguments &arguments);
  void executeCallBlock(const Statement &node, std::string &out);
  Value filtered(const Expression &filter, std::string text);
  void write(std::string &out, const std::string &text, int line);

  Value *find(const std::string &name);
  void assign(const std::string &name, Value value) {
    scopes.back()[name] = std::move(value);
  }
  bool step(int line);

  std::string &error;
  std::vector<Scope> scopes; // globals, the template's own, and of each loop
  size_t steps = 0;
  int depth = 0;
};

/// A value's method, or an undefined value if it has none of that name.
Value findMethod(const Value &subject, const std::string &name);
/// The functions that every template has.
void addGlobals(std::map<std::string, Value> &scope);
/// Binary operators but `and` and `or`; sets `message` if they do not apply.
Value applyOperator(const std::string &op, const Value &left,
                    const Value &right, std::string &message);
/// Characters of a string, items of a list, keys of a map; false for others.
bool itemsOf(const Value &value, List &items);
/// Whether `container` holds `item`; false with `message` if it is no
/// container.
bool contains(const Value &container, const Value &item, std::string &message);
/// How many characters, items or entries; -1 for others.
int64_t lengthOf(const Value &value);

} // namespace weft::chat

#endif // WEFT_GENERATE_CHATTEMPLATE_INTERPRETER_H
