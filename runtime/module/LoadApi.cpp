//===- LoadApi.cpp - The C API of loading ---------------------------------===//

#include "runtime/module/Program.h"

using namespace weft;

static constexpr weft_load_options kDefaults = {WEFT_LOAD_DEFAULT, nullptr};

/// Makes an empty program, has `load` fill it, and hands it out or drops it.
template <typename Load>
static Status makeProgram(weft_program **out, Load load) {
  if (!out)
    return makeError(WEFT_INVALID_ARGUMENT, "out_program must not be null");
  *out = nullptr;
  weft_program *program = create<weft_program>();
  if (!program)
    return makeError(WEFT_OUT_OF_MEMORY, "no memory for a program");
  Status status = load(*program);
  if (failed(status))
    destroy(program);
  else
    *out = program;
  return status;
}

weft_status weft_program_load_file(const char *path,
                                   const weft_load_options *options,
                                   weft_program **out_program) {
  return makeProgram(out_program, [&](weft_program &program) -> Status {
    if (!path)
      return makeError(WEFT_INVALID_ARGUMENT, "path must not be null");
    WEFT_TRY(program.mapping.open(path));
    Status status =
        program.loadFile(program.mapping.data(), program.mapping.size(),
                         options ? *options : kDefaults);
    // Say which file: an application may load several.
    return failed(status)
               ? makeError(status.code, "%s: %s", path, status.message)
               : status;
  });
}

weft_status weft_program_load_memory(const void *data, size_t bytes,
                                     const weft_load_options *options,
                                     weft_program **out_program) {
  return makeProgram(out_program, [&](weft_program &program) -> Status {
    if (!data)
      return makeError(WEFT_INVALID_ARGUMENT, "data must not be null");
    return program.loadFile(static_cast<const uint8_t *>(data), bytes,
                            options ? *options : kDefaults);
  });
}

weft_status weft_program_create_linked(const weft_linked_program *linked,
                                       const weft_load_options *options,
                                       weft_program **out_program) {
  return makeProgram(out_program, [&](weft_program &program) -> Status {
    if (!linked)
      return makeError(WEFT_INVALID_ARGUMENT, "linked must not be null");
    return program.loadLinked(*linked, options ? *options : kDefaults);
  });
}

void weft_program_retain(weft_program *program) {
  if (program)
    program->owners.fetch_add(1, std::memory_order_relaxed);
}

void weft_program_release(weft_program *program) {
  if (program && program->owners.fetch_sub(1, std::memory_order_acq_rel) == 1)
    destroy(program);
}
