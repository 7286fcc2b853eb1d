//===- Features.cpp - CPUID and XGETBV ------------------------------------===//
//
// Bits are those of the Intel 64 and IA-32 Architectures Software Developer's
// Manual, volume 2A, CPUID.
//
//===----------------------------------------------------------------------===//

#include "runtime/devices/cpu/Features.h"

#include "weft/program.h"

#include <cstring>

#ifdef __x86_64__
#include <cpuid.h>
#endif

using namespace weft;

#ifdef __x86_64__

namespace {
/// The register that reports a feature.
enum Word { L1C, L1D, L7B, L7C, L7D, L71A, L71D, E1C };
/// The registers that the system must save and restore.
enum Needs { Nothing, Avx, Avx512, Tiles };

struct Feature {
  const char *name;
  Word word;
  int bit;
  Needs needs;
};
} // namespace

static const Feature kFeatures[] = {
    // What every x86-64 has.
    {"64bit", L1D, 0, Nothing},
    {"x87", L1D, 0, Nothing},
    {"cx8", L1D, 8, Nothing},
    {"cmov", L1D, 15, Nothing},
    {"mmx", L1D, 23, Nothing},
    {"fxsr", L1D, 24, Nothing},
    {"sse", L1D, 25, Nothing},
    {"sse2", L1D, 26, Nothing},
    // x86-64-v2.
    {"sse3", L1C, 0, Nothing},
    {"pclmul", L1C, 1, Nothing},
    {"ssse3", L1C, 9, Nothing},
    {"cx16", L1C, 13, Nothing},
    {"sse4.1", L1C, 19, Nothing},
    {"sse4.2", L1C, 20, Nothing},
    {"crc32", L1C, 20, Nothing},
    {"popcnt", L1C, 23, Nothing},
    {"aes", L1C, 25, Nothing},
    {"sahf", E1C, 0, Nothing},
    // x86-64-v3.
    {"movbe", L1C, 22, Nothing},
    {"xsave", L1C, 26, Nothing},
    {"avx", L1C, 28, Avx},
    {"fma", L1C, 12, Avx},
    {"f16c", L1C, 29, Avx},
    {"avx2", L7B, 5, Avx},
    {"bmi", L7B, 3, Nothing},
    {"bmi2", L7B, 8, Nothing},
    {"lzcnt", E1C, 5, Nothing},
    {"rdrnd", L1C, 30, Nothing},
    {"fsgsbase", L7B, 0, Nothing},
    {"rdseed", L7B, 18, Nothing},
    {"adx", L7B, 19, Nothing},
    {"clflushopt", L7B, 23, Nothing},
    {"clwb", L7B, 24, Nothing},
    {"sha", L7B, 29, Nothing},
    {"prfchw", E1C, 8, Nothing},
    {"gfni", L7C, 8, Nothing},
    {"vaes", L7C, 9, Avx},
    {"vpclmulqdq", L7C, 10, Avx},
    {"movdiri", L7C, 27, Nothing},
    {"movdir64b", L7C, 28, Nothing},
    {"serialize", L7D, 14, Nothing},
    {"avxvnni", L71A, 4, Avx},
    {"avxifma", L71A, 23, Avx},
    {"avxvnniint8", L71D, 4, Avx},
    {"avxneconvert", L71D, 5, Avx},
    {"avxvnniint16", L71D, 10, Avx},
    // x86-64-v4 and beyond.
    {"avx512f", L7B, 16, Avx512},
    {"avx512dq", L7B, 17, Avx512},
    {"avx512ifma", L7B, 21, Avx512},
    {"avx512cd", L7B, 28, Avx512},
    {"avx512bw", L7B, 30, Avx512},
    {"avx512vl", L7B, 31, Avx512},
    {"avx512vbmi", L7C, 1, Avx512},
    {"avx512vbmi2", L7C, 6, Avx512},
    {"avx512vnni", L7C, 11, Avx512},
    {"avx512bitalg", L7C, 12, Avx512},
    {"avx512vpopcntdq", L7C, 14, Avx512},
    {"avx512vp2intersect", L7D, 8, Avx512},
    {"avx512fp16", L7D, 23, Avx512},
    {"avx512bf16", L71A, 5, Avx512},
    // Tiles.
    {"amx-bf16", L7D, 22, Tiles},
    {"amx-tile", L7D, 24, Tiles},
    {"amx-int8", L7D, 25, Tiles},
    {"amx-fp16", L71A, 21, Tiles},
    {"amx-complex", L71D, 8, Tiles},
};

/// XCR0, the register sets that the system saves: tells whether a feature that
/// CPUID reports can be used.
static unsigned long long readXcr0() {
  unsigned low, high;
  __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return (static_cast<unsigned long long>(high) << 32) | low;
}

CpuFeatures CpuFeatures::probe(bool tiles) {
  CpuFeatures cpu;
  Leaves &leaves = cpu.leaves;
  unsigned a, b, c, d;
  if (!__get_cpuid(1, &a, &b, &c, &d))
    return cpu;
  leaves.leaf1c = c;
  leaves.leaf1d = d;
  if (__get_cpuid_count(7, 0, &a, &b, &c, &d)) {
    unsigned lastSubleaf = a;
    leaves.leaf7b = b;
    leaves.leaf7c = c;
    leaves.leaf7d = d;
    if (lastSubleaf >= 1 && __get_cpuid_count(7, 1, &a, &b, &c, &d)) {
      leaves.leaf71a = a;
      leaves.leaf71d = d;
    }
  }
  if (__get_cpuid(0x80000001u, &a, &b, &c, &d))
    leaves.ext1c = c;

  if (leaves.leaf1c & (1u << 27)) { // OSXSAVE
    unsigned long long saved = readXcr0();
    cpu.savesAvx = (saved & 0x6) == 0x6;
    cpu.savesAvx512 = (saved & 0xe6) == 0xe6;
    bool savesTiles = (saved & 0x60000) == 0x60000;
    bool reportsTiles = leaves.leaf7d & (1u << 24);
    cpu.runsTiles = tiles && savesTiles && reportsTiles && probeTiles();
  }
  return cpu;
}

bool CpuFeatures::has(const char *name) const {
  const unsigned words[] = {leaves.leaf1c,  leaves.leaf1d, leaves.leaf7b,
                            leaves.leaf7c,  leaves.leaf7d, leaves.leaf71a,
                            leaves.leaf71d, leaves.ext1c};
  for (const Feature &feature : kFeatures) {
    if (strcmp(feature.name, name) != 0)
      continue;
    bool usable = feature.needs == Nothing ||
                  (feature.needs == Avx && savesAvx) ||
                  (feature.needs == Avx512 && savesAvx512) ||
                  (feature.needs == Tiles && runsTiles);
    return usable && ((words[feature.word] >> feature.bit) & 1);
  }
  return false;
}

#else

CpuFeatures CpuFeatures::probe(bool) { return CpuFeatures(); }
bool CpuFeatures::has(const char *) const { return false; }
bool weft::probeTiles() { return false; }

#endif

bool CpuFeatures::isTileFeature(const char *name) {
  return strncmp(name, "amx-", 4) == 0;
}

bool weft_cpu_has_feature(const char *name) {
  return name && CpuFeatures::probe(CpuFeatures::isTileFeature(name)).has(name);
}
