//===- Link.h - Objects to a shared object ----------------------*- C++ -*-===//

#ifndef WEFT_CODEGEN_CPU_COMPILE_LINK_H
#define WEFT_CODEGEN_CPU_COMPILE_LINK_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/MemoryBuffer.h"

namespace weft::cpu {

/// Links `objects` with LLD inside this process, against nothing. Works through
/// a temporary folder; one call at a time, others wait. LLD resets the options
/// of LLVM's command line: a tool must have taken what it needs of them before.
llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>>
linkShared(llvm::ArrayRef<llvm::StringRef> objects);

/// Joins `objects` into one that can be linked further.
llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>>
linkRelocatable(llvm::ArrayRef<llvm::StringRef> objects);

} // namespace weft::cpu

#endif // WEFT_CODEGEN_CPU_COMPILE_LINK_H
