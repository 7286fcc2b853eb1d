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
  for (auto [name, region] :
       {std::pair<StringRef, Region *>{"score", &op.getScore()},
        {"allowed", &op.getAllowed()},
        {"post", &op.getPost()}}) {
    if (region->empty())
      continue;
    if (ElementRegion(*region).getForeign())
      return ("the " + name +
              " region uses a value from outside that is neither a tensor nor "
              "an "
              "index")
          .str();
  }
  return std::nullopt;
}

//===----------------------------------------------------------------------===//
// Operands
//===----------------------------------------------------------------------===//

AttentionOperands::AttentionOperands(AttentionOp op, FunctionLowering &f)
    : op(op), query(f.getStrided(op.getQuery())),
      key(f.getStrided(op.getKey())), value(f.getStrided(op.getValue())),
      region(op, f) {
  for (const Buffer &buffer : {query, key, value})
    buffers.push_back(f.views.materialize(buffer));
  for (Value data : {op.getValid(), op.getQuerySegments(), op.getKeySegments()})
    if (data)
      buffers.push_back(f.views.materialize(f.getContiguous(data)));
  llvm::append_range(buffers, region.getBuffers());
  auto position = [&](Value value) {
    return value ? f.getIndex(value) : f.index.constant(0);
  };
  scalars = {query.sizes[0], query.sizes[1], key.sizes[1],
             position(op.getPosition()), position(op.getKeyPosition())};
  for (Value value : region.getIndices())
    scalars.push_back(f.getIndex(value));
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
  auto flag = [&](StringRef name, bool isSet) {
    if (isSet)
      config.push_back(b.getNamedAttr(name, b.getUnitAttr()));
  };
  flag("valid", bool(op.getValid()));
  flag("segments", bool(op.getQuerySegments()));
  flag("lse", bool(op.getLse()));
  flag("mass", bool(op.getColumnMass()));
  flag("numbers", region.needsNumbers());
  flag("allowed", !op.getAllowed().empty());
  flag("post", !op.getPost().empty());
  return config;
}

std::function<void(OpBuilder &, Region &)> AttentionOperands::getElement() {
  if (region.isEmpty())
    return nullptr;
  return [this](OpBuilder &b, Region &target) { region.build(b, target); };
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

Buffer AttentionOperands::allocateMass(FunctionLowering &f) {
  return f.allocate(op.getColumnMass(),
                    {query.sizes[0], query.sizes[2], key.sizes[1]});
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
    spec.buffers = operands.buffers;
    int64_t perTask = granularity::kQueriesPerTask;
    if (packsKeys(op)) {
      packKeys(operands, f, spec);
      perTask = granularity::kPackedQueriesPerTask;
    }
    spec.config.push_back(attrs.getNamedAttr("queries_per_task",
                                             attrs.getI64IntegerAttr(perTask)));
    auto addResult = [&](const Buffer &buffer) {
      spec.writes.push_back(spec.buffers.size());
      spec.buffers.push_back(f.views.materialize(buffer));
    };
    addResult(operands.allocateOut(f));
    if (op.getLse())
      addResult(operands.allocateLse(f));
    if (op.getColumnMass())
      addResult(operands.allocateMass(f));
    spec.scalars = operands.scalars;
    spec.work = operands.countWork(f);
    AffineExpr batch = attrs.getAffineSymbolExpr(0);
    AffineExpr queries = attrs.getAffineSymbolExpr(1);
    int64_t heads = op.getQuery().getType().getDimSize(2);
    // The mass of a key is summed up over all queries by one task.
    AffineExpr blocks = op.getColumnMass() ? attrs.getAffineConstantExpr(1)
                                           : queries.ceilDiv(perTask);
    spec.tasks = AffineMap::get(0, spec.scalars.size(), batch * blocks * heads);
    spec.element = operands.getElement();
    f.launch(spec);
    return success();
  }
};

} // namespace

void weft::addAttentionLowerings(Registry &registry) {
  addAttentionDecodeLowering(registry);
  registry.add<FusedAttention>();
  addMergeLowering(registry);
}
