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
