//===- Version.cpp - What this build is -----------------------------------===//

#include "compiler/tools/weft/common/Version.h"
#include "weft/weft.h"
#include "llvm/Config/llvm-config.h"

std::string weft::cli::versionText() {
  return "weft " + std::to_string(WEFT_VERSION_MAJOR) + "." +
         std::to_string(WEFT_VERSION_MINOR) + "." +
         std::to_string(WEFT_VERSION_PATCH) + " (LLVM " LLVM_VERSION_STRING ")";
}
