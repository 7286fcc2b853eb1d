//===- Status.h - Making and passing on statuses ----------------*- C++ -*-===//

#ifndef WEFT_CORE_STATUS_H
#define WEFT_CORE_STATUS_H

#include "weft/status.h"

namespace weft {

using Status = weft_status;

/// Success. Only the first bytes are written: statuses are returned on hot
/// paths.
inline Status ok() {
  Status status;
  status.code = WEFT_OK;
  status.message[0] = '\0';
  return status;
}

inline bool failed(const Status &status) { return status.code != WEFT_OK; }

/// A failure with a message as printf formats it: lower-case, no full stop.
__attribute__((format(printf, 2, 3), cold)) Status
makeError(weft_status_code code, const char *format, ...);

/// A failure of a system call: "<what>: <text of errno>".
__attribute__((cold)) Status makeSystemError(weft_status_code code,
                                             const char *what, int error);

} // namespace weft

/// Returns from the function where `expression` is a failure.
#define WEFT_TRY(expression)                                                   \
  do {                                                                         \
    ::weft::Status tried = (expression);                                       \
    if (::weft::failed(tried))                                                 \
      return tried;                                                            \
  } while (false)

#endif // WEFT_CORE_STATUS_H
