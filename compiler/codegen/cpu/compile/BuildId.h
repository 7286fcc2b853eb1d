//===- BuildId.h - Which compiler this is -----------------------*- C++ -*-===//

#ifndef WEFT_CODEGEN_CPU_COMPILE_BUILDID_H
#define WEFT_CODEGEN_CPU_COMPILE_BUILDID_H

#include "llvm/ADT/StringRef.h"

namespace weft::cpu {

/// Bytes that tell this build of the compiler, with the LLVM and MLIR that it
/// runs with, from any other: the build ids that linkers write into objects
/// (ELF note NT_GNU_BUILD_ID), of all that are loaded. Empty if the object of
/// this code has none. Any thread may call.
llvm::StringRef getBuildIds();

} // namespace weft::cpu

#endif // WEFT_CODEGEN_CPU_COMPILE_BUILDID_H
