//===- Compiler.h - Loads the compiler when it is needed --------*- C++ -*-===//

#ifndef WEFT_TOOLS_WEFT_COMMON_COMPILER_H
#define WEFT_TOOLS_WEFT_COMMON_COMPILER_H

#include "compiler/driver/Module.h"

namespace weft::cli {

/// `name` in one of the folders where a build or an installation of this
/// program keeps its libraries. Throws a Failure if it is in none.
std::string findLibrary(const std::string &name);

/// The compiler, loaded at the first call. Throws a Failure.
const CompilerModule &getCompiler();

} // namespace weft::cli

#endif // WEFT_TOOLS_WEFT_COMMON_COMPILER_H
