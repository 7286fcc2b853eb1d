//===- MaskSteps.h - Masks that allow at a stride ---------------*- C++ -*-===//

#ifndef WEFT_PASSES_LOWER_ATTENTION_MASKSTEPS_H
#define WEFT_PASSES_LOWER_ATTENTION_MASKSTEPS_H

#include "dialects/weft/kinds/Kinds.h"

namespace weft {

/// A number that the distance of every allowed pair is a multiple of: 1 where
/// the mask tells none, or is null.
int64_t getMaskStep(MaskAttrInterface mask);

/// Two masks that no pair is in both of, and that allow together what `mask`
/// does: one without a step, and one with. Nothing where it has no such parts.
std::optional<std::pair<MaskAttrInterface, MaskAttrInterface>>
splitByStep(MaskAttrInterface mask);

} // namespace weft

#endif // WEFT_PASSES_LOWER_ATTENTION_MASKSTEPS_H
