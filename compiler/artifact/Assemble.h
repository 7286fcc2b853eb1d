//===- Assemble.h - Text of an assembler to an object -----------*- C++ -*-===//

#ifndef WEFT_COMPILER_ARTIFACT_ASSEMBLE_H
#define WEFT_COMPILER_ARTIFACT_ASSEMBLE_H

#include "llvm/Support/Error.h"
#include "llvm/Support/MemoryBuffer.h"

namespace weft::artifact {

/// Assembles for x86-64 Linux, inside this process.
llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>>
assemble(llvm::StringRef text, llvm::StringRef name);

/// The object with `prefix` before the name of each symbol.
llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>>
prefixSymbols(llvm::MemoryBufferRef object, llvm::StringRef prefix);

} // namespace weft::artifact

#endif // WEFT_COMPILER_ARTIFACT_ASSEMBLE_H
