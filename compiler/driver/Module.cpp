//===- Module.cpp - The compiler as a library that is loaded --------------===//

#include "compiler/driver/Module.h"

extern "C" __attribute__((visibility("default"))) const weft::CompilerModule *
weft_compiler_module() {
  static const weft::CompilerModule module = {weft::isTextForm,
                                              weft::compileFile};
  return &module;
}
