//===- Bench.cpp - weft bench: how long a function takes ------------------===//

#include "compiler/tools/weft/common/SampleInputs.h"
#include "compiler/tools/weft/verbs/Verbs.h"
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <sys/resource.h>

using namespace weft::cli;

namespace {
struct BenchOptions {
  std::string file, function;
  int64_t tokens = 1, context = 0;
  int repeat = 0; // 0: for about two seconds
};

/// Runs a function on sample inputs again and again.
class Runner {
public:
  Runner(Session &session, const Function &function, int64_t tokens);
  void run() {
    for (int64_t i = 0; i != calls; ++i)
      session.run(function, inputs, results);
  }

private:
  Session &session;
  Function function;
  std::vector<Array> arrays, results;
  std::vector<const Array *> inputs;
  int64_t calls = 1; // that take the tokens together
};
} // namespace

Runner::Runner(Session &session, const Function &function, int64_t tokens)
    : session(session), function(function) {
  if (!findTokensSymbol(function)) { // one token a call
    calls = tokens;
    tokens = 1;
  }
  arrays = makeSampleInputs(function, tokens);
  for (const Array &array : arrays)
    inputs.push_back(&array);
  // Only the shapes of the results matter here.
  results = session.run(function, inputs);
}

static Function chooseFunction(const Program &program,
                               const std::string &name) {
  if (!name.empty())
    return program.function(name);
  for (const char *usual : {"step", "forward"})
    if (program.hasFunction(usual))
      return program.function(usual);
  return program.function(size_t(0));
}

/// Takes in `context` tokens with the function that takes most at once.
static void takeIn(const Program &program, Session &session, int64_t context) {
  session.reset();
  Function prefill =
      program.function(program.hasFunction("prefill") ? "prefill" : "step");
  auto symbol = findTokensSymbol(prefill);
  int64_t most = symbol ? prefill.symbols[*symbol].max : 1;
  while (context > 0) {
    int64_t tokens = std::min(context, most);
    std::vector<Array> arrays = makeSampleInputs(prefill, tokens);
    std::vector<const Array *> inputs;
    for (const Array &array : arrays)
      inputs.push_back(&array);
    session.run(prefill, inputs);
    context -= tokens;
  }
}

static double milliseconds(const std::function<void()> &function) {
  using namespace std::chrono;
  auto begin = steady_clock::now();
  function();
  return duration<double, std::milli>(steady_clock::now() - begin).count();
}

/// Times of runs, each from the same state.
static std::vector<double> measure(const BenchOptions &options,
                                   const Program &program, Session &session,
                                   const Function &function) {
  Runner runner(session, function, options.tokens); // also the warm-up
  std::optional<Session> before;
  if (function.hasState) {
    takeIn(program, session, options.context);
    before = session.fork();
  }
  auto once = [&] {
    // Taking the tokens back is cheaper than copying, where the states allow
    // it.
    if (before &&
        weft_session_rollback(session.get(), options.context).code != WEFT_OK)
      session.assign(*before);
    return milliseconds([&] { runner.run(); });
  };
  std::vector<double> times;
  once(); // caches and page tables are warm now
  double total = 0;
  while (options.repeat
             ? times.size() < size_t(options.repeat)
             : times.size() < 3 || (total < 2000 && times.size() < 10000)) {
    times.push_back(once());
    total += times.back();
  }
  std::sort(times.begin(), times.end());
  return times;
}

static int64_t peakRssMib() {
  rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss / 1024;
}

static void bench(const BenchOptions &options, const CommonOptions &common) {
  Program program(options.file);
  Function function = chooseFunction(program, options.function);
  if (options.context && !function.hasState)
    throw Failure("function " + function.name +
                  ": expected no --context, since it has no state");
  Session session(program, common);
  std::vector<double> times = measure(options, program, session, function);
  double median = (times[(times.size() - 1) / 2] + times[times.size() / 2]) / 2;
  Json result = {{"function", function.name},  {"tokens", options.tokens},
                 {"context", options.context}, {"threads", session.threads()},
                 {"median_ms", median},        {"min_ms", times.front()},
                 {"runs", times.size()},       {"peak_rss_mib", peakRssMib()}};
  if (common.json)
    return printJson(result);
  std::printf("%s, %lld tokens after %lld, %d threads: median %.3f ms, least "
              "%.3f ms of %zu runs; peak memory %lld MiB\n",
              function.name.c_str(), (long long)options.tokens,
              (long long)options.context, session.threads(), median,
              times.front(), times.size(), (long long)peakRssMib());
}

void weft::cli::addBench(CLI::App &app, CommonOptions &common) {
  auto options = std::make_shared<BenchOptions>();
  CLI::App *verb = addVerb(
      app, "bench", "Time a function",
      "weft bench model.weft --function step --context 512 --json", common);
  addArtifact(verb, options->file);
  verb->add_option("--function", options->function,
                   "Function to time (default: step, or forward)")
      ->type_name("NAME");
  verb->add_option("--tokens", options->tokens, "Tokens of a run")
      ->check(CLI::PositiveNumber)
      ->capture_default_str()
      ->type_name("N");
  verb->add_option("--context", options->context,
                   "Tokens that the states hold before")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str()
      ->type_name("N");
  verb->add_option("--repeat", options->repeat,
                   "Runs to time (default: for two seconds)")
      ->check(CLI::PositiveNumber)
      ->type_name("N");
  addThreads(verb, common);
  addJson(verb, common);
  verb->callback([options, &common] { bench(*options, common); });
}
