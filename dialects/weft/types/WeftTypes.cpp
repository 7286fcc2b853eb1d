//===- WeftTypes.cpp - Types of the weft dialect --------------------------===//

#include "dialects/weft/types/WeftTypes.h"
#include "dialects/weft/ir/WeftDialect.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace weft;

#define GET_TYPEDEF_CLASSES
#include "dialects/weft/WeftTypes.cpp.inc"

void WeftDialect::registerTypes() {
  addTypes<
#define GET_TYPEDEF_LIST
#include "dialects/weft/WeftTypes.cpp.inc"
      >();
}
