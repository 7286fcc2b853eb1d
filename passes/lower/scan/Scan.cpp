//===- Scan.cpp - weft.scan to a kernel with the state in cache -----------===//

#include "passes/lower/ElementRegion.h"
#include "passes/lower/Granularity.h"
#include "passes/lower/Registry.h"
#include "passes/lower/linear/Precision.h"

using namespace mlir;
using namespace weft;

/// What factors of the products of a chunk may be rounded to; empty: nothing.
static StringRef getRounding(ScanOp op) {
  FailureOr<Precision> precision = getPrecision(op);
  if (failed(precision))
    return "";
  // Where linear rounds to bytes by one scale a row, scans round to bf16: less.
  if (*precision == Precision::Int8)
    precision = Precision::Bf16;
  bool isRounded =
      *precision == Precision::Bf16 || *precision == Precision::Split;
  return isRounded ? getFacts(*precision).name : "";
}

/// Why a scan of many tokens has no products of chunks; nothing: it has.
static std::optional<std::string> declineChunks(ScanOp op) {
  TransitionAttrInterface transition = op.getTransition();
  if (!transition.isLinear() ||
      llvm::any_of(transition.getGates(),
                   [](GateAxes gate) { return gate.column; }))
    return "gates of columns, or a transition that is not linear";
  if (op.getFeaturesAttr() && op.getFeaturesAttr().isOneHot())
    return "a table of features";
  if (transition.hasCorrection() &&
      (op.getFinalSum() || !transition.isWriteCorrected()))
    return "a correction beside a sum or apart from what is written";
  if (op.getNumRows() <= granularity::kScanRowsInRegisters &&
      !op.getFeatures() && !op.getFinalSum() && !op.getBidirectional())
    return "so few rows that the state stays in registers";
  return std::nullopt;
}

static bool hasOneToken(ScanOp op) {
  return op.getValue().getType().getDimSize(1) == 1;
}

namespace {

class KernelScan : public LoweringOf<ScanOp> {
public:
  StringRef getName() const override { return "scan"; }
  using LoweringOf::decline;
  using LoweringOf::lower;

  Declined decline(ScanOp op, ModuleLowering &) const override {
    if (!op.getWrite().empty() || !op.getRead().empty())
      return "it writes or reads by a region of its own";
    bool hasColumnGates =
        llvm::any_of(op.getTransition().getGates(),
                     [](GateAxes gate) { return gate.column; });
    FeatureMapAttrInterface map = op.getFeaturesAttr();
    if (map && map.isOneHot() &&
        (op.getFinalSum() || !isa<AccumulateAttr>(op.getTransition())))
      return "a table of features that forgets or has a sum";
    if (!op.getTransition().isLinear() && (map || op.getBidirectional()))
      return "it has features or both directions beside a transition that is "
             "not linear";
    if (hasColumnGates && (op.getFeatures() || op.getBidirectional()))
      return "it has features or both directions beside gates of columns";
    if (FeatureMapAttrInterface features = op.getFeaturesAttr())
      if (llvm::any_of(features.getDegrees(), [](int64_t n) { return n > 2; }))
        return "a feature reads more than two channels";
    ElementRegion finish(op.getFinish());
    if (!op.getFinish().empty() &&
        (!finish.getTensors().empty() || !finish.getIndices().empty() ||
         finish.getForeign()))
      return "the finish region uses values from outside";
    for (Value tensor : {op.getKey(), op.getValue()}) {
      auto type = cast<RankedTensorType>(tensor.getType());
      if (type.isDynamicDim(2) || type.isDynamicDim(3))
        return "the number of heads, rows or columns is not known at compile "
               "time";
    }
    return std::nullopt;
  }

  std::optional<std::string> getNote(Operation *op) const override {
    auto scan = cast<ScanOp>(op);
    if (getRounding(scan).empty() || hasOneToken(scan))
      return std::nullopt;
    if (auto why = declineChunks(scan))
      return "products are not rounded: " + *why;
    return std::nullopt;
  }

  LogicalResult lower(ScanOp op, FunctionLowering &f) const override;
};

} // namespace

LogicalResult KernelScan::lower(ScanOp op, FunctionLowering &f) const {
  Builder attrs(op.getContext());
  auto number = [&](StringRef name, int64_t value) {
    return attrs.getNamedAttr(name, attrs.getI64IntegerAttr(value));
  };
  auto flag = [&](StringRef name) {
    return attrs.getNamedAttr(name, attrs.getUnitAttr());
  };
  bool hasSum = bool(op.getFinalSum());
  int64_t heads = op.getKey().getType().getDimSize(2);
  int64_t rows = op.getNumRows();
  int64_t columns = op.getValue().getType().getDimSize(3);
  StringRef rounding = getRounding(op);
  if (hasOneToken(op) || declineChunks(op))
    rounding = "";
  // One task computes the sum of the weights, for all columns.
  int64_t most = rounding.empty() ? granularity::getScanColumns(rows)
                                  : granularity::kChunkColumnsPerTask;
  int64_t perTask = hasSum ? columns : std::min(columns, most);

  LaunchSpec spec;
  spec.family = "scan";
  for (Value tensor : {op.getQuery(), op.getKey(), op.getValue()})
    spec.buffers.push_back(f.views.materialize(f.getStrided(tensor)));
  for (Value gate : op.getGates())
    spec.buffers.push_back(f.views.materialize(f.getStrided(gate)));
  IndexExprs sizes = f.getSizes(op.getValue());
  IndexExprs stateSizes{sizes[0], f.index.constant(heads),
                        f.index.constant(rows), f.index.constant(columns)};
  SmallVector<std::pair<Buffer, Buffer>, 2> states{
      f.allocateCarried(op.getInitial(), op.getFinal(), stateSizes, op)};
  if (hasSum) {
    stateSizes.pop_back();
    states.push_back(f.allocateCarried(op.getInitialSum(), op.getFinalSum(),
                                       stateSizes, op));
  }
  for (auto &[initial, final] : states)
    spec.buffers.push_back(f.views.materialize(initial));
  auto write = [&](const Buffer &buffer) {
    spec.writes.push_back(spec.buffers.size());
    spec.buffers.push_back(f.views.materialize(buffer));
  };
  // A table that nobody reads is the sums of rows by their number.
  bool isOneHot = op.getFeaturesAttr() && op.getFeaturesAttr().isOneHot();
  bool stateOnly = isOneHot && op.getOut().use_empty();
  if (!stateOnly)
    write(f.allocate(op.getOut(), sizes));
  for (auto &[initial, final] : states)
    write(final);

  spec.config = {attrs.getNamedAttr("transition", op.getTransition()),
                 number("h", heads), number("r", rows), number("c", columns),
                 number("columns_per_task", perTask)};
  if (op.getFeatures()) {
    spec.config.push_back(attrs.getNamedAttr("features", *op.getFeatures()));
    spec.config.push_back(
        number("channels", op.getKey().getType().getDimSize(3)));
  }
  if (!rounding.empty())
    spec.config.push_back(
        attrs.getNamedAttr("precision", attrs.getStringAttr(rounding)));
  if (hasSum)
    spec.config.push_back(flag("sum"));
  if (stateOnly)
    spec.config.push_back(flag("state_only"));
  if (op.getBidirectional())
    spec.config.push_back(flag("bidirectional"));
  // A kernel for one token leaves a state where it is that registers can't
  // hold.
  else if (getConstantIntValue(sizes[1]) == 1 &&
           (hasSum || op.getFeatures() ||
            rows > granularity::kScanRowsInRegisters))
    spec.config.push_back(flag("one_token"));
  if (!op.getFinish().empty())
    spec.element = [&](OpBuilder &b, Region &region) {
      SmallVector<Type> types(2, b.getF32Type());
      ElementRegion(op.getFinish()).build(b, region, types, {}, false);
    };
  spec.tasks = AffineMap::get(0, 2,
                              attrs.getAffineSymbolExpr(0) *
                                  (heads * llvm::divideCeil(columns, perTask)));
  spec.scalars = {sizes[0], sizes[1]};
  // For an entry of the state: its decay, the write and the read.
  // Of a table, for each entry that a token touches.
  int64_t touched = isOneHot ? op.getKey().getType().getDimSize(3) : rows;
  spec.work = f.index.product(
      {sizes[0], sizes[1], f.index.constant(5 * heads * touched * columns)});
  f.launch(spec);
  return success();
}

void weft::addScanLowerings(Registry &registry) { registry.add<KernelScan>(); }
