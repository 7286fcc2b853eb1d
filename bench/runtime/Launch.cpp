//===- Launch.cpp - What a launch costs beside its work -------------------===//
//
// A token of a small model takes some 250 launches: a function of as many, of a
// kernel that does nothing, on one and more threads. Items are launches.
//
//===----------------------------------------------------------------------===//

#include "test/unit/runtime/ArtifactBuilder.h"
#include "weft/weft.hpp"

#include <benchmark/benchmark.h>

using namespace weft;
using namespace weft::test;

static constexpr int kLaunches = 250;

/// Four operands and four scalars a launch, some of them new in every call.
static Artifact makeLaunches(int64_t tasks) {
  FunctionBuilder f("launches");
  Slot n = f.symbol("n", 10);
  f.input("x", fb::DataType::f32, {~int64_t(n)});
  f.get().tokens = f.constant(0);
  Slot zero = f.constant(0), bytes = f.scale(n, 4), count = f.constant(tasks);
  for (int i = 0; i < kLaunches; ++i) {
    Slot length = f.stateLength(Rows);
    Slot extent = f.add(f.scale(length, 16), bytes);
    f.launch(Nothing, count,
             {in(0, zero, bytes), in(0, zero, bytes), parameter(0, zero, bytes),
              state(Rows, zero, extent)},
             {n, length, bytes, zero});
  }
  Artifact artifact = makeArtifact();
  artifact.tables.functions.clear();
  artifact.tables.functions.push_back(f.take());
  return artifact;
}

static void BM_Launch(benchmark::State &state) {
  AlignedBytes bytes(makeLaunches(state.range(1)).write());
  auto program = Program::load(bytes.data(), bytes.size());
  if (!program)
    return state.SkipWithError(program.status().message);
  weft_session_options options;
  weft_session_options_init(&options);
  options.threads = int32_t(state.range(0));
  auto session = Session::create(*program, &options);
  if (!session)
    return state.SkipWithError(session.status().message);
  const float x[1] = {1};
  const weft_tensor input = view(x, {1});
  for (auto _ : state) {
    weft_status status =
        weft_session_run(session->get(), 0, &input, 1, nullptr, 0);
    if (!isOk(status))
      return state.SkipWithError(status.message);
  }
  state.SetItemsProcessed(state.iterations() * kLaunches);
}
BENCHMARK(BM_Launch)
    ->ArgNames({"threads", "tasks"})
    ->Args({1, 1})
    ->Args({1, 16})
    ->Args({2, 1})
    ->Args({2, 16})
    ->UseRealTime();
