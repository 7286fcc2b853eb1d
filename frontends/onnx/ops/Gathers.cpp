//===- Gathers.cpp - Elements chosen by indices ---------------------------===//
//
// Indices are data: one that is outside, which the operators do not allow,
// gives zeros and reads nothing.
//
//===----------------------------------------------------------------------===//

#include "frontends/onnx/Node.h"
#include "frontends/onnx/ops/Indices.h"

#include "dialects/weft/ops/WeftOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace weft::onnx;

SafeIndex weft::onnx::buildSafeIndex(BodyBuilder &b, Value index,
                                     Value length) {
  Type type = b.getI64Type();
  Value at = buildCast(b, index, type);
  Value size = arith::IndexCastOp::create(b, type, length);
  Value zero = buildNumber(b, type, 0);
  Value isNegative =
      arith::CmpIOp::create(b, arith::CmpIPredicate::slt, at, zero);
  Value fromEnd = arith::AddIOp::create(b, at, size);
  Value place = arith::SelectOp::create(b, isNegative, fromEnd, at);
  Value isInside =
      arith::CmpIOp::create(b, arith::CmpIPredicate::ult, place, size);
  Value safe = arith::SelectOp::create(b, isInside, place, zero);
  return {arith::IndexCastOp::create(b, b.getIndexType(), safe), isInside};
}

/// Rows of a table by ids, where the op for that can hold them.
static std::optional<Tensor> gatherRows(Node &n, const Tensor &table,
                                        const Tensor &ids, int64_t axis) {
  if (axis != 0 || table.rank() != 2 || !table.element.isF32() ||
      !table.isParameter || ids.rank() == 0 || !table.sizes[1].asNumber() ||
      ids.known || (!ids.element.isInteger(64) && !ids.element.isInteger(32)))
    return std::nullopt;
  Sizes sizes = ids.sizes;
  sizes.push_back(table.sizes[1]);
  Value rows = weft::EmbedOp::create(n.g.b, getTensorType(sizes, table.element),
                                     n.g.dense(ids), n.g.dense(table));
  return n.g.wrap(rows, sizes);
}

static LogicalResult importGather(Node &n) {
  const Tensor &x = n.input(0), &indices = n.input(1);
  FailureOr<int64_t> axis = n.checkAxis(n.getInt("axis", 0), x.rank());
  if (failed(axis) || failed(n.expect(1, "integer")))
    return failure();
  // Of known lists, as shapes are.
  auto numbers = indices.getNumbers();
  if (x.known && x.rank() == 1 && numbers) {
    Sizes elements;
    for (int64_t number : *numbers) {
      FailureOr<int64_t> at = n.checkAxis(number, int64_t(x.known->size()));
      if (failed(at))
        return failure();
      elements.push_back((*x.known)[*at]);
    }
    return n.setOutput(0, n.g.makeKnown(elements, indices.sizes, x.element));
  }
  // One known place is a slice.
  if (numbers && numbers->size() == 1 && x.sizes[*axis].asNumber()) {
    FailureOr<int64_t> at =
        n.checkAxis(numbers->front(), *x.sizes[*axis].asNumber());
    if (failed(at))
      return failure();
    Sizes offsets(x.rank(), Size(0)), sizes = x.sizes;
    offsets[*axis] = *at;
    sizes[*axis] = 1;
    Tensor part =
        n.g.slice(x, offsets, sizes, SmallVector<int64_t>(x.rank(), 1));
    part = n.g.dropAxes(part, *axis);
    SmallVector<int64_t> added;
    for (int64_t i = 0; i < indices.rank(); ++i)
      added.push_back(*axis + i);
    return n.setOutput(0, n.g.insertAxes(part, added));
  }
  if (auto rows = gatherRows(n, x, indices, *axis))
    return n.setOutput(0, *rows);

  Sizes sizes(ArrayRef(x.sizes).take_front(*axis));
  llvm::append_range(sizes, indices.sizes);
  llvm::append_range(sizes, ArrayRef(x.sizes).drop_front(*axis + 1));
  Value from = n.g.dense(x), ids = n.g.dense(indices);
  Value length = n.g.table.buildValue(x.sizes[*axis]);
  const int64_t rank = indices.rank(), own = *axis;
  return n.setOutput(
      0, n.g.fromIndices(
             sizes, x.element, [&](BodyBuilder &b, ValueRange at) -> Value {
               Value id =
                   tensor::ExtractOp::create(b, ids, at.slice(own, rank));
               SafeIndex safe = buildSafeIndex(b, id, length);
               SmallVector<Value> place(at.take_front(own));
               place.push_back(safe.place);
               llvm::append_range(place, at.drop_front(own + rank));
               Value element = tensor::ExtractOp::create(b, from, place);
               return arith::SelectOp::create(
                   b, safe.isInside, element,
                   buildNumber(b, element.getType(), 0));
             }));
}

static LogicalResult importGatherElements(Node &n) {
  const Tensor &x = n.input(0), &indices = n.input(1);
  FailureOr<int64_t> axis = n.checkAxis(n.getInt("axis", 0), x.rank());
  if (failed(axis) || failed(n.expect(1, "integer")) ||
      failed(n.expectRank(1, x.rank(), x.rank())))
    return failure();
  for (int64_t a = 0; a < x.rank(); ++a)
    if (a != *axis && indices.sizes[a] != x.sizes[a]) {
      auto own = indices.sizes[a].asNumber(), all = x.sizes[a].asNumber();
      if (!own || !all || *own > *all)
        return n.fail("expected indices of at most " + n.g.table.str(x.sizes) +
                      " but got " + n.g.table.str(indices.sizes));
    }
  Value from = n.g.dense(x), ids = n.g.dense(indices);
  Value length = n.g.table.buildValue(x.sizes[*axis]);
  const int64_t own = *axis;
  return n.setOutput(
      0, n.g.fromIndices(indices.sizes, x.element,
                         [&](BodyBuilder &b, ValueRange at) -> Value {
                           Value id = tensor::ExtractOp::create(b, ids, at);
                           SafeIndex safe = buildSafeIndex(b, id, length);
                           SmallVector<Value> place(at);
                           place[own] = safe.place;
                           Value element =
                               tensor::ExtractOp::create(b, from, place);
                           return arith::SelectOp::create(
                               b, safe.isInside, element,
                               buildNumber(b, element.getType(), 0));
                         }));
}

static LogicalResult importGatherND(Node &n) {
  const Tensor &x = n.input(0), &indices = n.input(1);
  const int64_t batches = n.getInt("batch_dims", 0);
  if (failed(n.expect(1, "integer")) || failed(n.expectRank(1, 1, 64)))
    return failure();
  FailureOr<int64_t> depth =
      n.getStaticSize(indices.sizes.back(), "the last size of the indices");
  if (failed(depth))
    return failure();
  if (batches < 0 || batches >= indices.rank() || *depth < 1 ||
      batches + *depth > x.rank())
    return n.fail("expected indices of at most " + Twine(x.rank()) +
                  " axes but got " + n.g.table.str(indices.sizes) +
                  " and batch_dims " + Twine(batches));
  const int64_t outer = indices.rank() - 1;
  Sizes sizes(ArrayRef(indices.sizes).take_front(outer));
  llvm::append_range(sizes, ArrayRef(x.sizes).drop_front(batches + *depth));

  // Indices that were put together from columns are read where they come from,
  // as elements; others from their tensor.
  const Size tail = getProduct(ArrayRef(x.sizes).drop_front(batches + *depth));
  Value from = n.g.dense(x);
  SmallVector<Value> lengths;
  for (int64_t i = 0; i < *depth; ++i)
    lengths.push_back(n.g.table.buildValue(x.sizes[batches + i]));
  auto build = [&](BodyBuilder &b, ValueRange at, ValueRange ids) -> Value {
    SmallVector<Value> place;
    if (!at.empty())
      llvm::append_range(place, at.take_front(batches));
    Value isInside = buildNumber(b, b.getI1Type(), 1);
    for (auto [id, length] : llvm::zip(ids, lengths)) {
      SafeIndex safe = buildSafeIndex(b, id, length);
      isInside = arith::AndIOp::create(b, isInside, safe.isInside);
      place.push_back(safe.place);
    }
    if (!at.empty())
      llvm::append_range(place, at.drop_front(outer));
    Value element = tensor::ExtractOp::create(b, from, place);
    return arith::SelectOp::create(b, isInside, element,
                                   buildNumber(b, element.getType(), 0));
  };
  if (indices.columns && batches == 0 && outer == int64_t(sizes.size())) {
    std::vector<Tensor> columns;
    for (const Tensor &column : *indices.columns)
      columns.push_back(n.g.dropAxes(column, outer));
    return n.finish(
        n.g.pointwise(columns, x.element, [&](BodyBuilder &b, ValueRange ids) {
          return build(b, {}, ids);
        }));
  }
  Value ids = n.g.dense(indices);
  return n.setOutput(
      0, n.g.fromIndices(sizes, x.element, [&](BodyBuilder &b, ValueRange at) {
        SmallVector<Value> all;
        for (int64_t i = 0; i < *depth; ++i) {
          SmallVector<Value> place(at.take_front(outer));
          place.push_back(arith::ConstantIndexOp::create(b, i));
          all.push_back(tensor::ExtractOp::create(b, ids, place));
        }
        return build(b, at, all);
      }));
}

/// Turns the first `lengths[b]` elements of each batch around.
static LogicalResult importReverseSequence(Node &n) {
  const Tensor &x = n.input(0);
  const int64_t time = n.getInt("time_axis", 0);
  const int64_t batch = n.getInt("batch_axis", 1);
  if (failed(n.expectRank(0, 2, 64)) || failed(n.expectRank(1, 1, 1)))
    return failure();
  if (time < 0 || time > 1 || batch != 1 - time ||
      x.sizes[batch] != n.input(1).sizes[0])
    return n.fail("expected axes 0 and 1 of time and batch, and a length for "
                  "each batch");
  Value from = n.g.dense(x), lengths = n.g.dense(n.input(1));
  return n.setOutput(
      0, n.g.fromIndices(
             x.sizes, x.element, [&](BodyBuilder &b, ValueRange at) -> Value {
               Value length = arith::IndexCastOp::create(
                   b, b.getIndexType(),
                   tensor::ExtractOp::create(b, lengths, at[batch]));
               Value last = arith::SubIOp::create(
                   b, length, arith::ConstantIndexOp::create(b, 1));
               Value back = arith::SubIOp::create(b, last, at[time]);
               Value turns = arith::CmpIOp::create(b, arith::CmpIPredicate::slt,
                                                   at[time], length);
               Value whole = n.g.table.buildValue(x.sizes[time]);
               Value isInside = arith::CmpIOp::create(
                   b, arith::CmpIPredicate::ult, back, whole);
               turns = arith::AndIOp::create(b, turns, isInside);
               SmallVector<Value> place(at);
               place[time] = arith::SelectOp::create(b, turns, back, at[time]);
               return tensor::ExtractOp::create(b, from, place);
             }));
}

OperatorGroup weft::onnx::getGatherOperators() {
  static const Operator operators[] = {
      {"Gather", 2, 2, 1, importGather},
      {"GatherElements", 2, 2, 11, importGatherElements},
      {"GatherND", 2, 2, 11, importGatherND},
      {"ReverseSequence", 2, 2, 10, importReverseSequence},
  };
  return operators;
}
