//===- Embed.cpp - weft.embed to a kernel that looks up rows --------------===//

#include "passes/lower/Granularity.h"
#include "passes/lower/ParameterValues.h"
#include "passes/lower/Registry.h"
#include "passes/lower/linear/Precision.h"

using namespace mlir;
using namespace weft;

namespace {

class PackedEmbed : public LoweringOf<EmbedOp> {
public:
  StringRef getName() const override { return "embed"; }
  using LoweringOf::decline;
  using LoweringOf::lower;

  Declined decline(EmbedOp op, ModuleLowering &) const override {
    if (!isParameterValue(op.getTable()))
      return "the table is computed at run time, not from parameters alone";
    return std::nullopt;
  }

  LogicalResult lower(EmbedOp op, FunctionLowering &f) const override;
};

} // namespace

/// The panels of the head if the table is tied to one, so that it is stored
/// once; panels for a table of blocks, which stay as small; rows of numbers
/// else.
static program::LayoutAttrInterface getLayout(Value table, Precision precision,
                                              ModuleLowering &module) {
  auto type = cast<RankedTensorType>(table.getType());
  auto use = table.getDefiningOp<UseOp>();
  if (isa<BlocksType>(type.getElementType()) ||
      (use && module.isWeight(use.getParameter())))
    return getWeightLayout(type, precision);
  return program::RowsAttr::get(table.getContext(), type);
}

LogicalResult PackedEmbed::lower(EmbedOp op, FunctionLowering &f) const {
  auto type = cast<RankedTensorType>(op.getTable().getType());
  Buffer ids = f.getContiguous(op.getIds());
  SmallVector<ReassociationIndices> all(1);
  llvm::append_range(all[0], llvm::seq(ids.getRank()));
  Buffer flat = *f.views.collapse(ids, all);

  FailureOr<Precision> precision = getPrecision(op);
  if (failed(precision))
    return failure();
  program::LayoutAttrInterface layout =
      getLayout(op.getTable(), *precision, f.getModule());
  Value table = f.useParameter(op.getTable(), layout);
  IndexExprs sizes = ids.sizes;
  sizes.push_back(f.index.constant(type.getDimSize(1)));
  Buffer out = f.allocate(op.getOut(), sizes, /*kept=*/1);

  Builder attrs(op.getContext());
  LaunchSpec spec;
  spec.family = "embed";
  spec.config = {
      attrs.getNamedAttr("layout", layout),
      attrs.getNamedAttr("rows", attrs.getI64IntegerAttr(type.getDimSize(0))),
      attrs.getNamedAttr("c", attrs.getI64IntegerAttr(type.getDimSize(1)))};
  spec.tasks = AffineMap::get(0, 1, attrs.getAffineSymbolExpr(0));
  spec.buffers = {f.views.materialize(flat), table,
                  f.views.materialize(f.joinRows(out))};
  spec.scalars = {flat.sizes[0]};
  spec.writes = {2};
  f.launch(spec);
  return success();
}

void weft::addEmbedLowerings(Registry &registry) {
  registry.add<PackedEmbed>();
}
