//===- Version.h - What this build is ---------------------------*- C++ -*-===//

#ifndef WEFT_TOOLS_WEFT_COMMON_VERSION_H
#define WEFT_TOOLS_WEFT_COMMON_VERSION_H

#include <string>

namespace weft::cli {

/// "weft 0.1.0 (LLVM 22.1.2)".
std::string versionText();

} // namespace weft::cli

#endif // WEFT_TOOLS_WEFT_COMMON_VERSION_H
