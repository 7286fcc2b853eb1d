//===- WeftTypes.h - Types of the weft dialect ------------------*- C++ -*-===//

#ifndef WEFT_TYPES_WEFTTYPES_H
#define WEFT_TYPES_WEFTTYPES_H

#include "dialects/weft/kinds/Kinds.h"
#include "mlir/IR/BuiltinTypes.h"

#define GET_TYPEDEF_CLASSES
#include "dialects/weft/WeftTypes.h.inc"

#endif // WEFT_TYPES_WEFTTYPES_H
