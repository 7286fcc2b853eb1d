//===- Layouts.cpp - Sizes of packed parameters ---------------------------===//

#include "dialects/program/ir/ProgramDialect.h"
#include "dialects/program/layouts/BlockPanels.h"
#include "dialects/program/layouts/Tiles.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace weft;
using namespace weft::program;

#include "dialects/program/ProgramLayoutInterface.cpp.inc"

#define GET_ATTRDEF_CLASSES
#include "dialects/program/ProgramLayouts.cpp.inc"

void ProgramDialect::registerLayouts() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "dialects/program/ProgramLayouts.cpp.inc"
      >();
}

int64_t RowsAttr::getBytes() const {
  // A truth value takes a byte.
  return getType().getNumElements() *
         llvm::divideCeil(getType().getElementTypeBitWidth(), 8);
}

std::optional<TileLayout> TileLayout::find(PanelsAttr layout) {
  auto storage = dyn_cast<TupleType>(layout.getStorage());
  if (!storage)
    return std::nullopt;
  TileLayout tiles;
  tiles.part = storage.getType(0);
  tiles.parts = storage.size();
  tiles.pack = 32 / tiles.part.getIntOrFloatBitWidth();
  tiles.inputs = 16 * tiles.pack;
  tiles.steps = llvm::divideCeil(layout.getColumns(), tiles.inputs);
  return tiles;
}

Type TileLayout::getStorage(Type part, int64_t parts) {
  return TupleType::get(part.getContext(), SmallVector<Type>(parts, part));
}

SchemeAttrInterface PanelsAttr::getScheme() const {
  auto blocks = dyn_cast<BlocksType>(getStorage());
  return blocks ? blocks.getScheme() : SchemeAttrInterface();
}

int64_t PanelsAttr::getPanelCount() const {
  return llvm::divideCeil(getRows(), getWidth());
}

int64_t PanelsAttr::getCodeBits() const {
  return getScheme().getCodeBits() < 8 ? 4 : 8;
}

int64_t PanelsAttr::getZeroCode() const {
  bool isSigned = getScheme().getCodeBits() == 8;
  return getScheme().getZeroCode() + (isSigned ? 128 : 0);
}

bool PanelsAttr::hasF16Scales() const {
  return getScheme().getBlockSize() == getScheme().getGroupSize();
}

int64_t program::getHighBits(PanelsAttr layout) {
  return layout.getScheme().getCodeBits() - layout.getCodeBits();
}

int64_t program::getHighBitsOffset(PanelsAttr layout) {
  return layout.getColumns() * layout.getWidth() * layout.getCodeBits() / 8;
}

/// Signed bytes, or a scale and a minimum of six bits a group.
int64_t program::getScaleCodeWords(PanelsAttr layout) {
  if (layout.hasF16Scales())
    return 0;
  SchemeAttrInterface scheme = layout.getScheme();
  int64_t groups = scheme.getBlockSize() / scheme.getGroupSize();
  return groups * (scheme.hasMinimum() ? 12 : 8) / 32;
}

int64_t program::getScaleCodesOffset(PanelsAttr layout) {
  return layout.getColumns() * layout.getWidth() *
         layout.getScheme().getCodeBits() / 8;
}

int64_t PanelsAttr::getScalesOffset() const {
  int64_t blocks = getColumns() / getScheme().getBlockSize();
  return getScaleCodesOffset(*this) +
         blocks * getScaleCodeWords(*this) * getWidth() * 4;
}

int64_t PanelsAttr::getMinimaOffset() const {
  int64_t blocks = getColumns() / getScheme().getBlockSize();
  return getScalesOffset() + blocks * getWidth() * 2;
}

int64_t program::getTileScalesOffset(PanelsAttr layout) {
  return layout.getWidth() / TileLayout::kOutputs *
         TileLayout::find(layout)->getColumnBytes();
}

int64_t program::getTileSumsOffset(PanelsAttr layout) {
  return getTileScalesOffset(layout) + layout.getWidth() * 4;
}

int64_t PanelsAttr::getPanelBytes() const {
  if (auto tiles = TileLayout::find(*this))
    return tiles->isScaled()
               ? llvm::alignTo(getTileSumsOffset(*this) + getWidth() * 4, 64)
               : getTileScalesOffset(*this);
  if (!getScheme())
    return llvm::alignTo(getColumns() * getWidth() *
                             getStorage().getIntOrFloatBitWidth() / 8,
                         64);
  int64_t minima = getMinimaOffset();
  int64_t end = minima;
  if (getScheme().hasMinimum())
    end += minima - getScalesOffset();
  return llvm::alignTo(end, 64);
}

int64_t PanelsAttr::getBytes() const {
  return getPanelCount() * getPanelBytes();
}
