//===- Workload.cpp - A function on sample inputs, to be timed ------------===//

#include "compiler/tools/weft/measure/Workload.h"
#include "compiler/tools/weft/measure/SampleInputs.h"
#include <algorithm>
#include <chrono>

using namespace weft::cli;

void weft::cli::addWorkload(CLI::App *verb, WorkloadOptions &options) {
  verb->add_option("--function", options.function,
                   "Function to run (default: step, or forward)")
      ->type_name("NAME");
  verb->add_option("--tokens", options.tokens, "Tokens of a run")
      ->check(CLI::PositiveNumber)
      ->capture_default_str()
      ->type_name("N");
  verb->add_option("--context", options.context,
                   "Tokens that the states hold before")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str()
      ->type_name("N");
  verb->add_option("--repeat", options.repeat,
                   "Runs to time (default: for two seconds)")
      ->check(CLI::PositiveNumber)
      ->type_name("N");
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

static std::vector<const Array *> pointTo(const std::vector<Array> &arrays) {
  std::vector<const Array *> pointers;
  for (const Array &array : arrays)
    pointers.push_back(&array);
  return pointers;
}

Workload::Workload(const WorkloadOptions &options, const Program &program,
                   Session &session)
    : options(options), session(session),
      function(chooseFunction(program, options.function)) {
  if (options.context && !function.hasState)
    throw Failure("function " + function.name +
                  ": expected no --context, since it has no state");
  int64_t tokens = options.tokens;
  if (!findTokensSymbol(function)) { // one token a call
    calls = tokens;
    tokens = 1;
  }
  arrays = makeSampleInputs(function, tokens);
  inputs = pointTo(arrays);
  // Only the shapes of the results matter here.
  results = session.run(function, inputs);
  if (function.hasState) {
    takeIn(program);
    start = session.fork();
  }
}

/// Takes in the context with the function that takes most at once.
void Workload::takeIn(const Program &program) {
  session.reset();
  Function prefill =
      program.function(program.hasFunction("prefill") ? "prefill" : "step");
  auto symbol = findTokensSymbol(prefill);
  int64_t most = symbol ? prefill.symbols[*symbol].max : 1;
  for (int64_t left = options.context; left > 0;) {
    int64_t tokens = std::min(left, most);
    std::vector<Array> context = makeSampleInputs(prefill, tokens);
    session.run(prefill, pointTo(context));
    left -= tokens;
  }
}

double Workload::runOnce() {
  using namespace std::chrono;
  // Taking the tokens back is cheaper than copying, where the states allow it.
  if (start &&
      weft_session_rollback(session.get(), options.context).code != WEFT_OK)
    session.assign(*start);
  auto begin = steady_clock::now();
  for (int64_t i = 0; i != calls; ++i)
    session.run(function, inputs, results);
  return duration<double, std::milli>(steady_clock::now() - begin).count();
}

std::vector<double> Workload::measure(const std::function<void()> &before) {
  runOnce(); // caches and page tables are warm now
  if (before)
    before();
  std::vector<double> times;
  double total = 0;
  while (options.repeat
             ? times.size() < size_t(options.repeat)
             : times.size() < 3 || (total < 2000 && times.size() < 10000)) {
    times.push_back(runOnce());
    total += times.back();
  }
  std::sort(times.begin(), times.end());
  return times;
}

double weft::cli::getMedian(const std::vector<double> &sorted) {
  return (sorted[(sorted.size() - 1) / 2] + sorted[sorted.size() / 2]) / 2;
}
