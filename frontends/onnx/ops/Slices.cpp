//===- Slices.cpp - Parts of tensors, and tensors with borders ------------===//

#include "frontends/onnx/Node.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace weft::onnx;

namespace {
/// A part of one axis: `size` elements from `offset` on, `step` apart.
struct AxisRange {
  Size offset, size;
  int64_t step = 1;
};
} // namespace

/// An end of a slice as a place from 0 on: counted from the end if negative.
static FailureOr<Size> getPlace(Node &n, const Size &at, const Size &length) {
  if (auto number = at.asNumber())
    return *number < 0 && *number > -(int64_t(1) << 60) ? at + length : at;
  // A size, or the length less something, counts from the begin.
  if (n.g.table.apply(SizeOp::Max, at, 0) == at)
    return at;
  if (auto back = (length - at).asNumber())
    return at;
  return n.fail("cannot tell whether " + n.g.table.str(at) +
                " counts from the begin or the end");
}

/// The part [start, end) of an axis, as Slice bounds it.
static FailureOr<AxisRange> getRange(Node &n, const Size &start,
                                     const Size &end, int64_t step,
                                     const Size &length, bool isTable) {
  SizeTable &table = n.g.table;
  FailureOr<Size> from = getPlace(n, start, length);
  FailureOr<Size> to = getPlace(n, end, length);
  if (failed(from) || failed(to))
    return failure();
  auto bound = [&](const Size &at, const Size &least, const Size &most) {
    // The head of a table of parameters as long as a sequence: longer
    // sequences than it has rows are refused when the model runs.
    if (auto rows = most.asNumber(); rows && isTable && !at.asNumber())
      if (table.limit(at, *rows))
        return at;
    return table.apply(SizeOp::Min, table.apply(SizeOp::Max, at, least), most);
  };
  if (step > 0) {
    Size first = bound(*from, 0, length), last = bound(*to, 0, length);
    Size count =
        table.apply(SizeOp::FloorDiv, last - first + Size(step - 1), step);
    return AxisRange{first, table.apply(SizeOp::Max, count, 0), step};
  }
  Size first = bound(*from, -1, length - 1), last = bound(*to, -1, length - 1);
  Size count =
      table.apply(SizeOp::FloorDiv, first - last + Size(-step - 1), -step);
  return AxisRange{first, table.apply(SizeOp::Max, count, 0), step};
}

/// Elements at offset + step * place, for steps that go backwards.
static Tensor sliceBackwards(Node &n, const Tensor &x,
                             ArrayRef<AxisRange> ranges) {
  Value base = n.g.dense(x);
  Sizes sizes;
  for (const AxisRange &range : ranges)
    sizes.push_back(range.size);
  SmallVector<Value> offsets;
  for (const AxisRange &range : ranges)
    offsets.push_back(n.g.table.buildValue(range.offset));
  return n.g.fromIndices(
      sizes, x.element, [&](BodyBuilder &b, ValueRange at) -> Value {
        SmallVector<Value> place;
        for (auto [range, offset, i] : llvm::zip(ranges, offsets, at)) {
          Value step = arith::ConstantIndexOp::create(b, range.step);
          Value moved = arith::MulIOp::create(b, i, step);
          place.push_back(arith::AddIOp::create(b, offset, moved));
        }
        return tensor::ExtractOp::create(b, base, place);
      });
}

static FailureOr<Tensor> takeRanges(Node &n, const Tensor &x,
                                    ArrayRef<AxisRange> ranges) {
  if (x.known && x.rank() == 1 && ranges[0].offset.asNumber() &&
      ranges[0].size.asNumber()) {
    Sizes elements;
    for (int64_t i = 0, e = *ranges[0].size.asNumber(); i < e; ++i) {
      const int64_t at = *ranges[0].offset.asNumber() + i * ranges[0].step;
      if (at < 0 || at >= int64_t(x.known->size()))
        return n.fail("the part is not inside the tensor");
      elements.push_back((*x.known)[at]);
    }
    return n.g.makeKnown(elements, {int64_t(elements.size())}, x.element);
  }
  Sizes offsets, sizes;
  SmallVector<int64_t> steps;
  for (const AxisRange &range : ranges) {
    if (range.step < 0)
      return sliceBackwards(n, x, ranges);
    offsets.push_back(range.offset);
    sizes.push_back(range.size);
    steps.push_back(range.step);
  }
  return n.g.slice(x, offsets, sizes, steps);
}

static SmallVector<AxisRange> getWhole(const Tensor &x) {
  SmallVector<AxisRange> ranges;
  for (const Size &size : x.sizes)
    ranges.push_back({0, size});
  return ranges;
}

static LogicalResult importSlice(Node &n) {
  const Tensor &x = n.input(0);
  auto starts = n.getKnown(1), ends = n.getKnown(2);
  if (failed(starts) || failed(ends))
    return failure();
  std::vector<int64_t> axes, steps(starts->size(), 1);
  for (size_t i = 0; i < starts->size(); ++i)
    axes.push_back(int64_t(i));
  if (n.hasInput(3)) {
    auto given = n.getNumbers(3);
    if (failed(given))
      return failure();
    axes = *given;
  }
  if (n.hasInput(4)) {
    auto given = n.getNumbers(4);
    if (failed(given))
      return failure();
    steps = *given;
  }
  auto checked = n.checkAxes(axes, x.rank());
  if (failed(checked))
    return failure();
  if (ends->size() != starts->size() || axes.size() != starts->size() ||
      steps.size() != starts->size())
    return n.fail("expected as many ends, axes and steps as the " +
                  Twine(starts->size()) + " starts");
  SmallVector<AxisRange> ranges = getWhole(x);
  for (auto [i, axis] : llvm::enumerate(*checked)) {
    if (steps[i] == 0 || steps[i] == INT64_MIN)
      return n.fail("expected a step other than " + Twine(steps[i]));
    FailureOr<AxisRange> range = getRange(n, (*starts)[i], (*ends)[i], steps[i],
                                          x.sizes[axis], x.isParameter);
    if (failed(range))
      return failure();
    ranges[axis] = *range;
  }
  return n.finish(takeRanges(n, x, ranges));
}

static LogicalResult importSplit(Node &n) {
  const Tensor &x = n.input(0);
  FailureOr<int64_t> axis = n.checkAxis(n.getInt("axis", 0), x.rank());
  if (failed(axis))
    return failure();
  const unsigned outputs = n.getNumOutputs();
  Sizes parts;
  if (n.hasInput(1)) {
    FailureOr<Sizes> given = n.getKnown(1);
    if (failed(given))
      return failure();
    parts = *given;
  } else if (auto given = n.getInts("split")) {
    parts.assign(given->begin(), given->end());
  } else {
    const int64_t count = n.getInt("num_outputs", outputs);
    if (count <= 0 || count != int64_t(outputs))
      return n.fail("expected num_outputs to be the " + Twine(outputs) +
                    " outputs but got " + Twine(count));
    // All alike, the last with what is left.
    Size part = n.g.table.apply(SizeOp::FloorDiv,
                                x.sizes[*axis] + Size(count - 1), count);
    Size left = x.sizes[*axis];
    for (int64_t i = 0; i + 1 < count; ++i) {
      parts.push_back(part);
      left = left - part;
    }
    parts.push_back(left);
  }
  if (parts.size() != outputs)
    return n.fail("expected a size for each of " + Twine(outputs) +
                  " outputs but got " + Twine(parts.size()));
  Size sum = 0;
  for (const Size &part : parts) {
    if (auto number = part.asNumber(); number && *number < 0)
      return n.fail("a part has the size " + Twine(*number));
    sum = sum + part;
  }
  if (sum != x.sizes[*axis])
    return n.fail("expected parts of " + n.g.table.str(x.sizes[*axis]) +
                  " together but got " + n.g.table.str(parts));
  Size offset = 0;
  for (unsigned i = 0; i < outputs; ++i) {
    SmallVector<AxisRange> ranges = getWhole(x);
    ranges[*axis] = {offset, parts[i]};
    offset = offset + parts[i];
    FailureOr<Tensor> part = takeRanges(n, x, ranges);
    if (failed(part))
      return failure();
    (void)n.setOutput(i, *part);
  }
  return success();
}

//===----------------------------------------------------------------------===//
// Pad
//===----------------------------------------------------------------------===//

/// The place that a place outside of [0, length) stands for.
static Value wrapPlace(BodyBuilder &b, Value at, Value length, StringRef mode) {
  Value zero = arith::ConstantIndexOp::create(b, 0);
  Value one = arith::ConstantIndexOp::create(b, 1);
  Value last = arith::SubIOp::create(b, length, one);
  auto clamp = [&](Value value) -> Value {
    return arith::MaxSIOp::create(b, arith::MinSIOp::create(b, value, last),
                                  zero);
  };
  auto isNegative = [&](Value value) -> Value {
    return arith::CmpIOp::create(b, arith::CmpIPredicate::slt, value, zero);
  };
  if (mode == "wrap") {
    Value rest = arith::RemSIOp::create(b, at, length);
    Value sum = arith::AddIOp::create(b, rest, length);
    return arith::SelectOp::create(b, isNegative(rest), sum, rest);
  }
  if (mode == "reflect") {
    // There and back again: a period of 2 * last.
    Value period =
        arith::MaxSIOp::create(b, arith::AddIOp::create(b, last, last), one);
    Value rest = arith::RemSIOp::create(b, at, period);
    Value positive = arith::SelectOp::create(
        b, isNegative(rest), arith::AddIOp::create(b, rest, period), rest);
    Value back = arith::SubIOp::create(b, period, positive);
    return clamp(arith::MinSIOp::create(b, positive, back));
  }
  return clamp(at); // "edge", and inside for "constant"
}

static LogicalResult importPad(Node &n) {
  const Tensor &x = n.input(0);
  const std::string mode = n.getString("mode", "constant");
  if (mode != "constant" && mode != "edge" && mode != "reflect" &&
      mode != "wrap")
    return n.fail("mode \"" + mode + "\" is not supported");
  Sizes pads;
  if (auto given = n.getInts("pads")) {
    pads.assign(given->begin(), given->end());
  } else {
    if (!n.hasInput(1))
      return n.fail("expected pads but got none");
    FailureOr<Sizes> known = n.getKnown(1);
    if (failed(known))
      return failure();
    pads = *known;
  }
  SmallVector<int64_t> axes;
  for (int64_t axis = 0; axis < x.rank(); ++axis)
    axes.push_back(axis);
  if (n.hasInput(3)) {
    FailureOr<std::vector<int64_t>> given = n.getNumbers(3);
    if (failed(given))
      return failure();
    auto checked = n.checkAxes(*given, x.rank());
    if (failed(checked))
      return failure();
    axes = *checked;
  }
  if (pads.size() != 2 * axes.size())
    return n.fail("expected two pads for each of " + Twine(axes.size()) +
                  " axes but got " + Twine(pads.size()));
  Tensor filler = n.g.makeSplat(n.getFloat("value", 0), x.element);
  if (n.hasInput(2)) {
    filler = n.input(2);
    if (filler.element != x.element || !getProduct(filler.sizes).is(1))
      return n.fail("expected one constant of " + getTypeName(x.element) +
                    " but got " + n.g.table.str(filler.sizes) + " of " +
                    getTypeName(filler.element));
  }
  Sizes before(x.rank(), Size(0)), sizes = x.sizes;
  for (auto [i, axis] : llvm::enumerate(axes)) {
    before[axis] = pads[i];
    sizes[axis] = sizes[axis] + pads[i] + pads[i + axes.size()];
  }
  Value base = n.g.dense(x);
  Value value = n.g.dense(n.g.reshape(filler, {}));
  SmallVector<Value> offsets, lengths;
  for (int64_t axis = 0; axis < x.rank(); ++axis) {
    offsets.push_back(n.g.table.buildValue(before[axis]));
    lengths.push_back(n.g.table.buildValue(x.sizes[axis]));
  }
  return n.setOutput(
      0, n.g.fromIndices(sizes, x.element, [&](BodyBuilder &b, ValueRange at) {
        SmallVector<Value> place;
        Value isInside = buildNumber(b, b.getI1Type(), 1);
        for (auto [i, offset, length] : llvm::zip(at, offsets, lengths)) {
          Value moved = arith::SubIOp::create(b, i, offset);
          // As unsigned numbers, what is below 0 is above all.
          Value below = arith::CmpIOp::create(b, arith::CmpIPredicate::ult,
                                              moved, length);
          isInside = arith::AndIOp::create(b, isInside, below);
          place.push_back(wrapPlace(b, moved, length, mode));
        }
        Value element = tensor::ExtractOp::create(b, base, place);
        if (mode != "constant")
          return element;
        Value constant = tensor::ExtractOp::create(b, value, ValueRange());
        return arith::SelectOp::create(b, isInside, element, constant)
            .getResult();
      }));
}

static LogicalResult importTrilu(Node &n) {
  const Tensor &x = n.input(0);
  if (x.rank() < 2)
    return n.fail("expected a matrix but got " + n.g.table.str(x.sizes));
  Size shift = 0;
  if (n.hasInput(1)) {
    FailureOr<Sizes> known = n.getKnown(1);
    if (failed(known))
      return failure();
    if (known->size() != 1)
      return n.fail("expected one diagonal but got " + Twine(known->size()));
    shift = known->front();
  }
  const bool isUpper = n.getFlag("upper", true);
  Sizes sizes(ArrayRef(x.sizes).take_back(2));
  Value offset = n.g.table.buildValue(shift);
  Tensor keeps = n.g.fromIndices(
      sizes, n.g.b.getI1Type(), [&](BodyBuilder &b, ValueRange at) -> Value {
        Value distance = arith::SubIOp::create(b, at[1], at[0]);
        return arith::CmpIOp::create(
            b, isUpper ? arith::CmpIPredicate::sge : arith::CmpIPredicate::sle,
            distance, offset);
      });
  return n.finish(n.g.pointwise(
      {x, keeps}, x.element, [](BodyBuilder &b, ValueRange args) -> Value {
        return arith::SelectOp::create(b, args[1], args[0],
                                       buildNumber(b, args[0].getType(), 0));
      }));
}

OperatorGroup weft::onnx::getSliceOperators() {
  static const Operator operators[] = {
      {"Pad", 1, 4, 2, importPad},
      {"Slice", 3, 5, 10, importSlice},
      {"Split", 1, 2, 2, importSplit},
      {"Trilu", 1, 2, 14, importTrilu},
  };
  return operators;
}
