//===- Stacked.cpp - Rows of stacked sources, a panel at a time -----------===//

#include "compiler/codegen/common/packing/Stacked.h"

using namespace mlir;
using namespace weft;

LogicalResult packing::verifyStacked(Operation *op, program::PanelsAttr layout,
                                     ArrayRef<Numbers> sources) {
  int64_t rows = 0;
  for (const Numbers &source : sources) {
    if (source.getShape().size() != 2 ||
        source.getShape()[1] != layout.getColumns())
      return op->emitOpError() << "expected sources of " << layout.getColumns()
                               << " columns in two axes";
    rows += source.getShape()[0];
  }
  if (rows != layout.getRows())
    return op->emitOpError() << "expected " << layout.getRows()
                             << " rows but its sources have " << rows;
  return success();
}
