//===- Linear.cpp - weft.linear to kernels of packed weights --------------===//

#include "passes/lower/ElementRegion.h"
#include "passes/lower/Granularity.h"
#include "passes/lower/ParameterValues.h"
#include "passes/lower/Registry.h"
#include "passes/lower/linear/Precision.h"

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
      if (!isParameterValue(weight) && !getParameterRows(weight))
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

namespace {
/// How the work of a kernel is cut.
struct Cut {
  int64_t rows, panels;
  int64_t rowsAtOnce; ///< Of tasks that a call takes together.
};
} // namespace

static Cut getCut(program::PanelsAttr layout, int64_t products, bool isOneRow,
                  Precision precision) {
  int64_t k = layout.getColumns(), panels = layout.getPanelCount();
  const PrecisionFacts &facts = getFacts(precision);
  bool isGroups = precision == Precision::Int8Groups && layout.getScheme();
  if (facts.parts && !isGroups && !isOneRow) {
    int64_t rowBytes = facts.getBytes() * k;
    return {granularity::getTileRowsPerTask(rowBytes, facts.getBytes() == 1),
            granularity::getTilePanels(k, panels),
            granularity::getTileRows(rowBytes)};
  }
  int64_t rows = granularity::getLinearRows(k);
  return {rows,
          granularity::getPanelsPerTask(
              k, panels, layout.getPanelBytes() * products, isOneRow),
          rows};
}

/// What `weft.precision` says; int8 where only some weights are blocks, as a
/// kernel takes either bytes with a scale an output or groups.
static FailureOr<Precision> choosePrecision(LinearOp op) {
  FailureOr<Precision> precision = getPrecision(op);
  if (failed(precision) || *precision != Precision::Int8Groups)
    return precision;
  bool isGroups = llvm::all_of(op.getWeights(), [](Value weight) {
    return isa<BlocksType>(getElementTypeOrSelf(weight));
  });
  return isGroups ? Precision::Int8Groups : Precision::Int8;
}

LogicalResult PackedLinear::lower(LinearOp op, FunctionLowering &f) const {
  FailureOr<Precision> precision = choosePrecision(op);
  if (failed(precision))
    return failure();
  Buffer input = f.getRows(op.getInput());
  IndexExpr m = input.sizes[0];
  SmallVector<Value> buffers{f.views.materialize(input)};
  SmallVector<Attribute> layouts;
  for (Value weight : op.getWeights()) {
    layouts.push_back(
        getWeightLayout(cast<RankedTensorType>(weight.getType()), *precision));
    auto layout = cast<program::PanelsAttr>(layouts.back());
    std::optional<ParameterRows> rows = getParameterRows(weight);
    buffers.push_back(rows ? f.useParameterRows(rows->whole,
                                                f.getIndices(rows->first)[0],
                                                layout)
                           : f.useParameter(weight, layout));
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
  Cut cut =
      getCut(first, layouts.size(), getConstantIntValue(m) == 1, *precision);
  AffineExpr rows = attrs.getAffineSymbolExpr(0);
  AffineExpr tasks = rows.ceilDiv(cut.rows) *
                     llvm::divideCeil(first.getPanelCount(), cut.panels);
  LaunchSpec spec;
  spec.family = "linear";
  spec.config = {
      attrs.getNamedAttr("k", attrs.getI64IntegerAttr(k)),
      attrs.getNamedAttr("n", attrs.getI64IntegerAttr(n)),
      attrs.getNamedAttr("layouts", attrs.getArrayAttr(layouts)),
      attrs.getNamedAttr("rows_per_task", attrs.getI64IntegerAttr(cut.rows)),
      attrs.getNamedAttr("panels_per_task",
                         attrs.getI64IntegerAttr(cut.panels)),
      attrs.getNamedAttr("rows_at_once",
                         attrs.getI64IntegerAttr(cut.rowsAtOnce)),
      attrs.getNamedAttr("precision",
                         attrs.getStringAttr(getFacts(*precision).kernel))};
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
