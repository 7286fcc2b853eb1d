//===- Level.cpp - Choosing the code for this CPU -------------------------===//

#include "runtime/module/Level.h"

#include <cstdio>
#include <cstring>

using namespace weft;

CpuFeatures weft::probeFor(const fb::Program &program) {
  bool tiles = false;
  for (uint32_t i = 0; i < getSize(program.variants()); ++i) {
    const auto *features = program.variants()->Get(i)->features();
    for (uint32_t j = 0; j < getSize(features); ++j)
      tiles |= CpuFeatures::isTileFeature(features->Get(j)->c_str());
  }
  return CpuFeatures::probe(tiles);
}

const char *weft::findMissingFeature(const fb::Variant &variant,
                                     const CpuFeatures &cpu) {
  const auto *features = variant.features();
  for (uint32_t i = 0; i < getSize(features); ++i)
    if (!cpu.has(features->Get(i)->c_str()))
      return features->Get(i)->c_str();
  return nullptr;
}

/// "x86-64-v3 (lacks avx2), x86-64-v4 (lacks avx512f)", cut to fit.
static void listLevels(const fb::Program &program, const CpuFeatures &cpu,
                       char *text, size_t bytes) {
  size_t used = 0;
  text[0] = '\0';
  for (uint32_t i = 0; i < getSize(program.variants()) && used < bytes; ++i) {
    const fb::Variant &variant = *program.variants()->Get(i);
    const char *missing = findMissingFeature(variant, cpu);
    used += snprintf(text + used, bytes - used, "%s%s%s%s%s", i ? ", " : "",
                     variant.level()->c_str(), missing ? " (lacks " : "",
                     missing ? missing : "", missing ? ")" : "");
  }
}

Status weft::chooseVariant(const fb::Program &program, const CpuFeatures &cpu,
                           const char *level, uint32_t &variant) {
  bool found = false;
  for (uint32_t i = 0; i < getSize(program.variants()); ++i) {
    const fb::Variant &candidate = *program.variants()->Get(i);
    if (level && strcmp(level, candidate.level()->c_str()) != 0)
      continue;
    if (findMissingFeature(candidate, cpu))
      continue;
    if (!found || candidate.rank() > program.variants()->Get(variant)->rank())
      variant = i;
    found = true;
  }
  if (found)
    return ok();
  char levels[300];
  listLevels(program, cpu, levels, sizeof(levels));
  if (level)
    return makeError(WEFT_UNSUPPORTED_CPU,
                     "level '%s' is not in the file or does not run on this "
                     "CPU; the file has: %s",
                     level, levels);
  return makeError(WEFT_UNSUPPORTED_CPU,
                   "no level of the file runs on this CPU; it has: %s", levels);
}
