//===- LongConv.cpp - weft.long_conv to a kernel of transforms ------------===//

#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "passes/lower/Granularity.h"
#include "passes/lower/Registry.h"
#include "llvm/Support/MathExtras.h"
#include <cmath>

using namespace mlir;
using namespace weft;

/// Rows of the longest transform that a kernel has scratch for: 8 MiB a thread.
static constexpr int64_t kMostRows = 1 << 15;

namespace {

class FourierConv : public LoweringOf<LongConvOp> {
public:
  StringRef getName() const override { return "long_conv"; }
  using LoweringOf::lower;

  LogicalResult lower(LongConvOp op, FunctionLowering &f) const override;
};

} // namespace

/// The roots of unity that transforms of up to `rows` rows multiply by, as the
/// emitter's Fourier.h says.
static Value useRoots(FunctionLowering &f, int64_t rows) {
  std::vector<float> numbers(rows / 2 * 6);
  for (int64_t size = 4; size <= rows; size *= 2)
    for (int64_t j = 0; j < size / 4; ++j)
      for (int64_t power = 1; power <= 3; ++power) {
        double angle = -2 * M_PI * double(power * j) / double(size);
        size_t at = (size / 4 + j) * 6 + 2 * (power - 1);
        numbers[at] = std::cos(angle), numbers[at + 1] = std::sin(angle);
      }
  auto type = RankedTensorType::get({rows / 2, 6}, f.b.getF32Type());
  return f.useTable(DenseElementsAttr::get(type, ArrayRef(numbers)));
}

/// Rows of the transform of the most tokens that there may be.
static int64_t getRows(LongConvOp op, IndexExpr tokens, IndexExpr taps,
                       const LowerOptions &options) {
  int64_t most = getConstantIntValue(tokens).value_or(
      std::max(options.maxSequence, options.maxTokens));
  int64_t reach = std::max<int64_t>(most - 1, 0);
  if (auto known = getConstantIntValue(taps))
    reach = std::min(reach, op.getBidirectional() ? *known / 2 : *known);
  int64_t rows = llvm::PowerOf2Ceil(std::max<int64_t>(most + reach, 4));
  return std::min(rows, kMostRows);
}

LogicalResult FourierConv::lower(LongConvOp op, FunctionLowering &f) const {
  Builder attrs(op.getContext());
  auto number = [&](StringRef name, int64_t value) {
    return attrs.getNamedAttr(name, attrs.getI64IntegerAttr(value));
  };
  auto flag = [&](StringRef name) {
    return attrs.getNamedAttr(name, attrs.getUnitAttr());
  };
  int64_t channels = op.getInput().getType().getDimSize(2);
  int64_t groups = op.getFilter().getType().getDimSize(1);
  Buffer input = f.getStrided(op.getInput());
  Buffer filter = f.getStrided(op.getFilter());
  IndexExpr skip =
      op.getSkip() ? f.getIndex(op.getSkip()) : f.index.constant(0);
  IndexExpr tokens = input.sizes[1], taps = filter.sizes[0];
  int64_t rows = getRows(op, tokens, taps, f.getModule().options);
  Buffer out =
      f.allocate(op.getOut(), {input.sizes[0], f.index.sub(tokens, skip),
                               f.index.constant(channels)});

  LaunchSpec spec;
  spec.family = "long_conv";
  spec.buffers = {f.views.materialize(input), f.views.materialize(filter),
                  useRoots(f, rows), f.views.materialize(out)};
  spec.writes = {3};
  // Channels that share a filter are a task together, which transforms it once.
  bool byGroup = channels / groups >= granularity::kSharedFilter;
  int64_t extent = byGroup ? channels / groups : channels;
  int64_t perTask = std::min(extent, byGroup ? granularity::kGroupConvChannels
                                             : granularity::kLongConvChannels);
  spec.config = {number("c", channels), number("g", groups),
                 number("rows", rows), number("channels_per_task", perTask)};
  if (byGroup)
    spec.config.push_back(flag("by_group"));
  if (op.getBidirectional())
    spec.config.push_back(flag("bidirectional"));
  spec.scalars = {input.sizes[0], tokens, taps, skip};
  int64_t tasks = (byGroup ? groups : 1) * llvm::divideCeil(extent, perTask);
  spec.tasks = AffineMap::get(0, 4, attrs.getAffineConstantExpr(tasks));
  // Two transforms of 2 S rows, some 5 operations a row and step.
  int64_t steps = llvm::Log2_64(rows);
  spec.work = f.index.product(
      {input.sizes[0], tokens, f.index.constant(channels * 10 * steps)});
  f.launch(spec);
  return success();
}

void weft::addLongConvLowerings(Registry &registry) {
  registry.add<FourierConv>();
}
