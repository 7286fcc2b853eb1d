//===- Precisions.h - The precision that a user asks for --------*- C++ -*-===//

#ifndef WEFT_COMPILER_DRIVER_PRECISIONS_H
#define WEFT_COMPILER_DRIVER_PRECISIONS_H

#include "compiler/codegen/cpu/CpuLevel.h"
#include "passes/lower/linear/Precision.h"
#include "llvm/Support/Error.h"

namespace weft {

struct PrecisionChoice {
  Precision precision;
  std::string why; ///< A line for the user; empty where nothing was chosen.
};

/// What `--precision` names. `auto` is the fastest on the best of `levels`
/// whose error, as `PrecisionFacts` has it, is at most `tolerance`; f32 if all
/// others are less exact, or no faster for want of a matrix unit.
llvm::Expected<PrecisionChoice>
choosePrecision(llvm::StringRef name, double tolerance,
                llvm::ArrayRef<const cpu::CpuLevel *> levels);

} // namespace weft

#endif // WEFT_COMPILER_DRIVER_PRECISIONS_H
