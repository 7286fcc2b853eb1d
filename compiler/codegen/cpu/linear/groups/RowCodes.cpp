//===- RowCodes.cpp - Rows as bytes for weights in groups -----------------===//

#include "compiler/codegen/cpu/linear/groups/RowCodes.h"
#include "compiler/codegen/cpu/linear/tiles/ByteInput.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace weft;
using namespace weft::cpu;

RowCodes::RowCodes(KernelBuilder &b, const LinearKernel &kernel, int64_t rows)
    : b(b), kernel(kernel) {
  Value bytes = b.scratch({rows * kernel.k}, b.getI8Type());
  codes = b.view(bytes, 0, MemRefType::get({rows, kernel.k}, b.getI8Type()));
  words =
      b.view(bytes, 0, MemRefType::get({rows, kernel.k / 4}, b.getI32Type()));
  scales = b.scratch({rows, kernel.k / kShared}, b.getF32Type());
  for (program::PanelsAttr layout : kernel.layouts) {
    SchemeAttrInterface scheme = layout.getScheme();
    Type type = scheme.hasMinimum() ? Type(b.getF32Type()) : b.getI32Type();
    sums.push_back(b.scratch({rows, kernel.k / scheme.getGroupSize()}, type));
  }
}

void RowCodes::fill(const RowBlock &block) {
  b.loop(0, block.count, 1, [&](Value r) {
    b.loop(0, kernel.k / kShared, 1, [&](Value index) {
      Value scale = emitByteRow(
          b, kernel, {b.add(block.row, r), b.mul(index, kShared), kShared},
          /*zeroCode=*/0,
          [&](Value bytes, Value k) { b.store(bytes, codes, {r, k}); });
      b.storeScalar(scale, scales, {r, index});
    });
    for (unsigned p = 0; p < kernel.getNumProducts(); ++p)
      addGroups(r, p);
  });
}

/// Adds up the codes of each group of a row.
void RowCodes::addGroups(Value row, unsigned product) {
  program::PanelsAttr layout = kernel.layouts[product];
  SchemeAttrInterface scheme = layout.getScheme();
  int64_t size = scheme.getGroupSize();
  Type i32 = b.getI32Type();
  VectorType bytes = b.vectorType(b.getI8Type(), size);
  b.loop(0, kernel.k / size, 1, [&](Value group) {
    Value all = b.load(codes, {row, b.mul(group, size)}, {}, bytes);
    Value sum = vector::ReductionOp::create(
        b, vector::CombiningKind::ADD,
        arith::ExtSIOp::create(b, bytes.clone(i32), all));
    if (scheme.hasMinimum()) {
      sum = arith::SIToFPOp::create(b, b.getF32Type(), sum);
    } else {
      sum =
          arith::MulIOp::create(b, sum, b.integer(-layout.getZeroCode(), i32));
      sum = arith::AddIOp::create(b, sum, b.integer(kStart, i32));
    }
    b.storeScalar(sum, sums[product], {row, group});
  });
}

Value RowCodes::getWord(Value row, Value quad) {
  return b.loadBroadcast(words, {row, quad});
}

Value RowCodes::getScale(Value row, Value index) {
  return b.loadBroadcast(scales, {row, index});
}

Value RowCodes::getStart(unsigned product, Value row, Value group) {
  if (kernel.layouts[product].getScheme().hasMinimum())
    return b.integer(kStart, b.vectorType(b.getI32Type()));
  return b.loadBroadcast(sums[product], {row, group});
}

Value RowCodes::getSum(unsigned product, Value row, Value group) {
  return b.loadBroadcast(sums[product], {row, group});
}
