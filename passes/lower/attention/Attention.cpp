//===- Attention.cpp - weft.attention to fused kernels --------------------===//

#include "passes/lower/attention/Attention.h"
#include "dialects/weft/kinds/masks/MaskAnalysis.h"
#include "passes/lower/Granularity.h"
#include "passes/lower/attention/MaskSteps.h"

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

SmallVector<NamedAttribute>
AttentionOperands::getConfig(MaskAttrInterface mask) {
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
  if (mask)
    config.push_back(b.getNamedAttr("mask", mask));
  auto flag = [&](StringRef name, bool isSet) {
    if (isSet)
      config.push_back(b.getNamedAttr(name, b.getUnitAttr()));
  };
  flag("valid", bool(op.getValid()));
  flag("segments", bool(op.getQuerySegments()));
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

IndexExpr AttentionOperands::countWork(FunctionLowering &f,
                                       MaskAttrInterface mask) {
  IndexExpr batch = query.sizes[0], queries = query.sizes[1];
  IndexExpr keys = key.sizes[1];
  IndexExpr two = f.index.constant(2);
  IndexExpr twicePairs = f.index.product({two, queries, keys});
  if (mask) {
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
    twicePairs =
        f.index.ceilDiv(twicePairs, f.index.constant(getMaskStep(mask)));
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
  std::optional<std::string> getNote(Operation *op) const override {
    return noteDenseMask(cast<AttentionOp>(op));
  }
  LogicalResult lower(AttentionOp op, FunctionLowering &f) const override;

private:
  /// What a launch writes, the last two if they are asked for.
  struct Results {
    Buffer out;
    std::optional<Buffer> lse, mass;
  };
  void launch(AttentionOperands &operands, MaskAttrInterface mask,
              const Results &results, FunctionLowering &f) const;
};

} // namespace

void FusedAttention::launch(AttentionOperands &operands, MaskAttrInterface mask,
                            const Results &results, FunctionLowering &f) const {
  AttentionOp op = operands.op;
  Builder attrs(op.getContext());
  auto setNumber = [&](LaunchSpec &spec, StringRef name, int64_t value) {
    spec.config.push_back(
        attrs.getNamedAttr(name, attrs.getI64IntegerAttr(value)));
  };
  LaunchSpec spec;
  spec.family = "attention";
  spec.config = operands.getConfig(mask);
  spec.buffers = operands.buffers;
  // Packed are blocks of keys that lie behind each other.
  int64_t step = getMaskStep(mask), perTask = granularity::kQueriesPerTask;
  if (step == 1 && packsKeys(op)) {
    packKeys(operands, f, spec);
    perTask = granularity::kPackedQueriesPerTask;
  }
  setNumber(spec, "queries_per_task", perTask);
  auto addResult = [&](const Buffer &buffer) {
    spec.writes.push_back(spec.buffers.size());
    spec.buffers.push_back(f.views.materialize(buffer));
  };
  addResult(results.out);
  if (results.lse) {
    spec.config.push_back(attrs.getNamedAttr("lse", attrs.getUnitAttr()));
    addResult(*results.lse);
  }
  AffineExpr batch = attrs.getAffineSymbolExpr(0);
  AffineExpr queries = attrs.getAffineSymbolExpr(1), blocks;
  if (results.mass) {
    // The mass of a key is summed up over all queries by one task.
    addResult(*results.mass);
    blocks = attrs.getAffineConstantExpr(1);
  } else {
    // Queries at the step of the mask see the same keys.
    if (step > 1)
      setNumber(spec, "stride", step);
    blocks = queries.ceilDiv(step).ceilDiv(perTask) * step;
  }
  int64_t heads = op.getQuery().getType().getDimSize(2);
  spec.scalars = operands.scalars;
  spec.work = operands.countWork(f, mask);
  spec.tasks = AffineMap::get(0, spec.scalars.size(), batch * blocks * heads);
  spec.element = operands.getElement();
  f.launch(spec);
}

LogicalResult FusedAttention::lower(AttentionOp op, FunctionLowering &f) const {
  AttentionOperands operands(op, f);
  Results results{operands.allocateOut(f), std::nullopt, std::nullopt};
  if (op.getLse())
    results.lse = operands.allocateLse(f);
  if (op.getColumnMass())
    results.mass = operands.allocateMass(f);
  auto parts = splitByStep(op.getMaskAttr());
  if (!parts || !isa<SoftmaxAttr>(op.getNormaliser()) || results.mass ||
      !op.getPost().empty()) {
    launch(operands, op.getMaskAttr(), results, f);
    return success();
  }

  // Keys near by and those at a stride, whose queries come together otherwise.
  IndexExprs lseSizes{operands.query.sizes[0], operands.query.sizes[2],
                      operands.query.sizes[1]};
  Type f32 = Float32Type::get(op.getContext());
  SmallVector<Buffer> outs, lses;
  for (MaskAttrInterface mask : {parts->first, parts->second}) {
    outs.push_back(f.allocateTemporary(f32, results.out.sizes));
    lses.push_back(f.allocateTemporary(f32, lseSizes));
    launch(operands, mask, {outs.back(), lses.back(), std::nullopt}, f);
  }
  if (!results.lse)
    results.lse = f.allocateTemporary(f32, lseSizes);
  launchMerge(outs, lses, results.out, *results.lse, f);
  return success();
}

void weft::addAttentionLowerings(Registry &registry) {
  addAttentionDecodeLowering(registry);
  registry.add<FusedAttention>();
  addMergeLowering(registry);
}
