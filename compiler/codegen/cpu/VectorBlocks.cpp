//===- VectorBlocks.cpp - Blocks of vectors -------------------------------===//

#include "compiler/codegen/cpu/VectorBlocks.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace weft;
using namespace weft::cpu;

Value cpu::buildHiddenZero(KernelBuilder &b) {
  Value bits = arith::IndexCastOp::create(b, b.getI32Type(), b.opaque(0));
  return arith::BitcastOp::create(b, b.getF32Type(), bits);
}

void cpu::transpose(KernelBuilder &b, SmallVectorImpl<Value> &rows) {
  int64_t size = rows.size();
  // Swaps the off-diagonal quarters of ever smaller squares.
  for (int64_t s = size / 2; s; s /= 2)
    for (int64_t i = 0; i < size; ++i) {
      if (i & s)
        continue;
      SmallVector<int64_t> upper, lower;
      for (int64_t k = 0; k < size; ++k) {
        upper.push_back(k & s ? size + k - s : k);
        lower.push_back(k & s ? size + k : k + s);
      }
      Value x = rows[i], y = rows[i + s];
      rows[i] = b.shuffle(x, y, upper);
      rows[i + s] = b.shuffle(x, y, lower);
    }
}

/// The rows from `row` on at `distance`: each has as many lanes side by side.
static KernelBuilder::Values reduceRowsFrom(
    KernelBuilder &b, function_ref<KernelBuilder::Values(int64_t)> get,
    function_ref<Value(Value, Value)> combine, int64_t row, int64_t distance) {
  int64_t lanes = b.lanes();
  if (distance == lanes)
    return get(row);
  KernelBuilder::Values x = reduceRowsFrom(b, get, combine, row, 2 * distance);
  KernelBuilder::Values y =
      reduceRowsFrom(b, get, combine, row + distance, 2 * distance);
  SmallVector<int64_t> low, high;
  for (int64_t k = 0; k < lanes; ++k) {
    // In each span of twice the distance: first what is of x, then of y.
    int64_t span = k - k % (2 * distance), at = k % (2 * distance);
    bool isX = at < distance;
    low.push_back(isX ? span + at : lanes + span + at - distance);
    high.push_back(isX ? span + at + distance : lanes + span + at);
  }
  KernelBuilder::Values combined;
  for (auto [vectorX, vectorY] : llvm::zip_equal(x, y))
    combined.push_back(combine(b.shuffle(vectorX, vectorY, low),
                               b.shuffle(vectorX, vectorY, high)));
  return combined;
}

KernelBuilder::Values
cpu::reduceRows(KernelBuilder &b,
                function_ref<KernelBuilder::Values(int64_t)> get,
                function_ref<Value(Value, Value)> combine) {
  return reduceRowsFrom(b, get, combine, /*row=*/0, /*distance=*/1);
}
