//===- Registration.h - What the compiler's contexts know -------*- C++ -*-===//

#ifndef WEFT_COMPILER_DRIVER_REGISTRATION_H
#define WEFT_COMPILER_DRIVER_REGISTRATION_H

#include "mlir/IR/DialectRegistry.h"

namespace weft {

/// Adds the dialects of all levels, and the models of upstream's interfaces
/// that the passes ask for.
void registerCompilerDialects(mlir::DialectRegistry &registry);

} // namespace weft

#endif // WEFT_COMPILER_DRIVER_REGISTRATION_H
