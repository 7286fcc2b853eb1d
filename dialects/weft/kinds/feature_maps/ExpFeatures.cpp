//===- ExpFeatures.cpp - exp(x) and exp(-x) -------------------------------===//

#include "dialects/weft/kinds/Builders.h"
#include "dialects/weft/kinds/Kinds.h"

using namespace mlir;
using namespace weft;

SmallVector<int64_t> ExpFeaturesAttr::getDegrees() const { return {1, 1}; }

Value ExpFeaturesAttr::buildFeature(ImplicitLocOpBuilder &b, unsigned part,
                                    Type, ValueRange channels) const {
  Value exponent = channels[0];
  if (part == 1)
    exponent = arith::NegFOp::create(b, exponent);
  return math::ExpOp::create(b, exponent);
}
