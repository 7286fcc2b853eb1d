//===- scale.c - Load, create a session, run, print ---------------*- C -*-===//
//
// Runs the function "scale" (x [b, l] f32 -> y [b, l] f32) of the file given.
//
//===----------------------------------------------------------------------===//

#include "weft/weft.h"

#include <stdio.h>

static int fail(weft_status status) {
  fprintf(stderr, "error: %s\n", status.message);
  return 1;
}

int main(int argc, char **argv) {
  weft_program *program = NULL;
  weft_session *session = NULL;
  size_t function = 0;
  float x[2 * 3] = {1, 2, 3, 4, 5, 6}, y[2 * 3];
  weft_tensor input = {x, WEFT_F32, 2, {2, 3}};
  weft_tensor output = {y, WEFT_F32, 2, {2, 3}};

  weft_status status =
      weft_program_load_file(argc > 1 ? argv[1] : "model.weft", NULL, &program);
  if (weft_status_is_ok(&status))
    status = weft_program_find_function(program, "scale", &function);
  if (weft_status_is_ok(&status))
    status = weft_session_create(program, NULL, &session);
  if (weft_status_is_ok(&status))
    status = weft_session_run(session, function, &input, 1, &output, 1);
  if (weft_status_is_ok(&status))
    for (int i = 0; i < 6; ++i)
      printf("%g%c", (double)y[i], i % 3 == 2 ? '\n' : ' ');

  weft_session_release(session);
  weft_program_release(program);
  return weft_status_is_ok(&status) ? 0 : fail(status);
}
