//===- Softmax.cpp - Kernels of family softmax ----------------------------===//
//
// A row at a time, in one of two forms. `stored`, for rows that stay in a
// cache: the maximum, then the exponentials, which are stored, then each times
// one over their sum: one exp a number. `online`, for rows that do not: maximum
// and sum in one read (Milakov and Gimelshein, 2018), in each lane by itself,
// and the weights in a second: two reads and one write instead of three and
// two, for one and a quarter exp more.
//
// A row in which every number is minus infinity, or any is NaN or plus
// infinity, becomes NaN, as by definition.
//
//===----------------------------------------------------------------------===//

#include "compiler/codegen/cpu/KernelEmitter.h"
#include "compiler/codegen/cpu/math/Elementary.h"
#include "compiler/codegen/cpu/rows/TaskRows.h"
#include <limits>

using namespace mlir;
using namespace weft;
using namespace weft::cpu;

namespace {

using Index = KernelBuilder::Index;
using Values = KernelBuilder::Values;

class SoftmaxEmitter {
public:
  explicit SoftmaxEmitter(KernelBuilder &b)
      : b(b), columns(b.has("c") ? Index(b.getInt("c", 0)) : b.scalar(1)) {}

  void emitStored(Value row);
  void emitOnline(Value row);

private:
  /// Vectors that a turn of a loop takes.
  static constexpr int64_t kVectors = 4;
  /// Below every number but minus infinity, and far from it: differences to it
  /// are numbers.
  static constexpr double kLowest = std::numeric_limits<float>::lowest();

  /// Runs `body` over the row: with the columns and the masks, null where all
  /// lanes are there, of some vectors at a time.
  Values forVectors(
      ValueRange init,
      function_ref<Values(ArrayRef<Value> at, Value mask, ValueRange carried)>
          body);
  void forVectors(function_ref<void(Value at, Value mask)> body);
  /// Numbers of the row; lanes outside are minus infinity.
  Value load(Value row, Value at, Value mask);
  Value shiftedExp(Value x, Value maximum) {
    return buildExp(b, b.subf(x, maximum));
  }
  /// The results of four vectors that carry one each, combined.
  static Value combine(ValueRange four, function_ref<Value(Value, Value)> f) {
    return f(f(four[0], four[1]), f(four[2], four[3]));
  }
  Value getInverse(Value sum) { return b.broadcast(b.divf(b.real(1.0), sum)); }

  KernelBuilder &b;
  Index columns;
};

} // namespace

Values SoftmaxEmitter::forVectors(
    ValueRange init,
    function_ref<Values(ArrayRef<Value>, Value, ValueRange)> body) {
  const int64_t lanes = b.lanes(), step = kVectors * lanes;
  Value even = b.sub(columns, b.rem(columns, step));
  Value whole = b.sub(columns, b.rem(columns, lanes));
  Values carried =
      b.loop(0, even, step, init, [&](Value column, ValueRange carried) {
        Values at;
        for (int64_t u = 0; u < kVectors; ++u)
          at.push_back(b.add(column, u * lanes));
        return body(at, {}, carried);
      });
  carried =
      b.loop(even, whole, lanes, carried, [&](Value column, ValueRange next) {
        return body(column, {}, next);
      });
  return b.select(
      b.less(whole, columns),
      [&] { return body(whole, b.tailMask(b.sub(columns, whole)), carried); },
      [&] { return carried; });
}

void SoftmaxEmitter::forVectors(function_ref<void(Value, Value)> body) {
  forVectors({}, [&](ArrayRef<Value> at, Value mask, ValueRange) {
    for (Value column : at)
      body(column, mask);
    return Values();
  });
}

Value SoftmaxEmitter::load(Value row, Value at, Value mask) {
  Value x = b.load(b.buffer(0), {row, at}, mask);
  if (!mask)
    return x;
  Value none = b.splat(-std::numeric_limits<double>::infinity());
  return arith::SelectOp::create(b, mask, x, none);
}

void SoftmaxEmitter::emitStored(Value row) {
  auto max = [&](Value x, Value y) { return b.maxf(x, y); };
  auto add = [&](Value x, Value y) { return b.addf(x, y); };
  Values maxima(kVectors, b.splat(kLowest));
  maxima = forVectors(maxima,
                      [&](ArrayRef<Value> at, Value mask, ValueRange carried) {
                        Values next(carried);
                        for (auto [i, column] : llvm::enumerate(at))
                          next[i] = max(next[i], load(row, column, mask));
                        return next;
                      });
  Value maximum = b.broadcast(b.reduceMax(combine(maxima, max)));

  Value out = b.buffer(1);
  Values sums(kVectors, b.splat(0.0));
  sums =
      forVectors(sums, [&](ArrayRef<Value> at, Value mask, ValueRange carried) {
        Values next(carried);
        for (auto [i, column] : llvm::enumerate(at)) {
          Value weight = shiftedExp(load(row, column, mask), maximum);
          b.store(weight, out, {row, column}, mask);
          next[i] = add(next[i], weight);
        }
        return next;
      });
  Value inverse = getInverse(b.reduceAdd(combine(sums, add)));
  forVectors([&](Value column, Value mask) {
    Value weight = b.load(out, {row, column}, mask);
    b.store(b.mulf(weight, inverse), out, {row, column}, mask);
  });
}

void SoftmaxEmitter::emitOnline(Value row) {
  Values state = forVectors(
      {b.splat(kLowest), b.splat(0.0)},
      [&](ArrayRef<Value> at, Value mask, ValueRange carried) -> Values {
        Values numbers;
        Value maximum = carried[0];
        for (Value column : at) {
          numbers.push_back(load(row, column, mask));
          maximum = b.maxf(maximum, numbers.back());
        }
        Value sum = b.mulf(carried[1], shiftedExp(carried[0], maximum));
        for (Value x : numbers)
          sum = b.addf(sum, shiftedExp(x, maximum));
        return {maximum, sum};
      });
  Value maximum = b.broadcast(b.reduceMax(state[0]));
  Value sum = b.mulf(state[1], shiftedExp(state[0], maximum));
  Value inverse = getInverse(b.reduceAdd(sum));
  forVectors([&](Value column, Value mask) {
    Value weight = shiftedExp(load(row, column, mask), maximum);
    b.store(b.mulf(weight, inverse), b.buffer(1), {row, column}, mask);
  });
}

static LogicalResult emitSoftmax(program::KernelOp kernel, KernelBuilder &b) {
  auto form = b.get<StringAttr>("form");
  if (!form || (form != "stored" && form != "online"))
    return kernel.emitOpError("expected 'stored' or 'online' in 'form'");
  const int64_t rowsPerTask = b.getInt("rows_per_task", 1);
  SoftmaxEmitter emitter(b);
  forTaskRows(b, rowsPerTask, [&](Value row) {
    if (form == "online")
      emitter.emitOnline(row);
    else
      emitter.emitStored(row);
  });
  return success();
}

static RegisterKernelEmitter softmax("softmax", emitSoftmax);
