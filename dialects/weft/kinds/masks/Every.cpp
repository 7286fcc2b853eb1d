//===- Every.cpp - Keys at multiples of a distance ------------------------===//

#include "dialects/weft/kinds/Builders.h"
#include "dialects/weft/kinds/Kinds.h"

using namespace mlir;
using namespace weft;

LogicalResult EveryAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                                int64_t stride) {
  if (stride < 1)
    return emitError() << "expected a stride of at least 1 but got " << stride;
  return success();
}

Value EveryAttr::buildAllowed(ImplicitLocOpBuilder &b, Value, Value,
                              Value distance) const {
  Type type = distance.getType();
  Value rest =
      arith::RemSIOp::create(b, distance, buildIndex(b, type, getStride()));
  return arith::CmpIOp::create(b, arith::CmpIPredicate::eq, rest,
                               buildIndex(b, type, 0));
}
