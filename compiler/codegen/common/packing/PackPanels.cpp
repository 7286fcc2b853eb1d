//===- PackPanels.cpp - Weights in panels of outputs ----------------------===//

#include "compiler/codegen/common/packing/PackPanels.h"
#include "compiler/codegen/common/packing/BlockCodes.h"
#include "compiler/codegen/common/packing/Stacked.h"
#include "dialects/program/layouts/BlockPanels.h"

using namespace mlir;
using namespace weft;
using namespace weft::packing;

namespace {
/// Fills one panel after the other from rows, a row a lane.
class PanelPacker {
public:
  PanelPacker(program::PanelsAttr layout)
      : layout(layout), width(layout.getWidth()), columns(layout.getColumns()),
        panel(layout.getPanelBytes()) {}

  void clear() { std::fill(panel.begin(), panel.end(), 0); }
  /// Puts row `row` of `source` into lane `lane`.
  void put(const Numbers &source, int64_t row, int64_t lane) {
    if (layout.getScheme())
      putBlocks(source, row, lane);
    else
      putNumbers(source, row, lane);
  }
  ArrayRef<uint8_t> bytes() const { return panel; }

private:
  void putNumbers(const Numbers &source, int64_t row, int64_t lane);
  void putBlocks(const Numbers &source, int64_t row, int64_t lane);
  void putBlock(const BlockCodes &codes, int64_t block, int64_t lane);
  void putCode(unsigned code, int64_t k, int64_t lane);

  program::PanelsAttr layout;
  int64_t width, columns;
  std::vector<uint8_t> panel;
  std::vector<float> numbers; // of a row
};
} // namespace

void PanelPacker::putNumbers(const Numbers &source, int64_t row, int64_t lane) {
  Type type = layout.getStorage();
  int64_t size = type.getIntOrFloatBitWidth() / 8;
  uint8_t *out = &panel[lane * size];
  if (auto bytes = source.bytesIf(type)) { // as they are
    const uint8_t *from = bytes->data + row * columns * size;
    for (int64_t k = 0; k != columns; ++k)
      std::memcpy(out + k * width * size, from + k * size, size);
    return;
  }
  numbers.resize(columns);
  source.read(row * columns, columns, numbers.data());
  for (int64_t k = 0; k != columns; ++k)
    writeNumber(numbers[k], type, out + k * width * size);
}

void PanelPacker::putCode(unsigned code, int64_t k, int64_t lane) {
  auto word = [&](int64_t part, int64_t row) {
    return &panel[part + (row * width + lane) * 4];
  };
  if (layout.getCodeBits() == 8) {
    word(layout.getCodesOffset(), k / 4)[k % 4] = code;
    return;
  }
  unsigned shift = k % 8 < 4 ? 0 : 4;
  word(layout.getCodesOffset(), k / 8)[k % 4] |= (code & 15) << shift;
  if (int64_t bits = getHighBits(layout)) {
    int64_t perWord = 32 / bits;
    word(getHighBitsOffset(layout), k / perWord)[k % 4] |=
        (code >> 4) << (k % perWord / 4 * bits);
  }
}

void PanelPacker::putBlock(const BlockCodes &codes, int64_t block,
                           int64_t lane) {
  int64_t size = layout.getScheme().getBlockSize();
  for (int64_t i = 0; i != size; ++i)
    putCode(codes.codes[i], block * size + i, lane);
  int64_t words = getScaleCodeWords(layout);
  for (int64_t i = 0; i != words; ++i)
    std::memcpy(&panel[getScaleCodesOffset(layout) +
                       ((block * words + i) * width + lane) * 4],
                &codes.scaleCodes[i], 4);
  int64_t at = (block * width + lane) * 2;
  std::memcpy(&panel[layout.getScalesOffset() + at], &codes.scale, 2);
  if (layout.getScheme().hasMinimum())
    std::memcpy(&panel[layout.getMinimaOffset() + at], &codes.minimum, 2);
}

void PanelPacker::putBlocks(const Numbers &source, int64_t row, int64_t lane) {
  SchemeAttrInterface scheme = layout.getScheme();
  DecodeBlock decode = findBlockDecoder(scheme);
  int64_t count = columns / scheme.getBlockSize(),
          bytes = scheme.getBlockBytes();
  const uint8_t *blocks =
      source.bytesIf(layout.getStorage())->data + row * count * bytes;
  BlockCodes codes;
  for (int64_t i = 0; i != count; ++i) {
    decode(blocks + i * bytes, codes);
    putBlock(codes, i, lane);
  }
}

/// Checks that the sources can be stacked and stored as the layout says.
static LogicalResult verify(Operation *op, program::PanelsAttr layout,
                            ArrayRef<Numbers> sources) {
  if (failed(verifyStacked(op, layout, sources)))
    return failure();
  SchemeAttrInterface scheme = layout.getScheme();
  if (!scheme)
    return success();
  for (const Numbers &source : sources)
    if (!source.bytesIf(layout.getStorage()))
      return op->emitOpError()
             << "expected sources stored as " << layout.getStorage();
  if (!findBlockDecoder(scheme))
    return op->emitOpError() << "has no packer for blocks of " << scheme;
  return success();
}

LogicalResult packing::packPanels(Operation *op, program::PanelsAttr layout,
                                  ArrayRef<Numbers> sources,
                                  llvm::raw_ostream &out) {
  if (failed(verify(op, layout, sources)))
    return failure();
  writeStacked(PanelPacker(layout), layout.getWidth(), sources, out);
  return success();
}
