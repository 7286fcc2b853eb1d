//===- RefineShapes.h - Static sizes flow through a function ----*- C++ -*-===//

#ifndef WEFT_PASSES_DERIVE_REFINESHAPES_H
#define WEFT_PASSES_DERIVE_REFINESHAPES_H

#include "mlir/IR/Operation.h"

namespace weft {

/// Canonicalizes `op` and lets the sizes that casts at its border know flow
/// through its body.
void refineShapes(mlir::Operation *op);

} // namespace weft

#endif // WEFT_PASSES_DERIVE_REFINESHAPES_H
