//===- TileInput.cpp - Rows taken apart into tiles ------------------------===//

#include "compiler/codegen/cpu/linear/tiles/ByteInput.h"
#include "compiler/codegen/cpu/linear/tiles/TileKernel.h"
#include "compiler/codegen/cpu/linear/tiles/TileTasks.h"
#include "dialects/program/layouts/ByteTiles.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace weft;
using namespace weft::cpu;

/// Inputs of a tile of bf16.
static constexpr int64_t kInputs = 32;
static constexpr int64_t kTileBytes = TileUnit::kRows * TileUnit::kRowBytes;

TileFormat TileFormat::of(KernelBuilder &b, const LinearKernel &kernel) {
  if (kernel.hasCodes())
    return {b.getI8Type(), 1, 2 * kInputs};
  return {b.getBF16Type(), kernel.precision == "split" ? 2 : 1, kInputs};
}

TileInput::TileInput(KernelBuilder &b, const LinearKernel &kernel)
    : format(TileFormat::of(b, kernel)), b(b), kernel(kernel),
      steps(llvm::divideCeil(kernel.k, format.inputs)),
      blocks(TileTasks::getMostRows(kernel) / TileUnit::kRows),
      blockBytes(steps * format.parts * kTileBytes) {
  if (kernel.hasByteInput(b))
    blockBytes = program::ByteTiles::getBlockBytes(kernel.k);
  if (kernel.hasByteInput(b) || (kernel.hasTiledInput(b) && !format.isCodes()))
    return;
  tiles =
      b.scratch({blocks, steps, format.parts, TileUnit::kRows, format.inputs},
                format.part);
  if (format.isCodes())
    scales = b.scratch({2 * blocks * TileUnit::kRows}, b.getF32Type());
}

SmallVector<KernelBuilder::Index> TileInput::at(Value row, Value step,
                                                int64_t part,
                                                KernelBuilder::Index column) {
  return {b.div(row, TileUnit::kRows), step, part, b.rem(row, TileUnit::kRows),
          column};
}

Value TileInput::getFirstScale(Value turn) {
  return b.mul(b.rem(turn, 2), blocks * TileUnit::kRows);
}

Value TileInput::getScale(Value row) {
  if (!isFilled())
    return ByteTileRows(b, b.buffer(0), kernel.k).getScale(row);
  return b.loadBroadcast(scales, {row});
}

void TileInput::fillCodes(Value from, Value row, Value scaleAt) {
  Value scale =
      emitByteRow(b, kernel, {from, 0, kernel.k}, 0, [&](Value codes, Value k) {
        b.store(codes, tiles,
                at(row, b.div(k, format.inputs), 0, b.rem(k, format.inputs)));
      });
  b.storeScalar(scale, scales, {scaleAt});
}

void TileInput::fillStep(Value from, Value row, Value step, int64_t inputs) {
  VectorType f32 = b.vectorType(b.getF32Type(), kInputs);
  VectorType bf16 = b.vectorType(b.getBF16Type(), kInputs);
  Value mask = inputs < kInputs ? b.tailMask(inputs, kInputs) : Value();
  Value rest = b.load(kernel.input(b), {from, b.mul(step, kInputs)}, mask, f32);
  for (int64_t part = 0; part < format.parts; ++part) {
    Value number = arith::TruncFOp::create(b, bf16, rest);
    b.store(number, tiles, at(row, step, part, 0));
    if (part + 1 < format.parts)
      rest = b.subf(rest, arith::ExtFOp::create(b, f32, number));
  }
}

void TileInput::zero(Value row) {
  VectorType type = b.vectorType(format.part, format.inputs);
  Value zeros = format.isCodes() ? b.integer(0, type) : b.real(0, type);
  b.loop(0, steps, 1, [&](Value step) {
    for (int64_t part = 0; part < format.parts; ++part)
      b.store(zeros, tiles, at(row, step, part, 0));
  });
}

void TileInput::fill(Value firstScale, Value first, Value count) {
  int64_t whole = kernel.k / kInputs;
  b.loop(0, count, 1, [&](Value row) {
    Value from = b.add(first, row);
    if (format.isCodes())
      return fillCodes(from, row, b.add(firstScale, row));
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
  Value tile = b.add(b.mul(step, format.parts), part);
  Value inBlock = b.add(b.mul(block, blockBytes), b.mul(tile, kTileBytes));
  return b.add(tiles ? getAddress(b, tiles) : base, inBlock);
}

void TileInput::select(Value firstRow) {
  Value block = b.div(firstRow, TileUnit::kRows);
  base = b.add(getAddress(b, b.buffer(0)), b.mul(block, blockBytes));
}
