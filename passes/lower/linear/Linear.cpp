//===- Linear.cpp - weft.linear to kernels of packed weights --------------===//

#include "passes/lower/ElementRegion.h"
#include "passes/lower/Granularity.h"
#include "passes/lower/ParameterValues.h"
#include "passes/lower/Registry.h"

using namespace mlir;
using namespace weft;

namespace {

/// Weights known at compile time, in panels.
class PackedLinear : public LoweringOf<LinearOp> {
public:
  StringRef getName() const override { return "linear"; }
  using LoweringOf::decline;
  using LoweringOf::lower;

  Declined decline(LinearOp op, ModuleLowering &) const override {
    for (auto [i, weight] : llvm::enumerate(op.getWeights()))
      if (!isParameterValue(weight))
        return "weight #" + std::to_string(i) +
               " is computed at run time, not from parameters alone";
    ElementRegion combine(op.getCombine());
    if (!op.getCombine().empty() &&
        (!combine.getTensors().empty() || !combine.getIndices().empty() ||
         combine.getForeign()))
      return "the combine region uses values from outside";
    return std::nullopt;
  }

  LogicalResult lower(LinearOp op, FunctionLowering &f) const override;
};

} // namespace

static program::PanelsAttr getLayout(Value weight) {
  auto type = cast<RankedTensorType>(weight.getType());
  return program::PanelsAttr::get(weight.getContext(), type.getDimSize(0),
                                  type.getDimSize(1), type.getElementType(),
                                  granularity::kPanelWidth);
}

LogicalResult PackedLinear::lower(LinearOp op, FunctionLowering &f) const {
  Buffer input = f.getRows(op.getInput());
  IndexExpr m = input.sizes[0];
  SmallVector<Value> buffers{f.views.materialize(input)};
  SmallVector<Attribute> layouts;
  for (Value weight : op.getWeights()) {
    layouts.push_back(getLayout(weight));
    buffers.push_back(
        f.useParameter(weight, cast<program::PanelsAttr>(layouts.back())));
  }
  for (Value extra : op.getExtras()) {
    bool isVector = cast<RankedTensorType>(extra.getType()).getRank() == 1;
    Buffer buffer = isVector ? f.getContiguous(extra) : f.getRows(extra);
    buffers.push_back(f.views.materialize(buffer));
  }

  auto first = cast<program::PanelsAttr>(layouts[0]);
  int64_t k = first.getColumns(), n = first.getRows();
  IndexExprs sizes = f.getBuffer(op.getInput()).sizes;
  sizes.back() = f.index.constant(n);
  Buffer out = f.allocate(op.getOut(), sizes, /*kept=*/1);
  buffers.push_back(f.views.materialize(f.joinRows(out)));

  Builder attrs(op.getContext());
  int64_t panels = first.getPanelCount();
  int64_t perTask = granularity::getPanelsPerTask(
      k, panels, first.getPanelBytes() * layouts.size(),
      getConstantIntValue(m) == 1);
  int64_t rowsPerTask = granularity::getLinearRows(k);
  AffineExpr tasks = attrs.getAffineSymbolExpr(0).ceilDiv(rowsPerTask) *
                     llvm::divideCeil(panels, perTask);
  LaunchSpec spec;
  spec.family = "linear";
  spec.config = {
      attrs.getNamedAttr("k", attrs.getI64IntegerAttr(k)),
      attrs.getNamedAttr("n", attrs.getI64IntegerAttr(n)),
      attrs.getNamedAttr("layouts", attrs.getArrayAttr(layouts)),
      attrs.getNamedAttr("rows_per_task", attrs.getI64IntegerAttr(rowsPerTask)),
      attrs.getNamedAttr("panels_per_task", attrs.getI64IntegerAttr(perTask)),
      attrs.getNamedAttr("precision", attrs.getStringAttr("f32"))};
  spec.tasks = AffineMap::get(0, 1, tasks);
  spec.buffers = buffers;
  spec.scalars = {m};
  spec.writes = {int64_t(buffers.size()) - 1};
  spec.work = f.index.mul(m, f.index.constant(2 * k * n * layouts.size()));
  if (!op.getCombine().empty())
    spec.element = [&](OpBuilder &b, Region &region) {
      SmallVector<Type> types(op.getWeights().size() + op.getExtras().size(),
                              b.getF32Type());
      ElementRegion(op.getCombine()).build(b, region, types, {}, false);
    };
  f.launch(spec);
  return success();
}

void weft::addLinearLowerings(Registry &registry) {
  registry.add<PackedLinear>();
}
