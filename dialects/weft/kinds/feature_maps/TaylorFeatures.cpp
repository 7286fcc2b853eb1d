//===- TaylorFeatures.cpp - 1, x and pairs of x ---------------------------===//

#include "dialects/weft/kinds/Builders.h"
#include "dialects/weft/kinds/Kinds.h"

using namespace mlir;
using namespace weft;

SmallVector<int64_t> TaylorFeaturesAttr::getDegrees() const {
  return {0, 1, 2};
}

Value TaylorFeaturesAttr::buildFeature(ImplicitLocOpBuilder &b, unsigned part,
                                       Type type, ValueRange channels) const {
  if (part == 0)
    return buildFloat(b, type, 1.0);
  if (part == 1)
    return channels[0];
  Value half = arith::MulFOp::create(b, channels[0],
                                     buildFloat(b, type, std::sqrt(0.5)));
  return arith::MulFOp::create(b, half, channels[1]);
}

Value TaylorFeaturesAttr::buildWeight(ImplicitLocOpBuilder &b,
                                      Value product) const {
  Type type = product.getType();
  Value half = arith::MulFOp::create(b, product, buildFloat(b, type, 0.5));
  Value one = buildFloat(b, type, 1.0);
  Value factor = arith::AddFOp::create(b, half, one);
  Value powers = arith::MulFOp::create(b, factor, product);
  return arith::AddFOp::create(b, powers, one);
}
