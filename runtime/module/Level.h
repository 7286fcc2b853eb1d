//===- Level.h - Choosing the code for this CPU -----------------*- C++ -*-===//

#ifndef WEFT_MODULE_LEVEL_H
#define WEFT_MODULE_LEVEL_H

#include "runtime/devices/cpu/Features.h"
#include "runtime/module/Tables.h"

namespace weft {

/// Probes this CPU for what the variants of a program may ask.
CpuFeatures probeFor(const fb::Program &program);

/// The first feature of a variant that the CPU lacks; null if it can run.
const char *findMissingFeature(const fb::Variant &variant,
                               const CpuFeatures &cpu);

/// Chooses the variant of the highest rank that runs here or, where `level` is
/// not null, the one so named.
Status chooseVariant(const fb::Program &program, const CpuFeatures &cpu,
                     const char *level, uint32_t &variant);

} // namespace weft

#endif // WEFT_MODULE_LEVEL_H
