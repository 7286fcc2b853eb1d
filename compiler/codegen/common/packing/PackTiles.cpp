//===- PackTiles.cpp - Weights in tiles of a matrix unit ------------------===//

#include "compiler/codegen/common/packing/PackTiles.h"
#include "compiler/codegen/common/packing/Stacked.h"
#include "llvm/ADT/bit.h"

using namespace mlir;
using namespace weft;
using namespace weft::packing;
using program::TileLayout;

/// The nearest bf16, ties to even, as f32; what is no number stays as it is.
static float roundToBf16(float value) {
  if (!std::isfinite(value))
    return value;
  auto bits = llvm::bit_cast<uint32_t>(value);
  bits += 0x7FFF + (bits >> 16 & 1);
  return llvm::bit_cast<float>(bits & 0xFFFF0000);
}

namespace {
/// Fills one panel after the other from rows, a row a lane.
class TilePacker {
public:
  explicit TilePacker(program::PanelsAttr layout)
      : layout(layout), tiles(*TileLayout::find(layout)),
        panel(layout.getPanelBytes()), numbers(layout.getColumns()) {}

  void clear() { std::fill(panel.begin(), panel.end(), 0); }
  void put(const Numbers &source, int64_t row, int64_t lane);
  ArrayRef<uint8_t> bytes() const { return panel; }

private:
  /// Where input `k` of output `lane` lies.
  uint8_t *find(int64_t k, int64_t part, int64_t lane);
  void putParts(int64_t lane);
  void putCodes(int64_t lane);

  program::PanelsAttr layout;
  TileLayout tiles;
  std::vector<uint8_t> panel;
  std::vector<float> numbers; // of a row
};
} // namespace

uint8_t *TilePacker::find(int64_t k, int64_t part, int64_t lane) {
  constexpr int64_t kOutputs = TileLayout::kOutputs;
  int64_t tile =
      (lane / kOutputs * tiles.steps + k / tiles.inputs) * tiles.parts + part;
  int64_t row = k % tiles.inputs / tiles.pack;
  int64_t inTile =
      (row * kOutputs + lane % kOutputs) * tiles.pack + k % tiles.pack;
  int64_t size = 4 / tiles.pack; // bytes of a number
  return &panel[tile * TileLayout::kBytes + inTile * size];
}

void TilePacker::putParts(int64_t lane) {
  for (auto [k, number] : llvm::enumerate(numbers)) {
    float rest = number;
    for (int64_t part = 0; part < tiles.parts; ++part) {
      float rounded = roundToBf16(rest);
      writeNumber(rounded, tiles.part, find(k, part, lane));
      // Nothing is left of what is no number.
      rest = std::isfinite(rounded) ? rest - rounded : 0;
    }
  }
}

/// The largest number is 127 or -127. What is not finite makes a scale that is
/// not, and so results that are not.
void TilePacker::putCodes(int64_t lane) {
  float most = 0;
  for (float number : numbers)
    most = std::isnan(number) ? number : std::max(most, std::abs(number));
  float scale = most / 127;
  int32_t sum = 0;
  for (auto [k, number] : llvm::enumerate(numbers)) {
    bool isNumber = scale > 0 && std::isfinite(scale);
    float code = isNumber ? std::nearbyint(number / scale) : 0;
    auto byte = int8_t(std::clamp(code, -127.0f, 127.0f));
    *find(k, 0, lane) = uint8_t(byte);
    sum += byte;
  }
  std::memcpy(&panel[getTileScalesOffset(layout) + lane * 4], &scale, 4);
  std::memcpy(&panel[getTileSumsOffset(layout) + lane * 4], &sum, 4);
}

void TilePacker::put(const Numbers &source, int64_t row, int64_t lane) {
  int64_t columns = layout.getColumns();
  source.read(row * columns, columns, numbers.data());
  tiles.isScaled() ? putCodes(lane) : putParts(lane);
}

LogicalResult packing::packTiles(Operation *op, program::PanelsAttr layout,
                                 ArrayRef<Numbers> sources,
                                 llvm::raw_ostream &out) {
  if (failed(verifyStacked(op, layout, sources)))
    return failure();
  writeStacked(TilePacker(layout), layout.getWidth(), sources, out);
  return success();
}
