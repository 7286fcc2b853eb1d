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
    SmallVector<Buffer> parts, lses;
    for (Value part : op.getParts())
      parts.push_back(f.getStrided(part));
    for (Value lse : op.getLses())
      lses.push_back(f.getStrided(lse));
    IndexExprs sizes = parts.front().sizes;
    Buffer out = f.allocate(op.getOut(), sizes);
    Buffer lse = f.allocate(op.getLse(), {sizes[0], sizes[2], sizes[1]});
    launchMerge(parts, lses, out, lse, f);
    return success();
  }
};

} // namespace

void weft::launchMerge(ArrayRef<Buffer> parts, ArrayRef<Buffer> lses,
                       const Buffer &out, const Buffer &lse,
                       FunctionLowering &f) {
  LaunchSpec spec;
  spec.family = "merge";
  for (ArrayRef<Buffer> inputs : {parts, lses})
    for (const Buffer &input : inputs)
      spec.buffers.push_back(f.views.materialize(input));
  for (const Buffer &result : {out, lse}) {
    spec.writes.push_back(spec.buffers.size());
    spec.buffers.push_back(f.views.materialize(result));
  }
  auto type = cast<MemRefType>(spec.buffers.front().getType());
  int64_t heads = type.getDimSize(2), channels = type.getDimSize(3);
  // Of each of the tokens of a head, a row of each part.
  int64_t perTask = granularity::getRowsPerTask(channels * parts.size());
  Builder attrs(type.getContext());
  auto number = [&](StringRef name, int64_t value) {
    return attrs.getNamedAttr(name, attrs.getI64IntegerAttr(value));
  };
  spec.config = {number("parts", parts.size()), number("h", heads),
                 number("e", channels), number("tokens_per_task", perTask)};
  spec.scalars = {out.sizes[0], out.sizes[1]};
  AffineExpr batch = attrs.getAffineSymbolExpr(0);
  AffineExpr tokens = attrs.getAffineSymbolExpr(1);
  spec.tasks = AffineMap::get(0, 2, batch * tokens.ceilDiv(perTask) * heads);
  f.launch(spec);
}

void weft::addMergeLowering(Registry &registry) { registry.add<MergeParts>(); }
