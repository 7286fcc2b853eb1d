//===- TileInput.cpp - Rows taken apart into tiles ------------------------===//

#include "compiler/codegen/cpu/linear/tiles/TileKernel.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace weft;
using namespace weft::cpu;

/// Inputs of a tile of bf16.
static constexpr int64_t kInputs = 32;

TileInput::TileInput(KernelBuilder &b, const LinearKernel &kernel,
                     int64_t parts)
    : parts(parts), b(b), kernel(kernel),
      steps(llvm::divideCeil(kernel.k, kInputs)) {
  int64_t blocks =
      2 * llvm::divideCeil(kernel.rowsPerTask, 2 * TileUnit::kRows);
  tiles = b.scratch({blocks, steps, parts, TileUnit::kRows, kInputs},
                    b.getBF16Type());
}

SmallVector<KernelBuilder::Index> TileInput::at(Value row, Value step,
                                                int64_t part, int64_t column) {
  return {b.div(row, TileUnit::kRows), step, part, b.rem(row, TileUnit::kRows),
          column};
}

void TileInput::fillStep(Value from, Value row, Value step, int64_t inputs) {
  VectorType f32 = b.vectorType(b.getF32Type(), kInputs);
  VectorType bf16 = b.vectorType(b.getBF16Type(), kInputs);
  Value mask = inputs < kInputs ? b.tailMask(inputs, kInputs) : Value();
  Value rest = b.load(kernel.input(b), {from, b.mul(step, kInputs)}, mask, f32);
  for (int64_t part = 0; part < parts; ++part) {
    Value number = arith::TruncFOp::create(b, bf16, rest);
    b.store(number, tiles, at(row, step, part, 0));
    if (part + 1 < parts)
      rest = b.subf(rest, arith::ExtFOp::create(b, f32, number));
  }
}

void TileInput::zero(Value row) {
  Value zeros = b.real(0, b.vectorType(b.getBF16Type(), kInputs));
  b.loop(0, steps, 1, [&](Value step) {
    for (int64_t part = 0; part < parts; ++part)
      b.store(zeros, tiles, at(row, step, part, 0));
  });
}

void TileInput::fill(Value first, Value count) {
  int64_t whole = kernel.k / kInputs;
  b.loop(0, count, 1, [&](Value row) {
    Value from = b.add(first, row);
    b.loop(0, whole, 1,
           [&](Value step) { fillStep(from, row, step, kInputs); });
    if (whole < steps)
      fillStep(from, row, b.index(whole), kernel.k % kInputs);
  });
  constexpr int64_t kPair = 2 * TileUnit::kRows;
  Value end = b.mul(b.ceilDiv(count, kPair), kPair);
  b.loop(count, end, 1, [&](Value row) { zero(row); });
}

Value TileInput::getTile(Value block, Value step, int64_t part) {
  Value tile = b.add(b.mul(block, steps), step);
  tile = b.add(b.mul(tile, parts), part);
  return b.add(getAddress(b, tiles), b.mul(tile, 1024));
}
