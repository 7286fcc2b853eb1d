//===- TopK.cpp - weft.top_k to a kernel of rows --------------------------===//

#include "passes/lower/Granularity.h"
#include "passes/lower/Registry.h"

using namespace mlir;
using namespace weft;

namespace {

class RowTopK : public LoweringOf<TopKOp> {
public:
  StringRef getName() const override { return "top_k"; }
  using LoweringOf::decline;
  using LoweringOf::lower;

  Declined decline(TopKOp op, ModuleLowering &) const override {
    if (cast<RankedTensorType>(op.getValues().getType()).getShape().back() < 1)
      return "no number is asked for";
    return std::nullopt;
  }

  LogicalResult lower(TopKOp op, FunctionLowering &f) const override {
    auto type = cast<RankedTensorType>(op.getValues().getType());
    int64_t count = type.getShape().back();
    Buffer input = f.getRows(op.getInput());
    IndexExprs sizes = f.getSizes(op.getInput());
    sizes.back() = f.index.constant(count);

    LaunchSpec spec;
    spec.family = "top_k";
    spec.buffers = {f.views.materialize(input)};
    for (Value result : op.getResults()) {
      Buffer buffer = f.joinRows(f.allocate(result, sizes, /*kept=*/1));
      spec.writes.push_back(spec.buffers.size());
      spec.buffers.push_back(f.views.materialize(buffer));
    }
    int64_t columns =
        cast<RankedTensorType>(op.getInput().getType()).getShape().back();
    int64_t perTask = ShapedType::isDynamic(columns)
                          ? 1
                          : granularity::getRowsPerTask(columns);
    Builder attrs(op.getContext());
    spec.config = {
        attrs.getNamedAttr("k", attrs.getI64IntegerAttr(count)),
        attrs.getNamedAttr("rows_per_task", attrs.getI64IntegerAttr(perTask))};
    spec.scalars = {input.sizes[0], input.sizes[1]};
    spec.tasks =
        AffineMap::get(0, 2, attrs.getAffineSymbolExpr(0).ceilDiv(perTask));
    f.launch(spec);
    return success();
  }
};

} // namespace

void weft::addTopKLowerings(Registry &registry) { registry.add<RowTopK>(); }
