//===- Accumulate.cpp - S = S + write -------------------------------------===//

#include "dialects/weft/kinds/Builders.h"
#include "dialects/weft/kinds/Kinds.h"

using namespace mlir;
using namespace weft;

SmallVector<GateAxes> AccumulateAttr::getGates() const { return {}; }
