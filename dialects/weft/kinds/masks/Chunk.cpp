//===- Chunk.cpp - Tokens of one block ------------------------------------===//

#include "dialects/weft/kinds/Builders.h"
#include "dialects/weft/kinds/Kinds.h"

using namespace mlir;
using namespace weft;

LogicalResult ChunkAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                                int64_t size, int64_t offset) {
  if (size < 1 || offset < 0 || offset >= size)
    return emitError() << "expected a block of at least 1 token and an offset "
                          "below it but got "
                       << size << " and " << offset;
  return success();
}

Value ChunkAttr::buildAllowed(ImplicitLocOpBuilder &b, Value i, Value j,
                              Value) const {
  auto block = [&](Value position) -> Value {
    Type type = position.getType();
    if (getOffset())
      position =
          arith::AddIOp::create(b, position, buildIndex(b, type, getOffset()));
    return arith::DivSIOp::create(b, position, buildIndex(b, type, getSize()));
  };
  return arith::CmpIOp::create(b, arith::CmpIPredicate::eq, block(i), block(j));
}
