//===- Execute.cpp - Statements of chat templates -------------------------===//

#include "runtime/generate/chat_template/Interpreter.h"
#include <algorithm>

using namespace weft;
using namespace weft::chat;

using Kind = Statement::Kind;

Interpreter::Interpreter(const Map &variables, std::string &error)
    : error(error) {
  scopes.resize(2);
  addGlobals(scopes[0]);
  for (const auto &[name, value] : variables.entries)
    scopes[0][name] = value;
}

bool Interpreter::run(const Block &block, std::string &text) {
  text.clear();
  execute(block, text);
  return !failed();
}

Value *Interpreter::find(const std::string &name) {
  for (auto scope = scopes.rbegin(); scope != scopes.rend(); ++scope) {
    auto entry = scope->find(name);
    if (entry != scope->end())
      return &entry->second;
  }
  return nullptr;
}

void Interpreter::write(std::string &out, const std::string &text, int line) {
  if (out.size() + text.size() > kMaxOutput)
    fail(line, "the text exceeds " + std::to_string(kMaxOutput) + " bytes");
  else
    out += text;
}

Interpreter::Flow Interpreter::execute(const Block &block, std::string &out) {
  for (const StatementPtr &node : block) {
    if (!step(node->line))
      return Flow::Next;
    Flow flow = execute(*node, out);
    if (flow != Flow::Next)
      return flow;
  }
  return Flow::Next;
}

Interpreter::Flow Interpreter::execute(const Statement &node,
                                       std::string &out) {
  switch (node.kind) {
  case Kind::Text:
    write(out, node.name, node.line);
    break;
  case Kind::Output:
    write(out, evaluate(*node.expression).toText(), node.line);
    break;
  case Kind::If: {
    bool holds = evaluate(*node.expression).isTrue();
    return failed() ? Flow::Next
                    : execute(holds ? node.body : node.orElse, out);
  }
  case Kind::For:
    return executeFor(node, out);
  case Kind::Set:
    executeSet(node);
    break;
  case Kind::SetBlock: {
    std::string text;
    Flow flow = execute(node.body, text);
    assign(node.targets[0],
           node.filter ? filtered(*node.filter, text) : Value(text));
    return flow;
  }
  case Kind::Macro:
    assign(node.name, makeMacro(node, node.name));
    break;
  case Kind::CallBlock:
    executeCallBlock(node, out);
    break;
  case Kind::Filter: {
    std::string text;
    Flow flow = execute(node.body, text);
    write(out, filtered(*node.filter, text).toText(), node.line);
    return flow;
  }
  case Kind::Body:
    return execute(node.body, out);
  case Kind::Break:
    return Flow::Break;
  case Kind::Continue:
    return Flow::Continue;
  }
  return Flow::Next;
}

/// A filter expression whose innermost subject is the name "".
Value Interpreter::filtered(const Expression &filter, std::string text) {
  scopes.push_back({{"", Value(std::move(text))}});
  Value value = evaluate(filter);
  scopes.pop_back();
  return value;
}

/// Gives the targets a value, or its parts if there are several.
bool Interpreter::unpack(const Statement &node, const Value &value) {
  if (node.targets.size() == 1) {
    assign(node.targets[0], value);
    return true;
  }
  List items;
  if (!itemsOf(value, items) || items.size() != node.targets.size()) {
    fail(node.line,
         "expected " + std::to_string(node.targets.size()) +
             " values to unpack but got " +
             (items.empty() ? value.typeName() : std::to_string(items.size())));
    return false;
  }
  for (size_t i = 0; i < items.size(); ++i)
    assign(node.targets[i], items[i]);
  return true;
}

void Interpreter::executeSet(const Statement &node) {
  Value value = evaluate(*node.expression);
  if (failed())
    return;
  if (node.attribute.empty()) {
    unpack(node, value);
    return;
  }
  Value *target = find(node.name);
  Map *map = target ? target->asMap() : nullptr;
  if (map && map->isNamespace && value.shape().holdsNamespace)
    fail(node.line, "a namespace cannot hold a namespace or function");
  else if (map && map->isNamespace)
    map->set(node.attribute, value);
  else
    fail(node.line, "cannot set '" + node.attribute + "' of '" + node.name +
                        "', which is no namespace");
}

/// `loop.cycle(a, b)`: the argument whose turn it is.
static Value cycleAt(size_t index) {
  return Function{
      "cycle", [index](const Arguments &arguments, std::string &error) {
        if (arguments.positional.empty()) {
          error = "expected something to cycle through but got nothing";
          return Value();
        }
        return arguments.positional[index % arguments.positional.size()];
      }};
}

static Map loopVariables(const List &items, size_t i) {
  auto number = [](size_t value) { return Value(static_cast<int64_t>(value)); };
  Map loop;
  loop.entries = {{"index", number(i + 1)},
                  {"index0", number(i)},
                  {"revindex", number(items.size() - i)},
                  {"revindex0", number(items.size() - i - 1)},
                  {"first", i == 0},
                  {"last", i + 1 == items.size()},
                  {"length", number(items.size())},
                  {"depth", 1},
                  {"depth0", 0},
                  {"cycle", cycleAt(i)}};
  loop.entries.emplace_back("previtem",
                            i > 0 ? items[i - 1] : Undefined{"previtem"});
  loop.entries.emplace_back(
      "nextitem", i + 1 < items.size() ? items[i + 1] : Undefined{"nextitem"});
  return loop;
}

Interpreter::Flow Interpreter::executeFor(const Statement &node,
                                          std::string &out) {
  Value iterable = evaluate(*node.expression);
  List items, kept;
  // Undefined counts as empty, as in Jinja.
  if (!failed() && !iterable.isUndefined() && !itemsOf(iterable, items))
    fail(node.line, std::string("cannot loop over ") + iterable.typeName());
  scopes.emplace_back();
  for (size_t i = 0; node.filter && i < items.size() && !failed(); ++i)
    if (unpack(node, items[i]) && evaluate(*node.filter).isTrue())
      kept.push_back(items[i]);
  if (node.filter)
    items = std::move(kept);
  for (size_t i = 0; i < items.size() && step(node.line); ++i) {
    scopes.back().clear(); // what a turn sets, the next does not see
    assign("loop", loopVariables(items, i));
    if (unpack(node, items[i]) && execute(node.body, out) == Flow::Break)
      break;
  }
  scopes.pop_back();
  return items.empty() && !failed() ? execute(node.orElse, out) : Flow::Next;
}

Value Interpreter::makeMacro(const Statement &node, const std::string &name) {
  return Function{
      name, [this, &node, name](const Arguments &arguments, std::string &) {
        return callMacro(node, name, arguments);
      }};
}

/// A macro sees the template's variables, not those of the loops around its
/// call.
Value Interpreter::callMacro(const Statement &node, const std::string &name,
                             const Arguments &arguments) {
  if (arguments.positional.size() > node.targets.size())
    return fail(node.line, "macro '" + name + "' takes " +
                               std::to_string(node.targets.size()) +
                               " arguments but got " +
                               std::to_string(arguments.positional.size()));
  if (++depth > kMaxDepth / 4) {
    --depth;
    return fail(node.line, "macros call each other too deeply");
  }
  std::vector<Scope> caller(scopes.begin() + 2, scopes.end());
  scopes.resize(2);
  scopes.emplace_back();
  size_t required = node.targets.size() - node.defaults.size();
  for (size_t i = 0; i < node.targets.size(); ++i) {
    const Value *given = arguments.find(i, node.targets[i]);
    if (given)
      assign(node.targets[i], *given);
    else if (i >= required)
      assign(node.targets[i], evaluate(*node.defaults[i - required]));
    else
      assign(node.targets[i], Undefined{node.targets[i]});
  }
  for (const auto &[key, value] : arguments.named) {
    bool known = std::find(node.targets.begin(), node.targets.end(), key) !=
                 node.targets.end();
    if (key == "caller")
      assign(key, value);
    else if (!known)
      fail(node.line, "macro '" + name + "' takes no argument '" + key + "'");
  }
  std::string text;
  if (!failed())
    execute(node.body, text);
  scopes.resize(2);
  scopes.insert(scopes.end(), caller.begin(), caller.end());
  --depth;
  return text;
}

/// A macro gets the block as its `caller`.
void Interpreter::executeCallBlock(const Statement &node, std::string &out) {
  Value callee = evaluate(*node.expression->parts[0]);
  Arguments arguments = evaluateArguments(*node.expression);
  if (failed())
    return;
  if (!callee.asFunction()) {
    fail(node.line, "expected a macro to call");
    return;
  }
  arguments.named.emplace_back("caller", makeMacro(node, "caller"));
  std::string message;
  Value value = callee.asFunction()->call(arguments, message);
  if (!message.empty())
    fail(node.line, message);
  write(out, value.toText(), node.line);
}
