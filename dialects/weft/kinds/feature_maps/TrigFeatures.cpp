//===- TrigFeatures.cpp - sin(x) and cos(x) -------------------------------===//

#include "dialects/weft/kinds/Builders.h"
#include "dialects/weft/kinds/Kinds.h"

using namespace mlir;
using namespace weft;

SmallVector<int64_t> TrigFeaturesAttr::getDegrees() const { return {1, 1}; }

Value TrigFeaturesAttr::buildFeature(ImplicitLocOpBuilder &b, unsigned part,
                                     Type, ValueRange channels) const {
  if (part == 0)
    return math::SinOp::create(b, channels[0]);
  return math::CosOp::create(b, channels[0]);
}
