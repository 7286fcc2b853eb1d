//===- Global.cpp - The first tokens see and are seen by all --------------===//

#include "dialects/weft/kinds/Builders.h"
#include "dialects/weft/kinds/Kinds.h"

using namespace mlir;
using namespace weft;

Value GlobalAttr::buildAllowed(ImplicitLocOpBuilder &b, Value i, Value j,
                               Value) const {
  Value count = buildIndex(b, i.getType(), getCount());
  Value query = arith::CmpIOp::create(b, arith::CmpIPredicate::slt, i, count);
  Value key = arith::CmpIOp::create(b, arith::CmpIPredicate::slt, j, count);
  return arith::OrIOp::create(b, query, key);
}
