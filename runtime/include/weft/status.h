/*===- status.h - What every call of the C API returns --------------*- C
-*-===*\
|*
|* A status is a plain value: nothing to release, and made without allocating,
so
|* that running out of memory can be reported too.
|*
\*===----------------------------------------------------------------------===*/

#ifndef WEFT_STATUS_H
#define WEFT_STATUS_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Marks what a shared library offers. */
#if defined(__GNUC__)
#define WEFT_API __attribute__((visibility("default")))
#else
#define WEFT_API
#endif

/* Codes in groups of sixteen by who has to act. Codes are never renumbered; new
 * ones may come, so treat an unknown code as its group. */
typedef enum weft_status_code {
  WEFT_OK = 0,

  /* The caller: change the call. */
  WEFT_INVALID_ARGUMENT = 16, /* null, an unknown name, an index too large */
  WEFT_SHAPE_MISMATCH = 17,   /* a tensor has not the type or the dimensions */
  WEFT_OUT_OF_RANGE = 18,     /* a position that is not, or no longer, held */
  WEFT_FULL = 19,        /* the tokens do not fit in the session's states */
  WEFT_WRONG_STATE = 20, /* not possible now: see the message for what to do */

  /* The file or the saved state: get another. */
  WEFT_CORRUPT = 32,             /* damaged, truncated or malformed */
  WEFT_UNSUPPORTED_VERSION = 33, /* written by a newer compiler */
  WEFT_MISMATCHED = 34,          /* a saved state of another program */

  /* The machine. */
  WEFT_OUT_OF_MEMORY = 48,
  WEFT_IO_ERROR = 49,        /* the operating system refused; message has why */
  WEFT_UNSUPPORTED_CPU = 50, /* no level in the file runs here */
  WEFT_CODE_ERROR = 51, /* the code could not be mapped, or lacks a kernel */

  /* The program, found while it ran: the compiler's fault, or a forged file. */
  WEFT_EXECUTION_FAILED = 64 /* out of bounds, overflow, division by zero… */
} weft_status_code;

typedef enum weft_status_group {
  WEFT_GROUP_OK = 0,
  WEFT_GROUP_CALLER = 1,
  WEFT_GROUP_FILE = 2,
  WEFT_GROUP_MACHINE = 3,
  WEFT_GROUP_PROGRAM = 4
} weft_status_group;

#define WEFT_MESSAGE_BYTES 500

/* `message` is empty where the code is WEFT_OK; else one line in lower case,
 * ended by a zero byte and cut where it is too long. */
typedef struct weft_status {
  weft_status_code code;
  char message[WEFT_MESSAGE_BYTES];
} weft_status;

static inline bool weft_status_is_ok(const weft_status *status) {
  return status->code == WEFT_OK;
}

static inline weft_status_group
weft_status_get_group(const weft_status *status) {
  return (weft_status_group)((int)status->code / 16);
}

/* Returns the name of a code, such as "out of memory"; never null. */
WEFT_API const char *weft_status_code_name(weft_status_code code);

#ifdef __cplusplus
} // extern "C"
#endif

#endif /* WEFT_STATUS_H */
