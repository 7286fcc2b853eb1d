//===- ShortConv.cpp - weft.short_conv to a kernel of channels ------------===//

#include "passes/lower/ElementRegion.h"
#include "passes/lower/Granularity.h"
#include "passes/lower/Registry.h"

using namespace mlir;
using namespace weft;

namespace {

class ChannelConv : public LoweringOf<ShortConvOp> {
public:
  StringRef getName() const override { return "short_conv"; }
  using LoweringOf::decline;
  using LoweringOf::lower;

  Declined decline(ShortConvOp op, ModuleLowering &) const override {
    auto filter = cast<RankedTensorType>(op.getFilter().getType());
    if (!filter.hasStaticShape())
      return "the size of the filter is not known at compile time";
    if (op.getCombine().empty())
      return std::nullopt;
    ElementRegion combine(op.getCombine());
    if (!combine.getTensors().empty() || !combine.getIndices().empty() ||
        combine.getForeign())
      return "the combine region uses values from outside";
    return std::nullopt;
  }

  LogicalResult lower(ShortConvOp op, FunctionLowering &f) const override;
};

} // namespace

LogicalResult ChannelConv::lower(ShortConvOp op, FunctionLowering &f) const {
  Builder attrs(op.getContext());
  auto number = [&](StringRef name, int64_t value) {
    return attrs.getNamedAttr(name, attrs.getI64IntegerAttr(value));
  };
  auto filter = cast<RankedTensorType>(op.getFilter().getType());
  int64_t channels = filter.getDimSize(0), taps = filter.getDimSize(1);
  int64_t dilation = op.getDilation();
  int64_t perTask = std::min(channels, granularity::kConvChannelsPerTask);

  LaunchSpec spec;
  spec.family = "short_conv";
  IndexExprs sizes = f.getSizes(op.getInput());
  sizes[2] = f.index.constant(channels);
  spec.buffers = {f.views.materialize(f.getStrided(op.getInput())),
                  f.views.materialize(f.getContiguous(op.getFilter()))};
  for (Value extra : op.getExtras())
    spec.buffers.push_back(f.views.materialize(f.getContiguous(extra)));
  auto [initial, final] = f.allocateCarried(
      op.getInitial(), op.getFinal(),
      {sizes[0], f.index.constant((taps - 1) * dilation), sizes[2]}, op);
  spec.buffers.push_back(f.views.materialize(initial));
  Buffer out = f.allocate(op.getOut(), sizes);
  spec.writes = {int64_t(spec.buffers.size()),
                 int64_t(spec.buffers.size()) + 1};
  spec.buffers.push_back(f.views.materialize(out));
  spec.buffers.push_back(f.views.materialize(final));

  spec.config = {number("c", channels), number("w", taps),
                 number("dilation", dilation),
                 number("channels_per_task", perTask)};
  spec.scalars = {sizes[0], sizes[1]};
  spec.tasks = AffineMap::get(
      0, 2, attrs.getAffineSymbolExpr(0) * llvm::divideCeil(channels, perTask));
  if (!op.getCombine().empty())
    spec.element = [&](OpBuilder &b, Region &region) {
      SmallVector<Type> types(1 + op.getExtras().size(), b.getF32Type());
      ElementRegion(op.getCombine())
          .build(b, region, types, {}, /*isGeneric=*/false);
    };
  f.launch(spec);
  return success();
}

void weft::addShortConvLowerings(Registry &registry) {
  registry.add<ChannelConv>();
}
