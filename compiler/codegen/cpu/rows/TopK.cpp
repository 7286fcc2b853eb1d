//===- TopK.cpp - Kernels of family top_k ---------------------------------===//
//
// A row is read once, a vector at a time, against the least of the best so far:
// few numbers pass. One that does is put into its place in the sorted list,
// after those that are as great, which came before it.
//
//===----------------------------------------------------------------------===//

#include "compiler/codegen/cpu/KernelEmitter.h"
#include "compiler/codegen/cpu/rows/TaskRows.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace weft;
using namespace weft::cpu;

namespace {

class TopKEmitter {
public:
  TopKEmitter(KernelBuilder &b, int64_t count)
      : b(b), count(count), columns(b.scalar(1)) {}

  void emitRow(Value row);

private:
  Value less(Value x, Value y) {
    return arith::CmpFOp::create(b, arith::CmpFPredicate::OLT, x, y);
  }
  Value load(Value place) { return b.loadScalar(values, {row, place}); }
  Value loadPlace(Value place) { return b.loadScalar(places, {row, place}); }
  /// Puts the number of `column` into its place in the list.
  void insert(Value column);
  void scan(Value column, Value mask);

  KernelBuilder &b;
  int64_t count;
  Value columns, row;
  Value input = b.buffer(0), values = b.buffer(1), places = b.buffer(2);
};

} // namespace

void TopKEmitter::insert(Value column) {
  Value x = b.loadScalar(input, {row, column});
  Value number = arith::IndexCastOp::create(b, b.getI64Type(), column);
  Value none = b.integer(0, b.getI64Type());
  // A place of the list that a greater number takes, or that is empty.
  auto isBelow = [&](Value value, Value place) -> Value {
    Value empty =
        arith::CmpIOp::create(b, arith::CmpIPredicate::slt, place, none);
    return arith::OrIOp::create(b, less(value, x), empty);
  };
  b.loop(0, count, 1, [&](Value turn) {
    Value at = b.sub(count - 1, turn);
    Value before = b.max(b.sub(at, 1), 0);
    Value oldValue = load(at), oldPlace = loadPlace(at);
    Value value = load(before), place = loadPlace(before);
    Value shifts =
        arith::AndIOp::create(b, b.less(0, at), isBelow(value, place));
    Value here = isBelow(oldValue, oldPlace);
    auto choose = [&](Value moved, Value own, Value old) -> Value {
      Value next = arith::SelectOp::create(b, shifts, moved, own);
      return arith::SelectOp::create(b, here, next, old);
    };
    b.storeScalar(choose(value, x, oldValue), values, {row, at});
    b.storeScalar(choose(place, number, oldPlace), places, {row, at});
  });
}

void TopKEmitter::scan(Value column, Value mask) {
  Value x = b.load(input, {row, column}, mask);
  Value least = b.broadcast(load(b.index(count - 1)));
  Value passes = less(least, x);
  if (mask)
    passes = arith::AndIOp::create(b, passes, mask);
  b.when(
      vector::ReductionOp::create(b, vector::CombiningKind::OR, passes), [&] {
        Value end = b.min(b.add(column, b.lanes()), columns);
        b.loop(column, end, 1, [&](Value at) {
          Value number = b.loadScalar(input, {row, at});
          b.when(less(load(b.index(count - 1)), number), [&] { insert(at); });
        });
      });
}

void TopKEmitter::emitRow(Value number) {
  row = number;
  Value lowest = b.real(-std::numeric_limits<double>::infinity());
  Value none = b.integer(-1, b.getI64Type());
  b.loop(0, count, 1, [&](Value at) {
    b.storeScalar(lowest, values, {row, at});
    b.storeScalar(none, places, {row, at});
  });
  // The first ones are taken as they come: there are places for all of them.
  Value filled = b.min(count, columns);
  b.loop(0, filled, 1, [&](Value at) { insert(at); });
  int64_t lanes = b.lanes();
  Value rest = b.sub(columns, filled);
  Value even = b.add(filled, b.sub(rest, b.rem(rest, lanes)));
  b.loop(filled, even, lanes, [&](Value column) { scan(column, Value()); });
  b.when(b.less(even, columns),
         [&] { scan(even, b.tailMask(b.sub(columns, even))); });
}

static LogicalResult emitTopK(program::KernelOp kernel, KernelBuilder &b) {
  FailureOr<int64_t> count = b.requireInt("k"),
                     rowsPerTask = b.requireInt("rows_per_task");
  if (failed(count) || failed(rowsPerTask))
    return failure();
  if (*count < 1)
    return kernel.emitOpError()
           << "expected at least 1 number in 'k' but got " << *count;
  if (b.getNumBuffers() != 3 || kernel.getScalars() != 2)
    return kernel.emitOpError()
           << "expected 3 operands and 2 scalars but got " << b.getNumBuffers()
           << " and " << kernel.getScalars();
  TopKEmitter emitter(b, *count);
  forTaskRows(b, *rowsPerTask, [&](Value row) { emitter.emitRow(row); });
  return success();
}

static RegisterKernelEmitter topK("top_k", emitTopK);
