//===- Rope.cpp - Frequencies of rotary positions -------------------------===//

#include "frontends/common/Rope.h"

#include <algorithm>
#include <cmath>

using namespace weft;

static constexpr double kTwoPi = 6.283185307179586476925;

llvm::SmallVector<double> weft::getRopeFrequencies(double theta,
                                                   int64_t channels) {
  llvm::SmallVector<double> frequencies;
  for (int64_t r = 0; r < channels / 2; ++r)
    frequencies.push_back(std::pow(theta, -2.0 * r / channels));
  return frequencies;
}

void weft::scaleRopeLinear(Rope &rope, double factor) {
  for (double &f : rope.frequencies)
    f /= factor;
}

void weft::scaleRopeLlama3(Rope &rope, double factor, double low, double high,
                           double originalContext) {
  for (double &f : rope.frequencies) {
    const double turns = originalContext * f / kTwoPi;
    const double smooth = std::clamp((turns - low) / (high - low), 0.0, 1.0);
    f = (1 - smooth) * f / factor + smooth * f;
  }
}

void weft::scaleRopeYarn(Rope &rope, const YarnScaling &scaling) {
  const auto pairs = static_cast<double>(rope.frequencies.size());
  const double channels = 2 * pairs;
  auto pairThatTurns = [&](double turns) {
    return channels * std::log(scaling.originalContext / (turns * kTwoPi)) /
           (2 * std::log(scaling.theta));
  };
  double low = pairThatTurns(scaling.betaFast);
  double high = pairThatTurns(scaling.betaSlow);
  if (scaling.truncate) {
    low = std::floor(low);
    high = std::ceil(high);
  }
  low = std::max(low, 0.0);
  high = std::min(high, channels - 1);
  if (low == high)
    high += 0.001; // as the reference: no division by zero
  for (size_t r = 0; r < rope.frequencies.size(); ++r) {
    const double ramp =
        std::clamp((static_cast<double>(r) - low) / (high - low), 0.0, 1.0);
    double &f = rope.frequencies[r];
    f = f * (1 - ramp) + f / scaling.factor * ramp;
  }
}

double weft::getYarnMagnitude(double factor) {
  return factor <= 1 ? 1.0 : 0.1 * std::log(factor) + 1.0;
}
