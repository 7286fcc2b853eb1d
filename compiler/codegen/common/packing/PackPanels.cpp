//===- PackPanels.cpp - Weights in panels of outputs ----------------------===//

#include "compiler/codegen/common/packing/PackPanels.h"
#include "compiler/codegen/common/packing/BlockCodes.h"
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

/// Checks that the sources are matrices of the layout's columns that make its
/// rows, and can be stored as it says.
static LogicalResult verify(Operation *op, program::PanelsAttr layout,
                            ArrayRef<Numbers> sources) {
  int64_t rows = 0;
  for (const Numbers &source : sources) {
    if (source.getShape().size() != 2 ||
        source.getShape()[1] != layout.getColumns())
      return op->emitOpError() << "expected sources of " << layout.getColumns()
                               << " columns in two axes";
    if (layout.getScheme() && !source.bytesIf(layout.getStorage()))
      return op->emitOpError()
             << "expected sources stored as " << layout.getStorage();
    rows += source.getShape()[0];
  }
  if (layout.getScheme() && !findBlockDecoder(layout.getScheme()))
    return op->emitOpError()
           << "has no packer for blocks of " << layout.getScheme();
  if (rows != layout.getRows())
    return op->emitOpError() << "expected " << layout.getRows()
                             << " rows but its sources have " << rows;
  return success();
}

LogicalResult packing::packPanels(Operation *op, program::PanelsAttr layout,
                                  ArrayRef<Numbers> sources,
                                  llvm::raw_ostream &out) {
  if (failed(verify(op, layout, sources)))
    return failure();
  PanelPacker packer(layout);
  int64_t lane = 0;
  auto flush = [&] {
    ArrayRef<uint8_t> bytes = packer.bytes();
    out.write(reinterpret_cast<const char *>(bytes.data()), bytes.size());
    packer.clear();
    lane = 0;
  };
  for (const Numbers &source : sources)
    for (int64_t row = 0; row != source.getShape()[0]; ++row) {
      packer.put(source, row, lane++);
      if (lane == layout.getWidth())
        flush();
    }
  if (lane)
    flush();
  return success();
}
