//===- Module.h - The compiler as a library that is loaded ------*- C++ -*-===//
//
// `weft` loads the compiler, with all of LLVM and MLIR, only to compile:
// running a model starts in a few milliseconds and spends memory on the model
// alone.
//
//===----------------------------------------------------------------------===//

#ifndef WEFT_COMPILER_DRIVER_MODULE_H
#define WEFT_COMPILER_DRIVER_MODULE_H

#include "compiler/driver/Driver.h"

namespace weft {

/// The functions of Driver.h.
struct CompilerModule {
  bool (*isTextForm)(const std::string &emit);
  bool (*compileFile)(const DriverOptions &options);
};

} // namespace weft

/// The one symbol that the library exports.
extern "C" const weft::CompilerModule *weft_compiler_module();

#endif // WEFT_COMPILER_DRIVER_MODULE_H
