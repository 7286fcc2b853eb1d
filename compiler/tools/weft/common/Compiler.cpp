//===- Compiler.cpp - Loads the compiler when it is needed ----------------===//

#include "compiler/tools/weft/common/Compiler.h"
#include "compiler/tools/weft/common/Failure.h"
#include <dlfcn.h>
#include <filesystem>

using namespace weft;
using namespace weft::cli;
namespace fs = std::filesystem;

std::string cli::findLibrary(const std::string &name) {
  fs::path program = fs::read_symlink("/proc/self/exe");
  for (const char *folder :
       {"../runtime", "../lib", "../lib/x86_64-linux-gnu"}) {
    fs::path file = program.parent_path() / folder / name;
    if (fs::exists(file))
      return file.lexically_normal().string();
  }
  throw Failure(program.string() + ": expected " + name + " in ../lib");
}

const CompilerModule &cli::getCompiler() {
  static const CompilerModule *module = nullptr;
  if (module)
    return *module;
  std::string path = findLibrary("libweft-compiler.so");
  void *library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!library)
    throw Failure(path + ": " + dlerror());
  auto get = reinterpret_cast<decltype(&weft_compiler_module)>(
      dlsym(library, "weft_compiler_module"));
  if (!get)
    throw Failure(path + ": expected the symbol weft_compiler_module");
  module = get();
  return *module;
}
