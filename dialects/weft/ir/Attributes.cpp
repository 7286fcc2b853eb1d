//===- Attributes.cpp - Attributes of weft on other dialects' ops ---------===//
//
// The marks on functions and their arguments: see docs/model-level.md.
//
//===----------------------------------------------------------------------===//

#include "dialects/weft/ir/WeftDialect.h"
#include "dialects/weft/kinds/Kinds.h"
#include "mlir/Interfaces/FunctionInterfaces.h"

using namespace mlir;
using namespace weft;

/// Fails unless the value of `attribute` is an `Attr`, which is called `what`.
template <typename Attr>
static LogicalResult expect(Operation *op, NamedAttribute attribute,
                            StringRef what) {
  if (isa<Attr>(attribute.getValue()))
    return success();
  return op->emitError() << "expected " << attribute.getName() << " to be "
                         << what << " but got " << attribute.getValue();
}

LogicalResult WeftDialect::verifyOperationAttribute(Operation *op,
                                                    NamedAttribute attribute) {
  StringRef name = attribute.getName();
  if (name == "weft.name")
    return expect<StringAttr>(op, attribute, "a string");
  if (name != "weft.stream")
    return success();
  if (!isa<FunctionOpInterface>(op))
    return op->emitError() << "expected " << attribute.getName()
                           << " on a function but got '" << op->getName()
                           << "'";
  return expect<UnitAttr>(op, attribute, "a unit");
}

LogicalResult WeftDialect::verifyRegionArgAttribute(Operation *op, unsigned,
                                                    unsigned index,
                                                    NamedAttribute attribute) {
  StringRef name = attribute.getName();
  Type type = cast<FunctionOpInterface>(op).getArgumentTypes()[index];
  if (name == "weft.name")
    return expect<StringAttr>(op, attribute, "a string");
  if (name == "weft.sequence")
    return expect<IntegerAttr>(op, attribute, "the number of an axis");
  if (name == "weft.state")
    return expect<StateAttr>(op, attribute, "a state");
  // An index, or the integer that it has been lowered to.
  if (name == "weft.position" && !type.isIntOrIndex())
    return op->emitError() << "expected 'weft.position' on an argument of type "
                              "'index' but got "
                           << type;
  return success();
}

LogicalResult
WeftDialect::verifyRegionResultAttribute(Operation *op, unsigned, unsigned,
                                         NamedAttribute attribute) {
  StringRef name = attribute.getName();
  if (name == "weft.name")
    return expect<StringAttr>(op, attribute, "a string");
  if (name == "weft.state")
    return expect<StateAttr>(op, attribute, "a state");
  return success();
}
