//===- Softmax.cpp - linalg.softmax to a kernel of rows -------------------===//

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "passes/lower/Granularity.h"
#include "passes/lower/Registry.h"

using namespace mlir;
using namespace weft;

namespace {

class RowSoftmax : public LoweringOf<linalg::SoftmaxOp> {
public:
  StringRef getName() const override { return "softmax"; }
  using LoweringOf::decline;
  using LoweringOf::lower;

  Declined decline(linalg::SoftmaxOp op, ModuleLowering &) const override {
    auto type = cast<RankedTensorType>(op.getInput().getType());
    if (!type.getElementType().isF32())
      return "the numbers are not f32";
    if (int64_t(op.getDimension()) != type.getRank() - 1)
      return "the axis is not the last one";
    return std::nullopt;
  }

  LogicalResult lower(linalg::SoftmaxOp op,
                      FunctionLowering &f) const override {
    Value result = op->getResult(0);
    Buffer input = f.getRows(op.getInput());
    Buffer out =
        f.allocate(result, f.getBuffer(op.getInput()).sizes, /*kept=*/1);

    const int64_t c =
        cast<RankedTensorType>(result.getType()).getShape().back();
    const bool isKnown = !ShapedType::isDynamic(c);
    const int64_t rowsPerTask = isKnown ? granularity::getRowsPerTask(c) : 1;
    const bool isStored = !isKnown || granularity::staysInCache(c);
    Builder attrs(op.getContext());
    LaunchSpec spec;
    spec.family = "softmax";
    spec.config = {
        attrs.getNamedAttr("form",
                           attrs.getStringAttr(isStored ? "stored" : "online")),
        attrs.getNamedAttr("rows_per_task",
                           attrs.getI64IntegerAttr(rowsPerTask))};
    spec.scalars = {input.sizes[0]};
    if (isKnown)
      spec.config.push_back(
          attrs.getNamedAttr("c", attrs.getI64IntegerAttr(c)));
    else
      spec.scalars.push_back(input.sizes[1]);
    spec.tasks =
        AffineMap::get(0, spec.scalars.size(),
                       attrs.getAffineSymbolExpr(0).ceilDiv(rowsPerTask));
    spec.buffers = {f.views.materialize(input),
                    f.views.materialize(f.joinRows(out))};
    spec.writes = {1};
    f.launch(spec);
    return success();
  }
};

} // namespace

void weft::addSoftmaxLowerings(Registry &registry) {
  registry.add<RowSoftmax>();
}
