//===- TileWeights.cpp - Weights as tiles: packed, or made of blocks ------===//

#include "compiler/codegen/cpu/linear/Codes.h"
#include "compiler/codegen/cpu/linear/GroupScales.h"
#include "compiler/codegen/cpu/linear/tiles/TileKernel.h"
#include "dialects/program/layouts/BlockPanels.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace weft;
using namespace weft::cpu;

static constexpr int64_t kTileBytes = program::TileLayout::kBytes;
static constexpr int64_t kOutputs = program::TileLayout::kOutputs;
/// Pairs of inputs of a tile of bf16, and its inputs.
static constexpr int64_t kPairs = TileUnit::kRows, kInputs = 2 * kPairs;
/// Bytes that a unit fetches.
static constexpr int64_t kFetchBytes = 4 * TileUnit::kRowBytes;

TileWeights::TileWeights(KernelBuilder &b, const LinearKernel &kernel,
                         unsigned product, int64_t parts)
    : parts(parts), b(b), kernel(kernel), product(product),
      layout(kernel.layouts[product]) {
  if (auto tiles = program::TileLayout::find(layout)) {
    this->parts = tiles->parts;
    steps = tiles->steps;
    return;
  }
  steps = kernel.k / kInputs;
  stepsPerUnit = layout.getScheme().getBlockSize() / kInputs;
  words = b.scratch({2, 2, steps, parts, kPairs, kOutputs}, b.getI32Type());
}

/// Beyond the last column, which may be alone, results are not stored.
Value TileWeights::clamp(Value column) {
  return b.min(column, kernel.panels * kernel.width / kOutputs - 1);
}

Value TileWeights::getPacked(Value column) {
  Value own = clamp(column), base = getAddress(b, kernel.weight(b, product));
  int64_t perPanel = kernel.width / kOutputs;
  Value panel = b.mul(b.div(own, perPanel), layout.getPanelBytes());
  Value inPanel = b.mul(b.rem(own, perPanel), steps * parts * kTileBytes);
  return b.add(base, b.add(panel, inPanel));
}

void TileWeights::select(Value column, Value half) {
  for (int64_t i = 0; i < 2; ++i) {
    Value pair = b.add(b.mul(half, 2), i);
    addresses[i] = words ? b.add(getAddress(b, words),
                                 b.mul(pair, steps * parts * kTileBytes))
                         : getPacked(b.add(column, i));
  }
}

Value TileWeights::getTile(int64_t i, Value step, int64_t part) {
  Value tile = b.add(b.mul(step, parts), part);
  return b.add(addresses[i], b.mul(tile, kTileBytes));
}

/// The high halves of `even` below those of `odd`, by lane.
static Value joinHighHalves(KernelBuilder &b, Value even, Value odd) {
  Type type = even.getType();
  Value low = arith::ShRUIOp::create(b, even, b.integer(16, type));
  // (odd & mask) | low; of `and` and `or` LLVM makes slower permutations.
  Value mask = b.integer(int32_t(0xFFFF0000), type);
  return b.intrinsic("llvm.x86.avx512.pternlog.d.512", type,
                     {odd, mask, low, b.integer(0xEA, b.getI32Type())});
}

/// Stores the parts of the f32 of inputs 2 `pair` and 2 `pair` + 1 of a step.
void TileWeights::storePair(Value even, Value odd,
                            ArrayRef<KernelBuilder::Index> target,
                            KernelBuilder::Index pair) {
  VectorType type = b.vectorType(b.getI32Type());
  Value half = b.integer(0x8000, type);
  Value high = b.integer(int32_t(0xFFFF0000), type);
  Value rest[2] = {even, odd};
  for (int64_t part = 0; part < parts; ++part) {
    Value rounded[2];
    for (int64_t t = 0; t < 2; ++t) {
      // To nearest, ties away from zero. What the last part takes is not
      // needed again; before it the low half must go.
      Value bits = vector::BitCastOp::create(b, type, rest[t]);
      rounded[t] = arith::AddIOp::create(b, bits, half);
      if (part + 1 < parts) {
        Value number = vector::BitCastOp::create(
            b, b.vectorType(), arith::AndIOp::create(b, rounded[t], high));
        rest[t] = b.subf(rest[t], number);
      }
    }
    SmallVector<KernelBuilder::Index> at(target);
    at.append({part, pair, 0});
    b.store(joinHighHalves(b, rounded[0], rounded[1]), words, at);
  }
}

/// `target`: half, column, step; `first`: of the group's inputs in the step.
void TileWeights::convertGroup(CodeReader &reader, GroupScales &scales,
                               const Panel &panel, Value group, Value lane,
                               ArrayRef<KernelBuilder::Index> target,
                               int64_t first) {
  Value scale = scales.getScale(group, lane);
  Value minimum = scales.getMinimum(group, lane);
  int64_t size = reader.getUnit();
  int64_t units = layout.getScheme().getGroupSize() / size;
  for (int64_t unit = 0; unit < units; ++unit) {
    Value number = b.add(b.mul(group, units), unit);
    CodeReader::Words words = reader.load(panel, number, lane);
    for (int64_t k = 0; k < size; k += 4) {
      SmallVector<Value, 4> numbers = reader.read(words, k / 4);
      for (Value &n : numbers)
        n = minimum ? b.fma(scale, n, minimum) : b.mulf(scale, n);
      for (int64_t i = 0; i < 4; i += 2)
        storePair(numbers[i], numbers[i + 1], target,
                  (first + unit * size + k + i) / 2);
    }
  }
}

/// Column `i` of the pair, whose number is `column`.
void TileWeights::convertBlock(Value block, Value column, Value half, Value i) {
  int64_t perPanel = kernel.width / kOutputs;
  Panel panel(b, kernel.weight(b, product), layout, b.div(column, perPanel));
  Value lane = b.mul(b.rem(column, perPanel), kOutputs);
  CodeReader reader(b, layout);
  GroupScales scales(b, panel, layout, 1 / reader.getFactor(),
                     kernel.scaleScratch);
  scales.select(block, lane);
  int64_t size = layout.getScheme().getGroupSize();
  Value from = b.mul(block, stepsPerUnit);
  b.loop(from, b.add(from, stepsPerUnit), 1, [&](Value step) {
    for (int64_t first = 0; first < kInputs; first += size) {
      Value group = b.add(b.mul(step, kInputs / size), first / size);
      convertGroup(reader, scales, panel, group, lane, {half, i, step}, first);
    }
  });
}

int64_t TileWeights::getUnits() const {
  return words ? 2 * steps / stepsPerUnit
               : 2 * steps * parts * kTileBytes / kFetchBytes;
}

/// Columns that follow each other are one piece of memory, but for scales.
void TileWeights::fetch(Value unit, Value column) {
  Value end = getPacked(b.index(kernel.panels * kernel.width / kOutputs - 1));
  Value from = b.min(b.add(getPacked(column), b.mul(unit, kFetchBytes)), end);
  for (int64_t byte = 0; byte < kFetchBytes; byte += TileUnit::kRowBytes)
    TileUnit(b).prefetch(b.add(from, byte));
}

/// The words of 16 outputs are lines some way apart from each other.
void TileWeights::fetchBlock(Value block, Value column) {
  Value own = clamp(column);
  int64_t perPanel = kernel.width / kOutputs;
  Panel panel(b, kernel.weight(b, product), layout, b.div(own, perPanel));
  Value lane = b.mul(b.rem(own, perPanel), kOutputs);
  int64_t size = layout.getScheme().getBlockSize();
  auto fetchRows = [&](Value part, int64_t rows) {
    for (int64_t i = 0; part && i < rows; ++i)
      b.prefetch(part, {b.add(b.mul(block, rows), i), lane}, /*locality=*/2);
  };
  fetchRows(panel.codes, size / getCodesPerWord(layout));
  fetchRows(panel.highBits, size * getHighBits(layout) / 32);
  fetchRows(panel.scaleCodes, getScaleCodeWords(layout));
  fetchRows(panel.scales, 1);
  fetchRows(panel.minima, 1);
}

void TileWeights::makeReady(Value unit, Value column, Value half) {
  if (!words)
    return fetch(unit, column);
  Value block = b.div(unit, 2), i = b.rem(unit, 2);
  fetchBlock(block, b.add(column, b.add(i, 2)));
  convertBlock(block, clamp(b.add(column, i)), half, i);
}
