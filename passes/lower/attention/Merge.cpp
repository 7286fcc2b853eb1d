//===- Merge.cpp - weft.merge to a kernel ---------------------------------===//

#include "passes/lower/Granularity.h"
#include "passes/lower/attention/Attention.h"

using namespace mlir;
using namespace weft;

namespace {

class MergeParts : public LoweringOf<MergeOp> {
public:
  StringRef getName() const override { return "merge"; }
  using LoweringOf::decline;
  using LoweringOf::lower;

  Declined decline(MergeOp op, ModuleLowering &) const override {
    auto type = op.getOut().getType();
    if (type.isDynamicDim(2) || type.isDynamicDim(3))
      return "the number of heads or channels is not known at compile time";
    return std::nullopt;
  }

  LogicalResult lower(MergeOp op, FunctionLowering &f) const override {
    LaunchSpec spec;
    spec.family = "merge";
    IndexExprs sizes;
    for (Value part : op.getParts()) {
      Buffer buffer = f.getStrided(part);
      sizes = buffer.sizes;
      spec.buffers.push_back(f.views.materialize(buffer));
    }
    for (Value lse : op.getLses())
      spec.buffers.push_back(f.views.materialize(f.getStrided(lse)));
    IndexExprs lseSizes{sizes[0], sizes[2], sizes[1]};
    for (const Buffer &result :
         {f.allocate(op.getOut(), sizes), f.allocate(op.getLse(), lseSizes)}) {
      spec.writes.push_back(spec.buffers.size());
      spec.buffers.push_back(f.views.materialize(result));
    }

    int64_t heads = op.getOut().getType().getDimSize(2);
    int64_t channels = op.getOut().getType().getDimSize(3);
    // Of each of the tokens of a head, a row of each part.
    int64_t perTask =
        granularity::getRowsPerTask(channels * op.getParts().size());
    Builder attrs(op.getContext());
    auto number = [&](StringRef name, int64_t value) {
      return attrs.getNamedAttr(name, attrs.getI64IntegerAttr(value));
    };
    spec.config = {number("parts", op.getParts().size()), number("h", heads),
                   number("e", channels), number("tokens_per_task", perTask)};
    spec.scalars = {sizes[0], sizes[1]};
    AffineExpr batch = attrs.getAffineSymbolExpr(0);
    AffineExpr tokens = attrs.getAffineSymbolExpr(1);
    spec.tasks = AffineMap::get(0, 2, batch * tokens.ceilDiv(perTask) * heads);
    f.launch(spec);
    return success();
  }
};

} // namespace

void weft::addMergeLowering(Registry &registry) { registry.add<MergeParts>(); }
