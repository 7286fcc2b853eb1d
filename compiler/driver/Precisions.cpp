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
                            const CpuLevel &level) {
  return formatv("{0} (error {1:e1}, time {2:f2})", facts.name, facts.error,
                 getTime(facts, level));
}

static PrecisionChoice choose(double tolerance,
                              ArrayRef<const CpuLevel *> levels) {
  const PrecisionFacts *best = &getFacts(Precision::F32);
  const CpuLevel &level = *levels.back();
  if (!level.has("amx-bf16") && !level.has("avx512vnni"))
    return {best->precision,
            formatv("precision f32: {0} has no matrix unit and no dot products "
                    "of bytes, so no other is faster",
                    level.name)};
  std::string others;
  for (const PrecisionFacts &facts : getPrecisions())
    if (facts.error <= tolerance &&
        getTime(facts, level) < getTime(*best, level))
      best = &facts;
  for (const PrecisionFacts &facts : getPrecisions())
    if (&facts != best)
      others += (others.empty() ? "" : ", ") + describe(facts, level);
  return {best->precision,
          formatv("precision {0}: the fastest on {1} with an error of at most "
                  "{2:e1}; not {3}",
                  describe(*best, level), level.name, tolerance, others)};
}

Expected<PrecisionChoice>
weft::choosePrecision(StringRef name, double tolerance,
                      ArrayRef<const CpuLevel *> levels) {
  if (name == "auto")
    return choose(tolerance, levels);
  if (auto precision = parsePrecision(name))
    return PrecisionChoice{*precision, ""};
  return createStringError("expected f32, split, bf16, int8 or auto but got '" +
                           name + "'");
}
