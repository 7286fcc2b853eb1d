//===- ProgramOps.cpp - Generated code of the program dialect -------------===//

#include "dialects/program/ops/ProgramOps.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/OpImplementation.h"

using namespace mlir;
using namespace weft;
using namespace weft::program;

#define GET_OP_CLASSES
#include "dialects/program/ProgramOps.cpp.inc"
