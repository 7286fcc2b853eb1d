//===- Layouts.cpp - Sizes of packed parameters ---------------------------===//

#include "dialects/program/layouts/Layouts.h"
#include "dialects/program/ir/ProgramDialect.h"
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
  return llvm::divideCeil(
      getType().getNumElements() * getType().getElementTypeBitWidth(), 8);
}

SchemeAttrInterface PanelsAttr::getScheme() const {
  auto blocks = dyn_cast<BlocksType>(getStorage());
  return blocks ? blocks.getScheme() : SchemeAttrInterface();
}

int64_t PanelsAttr::getPanelCount() const {
  return llvm::divideCeil(getRows(), getWidth());
}

int64_t PanelsAttr::getCodeBits() const {
  return getScheme().getCodeBits() <= 4 ? 4 : 8;
}

int64_t PanelsAttr::getZeroCode() const {
  bool isSigned = getScheme().getCodeBits() == 8;
  return getScheme().getZeroCode() + (isSigned ? 128 : 0);
}

bool PanelsAttr::hasF16Scales() const {
  return getScheme().getBlockSize() == getScheme().getGroupSize();
}

int64_t PanelsAttr::getScalesOffset() const {
  return getColumns() * getWidth() * getCodeBits() / 8;
}

int64_t PanelsAttr::getMinimaOffset() const {
  int64_t groups = getColumns() / getScheme().getGroupSize();
  return getScalesOffset() + groups * getWidth() * (hasF16Scales() ? 2 : 4);
}

int64_t PanelsAttr::getPanelBytes() const {
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
