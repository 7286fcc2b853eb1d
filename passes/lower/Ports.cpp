//===- Ports.cpp - Inputs, outputs and states of a function ---------------===//

#include "passes/lower/FunctionLowering.h"

using namespace mlir;
using namespace weft;

namespace {

/// Numbers the dynamic dimensions of a function. Those of one name are one
/// symbol.
class Symbols {
public:
  Symbols(const LowerOptions &options) : options(options) {}

  int64_t get(StringRef name, int64_t maximum) {
    auto [it, isNew] = numbers.try_emplace(name, names.size());
    if (isNew) {
      names.push_back(name.str());
      maxima.push_back(maximum);
    }
    return it->second;
  }

  const LowerOptions &options;
  SmallVector<std::string> names;
  SmallVector<int64_t> maxima;

private:
  llvm::StringMap<int64_t> numbers;
};

} // namespace

static std::string getPortName(DictionaryAttr attrs, StringRef prefix,
                               unsigned number) {
  if (attrs)
    if (auto name = attrs.getAs<StringAttr>("weft.name"))
      return name.str();
  return (prefix + Twine(number)).str();
}

/// The name that `weft.symbols` gives axis `axis` of a port, if it does.
static std::optional<StringRef> getGivenName(DictionaryAttr attrs,
                                             int64_t axis) {
  auto names = attrs ? attrs.getAs<ArrayAttr>("weft.symbols") : ArrayAttr();
  if (!names || axis >= int64_t(names.size()))
    return std::nullopt;
  auto name = dyn_cast<StringAttr>(names[axis]);
  return name && !name.empty() ? std::optional(name.getValue()) : std::nullopt;
}

/// The symbol of axis `axis` of an input: as it is named, the sequence, the
/// batch, or one of its own.
static int64_t getSymbol(Symbols &symbols, func::FuncOp func, unsigned arg,
                         int64_t axis, bool isPiece) {
  int64_t tokens =
      isPiece ? symbols.options.maxTokens : symbols.options.maxSequence;
  DictionaryAttr attrs = func.getArgAttrDict(arg);
  if (auto given = getGivenName(attrs, axis))
    return symbols.get(*given, axis == 0 ? symbols.options.maxBatch : tokens);
  auto sequence = func.getArgAttrOfType<IntegerAttr>(arg, "weft.sequence");
  if (sequence ? sequence.getInt() == axis : axis == 1)
    return symbols.get("tokens", tokens);
  if (axis == 0)
    return symbols.get("batch", symbols.options.maxBatch);
  std::string name = getPortName(attrs, "in", arg);
  return symbols.get(name + "_" + std::to_string(axis), tokens);
}

LogicalResult FunctionLowering::declarePorts() {
  Builder attrs(func.getContext());
  Symbols symbols(module.options);
  bool isPiece = llvm::any_of(llvm::seq(func.getNumArguments()), [&](auto i) {
    return bool(func.getArgAttr(i, "weft.position")) ||
           bool(func.getArgAttr(i, "weft.state"));
  });

  hasStates = isPiece;

  // Inputs: tensors that are no state.
  SmallVector<StringRef> inputNames, outputNames;
  std::vector<std::string> names;
  SmallVector<Attribute> dims;
  SmallVector<Type> types;
  SmallVector<bool> unsignedPorts;
  SmallVector<BlockArgument> inputs;
  SmallVector<SmallVector<int64_t>> inputDims;
  for (BlockArgument arg : func.getArguments()) {
    unsigned number = arg.getArgNumber();
    auto type = dyn_cast<RankedTensorType>(arg.getType());
    if (auto mark = func.getArgAttrOfType<StateAttr>(number, "weft.state")) {
      auto state = module.getState(func.getLoc(), mark.getName(),
                                   mark.getGrowth(), type);
      if (failed(state))
        return failure();
      states[arg] = *state;
      continue;
    }
    if (func.getArgAttr(number, "weft.position"))
      continue;
    if (!type)
      return func.emitOpError() << "expected argument #" << number
                                << " to be a tensor but got " << arg.getType();
    SmallVector<int64_t> sizes(type.getShape());
    for (auto [axis, size] : llvm::enumerate(sizes))
      if (ShapedType::isDynamic(size))
        size = -1 - getSymbol(symbols, func, number, axis, isPiece);
    inputs.push_back(arg);
    unsignedPorts.push_back(bool(func.getArgAttr(number, "weft.unsigned")));
    inputDims.push_back(sizes);
    names.push_back(getPortName(func.getArgAttrDict(number), "in", number));
    dims.push_back(attrs.getI64ArrayAttr(sizes));
    types.push_back(MemRefType::get(type.getShape(), type.getElementType()));
  }
  size_t inputCount = names.size();

  // Outputs: sized by the same rule.
  SmallVector<unsigned> results;
  SmallVector<SmallVector<int64_t>> outputDims;
  for (auto [number, resultType] : llvm::enumerate(func.getResultTypes())) {
    if (func.getResultAttr(number, "weft.state"))
      continue;
    auto type = dyn_cast<RankedTensorType>(resultType);
    if (!type)
      return func.emitOpError() << "expected result #" << number
                                << " to be a tensor but got " << resultType;
    SmallVector<int64_t> sizes(type.getShape());
    for (auto [axis, size] : llvm::enumerate(sizes)) {
      if (!ShapedType::isDynamic(size))
        continue;
      StringRef symbol = getGivenName(func.getResultAttrDict(number), axis)
                             .value_or(axis == 0 ? "batch" : "tokens");
      size_t before = symbols.names.size();
      size = -1 - symbols.get(symbol, 0);
      if (symbols.names.size() != before)
        return func.emitOpError()
               << "expected axis " << axis << " of result #" << number
               << " to be sized by an input but no input has '" << symbol
               << "'";
    }
    results.push_back(number);
    unsignedPorts.push_back(bool(func.getResultAttr(number, "weft.unsigned")));
    outputDims.push_back(sizes);
    names.push_back(getPortName(func.getResultAttrDict(number), "out", number));
    dims.push_back(attrs.getI64ArrayAttr(sizes));
    types.push_back(MemRefType::get(type.getShape(), type.getElementType()));
  }

  for (auto [i, name] : llvm::enumerate(names))
    (i < inputCount ? inputNames : outputNames).push_back(name);
  auto symbolNames = llvm::to_vector_of<StringRef>(symbols.names);
  b.setInsertionPoint(func);
  function = program::FunctionOp::create(
      b, func.getName(), attrs.getStrArrayAttr(inputNames),
      attrs.getStrArrayAttr(outputNames), attrs.getArrayAttr(dims),
      attrs.getStrArrayAttr(symbolNames), symbols.maxima);
  if (llvm::is_contained(unsignedPorts, true))
    function->setAttr("unsigned", attrs.getDenseBoolArrayAttr(unsignedPorts));
  Block *body = b.createBlock(&function.getBody(), {}, types,
                              SmallVector<Location>(types.size(), b.getLoc()));

  auto toExpr = [&](int64_t size) -> IndexExpr {
    return size >= 0 ? index.constant(size)
                     : IndexExpr(index.symbol(-1 - size));
  };
  for (auto [i, input] : llvm::enumerate(inputs))
    setBuffer(input, views.whole(body->getArgument(i),
                                 llvm::map_to_vector(inputDims[i], toExpr)));
  for (auto [i, number] : llvm::enumerate(results))
    outputs[number] = views.whole(body->getArgument(inputCount + i),
                                  llvm::map_to_vector(outputDims[i], toExpr));

  for (auto &entry : outputs)
    owned.insert(entry.second.root);

  // Tokens that a call adds to the states.
  tokens = index.constant(isPiece ? 1 : 0);
  for (auto [i, input] : llvm::enumerate(inputs))
    if (auto axis = func.getArgAttrOfType<IntegerAttr>(input.getArgNumber(),
                                                       "weft.sequence"))
      tokens = toExpr(inputDims[i][axis.getInt()]);
    else if (llvm::is_contained(symbols.names, "tokens"))
      tokens = index.symbol(symbols.get("tokens", 0));

  for (BlockArgument arg : func.getArguments()) {
    if (program::StateOp state = getState(arg)) {
      if (state.getGrowth() != Growth::Fixed) {
        if (!arg.hasOneUse() || !isa<AppendOp>(*arg.user_begin()))
          return func.emitOpError()
                 << "expected one 'weft.append' to read state '"
                 << state.getSymName() << "' and nothing else";
        continue;
      }
      Value root = getStateBuffer(state);
      owned.insert(root);
      IndexExprs sizes;
      for (int64_t size : cast<MemRefType>(root.getType()).getShape())
        sizes.push_back(index.constant(size));
      setBuffer(arg, views.whole(root, sizes));
    } else if (func.getArgAttr(arg.getArgNumber(), "weft.position")) {
      setIndex(arg, atEntry([&] {
                 return program::StatePositionOp::create(b, b.getIndexType());
               }));
    }
  }
  return success();
}
