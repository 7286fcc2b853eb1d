//===- FeatureMap.cpp - What all feature maps share -----------------------===//

#include "dialects/weft/kinds/Kinds.h"

using namespace mlir;
using namespace weft;

int64_t FeatureMapAttrInterface::getNumFeatures(int64_t channels) {
  if (ShapedType::isDynamic(channels))
    return ShapedType::kDynamic;
  int64_t features = 0;
  for (int64_t degree : getDegrees()) {
    int64_t part = 1;
    for (int64_t i = 0; i < degree; ++i)
      part *= channels;
    features += part;
  }
  return features;
}
