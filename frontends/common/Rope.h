//===- Rope.h - Frequencies of rotary positions ---------------------------===//
//
// Every scaling of rotary positions that configurations name is a list of
// frequencies and a magnitude, which is what `weft.rope` takes.
//
//===----------------------------------------------------------------------===//

#ifndef WEFT_FRONTENDS_COMMON_ROPE_H
#define WEFT_FRONTENDS_COMMON_ROPE_H

#include "dialects/weft/kinds/Kinds.h"
#include "llvm/ADT/SmallVector.h"

#include <cstdint>

namespace weft {

/// What `weft.rope` needs to know.
struct Rope {
  RopePairing pairing = RopePairing::Half;
  /// One a pair of channels; radians a token.
  llvm::SmallVector<double> frequencies;
  /// On the rotated channels.
  double magnitude = 1.0;
};

/// f[r] = theta^(-2 r / channels) for r < channels / 2 (Su et al. 2021).
llvm::SmallVector<double> getRopeFrequencies(double theta, int64_t channels);

/// f / factor: positions are interpolated (Chen et al. 2023).
void scaleRopeLinear(Rope &rope, double factor);

/// Llama 3.1: with wavelength w = 2 pi / f and the original context L, f /
/// factor where w > L / low, f where w < L / high, and between them, with s =
/// (L / w - low) / (high - low), (1 - s) f / factor + s f.
void scaleRopeLlama3(Rope &rope, double factor, double low, double high,
                     double originalContext);

/// YaRN (Peng et al. 2023). The pair that turns `n` times over the original
/// context L is d(n) = channels ln(L / (2 pi n)) / (2 ln theta). With ramp[r] =
/// clamp((r - d(fast)) / (d(slow) - d(fast)), 0, 1), d(fast) rounded down and
/// d(slow) up if `truncate`: f' = f (1 - ramp) + f / factor ramp.
struct YarnScaling {
  double theta, factor, originalContext;
  double betaFast = 32, betaSlow = 1;
  bool truncate = true;
};
void scaleRopeYarn(Rope &rope, const YarnScaling &scaling);

/// YaRN's magnitude where a configuration does not say one: 0.1 ln(factor) + 1.
double getYarnMagnitude(double factor);

} // namespace weft

#endif // WEFT_FRONTENDS_COMMON_ROPE_H
