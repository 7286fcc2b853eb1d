//===- Levels.cpp - The levels that a user asks for -----------------------===//

#include "compiler/driver/Levels.h"
#include "runtime/devices/cpu/Features.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/TargetParser/X86TargetParser.h"

using namespace weft;
using namespace llvm;
using cpu::CpuLevel;

/// The best level all of whose features are there, or null.
static const CpuLevel *findBest(function_ref<bool(StringRef)> hasFeature) {
  const CpuLevel *best = nullptr;
  for (const CpuLevel &level : CpuLevel::getAll())
    if (all_of(level.required, hasFeature))
      best = &level;
  return best;
}

/// What tells whether this machine has a feature.
static auto probe() {
  return [features = CpuFeatures::probe(/*tiles=*/true)](StringRef feature) {
    return features.has(feature.str().c_str());
  };
}

static const CpuLevel *findNative() { return findBest(probe()); }

bool weft::runsHere(const CpuLevel &level) {
  return all_of(level.required, probe());
}

/// "level, level, …, native or all", for messages.
static std::string knownNames() {
  std::string names;
  for (const CpuLevel &level : CpuLevel::getAll())
    names += level.name.str() + ", ";
  return names + "native, all or a CPU of LLVM";
}

/// The best level of one of LLVM's CPUs with features added.
static Expected<const CpuLevel *> findForCpu(StringRef cpu,
                                             ArrayRef<StringRef> added) {
  if (X86::parseArchX86(cpu, /*Only64Bit=*/true) == X86::CK_None)
    return createStringError("expected " + knownNames() + " but got '" + cpu +
                             "'");
  SmallVector<StringRef> names(added);
  X86::getFeaturesForCPU(cpu, names);
  StringMap<bool> features;
  for (StringRef name : names) {
    features[name] = true;
    X86::updateImpliedFeatures(name, /*Enabled=*/true, features);
  }
  if (const CpuLevel *level =
          findBest([&](StringRef feature) { return features.lookup(feature); }))
    return level;
  return createStringError("expected a CPU that can run " +
                           CpuLevel::getAll().front().name + " but got '" +
                           cpu + "'");
}

/// One element of the list with the features that follow it.
static Expected<const CpuLevel *> findLevel(StringRef name,
                                            ArrayRef<StringRef> added) {
  const CpuLevel *level =
      name == "native" ? findNative() : CpuLevel::find(name);
  if (name == "native" && !level)
    return createStringError("expected a CPU that can run " +
                             CpuLevel::getAll().front().name +
                             "; this one cannot");
  if (!level)
    return findForCpu(name, added);
  return added.empty() ? level : findForCpu(level->cpu, added);
}

Expected<SmallVector<const CpuLevel *>> weft::parseLevels(StringRef text) {
  SmallVector<const CpuLevel *> levels;
  SmallVector<StringRef> words;
  text.split(words, ',');
  for (size_t i = 0; i != words.size();) {
    StringRef name = words[i++].trim();
    SmallVector<StringRef> added;
    while (i != words.size() && words[i].trim().starts_with("+"))
      added.push_back(words[i++].trim().drop_front());
    if (name == "all") {
      for (const CpuLevel &level : CpuLevel::getAll())
        levels.push_back(&level);
      continue;
    }
    Expected<const CpuLevel *> level = findLevel(name, added);
    if (!level)
      return level.takeError();
    levels.push_back(*level);
  }
  sort(levels,
       [](const CpuLevel *a, const CpuLevel *b) { return a->rank < b->rank; });
  levels.erase(unique(levels), levels.end());
  return levels;
}
