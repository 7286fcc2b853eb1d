//===- Attention.cpp - weft.attention to fused kernels --------------------===//

#include "passes/lower/attention/Attention.h"
#include "dialects/weft/kinds/masks/MaskAnalysis.h"
#include "passes/lower/Granularity.h"

using namespace mlir;
using namespace weft;

Declined weft::declineFused(AttentionOp op) {
  for (auto [name, value] :
       {std::pair<StringRef, Value>{"query", op.getQuery()},
        {"key", op.getKey()},
        {"value", op.getValue()}}) {
    auto type = cast<RankedTensorType>(value.getType());
    if (type.isDynamicDim(2) || type.isDynamicDim(3))
      return ("the number of heads or channels of " + name +
              " is not known at compile time")
          .str();
  }
  if (op.getValid() && !cast<RankedTensorType>(op.getValid().getType())
                            .getElementType()
                            .isInteger(64))
    return "padding is not given as i64";
  if (op.getNormaliser().getStateKind() == RowStateKind::Row)
    return "the normaliser needs whole rows";
  if (op.hasData())
    return "pairs have segments, rows, columns or a region that allows them";
  if (!op.getPost().empty())
    return "weights have a post region";
  if (op.getColumnMass())
    return "the mass of columns is asked for";
  if (op.getScore().empty())
    return std::nullopt;
  ElementRegion score(op.getScore());
  if (!score.getIndices().empty() || score.getForeign())
    return "the score region uses a value from outside that is not a tensor";
  return std::nullopt;
}

AttentionOperands::AttentionOperands(AttentionOp op, FunctionLowering &f)
    : op(op), query(f.getStrided(op.getQuery())),
      key(f.getStrided(op.getKey())), value(f.getStrided(op.getValue())) {
  for (const Buffer &buffer : {query, key, value})
    buffers.push_back(f.views.materialize(buffer));
  if (op.getValid())
    buffers.push_back(f.views.materialize(f.getContiguous(op.getValid())));
  if (!op.getScore().empty()) {
    element.emplace(op.getScore());
    for (Value tensor : element->getTensors())
      extras.push_back(f.views.materialize(f.getContiguous(tensor)));
    llvm::append_range(buffers, extras);
  }
  auto position = [&](Value value) {
    return value ? f.getIndex(value) : f.index.constant(0);
  };
  scalars = {query.sizes[0], query.sizes[1], key.sizes[1],
             position(op.getPosition()), position(op.getKeyPosition())};
}

SmallVector<NamedAttribute> AttentionOperands::getConfig() {
  Builder b(op.getContext());
  auto number = [&](StringRef name, Value tensor, int64_t axis) {
    int64_t size = cast<RankedTensorType>(tensor.getType()).getDimSize(axis);
    return b.getNamedAttr(name, b.getI64IntegerAttr(size));
  };
  SmallVector<NamedAttribute> config{
      b.getNamedAttr("normaliser", op.getNormaliser()),
      b.getNamedAttr("scale", b.getF64FloatAttr(op.getScaleOrDefault())),
      number("h", op.getQuery(), 2),
      number("g", op.getKey(), 2),
      number("d", op.getQuery(), 3),
      number("e", op.getValue(), 3)};
  if (op.getMaskAttr())
    config.push_back(b.getNamedAttr("mask", op.getMaskAttr()));
  if (op.getValid())
    config.push_back(b.getNamedAttr("valid", b.getUnitAttr()));
  if (op.getLse())
    config.push_back(b.getNamedAttr("lse", b.getUnitAttr()));
  return config;
}

void AttentionOperands::buildElement(OpBuilder &b, Region &region) const {
  SmallVector<Type> types(5, b.getIndexType());
  types[0] = b.getF32Type();
  element->build(b, region, types, ValueRange(extras).getTypes(),
                 /*isGeneric=*/false);
}

Buffer AttentionOperands::allocateOut(FunctionLowering &f) {
  IndexExprs sizes = query.sizes;
  sizes[3] = value.sizes[3];
  return f.allocate(op.getOut(), sizes);
}

Buffer AttentionOperands::allocateLse(FunctionLowering &f) {
  return f.allocate(op.getLse(),
                    {query.sizes[0], query.sizes[2], query.sizes[1]});
}

IndexExpr AttentionOperands::countWork(FunctionLowering &f) {
  IndexExpr batch = query.sizes[0], queries = query.sizes[1];
  IndexExpr keys = key.sizes[1];
  IndexExpr two = f.index.constant(2);
  IndexExpr twicePairs = f.index.product({two, queries, keys});
  if (MaskAttrInterface mask = op.getMaskAttr()) {
    MaskAnalysis analysis(mask);
    // The last query sees all keys, each one before it one key less.
    if (analysis.isCausal())
      twicePairs = f.index.sub(
          twicePairs,
          f.index.mul(queries, f.index.sub(queries, f.index.constant(1))));
    if (std::optional<int64_t> reach = analysis.getReach())
      twicePairs = f.index.min(
          twicePairs,
          f.index.product({two, queries, f.index.constant(*reach)}));
  }
  int64_t heads = op.getQuery().getType().getDimSize(2);
  int64_t channels = op.getQuery().getType().getDimSize(3) +
                     op.getValue().getType().getDimSize(3);
  return f.index.product(
      {twicePairs, batch, f.index.constant(heads * channels)});
}

namespace {

/// Queries by blocks, all keys of a block in one task.
class FusedAttention : public LoweringOf<AttentionOp> {
public:
  StringRef getName() const override { return "attention"; }
  using LoweringOf::decline;
  using LoweringOf::lower;

  Declined decline(AttentionOp op, ModuleLowering &) const override {
    return declineFused(op);
  }

  LogicalResult lower(AttentionOp op, FunctionLowering &f) const override {
    AttentionOperands operands(op, f);
    Builder attrs(op.getContext());
    LaunchSpec spec;
    spec.family = "attention";
    spec.config = operands.getConfig();
    spec.config.push_back(attrs.getNamedAttr(
        "queries_per_task",
        attrs.getI64IntegerAttr(granularity::kQueriesPerTask)));
    spec.buffers = operands.buffers;
    spec.writes.push_back(spec.buffers.size());
    spec.buffers.push_back(f.views.materialize(operands.allocateOut(f)));
    if (op.getLse()) {
      spec.writes.push_back(spec.buffers.size());
      spec.buffers.push_back(f.views.materialize(operands.allocateLse(f)));
    }
    spec.scalars = operands.scalars;
    spec.work = operands.countWork(f);
    AffineExpr batch = attrs.getAffineSymbolExpr(0);
    AffineExpr queries = attrs.getAffineSymbolExpr(1);
    int64_t heads = op.getQuery().getType().getDimSize(2);
    spec.tasks = AffineMap::get(
        0, spec.scalars.size(),
        batch * queries.ceilDiv(granularity::kQueriesPerTask) * heads);
    if (operands.element)
      spec.element = [&](OpBuilder &b, Region &region) {
        operands.buildElement(b, region);
      };
    f.launch(spec);
    return success();
  }
};

} // namespace

void weft::addAttentionLowerings(Registry &registry) {
  addAttentionDecodeLowering(registry);
  registry.add<FusedAttention>();
}
