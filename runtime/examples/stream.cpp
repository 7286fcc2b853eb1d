//===- stream.cpp - A state that is kept, copied and taken back -----------===//
//
// Feeds rows to the function "step" (x [n, 4] f32 -> y [n, 4] f32) of the file
// given: two at once, then a third on a fork, then again on the original.
//
//===----------------------------------------------------------------------===//

#include "weft/weft.hpp"

#include <cstdio>

static int fail(const weft_status &status) {
  fprintf(stderr, "error: %s\n", status.message);
  return 1;
}

int main(int argc, char **argv) {
  auto program = weft::Program::load(argc > 1 ? argv[1] : "model.weft");
  if (!program)
    return fail(program.status());
  auto step = program->findFunction("step");
  auto session = weft::Session::create(*program);
  if (!step || !session)
    return fail(!step ? step.status() : session.status());

  const float rows[3][4] = {{1, 2, 3, 4}, {5, 6, 7, 8}, {9, 10, 11, 12}};
  auto first = session->run(*step, {weft::view(rows[0], {2, 4})});
  auto fork = session->fork();
  if (!first || !fork)
    return fail(!first ? first.status() : fork.status());

  for (weft::Session *each : {&*fork, &*session}) {
    auto outputs = each->run(*step, {weft::view(rows[2], {1, 4})});
    if (!outputs)
      return fail(outputs.status());
    const float *y = (*outputs)[0].data<float>();
    printf("position %d: %g %g %g %g\n", int(each->position()), y[0], y[1],
           y[2], y[3]);
  }
  return 0;
}
