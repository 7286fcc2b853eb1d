//===- Session.cpp - The C API of running ---------------------------------===//

#include "weft/session.h"
#include "runtime/devices/cpu/FloatMode.h"
#include "runtime/devices/cpu/Topology.h"
#include "runtime/session/Executor.h"

#include <cinttypes>
#include <cstdlib>
#include <cstring>

using namespace weft;

struct weft_session {
  weft_program *program = nullptr; // owned
  ThreadPool *pool = nullptr;      // owned
  TraceBuffer *trace = nullptr;    // owned; null: no trace
  weft_session_options options;
  States states;
  Executor executor;

  ~weft_session() {
    if (pool)
      pool->release();
    destroy(trace);
    weft_program_release(program);
  }

  /// Takes a share of `sharedPool`, or starts one where it is null.
  Status create(weft_program *program, const weft_session_options &options,
                ThreadPool *sharedPool);
  Status checkCall(size_t function, const weft_tensor *inputs,
                   size_t inputCount, const weft_tensor *outputs,
                   size_t outputCount) const;
  Status run(const FunctionPlan &plan, const weft_tensor *inputs,
             const weft_tensor *outputs);
};

static constexpr int64_t kDefaultMaxInstructions = int64_t(1) << 32;

void weft_session_options_init(weft_session_options *out_options) {
  if (!out_options)
    return;
  memset(out_options, 0, sizeof(*out_options));
  out_options->struct_bytes = sizeof(*out_options);
}

/// The caller's number, the environment's, or the number of cores.
static Status chooseThreads(int32_t wanted, int32_t &threads) {
  threads = wanted;
  const char *text = getenv("WEFT_NUM_THREADS");
  if (threads == 0 && text && text[0]) {
    char *end;
    long number = strtol(text, &end, 10);
    if (*end || number < 1 || number > INT32_MAX)
      return makeError(WEFT_INVALID_ARGUMENT,
                       "WEFT_NUM_THREADS: expected a number of threads but got "
                       "'%s'",
                       text);
    threads = int32_t(number);
  }
  if (threads == 0)
    threads = countCores();
  return ok();
}

/// Takes the fields that a caller of an older header knows.
static Status readOptions(const weft_session_options *given,
                          weft_session_options &options) {
  weft_session_options_init(&options);
  if (!given)
    return ok();
  if (given->struct_bytes < offsetof(weft_session_options, parallel_for))
    return makeError(WEFT_INVALID_ARGUMENT,
                     "options: use weft_session_options_init");
  size_t bytes = given->struct_bytes < sizeof(options) ? given->struct_bytes
                                                       : sizeof(options);
  memcpy(&options, given, bytes);
  options.struct_bytes = sizeof(options);
  if (options.threads < 0 || options.max_tokens < 0 ||
      options.max_instructions < 0)
    return makeError(WEFT_INVALID_ARGUMENT,
                     "options: numbers must not be negative");
  return ok();
}

Status weft_session::create(weft_program *owner,
                            const weft_session_options &chosen,
                            ThreadPool *sharedPool) {
  if (!owner->kernels.data())
    return makeError(WEFT_WRONG_STATE,
                     "the program was loaded without its code");
  weft_program_retain(owner);
  program = owner;
  options = chosen;
  if (options.max_instructions == 0)
    options.max_instructions = kDefaultMaxInstructions;
  WEFT_TRY(chooseThreads(options.threads, options.threads));
  if (sharedPool) {
    sharedPool->retain();
    pool = sharedPool;
  } else {
    WEFT_TRY(ThreadPool::start(options.threads, options.parallel_for,
                               options.parallel_for_user, pool));
  }
  if (program->trace.isOpen()) {
    trace = ::create<TraceBuffer>(program->trace);
    if (!trace)
      return makeError(WEFT_OUT_OF_MEMORY, "no memory for a trace");
  }
  WEFT_TRY(states.create(*program, options.max_tokens));
  return executor.create(*program, options.threads);
}

/// Makes a session and hands it out, or drops it.
static Status makeSession(weft_program *program,
                          const weft_session_options &options, ThreadPool *pool,
                          weft_session **out) {
  weft_session *session = create<weft_session>();
  if (!session)
    return makeError(WEFT_OUT_OF_MEMORY, "no memory for a session");
  Status status = session->create(program, options, pool);
  if (failed(status))
    destroy(session);
  else
    *out = session;
  return status;
}

weft_status weft_session_create(weft_program *program,
                                const weft_session_options *options,
                                weft_session **out_session) {
  if (!out_session)
    return makeError(WEFT_INVALID_ARGUMENT, "out_session must not be null");
  *out_session = nullptr;
  if (!program)
    return makeError(WEFT_INVALID_ARGUMENT, "program must not be null");
  weft_session_options chosen;
  WEFT_TRY(readOptions(options, chosen));
  return makeSession(program, chosen, nullptr, out_session);
}

void weft_session_release(weft_session *session) { destroy(session); }

weft_program *weft_session_get_program(const weft_session *session) {
  return session ? session->program : nullptr;
}

int32_t weft_session_get_threads(const weft_session *session) {
  return session ? session->pool->getThreads() : 0;
}

static Status checkSession(const weft_session *session) {
  return session ? ok()
                 : makeError(WEFT_INVALID_ARGUMENT, "session must not be null");
}

Status weft_session::checkCall(size_t function, const weft_tensor *inputs,
                               size_t inputCount, const weft_tensor *outputs,
                               size_t outputCount) const {
  if (function >= program->functions.size())
    return makeError(WEFT_INVALID_ARGUMENT, "function %zu is not one of %zu",
                     function, program->functions.size());
  const FunctionPlan &plan = program->functions[function];
  if (inputCount != plan.inputCount || outputCount != plan.outputCount)
    return makeError(WEFT_INVALID_ARGUMENT,
                     "function '%s': expected %u inputs and %u outputs but got "
                     "%zu and %zu",
                     plan.name, plan.inputCount, plan.outputCount, inputCount,
                     outputCount);
  if ((inputCount && !inputs) || (outputCount && !outputs))
    return makeError(WEFT_INVALID_ARGUMENT,
                     "function '%s': inputs and outputs must not be null",
                     plan.name);
  return ok();
}

weft_status weft_session_infer_outputs(weft_session *session, size_t function,
                                       const weft_tensor *inputs,
                                       size_t input_count,
                                       weft_tensor *out_outputs,
                                       size_t output_count) {
  WEFT_TRY(checkSession(session));
  WEFT_TRY(session->checkCall(function, inputs, input_count, out_outputs,
                              output_count));
  const FunctionPlan &plan = session->program->functions[function];
  WEFT_TRY(session->executor.bindInputs(plan, inputs));
  for (uint32_t i = 0; i < plan.outputCount; ++i)
    WEFT_TRY(session->executor.inferOutput(plan, i, out_outputs[i]));
  return ok();
}

Status weft_session::run(const FunctionPlan &plan, const weft_tensor *inputs,
                         const weft_tensor *outputs) {
  int64_t tokens = 0;
  WEFT_TRY(executor.bindInputs(plan, inputs));
  WEFT_TRY(executor.bindData(plan, inputs, outputs));
  WEFT_TRY(executor.getTokens(plan, tokens));
  if (plan.hasState()) {
    WEFT_TRY(states.checkUsable());
    WEFT_TRY(states.makeRoom(tokens));
  }
  Executor::Surroundings around = {*pool,
                                   states,
                                   options.max_instructions,
                                   options.launch_hook,
                                   options.launch_hook_user,
                                   trace};
  pool->lock();
  Status status;
  {
    FloatMode mode;
    status = executor.run(plan, around);
  }
  pool->unlock();
  if (plan.hasState()) {
    if (failed(status))
      states.markFailed();
    else
      states.advance(tokens);
  }
  return status;
}

weft_status weft_session_run(weft_session *session, size_t function,
                             const weft_tensor *inputs, size_t input_count,
                             const weft_tensor *outputs, size_t output_count) {
  WEFT_TRY(checkSession(session));
  WEFT_TRY(
      session->checkCall(function, inputs, input_count, outputs, output_count));
  return session->run(session->program->functions[function], inputs, outputs);
}

weft_status weft_session_reset(weft_session *session) {
  WEFT_TRY(checkSession(session));
  session->states.reset();
  return ok();
}

int64_t weft_session_get_position(const weft_session *session) {
  return session ? session->states.getPosition() : 0;
}

int64_t weft_session_get_capacity(const weft_session *session) {
  return session ? session->states.getCapacity() : 0;
}

int64_t weft_session_get_call_limit(const weft_session *session) {
  return session ? session->states.getCallLimit() : 0;
}

weft_status weft_session_rollback(weft_session *session, int64_t position) {
  WEFT_TRY(checkSession(session));
  return session->states.rollback(position);
}

weft_status weft_session_get_state_size(const weft_session *session,
                                        size_t *out_bytes) {
  WEFT_TRY(checkSession(session));
  if (!out_bytes)
    return makeError(WEFT_INVALID_ARGUMENT, "out_bytes must not be null");
  *out_bytes = session->states.getSavedBytes();
  return ok();
}

weft_status weft_session_save_state(const weft_session *session, void *buffer,
                                    size_t bytes) {
  WEFT_TRY(checkSession(session));
  if (!buffer)
    return makeError(WEFT_INVALID_ARGUMENT, "buffer must not be null");
  return session->states.save(buffer, bytes);
}

weft_status weft_session_load_state(weft_session *session, const void *buffer,
                                    size_t bytes) {
  WEFT_TRY(checkSession(session));
  if (!buffer)
    return makeError(WEFT_INVALID_ARGUMENT, "buffer must not be null");
  return session->states.load(buffer, bytes);
}

weft_status weft_session_assign(weft_session *session,
                                const weft_session *source) {
  WEFT_TRY(checkSession(session));
  WEFT_TRY(checkSession(source));
  return session->states.assign(source->states);
}

weft_status weft_session_fork(weft_session *session,
                              weft_session **out_session) {
  if (!out_session)
    return makeError(WEFT_INVALID_ARGUMENT, "out_session must not be null");
  *out_session = nullptr;
  WEFT_TRY(checkSession(session));
  weft_session *copy = nullptr;
  WEFT_TRY(
      makeSession(session->program, session->options, session->pool, &copy));
  Status status = copy->states.assign(session->states);
  if (failed(status))
    destroy(copy);
  else
    *out_session = copy;
  return status;
}
