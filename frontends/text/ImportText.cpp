//===- ImportText.cpp - Functions of a text from other texts --------------===//

#include "frontends/text/ImportText.h"

#include "dialects/weft/ops/WeftOps.h"
#include "frontends/formats/common/Quote.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/Path.h"

using namespace mlir;
using namespace weft;
using formats::Error;
using formats::Status;

namespace {

class Importer {
public:
  Importer(ModuleOp module, const std::string &path, TextParser parse)
      : module(module), path(path), parse(parse) {}

  Status run();

private:
  /// Reads the files that `text`, the module at `from`, imports.
  Status read(ModuleOp text, const std::string &from);
  /// Replaces the call by the body of what it calls. `depth` counts the calls
  /// that led to this one.
  Status expand(func::CallOp call, unsigned depth);
  Status expandAll(Operation *root, unsigned depth);

  Error fail(Operation *op, const std::string &message) {
    std::string place;
    if (auto at = op->getLoc()->findInstanceOf<FileLineColLoc>())
      place =
          std::to_string(at.getLine()) + ":" + std::to_string(at.getColumn());
    return Error{path, place, message};
  }

  ModuleOp module;
  const std::string &path;
  TextParser parse;
  SmallVector<OwningOpRef<ModuleOp>> texts;
  llvm::StringSet<> visited;
  struct Function {
    func::FuncOp func;
    std::string file;
  };
  llvm::StringMap<Function> functions;
};

} // namespace

/// Deeper calls are a circle.
static constexpr unsigned kMostCalls = 32;

Status Importer::read(ModuleOp text, const std::string &from) {
  for (auto op : llvm::make_early_inc_range(text.getOps<ImportOp>())) {
    llvm::SmallString<128> file(op.getFile());
    if (llvm::sys::path::is_relative(file)) {
      file = llvm::sys::path::parent_path(from);
      llvm::sys::path::append(file, op.getFile());
    }
    llvm::sys::path::remove_dots(file, /*remove_dot_dot=*/true);
    op.erase();
    if (!visited.insert(file).second)
      continue;
    auto parsed = parse(file.str().str());
    if (!parsed)
      return parsed.takeError();
    texts.push_back(std::move(*parsed));
    ModuleOp imported = *texts.back();
    for (auto func : imported.getOps<func::FuncOp>()) {
      auto [entry, isNew] = functions.try_emplace(
          func.getName(), Function{func, file.str().str()});
      if (!isNew)
        return Error{file.str().str(), "",
                     "expected one function of the name " +
                         formats::quote(func.getName().str()) +
                         " but got another in " + entry->second.file};
    }
    if (Status status = read(imported, file.str().str()); !status)
      return status;
  }
  return {};
}

/// Builds `value` as a `type` that says as much or less of its sizes, or more;
/// null if it can't be.
static Value buildCast(OpBuilder &b, Location loc, Value value, Type type) {
  if (value.getType() == type)
    return value;
  if (!isa<RankedTensorType>(type) ||
      !tensor::CastOp::areCastCompatible(value.getType(), type))
    return {};
  return tensor::CastOp::create(b, loc, type, value);
}

static std::string print(Type type) {
  std::string text;
  llvm::raw_string_ostream(text) << type;
  return text;
}

Status Importer::expand(func::CallOp call, unsigned depth) {
  auto own = module.lookupSymbol<func::FuncOp>(call.getCallee());
  auto found = functions.find(call.getCallee());
  func::FuncOp func = own                        ? own
                      : found != functions.end() ? found->second.func
                                                 : nullptr;
  const std::string name = formats::quote(call.getCallee().str());
  if (!func)
    return fail(call, "expected a function of this text or of an import but "
                      "got " +
                          name);
  if (!func.getBody().hasOneBlock())
    return fail(call, "expected " + name + " to have a body of one block");
  if (depth > kMostCalls)
    return fail(call,
                "expected calls without a circle but got one through " + name);
  if (call.getNumOperands() != func.getNumArguments() ||
      call.getNumResults() != func.getNumResults())
    return fail(call, "expected " + std::to_string(func.getNumArguments()) +
                          " arguments and " +
                          std::to_string(func.getNumResults()) +
                          " results of " + name + " but got " +
                          std::to_string(call.getNumOperands()) + " and " +
                          std::to_string(call.getNumResults()));
  OpBuilder b(call);
  IRMapping mapping;
  for (auto [arg, operand] :
       llvm::zip_equal(func.getArguments(), call.getOperands())) {
    Value value = buildCast(b, call.getLoc(), operand, arg.getType());
    if (!value)
      return fail(call, "expected argument #" +
                            std::to_string(arg.getArgNumber()) + " of " + name +
                            " as " + print(arg.getType()) + " but got " +
                            print(operand.getType()));
    mapping.map(arg, value);
  }
  SmallVector<Operation *> copies;
  for (Operation &op : func.front().without_terminator())
    copies.push_back(b.clone(op, mapping));
  Operation *end = func.front().getTerminator();
  for (auto [result, value] :
       llvm::zip_equal(call.getResults(), end->getOperands())) {
    Value mapped = mapping.lookupOrDefault(value);
    Value typed = buildCast(b, call.getLoc(), mapped, result.getType());
    if (!typed)
      return fail(call, "expected a result of " + name + " as " +
                            print(value.getType()) + " but got " +
                            print(result.getType()));
    result.replaceAllUsesWith(typed);
  }
  call.erase();
  for (Operation *copy : copies)
    if (Status status = expandAll(copy, depth + 1); !status)
      return status;
  return {};
}

Status Importer::expandAll(Operation *root, unsigned depth) {
  SmallVector<func::CallOp> calls;
  root->walk([&](func::CallOp call) { calls.push_back(call); });
  for (func::CallOp call : calls)
    if (Status status = expand(call, depth); !status)
      return status;
  return {};
}

Status Importer::run() {
  if (Status status = read(module, path); !status)
    return status;
  SmallVector<func::FuncOp> own(module.getOps<func::FuncOp>());
  for (func::FuncOp func : own)
    if (!func.isPrivate())
      if (Status status = expandAll(func, 0); !status)
        return status;
  for (func::FuncOp func : own)
    if (func.isPrivate())
      func.erase();
  return {};
}

Status weft::resolveImports(ModuleOp module, const std::string &path,
                            TextParser parse) {
  return Importer(module, path, parse).run();
}
