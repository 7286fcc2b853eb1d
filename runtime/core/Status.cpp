//===- Status.cpp - Making statuses without allocating --------------------===//

#include "runtime/core/Status.h"

#include <cstdarg>
#include <cstdio>
#include <cstring>

using namespace weft;

Status weft::makeError(weft_status_code code, const char *format, ...) {
  Status status;
  status.code = code;
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(status.message, sizeof(status.message), format, arguments);
  va_end(arguments);
  return status;
}

/// strerror_r comes in two kinds that differ in what they return.
[[maybe_unused]] static const char *pick(int, const char *buffer) {
  return buffer;
}
[[maybe_unused]] static const char *pick(const char *text, const char *) {
  return text;
}

Status weft::makeSystemError(weft_status_code code, const char *what,
                             int error) {
  char buffer[128] = "unknown error";
  return makeError(code, "%s: %s", what,
                   pick(strerror_r(error, buffer, sizeof(buffer)), buffer));
}

const char *weft_status_code_name(weft_status_code code) {
  switch (code) {
  case WEFT_OK:
    return "ok";
  case WEFT_INVALID_ARGUMENT:
    return "invalid argument";
  case WEFT_SHAPE_MISMATCH:
    return "shape mismatch";
  case WEFT_OUT_OF_RANGE:
    return "out of range";
  case WEFT_FULL:
    return "full";
  case WEFT_WRONG_STATE:
    return "wrong state";
  case WEFT_CORRUPT:
    return "corrupt";
  case WEFT_UNSUPPORTED_VERSION:
    return "unsupported version";
  case WEFT_MISMATCHED:
    return "mismatched";
  case WEFT_OUT_OF_MEMORY:
    return "out of memory";
  case WEFT_IO_ERROR:
    return "input/output error";
  case WEFT_UNSUPPORTED_CPU:
    return "unsupported cpu";
  case WEFT_CODE_ERROR:
    return "code error";
  case WEFT_EXECUTION_FAILED:
    return "execution failed";
  }
  return "unknown";
}
