//===- Profile.h - Where the time of a function goes ------------*- C++ -*-===//

#ifndef WEFT_TOOLS_WEFT_MEASURE_PROFILE_H
#define WEFT_TOOLS_WEFT_MEASURE_PROFILE_H

#include "compiler/tools/weft/common/Runtime.h"
#include "compiler/tools/weft/measure/Limits.h"
#include <map>

namespace weft::cli {

/// Sums up the launches of a session by kernel.
class Profile {
public:
  /// A hook for the session to be profiled; the profile must outlive it.
  LaunchHook getHook() { return {note, this}; }

  /// Forgets what was noted.
  void clear();

  /// The launches of one of `runs` runs: for each kernel the model's ops that
  /// it computes, how often it is launched, its time and its shares of the
  /// limits.
  Json report(int64_t runs, double runMilliseconds,
              const weft_limits &limits) const;

private:
  struct Kernel {
    std::vector<std::string> ops; // the first few
    int64_t launches = 0, bytes = 0, flops = 0;
    double seconds = 0;
  };
  static void note(void *profile, const weft_launch_event *event);

  std::map<std::string, Kernel> kernels;
};

/// Prints a report of Profile as a table.
void printProfile(const Json &report);

/// The limits as JSON; units that the machine lacks are left out.
Json reportLimits(const weft_limits &limits);

} // namespace weft::cli

#endif // WEFT_TOOLS_WEFT_MEASURE_PROFILE_H
