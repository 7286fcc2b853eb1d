//===- Decode.cpp - weft.attention of one query over slices of keys -------===//
//
// One query does not fill the lanes of a block of queries, and has too few
// heads for all threads: the keys are cut into slices, whose results are
// merged.
//
//===----------------------------------------------------------------------===//

#include "passes/lower/Granularity.h"
#include "passes/lower/attention/Attention.h"

using namespace mlir;
using namespace weft;

namespace {

class DecodeAttention : public LoweringOf<AttentionOp> {
public:
  StringRef getName() const override { return "attention_decode"; }
  using LoweringOf::decline;
  using LoweringOf::lower;

  Declined decline(AttentionOp op, ModuleLowering &) const override {
    if (op.getQuery().getType().getDimSize(1) != 1)
      return "there is more than one query";
    if (op.getKey().getType().getDimSize(1) == 1)
      return "there is one key";
    if (Declined why = declineFused(op))
      return why;
    if (op.getNormaliser().getStateKind() == RowStateKind::Row)
      return "the normaliser needs whole rows";
    if (!op.getPost().empty() || op.getColumnMass())
      return "weights are finished one by one";
    if (op.getNormaliser().getStateKind() == RowStateKind::None && op.getLse())
      return "the normaliser keeps no sum";
    return std::nullopt;
  }

  LogicalResult lower(AttentionOp op, FunctionLowering &f) const override;
};

} // namespace

LogicalResult DecodeAttention::lower(AttentionOp op,
                                     FunctionLowering &f) const {
  AttentionOperands operands(op, f);
  Builder attrs(op.getContext());
  auto number = [&](StringRef name, int64_t value) {
    return attrs.getNamedAttr(name, attrs.getI64IntegerAttr(value));
  };
  int64_t heads = op.getQuery().getType().getDimSize(2);
  int64_t groups = op.getKey().getType().getDimSize(2);
  int64_t channels = op.getValue().getType().getDimSize(3);
  int64_t most = std::max(channels, op.getKey().getType().getDimSize(3));
  int64_t headsPerTask = granularity::getKeyHeadsPerTask(groups, most);
  int64_t perTask = granularity::getKeysPerTask(headsPerTask * most);
  IndexExpr slices =
      f.index.ceilDiv(operands.key.sizes[1], f.index.constant(perTask));

  // For each slice: the weighted sum, the maximum and the sum of the weights.
  Buffer partial = f.allocateTemporary(
      attrs.getF32Type(),
      {operands.query.sizes[0], operands.query.sizes[1],
       operands.query.sizes[2], slices, f.index.constant(channels + 2)});
  LaunchSpec decode;
  decode.family = "attention_decode";
  decode.config = operands.getConfig(op.getMaskAttr());
  decode.config.push_back(number("keys_per_task", perTask));
  decode.config.push_back(number("key_heads_per_task", headsPerTask));
  decode.buffers = operands.buffers;
  decode.writes.push_back(decode.buffers.size());
  decode.buffers.push_back(f.views.materialize(partial));
  decode.scalars = operands.scalars;
  decode.work = operands.countWork(f, op.getMaskAttr());
  decode.tasks =
      AffineMap::get(0, decode.scalars.size(),
                     attrs.getAffineSymbolExpr(0) *
                         attrs.getAffineSymbolExpr(2).ceilDiv(perTask) *
                         (groups / headsPerTask));
  decode.element = operands.getElement();
  f.launch(decode);

  LaunchSpec merge;
  merge.family = "attention_merge";
  merge.config = {attrs.getNamedAttr("normaliser", op.getNormaliser()),
                  number("h", heads), number("e", channels)};
  if (op.getLse())
    merge.config.push_back(attrs.getNamedAttr("lse", attrs.getUnitAttr()));
  merge.buffers = {decode.buffers.back(),
                   f.views.materialize(operands.allocateOut(f))};
  merge.writes = {1};
  if (op.getLse()) {
    merge.writes.push_back(2);
    merge.buffers.push_back(f.views.materialize(operands.allocateLse(f)));
  }
  merge.scalars = {operands.scalars[0], operands.scalars[1], slices};
  merge.tasks = AffineMap::get(0, 3,
                               attrs.getAffineSymbolExpr(0) *
                                   attrs.getAffineSymbolExpr(1) * heads);
  f.launch(merge);
  return success();
}

void weft::addAttentionDecodeLowering(Registry &registry) {
  registry.add<DecodeAttention>();
}
