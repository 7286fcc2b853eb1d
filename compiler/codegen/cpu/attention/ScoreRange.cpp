//===- ScoreRange.cpp - Interval arithmetic on score regions --------------===//
//
// Functions that are bounded, as the tanh of a soft cap, bound what is made of
// them. Bounds are in f64 and a little wider than what the rounding of some f32
// operations could pass.
//
//===----------------------------------------------------------------------===//

#include "compiler/codegen/cpu/attention/ScoreRange.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/TypeSwitch.h"
#include <cmath>

using namespace mlir;
using namespace weft;

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// The numbers [low, high]. What may be infinite may be any number.
struct Interval {
  double low = -kInfinity, high = kInfinity;

  bool isKnown() const { return std::isfinite(low) && std::isfinite(high); }
};

class IntervalFinder {
public:
  void run(Operation &op);
  Interval get(Value value) const { return ranges.lookup(value); }

private:
  Interval getConstant(arith::ConstantOp op) const;
  Interval multiply(Interval x, Interval y) const;
  /// 1 / x.
  Interval invert(Interval x) const;

  llvm::DenseMap<Value, Interval> ranges;
};

} // namespace

Interval IntervalFinder::getConstant(arith::ConstantOp op) const {
  auto attr = dyn_cast<FloatAttr>(op.getValue());
  if (!attr || attr.getValue().isNaN())
    return {};
  return {attr.getValueAsDouble(), attr.getValueAsDouble()};
}

Interval IntervalFinder::multiply(Interval x, Interval y) const {
  // Infinity times 0 is no number, so that an unknown factor leaves all open.
  if (!x.isKnown() || !y.isKnown())
    return {};
  auto [low, high] = std::minmax(
      {x.low * y.low, x.low * y.high, x.high * y.low, x.high * y.high});
  return {low, high};
}

Interval IntervalFinder::invert(Interval x) const {
  if (x.low <= 0 && x.high >= 0)
    return {};
  return {1 / x.high, 1 / x.low};
}

void IntervalFinder::run(Operation &op) {
  if (op.getNumResults() != 1)
    return;
  auto in = [&](unsigned i) { return get(op.getOperand(i)); };
  ranges[op.getResult(0)] =
      llvm::TypeSwitch<Operation *, Interval>(&op)
          .Case(
              [&](arith::ConstantOp constant) { return getConstant(constant); })
          .Case<math::TanhOp, math::ErfOp, math::SinOp, math::CosOp>(
              [&](auto) { return Interval{-1, 1}; })
          .Case([&](math::ExpOp) { return Interval{0, std::exp(in(0).high)}; })
          .Case([&](math::AbsFOp) {
            return Interval{0, std::max(-in(0).low, in(0).high)};
          })
          .Case(
              [&](arith::NegFOp) { return Interval{-in(0).high, -in(0).low}; })
          .Case([&](arith::AddFOp) {
            return Interval{in(0).low + in(1).low, in(0).high + in(1).high};
          })
          .Case([&](arith::SubFOp) {
            return Interval{in(0).low - in(1).high, in(0).high - in(1).low};
          })
          .Case([&](arith::MulFOp) { return multiply(in(0), in(1)); })
          .Case([&](arith::DivFOp) { return multiply(in(0), invert(in(1))); })
          .Case<arith::MaximumFOp, arith::MaxNumFOp>([&](auto) {
            return Interval{std::max(in(0).low, in(1).low),
                            std::max(in(0).high, in(1).high)};
          })
          .Case<arith::MinimumFOp, arith::MinNumFOp>([&](auto) {
            return Interval{std::min(in(0).low, in(1).low),
                            std::min(in(0).high, in(1).high)};
          })
          .Case([&](arith::SelectOp) {
            return Interval{std::min(in(1).low, in(2).low),
                            std::max(in(1).high, in(2).high)};
          })
          .Case<arith::ExtFOp, arith::TruncFOp>([&](auto) { return in(0); })
          .Default([](Operation *) { return Interval(); });
}

double cpu::getLargestScore(Region &region) {
  if (region.empty())
    return kInfinity;
  IntervalFinder finder;
  Block &block = region.front();
  for (Operation &op : block.without_terminator())
    finder.run(op);
  Interval range = finder.get(block.getTerminator()->getOperand(0));
  return range.isKnown() ? 1.001 * std::max(-range.low, range.high) : kInfinity;
}
