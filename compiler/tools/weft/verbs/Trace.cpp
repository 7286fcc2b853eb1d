//===- Trace.cpp - weft trace: where the time of a function goes ----------===//

#include "compiler/tools/weft/measure/Profile.h"
#include "compiler/tools/weft/measure/Workload.h"
#include "compiler/tools/weft/verbs/Verbs.h"
#include <cstdio>
#include <cstdlib>

using namespace weft::cli;

namespace {
struct TraceOptions : WorkloadOptions {
  std::string out;
};
} // namespace

static void trace(const TraceOptions &options, const CommonOptions &common) {
  if (!options.out.empty())
    setenv("WEFT_TRACE", options.out.c_str(), /*overwrite=*/1);
  Program program(options.file);
  Profile profile;
  Session session(program, common, profile.getHook());
  Workload workload(options, program, session);
  std::vector<double> times = workload.measure([&] { profile.clear(); });
  weft_limits limits;
  weft_measure_limits(std::min(session.threads(), WEFT_LIMITS_MAX_THREADS),
                      &limits);
  Json result = {{"function", workload.getFunction().name},
                 {"tokens", options.tokens},
                 {"context", options.context},
                 {"threads", session.threads()},
                 {"limits", reportLimits(limits)}};
  result.update(
      profile.report(int64_t(times.size()), getMedian(times), limits));
  if (common.json)
    return printJson(result);
  std::printf("%s, %lld tokens after %lld, %d threads; at most %.0f GFLOP/s "
              "f32, %.1f GB/s from memory\n\n",
              workload.getFunction().name.c_str(), (long long)options.tokens,
              (long long)options.context, session.threads(),
              std::max(limits.fma256_gflops, limits.fma512_gflops),
              limits.read_memory_gbs);
  printProfile(result);
}

void weft::cli::addTrace(CLI::App &app, CommonOptions &common) {
  auto options = std::make_shared<TraceOptions>();
  CLI::App *verb =
      addVerb(app, "trace", "Show which kernels take the time of a function",
              "weft trace model.weft --function prefill --tokens 128", common);
  addArtifact(verb, options->file);
  addWorkload(verb, *options);
  verb->add_option("-o,--out", options->out,
                   "Also write each launch, as Chrome's trace viewer reads it")
      ->type_name("FILE");
  addThreads(verb, common);
  addJson(verb, common);
  verb->callback([options, &common] { trace(*options, common); });
}
