//===- Files.h - Reading and writing files, "-" and arrays ------*- C++ -*-===//

#ifndef WEFT_TOOLS_WEFT_COMMON_FILES_H
#define WEFT_TOOLS_WEFT_COMMON_FILES_H

#include "compiler/tools/weft/common/Runtime.h"

namespace weft::cli {

/// The bytes of a file; "-" is standard input.
std::string readFile(const std::string &path);

/// Writes a whole file, which appears only when it is complete; "-" is standard
/// output. `parts` are written one after the other.
void writeFile(const std::string &path,
               const std::vector<std::string_view> &parts);

/// Reads or writes an array as a .npy file.
Array readArray(const std::string &path);
void writeArray(const std::string &path, const Array &array);

} // namespace weft::cli

#endif // WEFT_TOOLS_WEFT_COMMON_FILES_H
