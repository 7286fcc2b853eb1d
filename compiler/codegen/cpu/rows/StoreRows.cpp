//===- StoreRows.cpp - Kernels of family store_rows -----------------------===//
//
// Heads as a cache keeps them.
//
//===----------------------------------------------------------------------===//

#include "compiler/codegen/cpu/KernelEmitter.h"
#include "compiler/codegen/cpu/rows/StoredRow.h"

using namespace mlir;
using namespace weft;
using namespace weft::cpu;

static LogicalResult emitStoreRows(program::KernelOp, KernelBuilder &b) {
  FailureOr<int64_t> heads = b.requireInt("h"), channels = b.requireInt("d");
  if (failed(heads) || failed(channels))
    return failure();
  FailureOr<StoredRow> row = StoredRow::read(b, 1, *channels);
  if (failed(row))
    return failure();
  b.forTasks([&](Value task) {
    Value batch = b.div(task, b.scalar(1)), token = b.rem(task, b.scalar(1));
    b.loop(0, *heads, 1, [&](Value head) {
      row->store(b, b.buffer(0), {batch, token, head}, b.buffer(1),
                 {batch, token, head});
    });
  });
  return success();
}

static RegisterKernelEmitter storeRows("store_rows", emitStoreRows);
