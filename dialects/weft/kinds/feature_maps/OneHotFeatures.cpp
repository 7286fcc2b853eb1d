//===- OneHotFeatures.cpp - The number of a feature -----------------------===//

#include "dialects/weft/kinds/Builders.h"
#include "dialects/weft/kinds/Kinds.h"

using namespace mlir;
using namespace weft;

LogicalResult
OneHotFeaturesAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                           int64_t count) {
  // Numbers that an f32 holds exactly.
  if (count >= 1 && count <= (1 << 24))
    return success();
  return emitError() << "expected a count from 1 to 2^24 but got " << count;
}

bool OneHotFeaturesAttr::isOneHot() const { return true; }

SmallVector<int64_t> OneHotFeaturesAttr::getDegrees() const {
  return SmallVector<int64_t>(getCount(), 1);
}

Value OneHotFeaturesAttr::buildFeature(ImplicitLocOpBuilder &b, unsigned part,
                                       Type type, ValueRange channels) const {
  Value is = arith::CmpFOp::create(b, arith::CmpFPredicate::OEQ, channels[0],
                                   buildFloat(b, type, part));
  return arith::SelectOp::create(b, is, buildFloat(b, type, 1.0),
                                 buildFloat(b, type, 0.0));
}
