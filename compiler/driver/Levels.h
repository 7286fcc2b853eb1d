//===- Levels.h - The levels that a user asks for ---------------*- C++ -*-===//

#ifndef WEFT_COMPILER_DRIVER_LEVELS_H
#define WEFT_COMPILER_DRIVER_LEVELS_H

#include "compiler/codegen/cpu/CpuLevel.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/Error.h"

namespace weft {

/// The levels that `--mcpu` names, lowest rank first, each once:
///   native             the best that runs here
///   all                every level
///   x86-64-v4, …       a level by name
///   sapphirerapids, …  the best level that LLVM's CPU can run
///   +avx512vnni        added to the CPU before it
/// with commas between.
llvm::Expected<llvm::SmallVector<const cpu::CpuLevel *>>
parseLevels(llvm::StringRef text);

/// Whether this machine runs code of `level`.
bool runsHere(const cpu::CpuLevel &level);

} // namespace weft

#endif // WEFT_COMPILER_DRIVER_LEVELS_H
