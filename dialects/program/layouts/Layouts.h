//===- Layouts.h - Layouts of packed parameters -----------------*- C++ -*-===//

#ifndef PROGRAM_LAYOUTS_LAYOUTS_H
#define PROGRAM_LAYOUTS_LAYOUTS_H

#include "dialects/weft/types/WeftTypes.h"
#include "mlir/IR/Attributes.h"
#include "mlir/IR/BuiltinTypes.h"

#include "dialects/program/ProgramLayoutInterface.h.inc"

#define GET_ATTRDEF_CLASSES
#include "dialects/program/ProgramLayouts.h.inc"

#endif // PROGRAM_LAYOUTS_LAYOUTS_H
