//===- Profile.cpp - Where the time of a function goes --------------------===//

#include "compiler/tools/weft/measure/Profile.h"
#include <algorithm>
#include <cstdio>

using namespace weft::cli;

void Profile::clear() {
  for (auto &[name, kernel] : kernels)
    kernel = {std::move(kernel.ops)};
}

void Profile::note(void *profile, const weft_launch_event *event) {
  Kernel &kernel = static_cast<Profile *>(profile)->kernels[event->kernel];
  ++kernel.launches;
  kernel.bytes += event->bytes;
  kernel.flops += event->flops;
  kernel.seconds += 1e-9 * double(event->end_ns - event->begin_ns);
  std::string op = event->name;
  if (!op.empty() && kernel.ops.size() < 3 &&
      std::find(kernel.ops.begin(), kernel.ops.end(), op) == kernel.ops.end())
    kernel.ops.push_back(op);
}

/// `value` with so many digits after the point.
static double shorten(double value, double unit = 1000) {
  return std::round(value * unit) / unit;
}

Json Profile::report(int64_t runs, double runMilliseconds,
                     const weft_limits &limits) const {
  const double fma = std::max(limits.fma256_gflops, limits.fma512_gflops);
  std::vector<const std::pair<const std::string, Kernel> *> sorted;
  double total = 0;
  for (const auto &entry : kernels)
    if (entry.second.launches) {
      sorted.push_back(&entry);
      total += entry.second.seconds;
    }
  std::sort(sorted.begin(), sorted.end(), [](auto *a, auto *b) {
    return a->second.seconds > b->second.seconds;
  });
  Json rows = Json::array();
  for (const auto *entry : sorted) {
    const Kernel &kernel = entry->second;
    double gflops = 1e-9 * double(kernel.flops) / kernel.seconds;
    double gbs = 1e-9 * double(kernel.bytes) / kernel.seconds;
    rows.push_back({{"kernel", entry->first},
                    {"ops", kernel.ops},
                    {"launches", kernel.launches / runs},
                    {"ms", shorten(1e3 * kernel.seconds / double(runs), 1e4)},
                    {"share", shorten(kernel.seconds / total)},
                    {"gflops", shorten(gflops, 10)},
                    {"of_fma", shorten(gflops / fma)},
                    {"gbs", shorten(gbs, 10)},
                    {"of_memory", shorten(gbs / limits.read_memory_gbs)}});
  }
  return {{"run_ms", shorten(runMilliseconds)},
          {"launch_ms", shorten(1e3 * total / double(runs))},
          {"kernels", rows}};
}

void weft::cli::printProfile(const Json &report) {
  std::printf("%-26s %8s %9s %6s %9s %6s %8s %7s  %s\n", "kernel", "launches",
              "ms", "share", "GFLOP/s", "of FMA", "GB/s", "of mem.", "ops");
  for (const Json &row : report["kernels"]) {
    std::string ops;
    for (const Json &op : row["ops"])
      ops += (ops.empty() ? "" : ", ") + op.get<std::string>();
    std::printf("%-26s %8lld %9.3f %5.1f%% %9.1f %5.0f%% %8.1f %6.0f%%  %s\n",
                row["kernel"].get<std::string>().c_str(),
                row["launches"].get<long long>(), row["ms"].get<double>(),
                100 * row["share"].get<double>(), row["gflops"].get<double>(),
                100 * row["of_fma"].get<double>(), row["gbs"].get<double>(),
                100 * row["of_memory"].get<double>(), ops.c_str());
  }
  std::printf("launches: %.3f ms of %.3f ms a run\n",
              report["launch_ms"].get<double>(),
              report["run_ms"].get<double>());
}

Json weft::cli::reportLimits(const weft_limits &limits) {
  Json report;
  for (auto [name, value] :
       {std::pair<const char *, double>{"fma256_gflops", limits.fma256_gflops},
        {"fma512_gflops", limits.fma512_gflops},
        {"vnni_gops", limits.vnni_gops},
        {"amx_bf16_gflops", limits.amx_bf16_gflops},
        {"amx_int8_gops", limits.amx_int8_gops},
        {"read_l2_gbs", limits.read_l2_gbs},
        {"read_l3_gbs", limits.read_l3_gbs},
        {"read_memory_gbs", limits.read_memory_gbs}})
    if (value > 0)
      report[name] = shorten(value, 10);
  return report;
}
