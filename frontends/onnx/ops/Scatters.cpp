//===- Scatters.cpp - Elements written by indices -------------------------===//
//
// A result is computed element by element: each looks for the update that hits
// it. Of several the last counts, or all by the reduction, in their order.
//
//===----------------------------------------------------------------------===//

#include "frontends/onnx/Node.h"
#include "frontends/onnx/ops/Indices.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace weft::onnx;

/// The old element and the update, joined as the attribute `reduction` says.
static Value buildReduction(BodyBuilder &b, StringRef how, Value old,
                            Value next) {
  const bool isReal = isa<FloatType>(old.getType());
  if (how == "add")
    return isReal ? arith::AddFOp::create(b, old, next).getResult()
                  : arith::AddIOp::create(b, old, next).getResult();
  if (how == "mul")
    return isReal ? arith::MulFOp::create(b, old, next).getResult()
                  : arith::MulIOp::create(b, old, next).getResult();
  if (how == "max")
    return isReal ? arith::MaximumFOp::create(b, old, next).getResult()
                  : arith::MaxSIOp::create(b, old, next).getResult();
  if (how == "min")
    return isReal ? arith::MinimumFOp::create(b, old, next).getResult()
                  : arith::MinSIOp::create(b, old, next).getResult();
  return next;
}

/// Over x and then the places of updates: an update that hits changes x.
/// `hits` says whether update `u` (indices of its loops) is for element `at`.
static LogicalResult
scatter(Node &n, const Tensor &x, ArrayRef<Size> updateLoops,
        const Tensor &updates, AffineMap updateMap, StringRef how,
        llvm::function_ref<Value(BodyBuilder &, ValueRange at, ValueRange u)>
            hits) {
  if (how != "none" && how != "add" && how != "mul" && how != "max" &&
      how != "min")
    return n.fail("reduction \"" + how + "\" is not supported");
  GraphBuilder &g = n.g;
  Sizes loops = x.sizes;
  llvm::append_range(loops, updateLoops);
  SmallVector<int64_t> kept;
  for (int64_t axis = 0; axis < x.rank(); ++axis)
    kept.push_back(axis);
  const int64_t rank = x.rank();
  // The places of updates that hit, as numbers that the reduction can carry.
  Value xBase = g.dense(x);
  Tensor whole = g.wrap(xBase, x.sizes);
  Type compute = getComputeType(x.element);
  // It starts from x itself: the first turn takes the old element.
  Tensor result = g.reduce(
      loops, kept, {whole, updates}, {g.mapOf(loops.size(), kept), updateMap},
      x.element, makeNumber(compute, 0),
      [&](BodyBuilder &b, ValueRange args) -> Value {
        SmallVector<Value> at;
        for (unsigned i = 0; i < loops.size(); ++i)
          at.push_back(linalg::IndexOp::create(b, i));
        ValueRange all(at);
        ValueRange u = all.drop_front(rank);
        Value isFirst = buildNumber(b, b.getI1Type(), 1);
        Value zero = arith::ConstantIndexOp::create(b, 0);
        for (Value place : u)
          isFirst = arith::AndIOp::create(
              b, isFirst,
              arith::CmpIOp::create(b, arith::CmpIPredicate::eq, place, zero));
        Value old = arith::SelectOp::create(b, isFirst, args[0], args[2]);
        Value joined = buildReduction(b, how, old, args[1]);
        return arith::SelectOp::create(b, hits(b, all.take_front(rank), u),
                                       joined, old);
      });
  return n.setOutput(0, result);
}

static LogicalResult importScatterElements(Node &n) {
  const Tensor &x = n.input(0), &indices = n.input(1), &updates = n.input(2);
  FailureOr<int64_t> axis = n.checkAxis(n.getInt("axis", 0), x.rank());
  if (failed(axis) || failed(n.expect(1, "integer")) ||
      failed(n.expectSameType(0, 2)))
    return failure();
  if (indices.sizes != updates.sizes || indices.rank() != x.rank())
    return n.fail("expected indices and updates of rank " + Twine(x.rank()) +
                  " but got " + n.g.table.str(indices.sizes) + " and " +
                  n.g.table.str(updates.sizes));
  const std::string how = n.getString("reduction", "none");
  if (getProduct(indices.sizes).is(0))
    return n.setOutput(0, x);
  const unsigned loops = 2 * x.rank();
  SmallVector<int64_t> own;
  for (int64_t i = 0; i < x.rank(); ++i)
    own.push_back(x.rank() + i);
  Value ids = n.g.dense(indices);
  Value length = n.g.table.buildValue(x.sizes[*axis]);
  const int64_t chosen = *axis;
  return scatter(
      n, x, indices.sizes, updates, n.g.mapOf(loops, own), how,
      [&](BodyBuilder &b, ValueRange at, ValueRange u) -> Value {
        Value hit = buildNumber(b, b.getI1Type(), 1);
        for (int64_t i = 0; i < int64_t(at.size()); ++i) {
          Value place = u[i];
          if (i == chosen) {
            SafeIndex safe =
                buildSafeIndex(b, tensor::ExtractOp::create(b, ids, u), length);
            hit = arith::AndIOp::create(b, hit, safe.isInside);
            place = safe.place;
          }
          hit = arith::AndIOp::create(
              b, hit,
              arith::CmpIOp::create(b, arith::CmpIPredicate::eq, at[i], place));
        }
        return hit;
      });
}

static LogicalResult importScatterND(Node &n) {
  const Tensor &x = n.input(0), &indices = n.input(1), &updates = n.input(2);
  if (failed(n.expect(1, "integer")) || failed(n.expectSameType(0, 2)) ||
      failed(n.expectRank(1, 1, 64)))
    return failure();
  FailureOr<int64_t> depth =
      n.getStaticSize(indices.sizes.back(), "the last size of the indices");
  if (failed(depth))
    return failure();
  const int64_t outer = indices.rank() - 1;
  Sizes expected(ArrayRef(indices.sizes).drop_back());
  if (*depth >= 1 && *depth <= x.rank())
    llvm::append_range(expected, ArrayRef(x.sizes).drop_front(*depth));
  if (*depth < 1 || *depth > x.rank() || expected != updates.sizes)
    return n.fail("expected indices of at most " + Twine(x.rank()) +
                  " axes and an update for each but got " +
                  n.g.table.str(indices.sizes) + " and " +
                  n.g.table.str(updates.sizes));
  const std::string how = n.getString("reduction", "none");
  if (getProduct(indices.sizes).is(0))
    return n.setOutput(0, x);
  Sizes updateLoops(ArrayRef(indices.sizes).drop_back());
  const unsigned loops = x.rank() + outer;
  // An update is read at its loops, then along the axes that it fills.
  SmallVector<int64_t> axes;
  for (int64_t i = 0; i < outer; ++i)
    axes.push_back(x.rank() + i);
  for (int64_t i = *depth; i < x.rank(); ++i)
    axes.push_back(i);
  Value ids = n.g.dense(indices);
  SmallVector<Value> lengths;
  for (int64_t i = 0; i < *depth; ++i)
    lengths.push_back(n.g.table.buildValue(x.sizes[i]));
  return scatter(n, x, updateLoops, updates, n.g.mapOf(loops, axes), how,
                 [&](BodyBuilder &b, ValueRange at, ValueRange u) -> Value {
                   Value hit = buildNumber(b, b.getI1Type(), 1);
                   for (int64_t i = 0; i < int64_t(lengths.size()); ++i) {
                     SmallVector<Value> place(u);
                     place.push_back(arith::ConstantIndexOp::create(b, i));
                     SafeIndex safe = buildSafeIndex(
                         b, tensor::ExtractOp::create(b, ids, place),
                         lengths[i]);
                     Value here = arith::CmpIOp::create(
                         b, arith::CmpIPredicate::eq, at[i], safe.place);
                     hit = arith::AndIOp::create(
                         b, hit, arith::AndIOp::create(b, here, safe.isInside));
                   }
                   return hit;
                 });
}

/// A cache with new rows from a place of each batch on: row i of the result is
/// row i - write[b] of the update where there is one.
static LogicalResult importTensorScatter(Node &n) {
  const Tensor &past = n.input(0), &update = n.input(1);
  const std::string mode = n.getString("mode", "linear");
  FailureOr<int64_t> axis = n.checkAxis(n.getInt("axis", -2), past.rank());
  if (failed(axis) || failed(n.expectSameType(0, 1)))
    return failure();
  if (*axis == 0)
    return n.fail("expected an axis other than the batch, 0");
  if (mode != "linear" && mode != "circular")
    return n.fail("expected mode linear or circular but got \"" + mode + "\"");
  Sizes expected = past.sizes;
  if (update.rank() == past.rank())
    expected[*axis] = update.sizes[*axis];
  if (update.sizes != expected)
    return n.fail("expected an update like " + n.g.table.str(past.sizes) +
                  " but for axis " + Twine(*axis) + " but got " +
                  n.g.table.str(update.sizes));
  if (n.hasInput(2) &&
      (n.input(2).sizes != Sizes{past.sizes[0]} || !n.input(2).isInteger()))
    return n.fail("expected a place for each of " +
                  n.g.table.str(past.sizes[0]) + " batches but got " +
                  n.g.table.str(n.input(2).sizes));
  Value old = n.g.dense(past), rows = n.g.dense(update);
  Value places = n.hasInput(2) ? n.g.dense(n.input(2)) : Value();
  Value capacity = n.g.table.buildValue(past.sizes[*axis]);
  Value count = n.g.table.buildValue(update.sizes[*axis]);
  const int64_t own = *axis;
  const bool isCircular = mode == "circular";
  return n.setOutput(
      0, n.g.fromIndices(
             past.sizes, past.element,
             [&](BodyBuilder &b, ValueRange at) -> Value {
               Value zero = arith::ConstantIndexOp::create(b, 0);
               Value first = zero;
               if (places)
                 first = arith::IndexCastOp::create(
                     b, b.getIndexType(),
                     tensor::ExtractOp::create(b, places, at[0]));
               Value row = arith::SubIOp::create(b, at[own], first);
               if (isCircular) {
                 Value rest = arith::RemSIOp::create(b, row, capacity);
                 Value isNegative = arith::CmpIOp::create(
                     b, arith::CmpIPredicate::slt, rest, zero);
                 row = arith::SelectOp::create(
                     b, isNegative, arith::AddIOp::create(b, rest, capacity),
                     rest);
               }
               Value isNew = arith::CmpIOp::create(b, arith::CmpIPredicate::ult,
                                                   row, count);
               SmallVector<Value> place(at);
               place[own] = arith::SelectOp::create(b, isNew, row, zero);
               Value next = tensor::ExtractOp::create(b, rows, place);
               Value kept = tensor::ExtractOp::create(b, old, at);
               return arith::SelectOp::create(b, isNew, next, kept);
             }));
}

OperatorGroup weft::onnx::getScatterOperators() {
  static const Operator operators[] = {
      {"Scatter", 3, 3, 9, importScatterElements},
      {"ScatterElements", 3, 3, 11, importScatterElements},
      {"ScatterND", 3, 3, 11, importScatterND},
      {"TensorScatter", 2, 3, 24, importTensorScatter},
  };
  return operators;
}
