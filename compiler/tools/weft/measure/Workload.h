//===- Workload.h - A function on sample inputs, to be timed ----*- C++ -*-===//

#ifndef WEFT_TOOLS_WEFT_MEASURE_WORKLOAD_H
#define WEFT_TOOLS_WEFT_MEASURE_WORKLOAD_H

#include "compiler/tools/weft/common/Runtime.h"

namespace weft::cli {

/// What to run, as the options of a verb say.
struct WorkloadOptions {
  std::string file, function;
  int64_t tokens = 1, context = 0;
  int repeat = 0; // 0: for about two seconds
};

/// Adds --function, --tokens, --context and --repeat.
void addWorkload(CLI::App *verb, WorkloadOptions &options);

/// Runs a function on sample inputs again and again, each time from the same
/// state, which holds `context` tokens.
class Workload {
public:
  Workload(const WorkloadOptions &options, const Program &program,
           Session &session);

  const Function &getFunction() const { return function; }

  /// Runs once without timing, then as often as the options say. Returns the
  /// milliseconds of each timed run, least first. `before` is called between
  /// the two.
  std::vector<double> measure(const std::function<void()> &before = {});

private:
  double runOnce();
  void takeIn(const Program &program);

  const WorkloadOptions &options;
  Session &session;
  Function function;
  std::vector<Array> arrays, results;
  std::vector<const Array *> inputs;
  std::optional<Session> start; // with the context taken in
  int64_t calls = 1;            // that take the tokens together
};

/// The middle of sorted numbers.
double getMedian(const std::vector<double> &sorted);

} // namespace weft::cli

#endif // WEFT_TOOLS_WEFT_MEASURE_WORKLOAD_H
