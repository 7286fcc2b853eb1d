//===- ProgramOps.h - Every op of the program dialect -----------*- C++ -*-===//

#ifndef PROGRAM_OPS_PROGRAMOPS_H
#define PROGRAM_OPS_PROGRAMOPS_H

#include "dialects/program/ir/ProgramDialect.h"
#include "dialects/program/layouts/Layouts.h"
#include "dialects/weft/ops/WeftOps.h"
#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/IR/RegionKindInterface.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#define GET_OP_CLASSES
#include "dialects/program/ProgramOps.h.inc"

#endif // PROGRAM_OPS_PROGRAMOPS_H
