//===- Scan.cpp - weft.scan to a kernel with the state in registers -------===//

#include "passes/lower/Granularity.h"
#include "passes/lower/Registry.h"

using namespace mlir;
using namespace weft;

namespace {

class DiagonalScan : public LoweringOf<ScanOp> {
public:
  StringRef getName() const override { return "scan"; }
  using LoweringOf::decline;
  using LoweringOf::lower;

  Declined decline(ScanOp op, ModuleLowering &) const override {
    if (op.getTransition().hasCorrection())
      return "the transition has a correction beside its diagonal";
    if (!op.getWrite().empty() || !op.getRead().empty())
      return "it writes or reads by a region of its own";
    for (Value tensor : {op.getKey(), op.getValue()}) {
      auto type = cast<RankedTensorType>(tensor.getType());
      if (type.isDynamicDim(2) || type.isDynamicDim(3))
        return "the number of heads, rows or columns is not known at compile "
               "time";
    }
    return std::nullopt;
  }

  LogicalResult lower(ScanOp op, FunctionLowering &f) const override;
};

} // namespace

LogicalResult DiagonalScan::lower(ScanOp op, FunctionLowering &f) const {
  Builder attrs(op.getContext());
  auto number = [&](StringRef name, int64_t value) {
    return attrs.getNamedAttr(name, attrs.getI64IntegerAttr(value));
  };
  int64_t heads = op.getKey().getType().getDimSize(2);
  int64_t rows = op.getKey().getType().getDimSize(3);
  int64_t columns = op.getValue().getType().getDimSize(3);
  int64_t perTask = std::min(columns, granularity::kScanColumnsPerTask);

  LaunchSpec spec;
  spec.family = "scan";
  for (Value tensor : {op.getQuery(), op.getKey(), op.getValue()})
    spec.buffers.push_back(f.views.materialize(f.getStrided(tensor)));
  for (Value gate : op.getGates())
    spec.buffers.push_back(f.views.materialize(f.getStrided(gate)));
  IndexExprs sizes = f.getSizes(op.getValue());
  auto [initial, final] =
      f.allocateCarried(op.getInitial(), op.getFinal(),
                        {sizes[0], f.index.constant(heads),
                         f.index.constant(rows), f.index.constant(columns)},
                        op);
  spec.buffers.push_back(f.views.materialize(initial));
  Buffer out = f.allocate(op.getOut(), sizes);
  spec.writes = {int64_t(spec.buffers.size()),
                 int64_t(spec.buffers.size()) + 1};
  spec.buffers.push_back(f.views.materialize(out));
  spec.buffers.push_back(f.views.materialize(final));

  spec.config = {attrs.getNamedAttr("transition", op.getTransition()),
                 number("h", heads), number("r", rows), number("c", columns),
                 number("columns_per_task", perTask)};
  spec.tasks = AffineMap::get(0, 2,
                              attrs.getAffineSymbolExpr(0) *
                                  (heads * llvm::divideCeil(columns, perTask)));
  spec.scalars = {sizes[0], sizes[1]};
  // For an entry of the state: its decay, the write and the read.
  spec.work = f.index.product(
      {sizes[0], sizes[1], f.index.constant(5 * heads * rows * columns)});
  f.launch(spec);
  return success();
}

void weft::addScanLowerings(Registry &registry) {
  registry.add<DiagonalScan>();
}
