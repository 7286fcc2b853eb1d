//===- Registration.cpp - What the compiler's contexts know ---------------===//

#include "compiler/driver/Registration.h"
#include "dialects/program/ir/ProgramDialect.h"
#include "dialects/weft/ir/WeftDialect.h"
#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"
#include "passes/Passes.h"

void weft::registerCompilerDialects(mlir::DialectRegistry &registry) {
  mlir::registerAllDialects(registry);
  mlir::registerAllExtensions(registry);
  registry.insert<WeftDialect, program::ProgramDialect>();
  registerStreamingModels(registry);
}
