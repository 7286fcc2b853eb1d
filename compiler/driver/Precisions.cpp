//===- Precisions.cpp - The precision that a user asks for ----------------===//

#include "compiler/driver/Precisions.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FormatVariadic.h"

using namespace llvm;
using namespace weft;
using cpu::CpuLevel;

static double getTime(const PrecisionFacts &facts, const CpuLevel &level) {
  return level.has("amx-bf16")     ? facts.tileTime
         : level.has("avx512vnni") ? facts.dotTime
                                   : 1;
}

static std::string describe(const PrecisionFacts &facts,
                            std::optional<double> error,
                            const CpuLevel &level) {
  std::string text = formatv("{0} (", facts.name);
  if (error)
    text += formatv("error {0:e1}, ", *error);
  return text + formatv("time {0:f2})", getTime(facts, level)).str();
}

static PrecisionChoice choose(double tolerance, const CpuLevel &level,
                              const ErrorMeter &measure) {
  if (!level.has("amx-bf16") && !level.has("avx512vnni"))
    return {Precision::F32,
            formatv("precision f32: {0} has no matrix unit and no dot products "
                    "of bytes, so no other is faster",
                    level.name)};
  SmallVector<const PrecisionFacts *> byTime;
  for (const PrecisionFacts &facts : getPrecisions())
    if (facts.precision != Precision::F64) // for reference, never the fastest
      byTime.push_back(&facts);
  // Of equally fast ones the most exact, which stands first in the table.
  sort(byTime, [&](const PrecisionFacts *a, const PrecisionFacts *b) {
    return std::pair(getTime(*a, level), a) < std::pair(getTime(*b, level), b);
  });
  const PrecisionFacts *best = nullptr;
  std::string chosen, others;
  bool isMeasured = false;
  for (const PrecisionFacts *facts : byTime) {
    std::optional<double> error;
    if (!best) {
      if (measure && facts->parts)
        error = measure(facts->name.str(), level.name.str());
      isMeasured |= error.has_value();
      if (!error && facts->parts)
        error = facts->error;
      if (!facts->parts || *error <= tolerance) {
        best = facts;
        chosen = describe(*facts, error, level);
        continue;
      }
    }
    others += (others.empty() ? "" : ", ") + describe(*facts, error, level);
  }
  return {best->precision,
          formatv("precision {0}: the fastest on {1} with an error of {2} of "
                  "at most {3:e1}; not {4}",
                  chosen, level.name, isMeasured ? "the results" : "a product",
                  tolerance, others)};
}

Expected<PrecisionChoice> weft::choosePrecision(StringRef name,
                                                double tolerance,
                                                const CpuLevel &level,
                                                const ErrorMeter &measure) {
  if (name == "auto")
    return choose(tolerance, level, measure);
  if (auto precision = parsePrecision(name))
    return PrecisionChoice{*precision, ""};
  return createStringError(
      "expected f64, f32, split, bf16, int8-groups, int8 or auto but got '" +
      name + "'");
}
