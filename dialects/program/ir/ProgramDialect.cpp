//===- ProgramDialect.cpp - The program dialect ---------------------------===//

#include "dialects/program/ir/ProgramDialect.h"
#include "dialects/program/ops/ProgramOps.h"
#include "dialects/weft/ir/WeftDialect.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace weft::program;

#include "dialects/program/ProgramDialect.cpp.inc"

void ProgramDialect::initialize() {
  registerLayouts();
  addOperations<
#define GET_OP_LIST
#include "dialects/program/ProgramOps.cpp.inc"
      >();
}
