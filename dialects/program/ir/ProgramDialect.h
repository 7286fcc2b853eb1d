//===- ProgramDialect.h - The program dialect -------------------*- C++ -*-===//

#ifndef PROGRAM_IR_PROGRAMDIALECT_H
#define PROGRAM_IR_PROGRAMDIALECT_H

#include "mlir/IR/Dialect.h"

#include "dialects/program/ProgramDialect.h.inc"

#endif // PROGRAM_IR_PROGRAMDIALECT_H
