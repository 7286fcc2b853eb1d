//===- PackPanels.h - Weights in panels of outputs --------------*- C++ -*-===//

#ifndef WEFT_CODEGEN_COMMON_PACKING_PACKPANELS_H
#define WEFT_CODEGEN_COMMON_PACKING_PACKPANELS_H

#include "compiler/codegen/common/packing/Numbers.h"
#include "dialects/program/layouts/Layouts.h"

namespace weft::packing {

/// Writes the rows of the sources, stacked, panel by panel: no more than one
/// panel is in memory. Blocks are kept as codes and scales where the layout
/// stores their scheme, and are converted where it stores numbers. `op` takes
/// errors.
mlir::LogicalResult packPanels(mlir::Operation *op, program::PanelsAttr layout,
                               llvm::ArrayRef<Numbers> sources,
                               llvm::raw_ostream &out);

} // namespace weft::packing

#endif // WEFT_CODEGEN_COMMON_PACKING_PACKPANELS_H
