//===- PackPanels.cpp - Weights in panels of outputs ----------------------===//

#include "compiler/codegen/common/packing/PackPanels.h"
#include "compiler/codegen/common/packing/BlockCodes.h"

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
  void putBlock(const BlockCodes &block, int64_t first, int64_t lane);

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

/// Where the code of column `k` lies in a word of eight or four codes.
static unsigned getShift(int64_t k, bool isNibble) {
  if (!isNibble)
    return 8 * (k % 4);
  return k % 8 < 4 ? 8 * (k % 4) : 8 * (k % 4) + 4;
}

void PanelPacker::putBlock(const BlockCodes &block, int64_t first,
                           int64_t lane) {
  SchemeAttrInterface scheme = layout.getScheme();
  bool isNibble = layout.getCodeBits() == 4;
  int64_t perWord = isNibble ? 8 : 4;
  for (int64_t i = 0, e = scheme.getBlockSize(); i != e; ++i) {
    int64_t k = first + i;
    uint8_t *word = &panel[(k / perWord * width + lane) * 4];
    unsigned shift = getShift(k, isNibble);
    word[shift / 8] |= block.codes[i] << (shift % 8);
  }
  int64_t size = layout.hasF16Scales() ? 2 : 4;
  int64_t groups = scheme.getBlockSize() / scheme.getGroupSize();
  for (int64_t g = 0; g != groups; ++g) {
    int64_t at = ((first / scheme.getGroupSize() + g) * width + lane) * size;
    std::memcpy(&panel[layout.getScalesOffset() + at], &block.scales[g], size);
    if (scheme.hasMinimum())
      std::memcpy(&panel[layout.getMinimaOffset() + at], &block.minima[g],
                  size);
  }
}

void PanelPacker::putBlocks(const Numbers &source, int64_t row, int64_t lane) {
  SchemeAttrInterface scheme = layout.getScheme();
  DecodeBlock decode = findBlockDecoder(scheme);
  int64_t size = scheme.getBlockSize(),
          rowBytes = columns / size * scheme.getBlockBytes();
  const uint8_t *block =
      source.bytesIf(layout.getStorage())->data + row * rowBytes;
  BlockCodes codes;
  for (int64_t first = 0; first < columns; first += size) {
    decode(block, codes);
    putBlock(codes, first, lane);
    block += scheme.getBlockBytes();
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
