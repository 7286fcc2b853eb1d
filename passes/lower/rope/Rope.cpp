//===- Rope.cpp - weft.rope to a table and a rotation ---------------------===//
//
// Cosines and sines depend on positions alone: all layers of a function that
// rotate alike share one table.
//
//===----------------------------------------------------------------------===//

#include "passes/lower/Registry.h"

using namespace mlir;
using namespace weft;

namespace {

class TableRope : public LoweringOf<RopeOp> {
public:
  StringRef getName() const override { return "rope"; }
  using LoweringOf::decline;
  using LoweringOf::lower;

  Declined decline(RopeOp op, ModuleLowering &) const override {
    RankedTensorType type = op.getInput().getType();
    if (type.isDynamicDim(2) || type.isDynamicDim(3))
      return "the number of heads or channels is not known at compile time";
    return std::nullopt;
  }

  LogicalResult lower(RopeOp op, FunctionLowering &f) const override;
};

} // namespace

/// The buffer `[T, 2, R]` of cosines and sines.
static Value getTable(RopeOp op, IndexExpr tokens, FunctionLowering &f) {
  Builder attrs(op.getContext());
  IndexExpr position =
      op.getPosition() ? f.getIndex(op.getPosition()) : f.index.constant(0);
  // Equal tables: the same frequencies at the same positions.
  SmallVector<Attribute> key{op.getFrequenciesAttr(), op.getMagnitudeAttr()};
  FunctionLowering::TableKey place{attrs.getArrayAttr(key),
                                   position.getOpaqueValue(),
                                   tokens.getOpaqueValue()};
  if (Value table = f.getRopeTable(place))
    return table;

  int64_t pairs = op.getFrequencies().size();
  auto type = RankedTensorType::get({pairs}, attrs.getF64Type());
  Value frequencies =
      f.useTable(DenseElementsAttr::get(type, op.getFrequencies()));
  Buffer table =
      f.allocateTemporary(attrs.getF32Type(), {tokens, f.index.constant(2),
                                               f.index.constant(pairs)});
  LaunchSpec spec;
  spec.family = "rope_table";
  spec.config = {attrs.getNamedAttr("magnitude", op.getMagnitudeAttr()),
                 attrs.getNamedAttr("r", attrs.getI64IntegerAttr(pairs))};
  spec.tasks = AffineMap::get(0, 2, attrs.getAffineSymbolExpr(0));
  spec.buffers = {frequencies, f.views.materialize(table)};
  spec.scalars = {tokens, position};
  spec.writes = {1};
  f.launch(spec);
  if (f.isAtTop())
    f.setRopeTable(place, spec.buffers[1]);
  return spec.buffers[1];
}

LogicalResult TableRope::lower(RopeOp op, FunctionLowering &f) const {
  Buffer input = f.getStrided(op.getInput());
  Value table = getTable(op, input.sizes[1], f);
  Buffer out = f.allocate(op.getOut(), input.sizes);

  Builder attrs(op.getContext());
  RankedTensorType type = op.getInput().getType();
  auto number = [&](StringRef name, int64_t value) {
    return attrs.getNamedAttr(name, attrs.getI64IntegerAttr(value));
  };
  LaunchSpec spec;
  spec.family = "rope";
  spec.config = {
      attrs.getNamedAttr(
          "pairing", RopePairingAttr::get(op.getContext(), op.getPairing())),
      number("h", type.getDimSize(2)), number("d", type.getDimSize(3)),
      number("r", op.getFrequencies().size())};
  spec.tasks = AffineMap::get(
      0, 2, attrs.getAffineSymbolExpr(0) * attrs.getAffineSymbolExpr(1));
  spec.buffers = {f.views.materialize(input), table, f.views.materialize(out)};
  spec.scalars = {input.sizes[0], input.sizes[1]};
  spec.writes = {2};
  f.launch(spec);
  return success();
}

void weft::addRopeLowerings(Registry &registry) { registry.add<TableRope>(); }
