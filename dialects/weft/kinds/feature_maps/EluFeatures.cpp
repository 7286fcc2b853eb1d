//===- EluFeatures.cpp - elu(x) + 1 ---------------------------------------===//

#include "dialects/weft/kinds/Builders.h"
#include "dialects/weft/kinds/Kinds.h"

using namespace mlir;
using namespace weft;

SmallVector<int64_t> EluFeaturesAttr::getDegrees() const { return {1}; }

Value EluFeaturesAttr::buildFeature(ImplicitLocOpBuilder &b, unsigned,
                                    Type type, ValueRange channels) const {
  Value zero = buildFloat(b, type, 0.0), one = buildFloat(b, type, 1.0);
  // The exponential of what is positive is never taken: it may overflow.
  Value below =
      math::ExpOp::create(b, arith::MinimumFOp::create(b, channels[0], zero));
  Value above = arith::AddFOp::create(b, channels[0], one);
  Value isAbove =
      arith::CmpFOp::create(b, arith::CmpFPredicate::OGT, channels[0], zero);
  return arith::SelectOp::create(b, isAbove, above, below);
}
