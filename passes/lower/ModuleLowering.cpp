//===- ModuleLowering.cpp - Kernels, parameters, states of a module -------===//

#include "passes/lower/ModuleLowering.h"
#include "mlir/AsmParser/AsmParser.h"

using namespace mlir;
using namespace weft;

/// The text of `op` but for its name and place: equal texts are equal ops.
static std::string getKey(Operation *op) {
  std::string key;
  llvm::raw_string_ostream os(key);
  OpPrintingFlags flags;
  flags.useLocalScope().printGenericOpForm();
  op->print(os, flags);
  return key;
}

OpBuilder ModuleLowering::atEnd() {
  return OpBuilder::atBlockEnd(module.getBody());
}

FlatSymbolRefAttr ModuleLowering::getKernel(Location loc,
                                            const KernelSpec &spec) {
  OpBuilder b(module.getContext());
  auto kernel = program::KernelOp::create(
      b, loc, "", spec.family, b.getDictionaryAttr(spec.config), spec.tasks,
      b.getTypeArrayAttr(spec.operands), spec.scalars);
  if (spec.element)
    spec.element(b, kernel.getElement());

  auto [it, isNew] = unique.try_emplace(getKey(kernel), kernel);
  if (!isNew) {
    kernel.erase();
    return FlatSymbolRefAttr::get(it->second);
  }
  kernel.setSymName((spec.family + "_" + Twine(counts[spec.family]++)).str());
  symbols.insert(kernel, Block::iterator(module.getBody()->end()));
  return FlatSymbolRefAttr::get(kernel.getSymNameAttr());
}

program::ParameterOp ModuleLowering::addParameter(program::ParameterOp op) {
  auto [it, isNew] = unique.try_emplace(getKey(op), op);
  if (!isNew) {
    op.erase();
    return cast<program::ParameterOp>(it->second);
  }
  // Named after the parameter that it packs, where it is one.
  std::string name = "table";
  if (auto sources = op.getSources())
    name = cast<FlatSymbolRefAttr>((*sources)[0]).getValue().str();
  op.setSymName(name + ".packed");
  symbols.insert(op, Block::iterator(module.getBody()->end()));
  return op;
}

program::ParameterOp
ModuleLowering::getParameter(Value tensor,
                             program::LayoutAttrInterface layout) {
  OpBuilder b(module.getContext());
  std::optional<SmallVector<Attribute>> sources = getStackedParameters(tensor);
  auto parameter = program::ParameterOp::create(
      b, tensor.getLoc(), "", layout,
      sources ? b.getArrayAttr(*sources) : ArrayAttr(), ElementsAttr());
  if (!sources) {
    SmallVector<Attribute> names =
        buildCompute(b, parameter.getCompute(), tensor);
    parameter.setSourcesAttr(b.getArrayAttr(names));
  }
  return addParameter(parameter);
}

/// Rows of a parameter of the model.
static int64_t getRows(ModuleOp module, Attribute name) {
  auto parameter = module.lookupSymbol<weft::ParameterOp>(
      cast<FlatSymbolRefAttr>(name).getAttr());
  return cast<RankedTensorType>(parameter.getType()).getDimSize(0);
}

std::optional<ModuleLowering::Part>
ModuleLowering::findPart(Value tensor, program::PanelsAttr layout) const {
  std::optional<SmallVector<Attribute>> wanted = getStackedParameters(tensor);
  if (!wanted)
    return std::nullopt;
  ModuleOp op = module;
  for (auto parameter : op.getOps<program::ParameterOp>()) {
    auto stack = dyn_cast<program::PanelsAttr>(parameter.getLayout());
    if (!stack || !parameter.getSources() || !parameter.getCompute().empty() ||
        stack.getStorage() != layout.getStorage() ||
        stack.getWidth() != layout.getWidth() ||
        stack.getColumns() != layout.getColumns())
      continue;
    // A part begins with a panel. Rows after its last one are not written.
    ArrayRef<Attribute> sources = parameter.getSources()->getValue();
    int64_t row = 0;
    for (size_t i = 0; i + wanted->size() <= sources.size(); ++i) {
      if (row % stack.getWidth() == 0 &&
          sources.slice(i, wanted->size()) == ArrayRef<Attribute>(*wanted))
        return Part{parameter, row / stack.getWidth() * stack.getPanelBytes()};
      row += getRows(op, sources[i]);
    }
  }
  return std::nullopt;
}

program::ParameterOp ModuleLowering::getParameter(Location loc,
                                                  DenseElementsAttr data) {
  OpBuilder b(module.getContext());
  auto layout = program::RowsAttr::get(module.getContext(),
                                       cast<RankedTensorType>(data.getType()));
  return addParameter(program::ParameterOp::create(
      b, loc, "", layout, ArrayAttr(), cast<ElementsAttr>(data)));
}

FailureOr<program::StateOp> ModuleLowering::getState(Location loc,
                                                     StringRef name,
                                                     Growth growth,
                                                     RankedTensorType type) {
  // Rows first: the batch of a piece is 1.
  SmallVector<int64_t> shape(type.getShape());
  int64_t window = 0;
  if (growth != Growth::Fixed) {
    shape.erase(shape.begin());
    if (growth == Growth::Last) {
      // Room for as many moves as there are rows kept, and for a longest piece.
      window = shape[0];
      shape[0] = 2 * window + options.maxTokens;
    }
  }
  auto memref = MemRefType::get(shape, type.getElementType());
  if (auto known = symbols.lookup<program::StateOp>(name)) {
    if (known.getType() == memref && known.getGrowth() == growth)
      return known;
    return emitError(loc) << "expected state '" << name << "' of type "
                          << known.getType() << " but got " << memref;
  }
  OpBuilder b(module.getContext());
  auto state = program::StateOp::create(
      b, loc, b.getStringAttr(name), GrowthAttr::get(b.getContext(), growth),
      TypeAttr::get(memref), b.getI64IntegerAttr(window));
  symbols.insert(state, Block::iterator(module.getBody()->end()));
  return state;
}

bool ModuleLowering::isWeight(StringRef name) {
  if (!weights) {
    weights.emplace();
    module.walk([&](LinearOp linear) {
      for (Value weight : linear.getWeights())
        if (auto use = weight.getDefiningOp<UseOp>())
          weights->insert(use.getParameter());
    });
  }
  return weights->contains(name);
}
