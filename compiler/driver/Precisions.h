//===- Precisions.h - The precision that a user asks for --------*- C++ -*-===//

#ifndef WEFT_COMPILER_DRIVER_PRECISIONS_H
#define WEFT_COMPILER_DRIVER_PRECISIONS_H

#include "compiler/codegen/cpu/CpuLevel.h"
#include "passes/lower/linear/Precision.h"
#include "llvm/Support/Error.h"
#include <functional>

namespace weft {

struct PrecisionChoice {
  Precision precision;
  std::string why; ///< A line for the user; empty where nothing was chosen.
};

/// Measures the error of the results with a precision at a level, if it can
/// be.
using ErrorMeter = std::function<std::optional<double>(
    const std::string &precision, const std::string &level)>;

/// What `--precision` names. `auto` is the fastest on `level` whose error is at
/// most `tolerance`: that of the results where `measure` is there and gives
/// one, otherwise that of a product as `PrecisionFacts` has it. f32 if all
/// others are less exact, or no faster for want of a matrix unit. How fast one
/// is stands in the table, so that the choice does not depend on how busy the
/// machine is.
llvm::Expected<PrecisionChoice> choosePrecision(llvm::StringRef name,
                                                double tolerance,
                                                const cpu::CpuLevel &level,
                                                const ErrorMeter &measure);

} // namespace weft

#endif // WEFT_COMPILER_DRIVER_PRECISIONS_H
