//===- Bench.cpp - weft bench: how long a function takes ------------------===//

#include "compiler/tools/weft/measure/Workload.h"
#include "compiler/tools/weft/verbs/Verbs.h"
#include <cstdio>
#include <sys/resource.h>

using namespace weft::cli;

static int64_t peakRssMib() {
  rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss / 1024;
}

static void bench(const WorkloadOptions &options, const CommonOptions &common) {
  Program program(options.file);
  Session session(program, common);
  Workload workload(options, program, session);
  const std::string &function = workload.getFunction().name;
  std::vector<double> times = workload.measure();
  double median = getMedian(times);
  Json result = {{"function", function},       {"tokens", options.tokens},
                 {"context", options.context}, {"threads", session.threads()},
                 {"median_ms", median},        {"min_ms", times.front()},
                 {"runs", times.size()},       {"peak_rss_mib", peakRssMib()}};
  if (common.json)
    return printJson(result);
  std::printf("%s, %lld tokens after %lld, %d threads: median %.3f ms, least "
              "%.3f ms of %zu runs; peak memory %lld MiB\n",
              function.c_str(), (long long)options.tokens,
              (long long)options.context, session.threads(), median,
              times.front(), times.size(), (long long)peakRssMib());
}

void weft::cli::addBench(CLI::App &app, CommonOptions &common) {
  auto options = std::make_shared<WorkloadOptions>();
  CLI::App *verb = addVerb(
      app, "bench", "Time a function",
      "weft bench model.weft --function step --context 512 --json", common);
  addArtifact(verb, options->file);
  addWorkload(verb, *options);
  addThreads(verb, common);
  addJson(verb, common);
  verb->callback([options, &common] { bench(*options, common); });
}
