//===- weft-kernel-check.cpp - Checks and times compiled kernels ----------===//

#include "test/kernels/KernelRunner.h"
#include "test/kernels/MachinePeak.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/Regex.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;
using namespace weft;
using namespace weft::test;

namespace {
/// The command line. Read once: linking in this process resets LLVM's options.
struct Options {
  std::string filter;
  std::vector<std::string> levels;
  bool list, bench, text;
  double seconds;
  size_t poolBytes;
};
} // namespace

static Options parseOptions(int argc, char **argv) {
  static cl::opt<std::string> filter(cl::Positional, cl::init(".*"),
                                     cl::desc("<regex of case names>"));
  static cl::list<std::string> levels(
      "level", cl::CommaSeparated, cl::desc("Levels; all that can run here"));
  static cl::opt<bool> list("list", cl::desc("Print the names of the cases"));
  static cl::opt<bool> bench("bench", cl::desc("Time instead of checking"));
  static cl::opt<bool> text("kernel",
                            cl::desc("Print the kernels, for weft-opt"));
  static cl::opt<double> seconds("seconds", cl::init(0.3),
                                 cl::desc("Time a case may take with --bench"));
  static cl::opt<int> pool("pool", cl::init(0),
                           cl::desc("MiB of weights to move through"));
  cl::ParseCommandLineOptions(argc, argv,
                              "Checks and times compiled kernels\n");
  return {filter, levels, list, bench, text, seconds, size_t(pool) << 20};
}

static void printTime(KernelCase &kernelCase, const cpu::CpuLevel &level,
                      KernelRunner &runner, const Options &options) {
  double peak = measurePeakFlops(level.vectorBits);
  double time = runner.time(options.seconds, options.poolBytes);
  peak = std::max(peak, measurePeakFlops(level.vectorBits));
  outs() << format("%9.1f us", time * 1e6);
  if (kernelCase.flops)
    outs() << format("  %6.1f GF/s %3.0f%% of %.0f",
                     kernelCase.flops / time * 1e-9,
                     kernelCase.flops / time / peak * 100, peak * 1e-9);
  if (kernelCase.hasBytes && level.has("avx512vnni")) {
    double dots = measureDotPeakFlops();
    outs() << format("  %3.0f%% of VNNI %.0f",
                     kernelCase.flops / time / dots * 100, dots * 1e-9);
  }
  if (kernelCase.tileProducts && level.has("amx-bf16")) {
    double tiles = measureTilePeakFlops(kernelCase.hasBytes);
    outs() << format("  %3.0f%% of AMX %.0f",
                     kernelCase.flops * kernelCase.tileProducts / time / tiles *
                         100,
                     tiles * 1e-9);
  }
  if (kernelCase.bytes) {
    size_t size =
        options.poolBytes ? options.poolBytes : size_t(kernelCase.bytes);
    double read =
        measureReadBandwidth(std::max<size_t>(size, 4096), level.vectorBits);
    outs() << format("  %6.1f GB/s %3.0f%% of %.0f",
                     kernelCase.bytes / time * 1e-9,
                     kernelCase.bytes / time / read * 100, read * 1e-9);
  }
  outs() << "\n";
}

/// Returns whether the case is right.
static bool runCase(const CaseEntry &entry, const cpu::CpuLevel &level,
                    const Options &options) {
  outs() << format("%-15s %-34s ", level.name.data(), entry.name.c_str());
  outs().flush();
  KernelCase kernelCase = entry.make();
  KernelRunner runner(kernelCase, level);
  if (!runner.getError().empty()) {
    outs() << "FAILED: " << runner.getError() << "\n";
    return false;
  }
  if (options.bench) {
    printTime(kernelCase, level, runner, options);
    return true;
  }
  double worst;
  std::string wrong = runner.check(worst);
  if (wrong.empty())
    outs() << format("ok, error %.1e\n", worst);
  else
    outs() << "FAILED: " << wrong << "\n";
  return wrong.empty();
}

int main(int argc, char **argv) {
  Options options = parseOptions(argc, argv);
  Regex regex(options.filter);
  int failed = 0;
  for (const CaseEntry &entry : getCases()) {
    if (!regex.match(entry.name))
      continue;
    if (options.list) {
      outs() << entry.name << "\n";
      continue;
    }
    if (options.text) {
      outs() << entry.make().kernel << "\n";
      continue;
    }
    for (const cpu::CpuLevel &level : cpu::CpuLevel::getAll())
      if (canRun(level) &&
          (options.levels.empty() || is_contained(options.levels, level.name)))
        failed += !runCase(entry, level, options);
  }
  if (failed)
    outs() << failed << " failed\n";
  return failed != 0;
}
