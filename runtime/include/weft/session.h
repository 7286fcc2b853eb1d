/*===- session.h - Running a program ---------------------------------*- C
-*-===*\
|*
|* A session holds the states, scratch memory and threads of one stream of
tokens
|* (or one batch of streams that the program runs together). Sessions share
|* nothing that changes. One thread at a time may use a session; different
|* sessions may run at once. Results do not depend on the number of threads.
|*
|* All memory is reserved when the session is created; pages that a run does not
|* touch cost nothing. Nothing is allocated while running.
|*
\*===----------------------------------------------------------------------===*/

#ifndef WEFT_SESSION_H
#define WEFT_SESSION_H

#include "weft/program.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct weft_session weft_session;

/* Runs the tasks [begin, end) of a launch on thread `thread`, a number below
 * the session's `threads` that no other thread uses at the same time. */
typedef void (*weft_task_fn)(void *context, int64_t begin, int64_t end,
                             int32_t thread);

/* The caller's thread pool: must call `run` such that [0, tasks) is covered
 * once, and return when all calls have. The cut may be any: the result is the
 * same. */
typedef void (*weft_parallel_for_fn)(void *user, int64_t tasks,
                                     weft_task_fn run, void *context);

/* One kernel call, after it ran. */
typedef struct weft_launch_event {
  const char *function;
  const char *name;   /* the op that it came from; may be "" */
  const char *kernel; /* symbol */
  int64_t tasks;
  int64_t bytes;     /* sum of the operands' extents: a bound on the traffic */
  uint64_t begin_ns; /* CLOCK_MONOTONIC */
  uint64_t end_ns;
  int64_t flops; /* floating-point operations; 0: not counted */
} weft_launch_event;

/* Called on the running thread after each launch; must not use the session. */
typedef void (*weft_launch_hook_fn)(void *user, const weft_launch_event *event);

/* Initialise with weft_session_options_init, then change fields. */
typedef struct weft_session_options {
  size_t struct_bytes; /* set by the initialiser; lets the struct grow */
  /* Threads, the caller's included. 0: the environment's WEFT_NUM_THREADS, and
   * without it the physical cores that this process may use. */
  int32_t threads;
  /* Positions that the session may reach, at most the states' capacity; 0: as
   * the capacity says. */
  int64_t max_tokens;
  /* Instructions that one call may execute before it is given up as endless;
   * 0: 2^32. Kernels are not counted. */
  int64_t max_instructions;
  /* Replaces the session's own threads; `threads` then states how many run. */
  weft_parallel_for_fn parallel_for;
  void *parallel_for_user;
  /* For profiles. WEFT_TRACE=FILE in the environment writes a Chrome trace
   * beside it. */
  weft_launch_hook_fn launch_hook;
  void *launch_hook_user;
} weft_session_options;

WEFT_API void weft_session_options_init(weft_session_options *out_options);

/* Creates a session at position 0. `options` may be null. The caller releases
 * `out_session`, which is null after a failure. */
WEFT_API weft_status weft_session_create(weft_program *program,
                                         const weft_session_options *options,
                                         weft_session **out_session);

/* Ends the session's threads and frees its memory. Null is fine. */
WEFT_API void weft_session_release(weft_session *session);

/* The session's program; it lives as long as the session. */
WEFT_API weft_program *weft_session_get_program(const weft_session *session);

/* The number of threads, the caller's included. */
WEFT_API int32_t weft_session_get_threads(const weft_session *session);

/* Fills in type, rank and dims of the outputs that the inputs lead to, so that
 * the caller can give memory; `data` is left alone, that of inputs may be null.
 */
WEFT_API weft_status weft_session_infer_outputs(
    weft_session *session, size_t function, const weft_tensor *inputs,
    size_t input_count, weft_tensor *out_outputs, size_t output_count);

/* Runs a function on the caller's tensors, in the order of its ports. Checks
 * type, rank and dimensions of all; a symbol must have one value, from 0 to its
 * largest. `outputs` state what the caller provides and are written to; they
 * must not overlap each other or the inputs.
 *
 * A function with states moves the position on. A call that fails leaves the
 * position as it was; if it failed with WEFT_EXECUTION_FAILED and the program
 * has Fixed states, they are lost, and the session must be reset or loaded. */
WEFT_API weft_status weft_session_run(weft_session *session, size_t function,
                                      const weft_tensor *inputs,
                                      size_t input_count,
                                      const weft_tensor *outputs,
                                      size_t output_count);

/* Back to position 0 with states as at creation. */
WEFT_API weft_status weft_session_reset(weft_session *session);

/* Tokens that the states hold. */
WEFT_API int64_t weft_session_get_position(const weft_session *session);

/* The largest position that the session can reach; INT64_MAX if no state grows.
 */
WEFT_API int64_t weft_session_get_capacity(const weft_session *session);

/* The most tokens that one call can add: a longer text must be cut into pieces.
 * Bounded by states that keep the last tokens only; the functions' symbols have
 * largest values of their own. */
WEFT_API int64_t weft_session_get_call_limit(const weft_session *session);

/* Takes back all tokens from `position` on, as for rejected drafts. Append
 * states go back to any position, Last states as far as rows are still there
 * (that is at least back to the begin of the last call), Fixed states only to 0
 * or to where they are: keep a fork or a saved state for others.
 * WEFT_OUT_OF_RANGE else, with nothing changed. */
WEFT_API weft_status weft_session_rollback(weft_session *session,
                                           int64_t position);

/* Bytes that weft_session_save_state writes now. */
WEFT_API weft_status weft_session_get_state_size(const weft_session *session,
                                                 size_t *out_bytes);

/* Writes position and states to `buffer` of exactly that size. The bytes can be
 * loaded in another process with the same program, at any level and number of
 * threads. */
WEFT_API weft_status weft_session_save_state(const weft_session *session,
                                             void *buffer, size_t bytes);

/* Replaces position and states by saved ones. Checks everything first: after a
 * failure the session is as before. */
WEFT_API weft_status weft_session_load_state(weft_session *session,
                                             const void *buffer, size_t bytes);

/* Creates a session with a copy of the states; the caller releases it. It
 * shares the threads of `session`: runs of such sessions take turns. */
WEFT_API weft_status weft_session_fork(weft_session *session,
                                       weft_session **out_session);

/* Makes position and states of `session` those of `source`, a session of the
 * same program that no other thread uses now. Allocates nothing. */
WEFT_API weft_status weft_session_assign(weft_session *session,
                                         const weft_session *source);

#ifdef __cplusplus
} // extern "C"
#endif

#endif /* WEFT_SESSION_H */
