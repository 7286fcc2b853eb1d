//===- DenseMask.cpp - Masks of which nothing can be left out -------------===//
//
// A kernel leaves out what ranges of positions tell it to. Where they never do,
// as the mask depends on data or is made of what ranges say nothing of, every
// pair is computed and then asked for.
//
//===----------------------------------------------------------------------===//

#include "dialects/weft/kinds/masks/MaskAnalysis.h"
#include "passes/lower/attention/Attention.h"
#include "passes/lower/attention/MaskSteps.h"

using namespace mlir;
using namespace weft;

std::optional<std::string> weft::noteDenseMask(AttentionOp op) {
  // Keys are asked for one by one at the finest, by a vector of queries.
  constexpr int64_t kQueries = 16, kKeys = 1;
  // Positions up to here in steps without a common factor.
  constexpr int64_t kFar = 8192, kQueryStep = 7 * kQueries, kKeyStep = 107;
  SmallVector<MaskAnalysis> parts;
  if (MaskAttrInterface mask = op.getMaskAttr()) {
    if (getMaskStep(mask) > 1 || splitByStep(mask))
      return std::nullopt;
    parts.emplace_back(mask);
  }
  if (!op.getAllowed().empty())
    parts.emplace_back(op.getAllowed().front(), /*first=*/2);
  bool some = false;
  for (int64_t i = 0; i < kFar; i += kQueryStep)
    for (int64_t j = 0; j < kFar; j += kKeyStep)
      for (MaskAnalysis &part : parts)
        switch (part.classify({i, i + kQueries, j, j + kKeys})) {
        case TileRelation::None:
          return std::nullopt;
        case TileRelation::Some:
          some = true;
          break;
        case TileRelation::All:
          break;
        }
  if (!some)
    return std::nullopt;
  return "the mask leaves out no tile: each is evaluated";
}
