//===- CpuLevel.h - What code for a CPU may use -----------------*- C++ -*-===//

#ifndef WEFT_CODEGEN_CPU_CPULEVEL_H
#define WEFT_CODEGEN_CPU_CPULEVEL_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"

namespace weft::cpu {

/// A level of x86-64 that kernels are made for. An artifact holds the code of
/// one or more; the runtime takes the highest `rank` whose `requires` it finds.
struct CpuLevel {
  llvm::StringRef name;     ///< As in --mcpu and in the artifact.
  llvm::StringRef cpu;      ///< LLVM's CPU.
  llvm::StringRef features; ///< LLVM's features beyond those of the CPU.
  llvm::StringRef tune;     ///< LLVM's CPU whose costs are minded.
  /// What the CPU must have, in the names of LLVM and of the runtime's probe.
  llvm::ArrayRef<llvm::StringRef> required;
  unsigned vectorBits; ///< Width of the widest vector.
  unsigned registers;  ///< Number of vector registers.
  unsigned rank;

  /// Lanes of a vector of f32.
  int64_t getLanes() const { return vectorBits / 32; }
  /// Whether `feature` is among `required`.
  bool has(llvm::StringRef feature) const;

  /// Every level, lowest rank first.
  static llvm::ArrayRef<CpuLevel> getAll();
  /// The level of that name, or null.
  static const CpuLevel *find(llvm::StringRef name);
};

} // namespace weft::cpu

#endif // WEFT_CODEGEN_CPU_CPULEVEL_H
