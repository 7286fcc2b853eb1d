//===- linked.c - A model inside an application -------------------*- C -*-===//
//
// Runs prefill of a model that is linked in on token ids 3, 4, 5… and prints
// the best next token.
//
//===----------------------------------------------------------------------===//

#include "model.h"

#include <stdio.h>
#include <stdlib.h>

static void check(weft_status status) {
  if (weft_status_is_ok(&status))
    return;
  fprintf(stderr, "%s\n", status.message);
  exit(1);
}

int main(void) {
  weft_program *program;
  weft_session *session;
  size_t prefill;
  check(model_create(&program));
  check(weft_session_create(program, NULL, &session));
  check(weft_program_find_function(program, "prefill", &prefill));

  int64_t ids[5] = {3, 4, 5, 6, 7};
  weft_tensor input = {ids, WEFT_I64, 2, {1, 5}}, output;
  check(weft_session_infer_outputs(session, prefill, &input, 1, &output, 1));
  size_t bytes;
  check(weft_tensor_bytes(&output, &bytes));
  float *logits = malloc(bytes);
  output.data = logits;
  check(weft_session_run(session, prefill, &input, 1, &output, 1));

  int64_t best = 0;
  for (int64_t i = 1; i < output.dims[1]; ++i)
    if (logits[i] > logits[best])
      best = i;
  printf("best %lld of %lld: %.5f\n", (long long)best,
         (long long)output.dims[1], logits[best]);
  free(logits);
  weft_session_release(session);
  weft_program_release(program);
  return 0;
}
