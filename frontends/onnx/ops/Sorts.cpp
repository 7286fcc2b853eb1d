//===- Sorts.cpp - Order along an axis ------------------------------------===//
//
// The rank of an element is the number of elements that stand before it; what
// has rank r is the result's element r. No sort, and no shape that depends on
// data: n^2 comparisons, all in lanes.
//
//===----------------------------------------------------------------------===//

#include "frontends/onnx/Node.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"

using namespace mlir;
using namespace weft::onnx;

static Value isLess(BodyBuilder &b, Value x, Value y) {
  if (isa<FloatType>(x.getType()))
    return arith::CmpFOp::create(b, arith::CmpFPredicate::OLT, x, y);
  return arith::CmpIOp::create(b, arith::CmpIPredicate::slt, x, y);
}
static Value isEqual(BodyBuilder &b, Value x, Value y) {
  if (isa<FloatType>(x.getType()))
    return arith::CmpFOp::create(b, arith::CmpFPredicate::OEQ, x, y);
  return arith::CmpIOp::create(b, arith::CmpIPredicate::eq, x, y);
}
/// The place along a loop as an i64.
static Value getPlace(BodyBuilder &b, int64_t loop) {
  return arith::IndexCastOp::create(b, b.getI64Type(),
                                    linalg::IndexOp::create(b, loop));
}

/// Loops over x, and once more along `axis`: the maps of elements i and j.
static std::pair<AffineMap, AffineMap> getPairs(GraphBuilder &g,
                                                const Tensor &x, int64_t axis) {
  SmallVector<int64_t> own, other;
  for (int64_t i = 0; i < x.rank(); ++i) {
    own.push_back(i);
    other.push_back(i == axis ? x.rank() : i);
  }
  return {g.mapOf(x.rank() + 1, own), g.mapOf(x.rank() + 1, other)};
}

static SmallVector<int64_t> getFirst(int64_t count) {
  SmallVector<int64_t> axes;
  for (int64_t i = 0; i < count; ++i)
    axes.push_back(i);
  return axes;
}

namespace {
/// Which of two elements stands first.
struct Order {
  bool isLargestFirst = true;
  bool isLaterFirst = false; // of equals
};
} // namespace

/// For each element of x, how many along `axis` stand before it, as i64.
static Tensor countBefore(GraphBuilder &g, const Tensor &x, int64_t axis,
                          Order order) {
  Type i64 = g.b.getI64Type();
  const int64_t rank = x.rank();
  auto [mine, other] = getPairs(g, x, axis);
  Sizes loops = x.sizes;
  loops.push_back(x.sizes[axis]);
  return g.reduce(
      loops, getFirst(rank), {x, x}, {mine, other}, i64, makeNumber(i64, 0),
      [&](BodyBuilder &b, ValueRange args) -> Value {
        Value before = order.isLargestFirst ? isLess(b, args[0], args[1])
                                            : isLess(b, args[1], args[0]);
        Value wins = arith::CmpIOp::create(
            b,
            order.isLaterFirst ? arith::CmpIPredicate::sgt
                               : arith::CmpIPredicate::slt,
            getPlace(b, rank), getPlace(b, axis));
        Value ties =
            arith::AndIOp::create(b, isEqual(b, args[0], args[1]), wins);
        Value counts = arith::OrIOp::create(b, before, ties);
        return arith::AddIOp::create(b, args[2], buildCast(b, counts, i64));
      });
}

static LogicalResult importTopK(Node &n) {
  const Tensor &x = n.input(0);
  FailureOr<int64_t> axis = n.checkAxis(n.getInt("axis", -1), x.rank());
  if (failed(axis) || failed(n.expect(0, "number")))
    return failure();
  n.ignore({"sorted"}); // sorted is one of the orders that unsorted allows
  const bool isLargest = n.getFlag("largest", true);
  FailureOr<Sizes> counts = n.getKnown(1);
  if (failed(counts))
    return failure();
  if (counts->size() != 1)
    return n.fail("expected one number as K but got " + Twine(counts->size()));
  const Size k = counts->front();
  if (auto count = k.asNumber(), all = x.sizes[*axis].asNumber();
      count && (*count < 0 || (all && *count > *all)))
    return n.fail("expected K of at most " + n.g.table.str(x.sizes[*axis]) +
                  " but got " + Twine(*count));
  GraphBuilder &g = n.g;
  Type i64 = g.b.getI64Type();
  const int64_t rank = x.rank(), own = *axis;
  Tensor ranks = countBefore(g, x, own, {isLargest, /*isLaterFirst=*/false});
  AffineMap other = getPairs(g, x, own).second;
  Sizes loops = x.sizes;
  loops.push_back(x.sizes[own]);
  // Element r along the axis is the one of rank r.
  loops[own] = k;
  auto choose = [&](Type type, bool wantsPlace) {
    Type compute = getComputeType(type);
    return g.reduce(
        loops, getFirst(rank), {x, ranks}, {other, other}, type,
        makeNumber(compute, 0), [&](BodyBuilder &b, ValueRange args) -> Value {
          Value is = arith::CmpIOp::create(b, arith::CmpIPredicate::eq, args[1],
                                           getPlace(b, own));
          Value chosen = wantsPlace ? getPlace(b, rank) : args[0];
          return arith::SelectOp::create(b, is, chosen, args[2]);
        });
  };
  (void)n.setOutput(0, choose(x.element, false));
  if (n.wantsOutput(1))
    (void)n.setOutput(1, choose(i64, true));
  return success();
}

static LogicalResult importArg(Node &n, bool isMax) {
  const Tensor &x = n.input(0);
  FailureOr<int64_t> axis = n.checkAxis(n.getInt("axis", 0), x.rank());
  if (failed(axis) || failed(n.expect(0, "number")))
    return failure();
  const bool keeps = n.getFlag("keepdims", true);
  const bool wantsLast = n.getFlag("select_last_index");
  GraphBuilder &g = n.g;
  Type i64 = g.b.getI64Type();
  const int64_t own = *axis;
  // The place of an element that none comes before: of equals, the first or
  // the last.
  Tensor ranks = countBefore(g, x, own, {isMax, wantsLast});
  Tensor result = g.reduceAxes(
      ranks, own, i64, makeNumber(i64, 0),
      [&](BodyBuilder &b, ValueRange args) -> Value {
        Value is = arith::CmpIOp::create(b, arith::CmpIPredicate::eq, args[0],
                                         buildNumber(b, i64, 0));
        return arith::SelectOp::create(b, is, getPlace(b, own), args[1]);
      });
  return n.setOutput(0, keeps ? g.insertAxes(result, own) : result);
}
static LogicalResult importArgMax(Node &n) { return importArg(n, true); }
static LogicalResult importArgMin(Node &n) { return importArg(n, false); }

/// 1 at the first maximum along an axis, 0 elsewhere.
static LogicalResult importHardmax(Node &n) {
  const Tensor &x = n.input(0);
  FailureOr<int64_t> axis =
      n.checkAxis(n.getInt("axis", n.opset < 13 ? 1 : -1), x.rank());
  if (failed(axis) || failed(n.expect(0, "float")))
    return failure();
  if (n.opset < 13 && *axis != x.rank() - 1)
    return n.fail("expected the last axis before operator set 13 but got " +
                  Twine(*axis));
  GraphBuilder &g = n.g;
  Tensor before = countBefore(g, x, *axis, {});
  return n.setOutput(
      0,
      g.unary(before, x.element, [&](BodyBuilder &b, ValueRange args) -> Value {
        Value is = arith::CmpIOp::create(b, arith::CmpIPredicate::eq, args[0],
                                         buildNumber(b, b.getI64Type(), 0));
        return buildCast(b, is, b.getF32Type());
      }));
}

/// The sum or product of all up to each element.
static LogicalResult importCumulative(Node &n, bool isProduct) {
  const Tensor &x = n.input(0);
  FailureOr<double> given = n.getNumber(1);
  if (failed(given) || failed(n.expect(0, "number")))
    return failure();
  FailureOr<int64_t> axis = n.checkAxis(int64_t(*given), x.rank());
  if (failed(axis))
    return failure();
  const bool isExclusive = n.getFlag("exclusive");
  const bool isReverse = n.getFlag("reverse");
  GraphBuilder &g = n.g;
  const int64_t rank = x.rank(), own = *axis;
  auto [mine, other] = getPairs(g, x, own);
  Sizes loops = x.sizes;
  loops.push_back(x.sizes[own]);
  Type compute = getComputeType(x.element);
  return n.setOutput(
      0,
      g.reduce(
          loops, getFirst(rank), x, other, x.element,
          makeNumber(compute, isProduct),
          [&](BodyBuilder &b, ValueRange args) -> Value {
            auto predicate = isReverse
                                 ? (isExclusive ? arith::CmpIPredicate::sgt
                                                : arith::CmpIPredicate::sge)
                                 : (isExclusive ? arith::CmpIPredicate::slt
                                                : arith::CmpIPredicate::sle);
            Value counts = arith::CmpIOp::create(
                b, predicate, getPlace(b, rank), getPlace(b, own));
            Value element = arith::SelectOp::create(
                b, counts, args[0], buildNumber(b, compute, isProduct));
            if (isa<FloatType>(compute))
              return isProduct ? arith::MulFOp::create(b, args[1], element)
                                     .getResult()
                               : arith::AddFOp::create(b, args[1], element)
                                     .getResult();
            return isProduct
                       ? arith::MulIOp::create(b, args[1], element).getResult()
                       : arith::AddIOp::create(b, args[1], element).getResult();
          }));
}
static LogicalResult importCumSum(Node &n) {
  return importCumulative(n, false);
}
static LogicalResult importCumProd(Node &n) {
  return importCumulative(n, true);
}

OperatorGroup weft::onnx::getSortOperators() {
  static const Operator operators[] = {
      {"ArgMax", 1, 1, 1, importArgMax},    {"ArgMin", 1, 1, 1, importArgMin},
      {"CumProd", 2, 2, 26, importCumProd}, {"CumSum", 2, 2, 11, importCumSum},
      {"Hardmax", 1, 1, 1, importHardmax},  {"TopK", 2, 2, 10, importTopK},
  };
  return operators;
}
