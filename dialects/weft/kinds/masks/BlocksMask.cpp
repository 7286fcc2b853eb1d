//===- BlocksMask.cpp - A list of blocks of keys for each block -----------===//

#include "dialects/weft/kinds/Builders.h"
#include "dialects/weft/kinds/Kinds.h"

using namespace mlir;
using namespace weft;

LogicalResult
BlocksMaskAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                       int64_t size, ArrayAttr lists) {
  if (size < 1)
    return emitError() << "expected blocks of at least 1 token but got "
                       << size;
  for (Attribute list : lists) {
    auto blocks = dyn_cast<ArrayAttr>(list);
    if (!blocks || !llvm::all_of(blocks, llvm::IsaPred<IntegerAttr>))
      return emitError() << "expected lists of numbers of blocks but got "
                         << list;
  }
  return success();
}

Value BlocksMaskAttr::buildAllowed(ImplicitLocOpBuilder &b, Value i, Value j,
                                   Value) const {
  Type type = i.getType();
  Value size = buildIndex(b, type, getSize());
  Value query = arith::DivSIOp::create(b, i, size);
  Value key = arith::DivSIOp::create(b, j, size);
  auto equals = [&](Value block, int64_t number) -> Value {
    return arith::CmpIOp::create(b, arith::CmpIPredicate::eq, block,
                                 buildIndex(b, type, number));
  };
  Value none = arith::CmpIOp::create(b, arith::CmpIPredicate::slt, query,
                                     buildIndex(b, type, 0));
  Value allowed = none;
  for (auto [number, list] : llvm::enumerate(getLists())) {
    Value listed = none;
    for (Attribute block : cast<ArrayAttr>(list))
      listed = arith::OrIOp::create(
          b, listed, equals(key, cast<IntegerAttr>(block).getInt()));
    Value row = arith::AndIOp::create(b, equals(query, number), listed);
    allowed = arith::OrIOp::create(b, allowed, row);
  }
  return allowed;
}
