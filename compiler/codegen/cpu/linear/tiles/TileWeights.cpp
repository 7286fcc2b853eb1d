//===- TileWeights.cpp - Weights as tiles: packed, or made of blocks ------===//

#include "compiler/codegen/cpu/linear/Codes.h"
#include "compiler/codegen/cpu/linear/tiles/TileKernel.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace weft;
using namespace weft::cpu;

static constexpr int64_t kTileBytes = program::TileLayout::kBytes;
static constexpr int64_t kOutputs = program::TileLayout::kOutputs;
/// Pairs of inputs of a tile of bf16.
static constexpr int64_t kPairs = TileUnit::kRows;
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
  steps = kernel.k / (2 * kPairs);
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
  Value high =
      arith::AndIOp::create(b, odd, b.integer(int32_t(0xFFFF0000), type));
  return arith::OrIOp::create(b, low, high);
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

/// `target`: half, column, step.
void TileWeights::convertGroup(CodeReader &reader, const Panel &panel,
                               Value group, Value lane,
                               ArrayRef<KernelBuilder::Index> target) {
  constexpr int64_t kInputs = 2 * kPairs;
  Value scale = toF32(b, b.load(panel.scales, {group, lane}));
  if (reader.getFactor() != 1)
    scale = b.mulf(scale, b.splat(1 / reader.getFactor()));
  Value minimum =
      panel.minima ? toF32(b, b.load(panel.minima, {group, lane})) : Value();
  int64_t size = reader.getUnit();
  for (int64_t unit = 0; unit < kInputs / size; ++unit) {
    Value number = b.add(b.mul(group, kInputs / size), unit);
    CodeReader::Words words = reader.load(panel, number, lane);
    for (int64_t k = 0; k < size; k += 4) {
      SmallVector<Value, 4> numbers = reader.read(words, k / 4);
      for (Value &n : numbers)
        n = minimum ? b.fma(scale, n, minimum) : b.mulf(scale, n);
      for (int64_t i = 0; i < 4; i += 2)
        storePair(numbers[i], numbers[i + 1], target,
                  (unit * size + k + i) / 2);
    }
  }
}

int64_t TileWeights::getUnits() const {
  return 2 * steps * (words ? 1 : parts * kTileBytes / kFetchBytes);
}

/// Columns that follow each other are one piece of memory, but for scales.
void TileWeights::fetch(Value unit, Value column) {
  Value end = getPacked(b.index(kernel.panels * kernel.width / kOutputs - 1));
  Value from = b.min(b.add(getPacked(column), b.mul(unit, kFetchBytes)), end);
  for (int64_t byte = 0; byte < kFetchBytes; byte += TileUnit::kRowBytes)
    TileUnit(b).prefetch(b.add(from, byte));
}

/// The codes of a group are some lines apart from each other.
void TileWeights::fetchGroup(Value group, Value column) {
  Value own = clamp(column);
  int64_t perPanel = kernel.width / kOutputs;
  Panel panel(b, kernel.weight(b, product), layout, b.div(own, perPanel));
  Value lane = b.mul(b.rem(own, perPanel), kOutputs);
  int64_t words = 2 * kPairs / getCodesPerWord(layout);
  for (int64_t i = 0; i < words; ++i)
    b.prefetch(panel.codes, {b.add(b.mul(group, words), i), lane}, 2);
  b.prefetch(panel.scales, {group, lane}, 2);
  if (panel.minima)
    b.prefetch(panel.minima, {group, lane}, 2);
}

void TileWeights::makeReady(Value unit, Value column, Value half) {
  if (!words)
    return fetch(unit, column);
  Value step = b.div(unit, 2), i = b.rem(unit, 2);
  Value own = clamp(b.add(column, i));
  int64_t perPanel = kernel.width / kOutputs;
  Panel panel(b, kernel.weight(b, product), layout, b.div(own, perPanel));
  Value lane = b.mul(b.rem(own, perPanel), kOutputs);
  fetchGroup(step, b.add(column, b.add(i, 2)));
  CodeReader reader(b, layout);
  convertGroup(reader, panel, step, lane, {half, i, step});
}
