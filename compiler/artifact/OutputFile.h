//===- OutputFile.h - Files that appear whole or not at all -----*- C++ -*-===//

#ifndef WEFT_COMPILER_ARTIFACT_OUTPUTFILE_H
#define WEFT_COMPILER_ARTIFACT_OUTPUTFILE_H

#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/raw_ostream.h"

namespace weft {

/// Runs `write` on a temporary file beside `path`, which may seek in it, and
/// renames it to `path`. If anything fails, or a signal ends the process,
/// nothing is left behind and an old file at `path` is as it was. A `path` of
/// "-" is standard output; that, and what is no regular file, gets the bytes at
/// the end.
llvm::Error
writeOutputFile(llvm::StringRef path,
                llvm::function_ref<llvm::Error(llvm::raw_fd_ostream &)> write);

} // namespace weft

#endif // WEFT_COMPILER_ARTIFACT_OUTPUTFILE_H
