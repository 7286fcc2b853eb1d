//===- Failure.h - What ends a command --------------------------*- C++ -*-===//

#ifndef WEFT_TOOLS_WEFT_COMMON_FAILURE_H
#define WEFT_TOOLS_WEFT_COMMON_FAILURE_H

#include "frontends/formats/common/Error.h"
#include "weft/weft.h"
#include <cstdint>
#include <stdexcept>
#include <string>

namespace weft::cli {

/// The input is wrong or unsupported: the command prints the message (file,
/// place, expected, found) and ends with exit code 1. An empty message has been
/// printed already.
struct Failure : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Fails if a call of the runtime did; `file` stands in front of the message,
/// unless it says the file itself.
inline void check(const weft_status &status, const std::string &file = "") {
  if (status.code != WEFT_OK)
    throw Failure(file.empty() ? status.message : file + ": " + status.message);
}

/// The value of what a reader returned, or a failure.
template <typename T> T take(formats::Expected<T> result) {
  if (!result)
    throw Failure(result.error().str());
  return std::move(*result);
}

/// The whole number that `text` is; fails with `place` in front.
int64_t toInteger(const std::string &text, const std::string &place);

} // namespace weft::cli

#endif // WEFT_TOOLS_WEFT_COMMON_FAILURE_H
