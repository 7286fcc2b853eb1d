//===- PackTiles.h - Weights in tiles of a matrix unit ----------*- C++ -*-===//

#ifndef WEFT_CODEGEN_COMMON_PACKING_PACKTILES_H
#define WEFT_CODEGEN_COMMON_PACKING_PACKTILES_H

#include "compiler/codegen/common/packing/Numbers.h"
#include "dialects/program/layouts/Tiles.h"

namespace weft::packing {

/// Writes the rows of the sources, stacked, in panels with tiles: no more than
/// one panel is in memory. `op` takes errors.
mlir::LogicalResult packTiles(mlir::Operation *op, program::PanelsAttr layout,
                              llvm::ArrayRef<Numbers> sources,
                              llvm::raw_ostream &out);

} // namespace weft::packing

#endif // WEFT_CODEGEN_COMMON_PACKING_PACKTILES_H
