//===- PackRows.h - Parameters as row-major numbers -------------*- C++ -*-===//

#ifndef WEFT_CODEGEN_COMMON_PACKING_PACKROWS_H
#define WEFT_CODEGEN_COMMON_PACKING_PACKROWS_H

#include "compiler/codegen/common/packing/Numbers.h"
#include "dialects/program/layouts/Layouts.h"

namespace weft::packing {

/// Writes the sources one after the other, converted to the layout's element
/// type. `op` takes errors.
mlir::LogicalResult packRows(mlir::Operation *op, program::RowsAttr layout,
                             llvm::ArrayRef<Numbers> sources,
                             llvm::raw_ostream &out);

} // namespace weft::packing

#endif // WEFT_CODEGEN_COMMON_PACKING_PACKROWS_H
