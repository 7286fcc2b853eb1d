//===- TableScan.cpp - Scans of one-hot features --------------------------===//
//
// A channel of a query or key is the number of a row, of count rows: a token
// adds its value to one row of the state for each channel, and reads one for
// each. The state lies where it ends up; columns are in lanes.
//
//===----------------------------------------------------------------------===//

#include "compiler/codegen/cpu/ElementRegion.h"
#include "compiler/codegen/cpu/scan/BlockScan.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace weft;
using namespace weft::cpu;

namespace {

using Index = KernelBuilder::Index;
using Values = KernelBuilder::Values;

class TableScan {
public:
  TableScan(KernelBuilder &b, const ScanKernel &kernel)
      : b(b), kernel(kernel), count(kernel.rows / kernel.channels) {}

  LogicalResult emitTask(Value task);

private:
  /// A row of the state, and whether there is one.
  struct Row {
    Value row, exists;
  };
  Row getRow(Value buffer, Value token, int64_t channel);
  void write(Value token);
  void read(Value token);
  void forColumns(function_ref<void(Value column, Value mask)> body);

  KernelBuilder &b;
  const ScanKernel &kernel;
  int64_t count; // Rows of a channel.
  Value batch, head, firstColumn, columnCount;
  LogicalResult status = success();
};

} // namespace

void TableScan::forColumns(function_ref<void(Value, Value)> body) {
  Value whole = b.mul(b.div(columnCount, b.lanes()), b.lanes());
  b.loop(0, whole, b.lanes(),
         [&](Value c) { body(b.add(firstColumn, c), {}); });
  if (kernel.columns % b.lanes() || kernel.columnsPerTask % b.lanes())
    b.when(b.less(whole, columnCount), [&] {
      body(b.add(firstColumn, whole), b.tailMask(b.sub(columnCount, whole)));
    });
}

TableScan::Row TableScan::getRow(Value buffer, Value token, int64_t channel) {
  Value given = b.loadScalar(buffer, {batch, token, head, channel});
  // A number outside, or none, is clamped, so that it is not what was given.
  Value low = arith::MaxNumFOp::create(b, given, b.real(0.0));
  Value inside = arith::MinNumFOp::create(b, low, b.real(double(count - 1)));
  Value number = arith::FPToSIOp::create(b, b.getI32Type(), inside);
  Value back = arith::SIToFPOp::create(b, b.getF32Type(), number);
  Value exists =
      arith::CmpFOp::create(b, arith::CmpFPredicate::OEQ, given, back);
  Value at = arith::IndexCastOp::create(b, b.getIndexType(), number);
  return {b.add(b.mul(at, kernel.channels), channel), exists};
}

void TableScan::write(Value token) {
  for (int64_t channel = 0; channel < kernel.channels; ++channel) {
    Row key = getRow(kernel.key, token, channel);
    b.when(key.exists, [&] {
      forColumns([&](Value column, Value mask) {
        Value value = b.load(kernel.value, {batch, token, head, column}, mask);
        SmallVector<Index> at{batch, head, key.row, column};
        b.store(b.addf(b.load(kernel.final, at, mask), value), kernel.final, at,
                mask);
      });
    });
  }
}

void TableScan::read(Value token) {
  SmallVector<Row> rows;
  for (int64_t channel = 0; channel < kernel.channels; ++channel)
    rows.push_back(getRow(kernel.query, token, channel));
  forColumns([&](Value column, Value mask) {
    Value zero = b.splat(0.0), total = zero;
    for (const Row &query : rows) {
      Value line = b.load(kernel.final, {batch, head, query.row, column}, mask);
      total =
          b.addf(total, arith::SelectOp::create(b, query.exists, line, zero));
    }
    Region &region = b.getKernel().getElement();
    if (!region.empty()) {
      FailureOr<Value> built =
          buildElement(b, region, LaneValue::varying(total), b.lanes(), mask);
      if (failed(built))
        status = failure();
      else
        total = *built;
    }
    b.store(total, kernel.out, {batch, token, head, column}, mask);
  });
}

LogicalResult TableScan::emitTask(Value task) {
  const ScanTask own = getScanTask(b, kernel, task);
  batch = own.batch, head = own.head;
  firstColumn = own.firstColumn, columnCount = own.columnCount;
  b.loop(0, kernel.rows, 1, [&](Value row) {
    forColumns([&](Value column, Value mask) {
      SmallVector<Index> at{batch, head, row, column};
      b.store(b.load(kernel.initial, at, mask), kernel.final, at, mask);
    });
  });
  Value tokens = b.scalar(1);
  b.loop(0, tokens, 1, [&](Value token) {
    write(token);
    if (!kernel.bidirectional && !kernel.stateOnly)
      read(token);
  });
  if (kernel.bidirectional && !kernel.stateOnly)
    b.loop(0, tokens, 1, [&](Value token) { read(token); });
  return status;
}

LogicalResult cpu::emitTableScan(KernelBuilder &b, const ScanKernel &kernel) {
  if (kernel.hasSum || !isa<AccumulateAttr>(kernel.transition))
    return b.getKernel().emitOpError(
        "expected a table that forgets nothing and has no sum");
  TableScan scan(b, kernel);
  LogicalResult status = success();
  b.forTasks([&](Value task) { status = scan.emitTask(task); });
  return status;
}
