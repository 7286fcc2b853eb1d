//===- Features.h - What this CPU can run -----------------------*- C++ -*-===//

#ifndef WEFT_DEVICES_CPU_FEATURES_H
#define WEFT_DEVICES_CPU_FEATURES_H

namespace weft {

/// The features of the CPU that the operating system lets this process use.
/// Names are LLVM's ("avx2", "avx512vnni", "amx-bf16"…). AMX counts only once
/// the kernel has given permission and a tile product has run.
class CpuFeatures {
public:
  /// Asks CPUID and XGETBV and, if `tiles` are wanted, the kernel for them:
  /// that takes the time to start a process. Unless wanted, they count as
  /// missing.
  static CpuFeatures probe(bool tiles);

  static bool isTileFeature(const char *name);

  /// False for a name that is not known.
  bool has(const char *name) const;

private:
  struct Leaves {
    unsigned leaf1c, leaf1d, leaf7b, leaf7c, leaf7d, leaf71a, leaf71d, ext1c;
  };
  Leaves leaves = {};
  bool savesAvx = false;    // XCR0: the upper halves of ymm
  bool savesAvx512 = false; // XCR0: zmm and masks
  bool runsTiles = false;
};

/// Asks the kernel for tile registers and runs a product in a process of its
/// own, so that a CPU that reports AMX but traps does not end this one.
bool probeTiles();

} // namespace weft

#endif // WEFT_DEVICES_CPU_FEATURES_H
