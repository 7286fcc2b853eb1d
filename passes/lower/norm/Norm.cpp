//===- Norm.cpp - weft.norm to a kernel of rows ---------------------------===//

#include "passes/lower/Granularity.h"
#include "passes/lower/Registry.h"

using namespace mlir;
using namespace weft;

namespace {

class RowNorm : public LoweringOf<NormOp> {
public:
  StringRef getName() const override { return "norm"; }
  using LoweringOf::decline;
  using LoweringOf::lower;

  Declined decline(NormOp op, ModuleLowering &) const override {
    if (op.getInput().getType().isDynamicDim(op.getInput().getType().getRank() -
                                             1))
      return "the number of channels is not known at compile time";
    return std::nullopt;
  }

  LogicalResult lower(NormOp op, FunctionLowering &f) const override {
    Buffer input = f.getRows(op.getInput());
    SmallVector<Value> buffers{f.views.materialize(input)};
    for (Value vector : {op.getScale(), op.getShift()})
      if (vector)
        buffers.push_back(f.views.materialize(f.getContiguous(vector)));
    Buffer out =
        f.allocate(op.getOut(), f.getBuffer(op.getInput()).sizes, /*kept=*/1);
    buffers.push_back(f.views.materialize(f.joinRows(out)));

    int64_t c = op.getInput().getType().getShape().back();
    int64_t rowsPerTask = granularity::getRowsPerTask(c);
    Builder attrs(op.getContext());
    LaunchSpec spec;
    spec.family = "norm";
    spec.config = {attrs.getNamedAttr("kind", NormKindAttr::get(op.getContext(),
                                                                op.getKind())),
                   attrs.getNamedAttr("epsilon", op.getEpsilonAttr()),
                   attrs.getNamedAttr("c", attrs.getI64IntegerAttr(c)),
                   attrs.getNamedAttr("rows_per_task",
                                      attrs.getI64IntegerAttr(rowsPerTask))};
    if (op.getScale())
      spec.config.push_back(attrs.getNamedAttr("scale", attrs.getUnitAttr()));
    if (op.getShift())
      spec.config.push_back(attrs.getNamedAttr("shift", attrs.getUnitAttr()));
    spec.tasks =
        AffineMap::get(0, 1, attrs.getAffineSymbolExpr(0).ceilDiv(rowsPerTask));
    spec.buffers = buffers;
    spec.scalars = {input.sizes[0]};
    spec.writes = {int64_t(buffers.size()) - 1};
    f.launch(spec);
    return success();
  }
};

} // namespace

void weft::addNormLowerings(Registry &registry) { registry.add<RowNorm>(); }
