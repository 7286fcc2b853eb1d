//===- CpuLevel.cpp - The table of levels ---------------------------------===//

#include "compiler/codegen/cpu/CpuLevel.h"
#include "llvm/ADT/STLExtras.h"

using namespace llvm;
using namespace weft::cpu;

// One list, so that a level needs all that the levels below it need.
static constexpr StringRef kFeatures[] = {
    "avx",        "avx2",     "fma",      "f16c",     "bmi",
    "bmi2",       "lzcnt",    "movbe",    "popcnt",   "avx512f",
    "avx512bw",   "avx512cd", "avx512dq", "avx512vl", "avx512vnni",
    "avx512bf16", "amx-tile", "amx-int8", "amx-bf16"};

static constexpr CpuLevel kLevels[] = {
    {"x86-64-v3", "x86-64-v3", "", "haswell", {kFeatures, 9}, 256, 16, 0},
    {"x86-64-v4",
     "x86-64-v4",
     "-prefer-256-bit",
     "icelake-server",
     {kFeatures, 14},
     512,
     32,
     1},
    {"x86-64-v4-vnni",
     "x86-64-v4",
     "+avx512vnni,-prefer-256-bit",
     "icelake-server",
     {kFeatures, 15},
     512,
     32,
     2},
    {"x86-64-v4-amx",
     "x86-64-v4",
     "+avx512vnni,+avx512bf16,+amx-tile,+amx-int8,+amx-bf16,-prefer-256-bit",
     "sapphirerapids",
     {kFeatures, 19},
     512,
     32,
     3},
};

ArrayRef<CpuLevel> CpuLevel::getAll() { return kLevels; }

const CpuLevel *CpuLevel::find(StringRef name) {
  const CpuLevel *level =
      find_if(kLevels, [&](const CpuLevel &l) { return l.name == name; });
  return level == std::end(kLevels) ? nullptr : level;
}

bool CpuLevel::has(StringRef feature) const {
  return is_contained(required, feature);
}
