//===- ReluFeatures.cpp - max(x, 0) ---------------------------------------===//

#include "dialects/weft/kinds/Builders.h"
#include "dialects/weft/kinds/Kinds.h"

using namespace mlir;
using namespace weft;

SmallVector<int64_t> ReluFeaturesAttr::getDegrees() const { return {1}; }

Value ReluFeaturesAttr::buildFeature(ImplicitLocOpBuilder &b, unsigned,
                                     Type type, ValueRange channels) const {
  return arith::MaximumFOp::create(b, channels[0], buildFloat(b, type, 0.0));
}
