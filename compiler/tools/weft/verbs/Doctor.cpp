//===- Doctor.cpp - weft doctor: what this machine can do -----------------===//

#include "compiler/codegen/cpu/CpuLevel.h"
#include "compiler/tools/weft/common/Version.h"
#include "compiler/tools/weft/inspect/Reports.h"
#include "compiler/tools/weft/measure/Profile.h"
#include "compiler/tools/weft/verbs/Verbs.h"
#include "runtime/devices/cpu/Features.h"
#include "runtime/devices/cpu/Topology.h"
#include "llvm/TargetParser/Host.h"
#include <unistd.h>

using namespace weft;
using namespace weft::cli;

/// The first feature of a level that is missing here, if one is.
static std::optional<std::string> findMissing(const cpu::CpuLevel &level,
                                              const CpuFeatures &features) {
  for (llvm::StringRef feature : level.required)
    if (!features.has(feature.str().c_str()))
      return feature.str();
  return std::nullopt;
}

static Json reportLevels(const CpuFeatures &features) {
  Json levels = Json::array();
  for (const cpu::CpuLevel &level : cpu::CpuLevel::getAll()) {
    auto missing = findMissing(level, features);
    Json report = {{"level", level.name.str()}, {"runs_here", !missing}};
    if (missing)
      report["missing"] = *missing;
    levels.push_back(report);
  }
  return levels;
}

static void doctor(bool measure, const CommonOptions &common) {
  CpuFeatures features = CpuFeatures::probe(/*tiles=*/true);
  int64_t page = sysconf(_SC_PAGESIZE), mib = 1 << 20;
  Json report = {{"version", versionText()},
                 {"cpu", llvm::sys::getHostCPUName().str()},
                 {"cpus", countCpus()},
                 {"cores", countCores()},
                 {"memory_mib", sysconf(_SC_PHYS_PAGES) * page / mib},
                 {"free_memory_mib", sysconf(_SC_AVPHYS_PAGES) * page / mib},
                 {"amx", features.has("amx-tile") ? "runs" : "does not run"},
                 {"levels", reportLevels(features)}};
  if (measure) {
    const int threads = common.threads ? common.threads : countCores();
    weft_limits limits;
    weft_measure_limits(std::min(threads, WEFT_LIMITS_MAX_THREADS), &limits);
    report["limits"] = {{"threads", threads}};
    report["limits"].update(reportLimits(limits));
  }
  if (common.json)
    return printJson(report);
  printReport(report);
}

void weft::cli::addDoctor(CLI::App &app, CommonOptions &common) {
  CLI::App *verb = addVerb(app, "doctor",
                           "Show what this machine can run: levels, cores, "
                           "memory, versions",
                           "weft doctor --limits", common);
  auto measure = std::make_shared<bool>(false);
  verb->add_flag("--limits", *measure,
                 "Also measure how fast it computes and reads, on --threads "
                 "threads");
  addThreads(verb, common);
  addJson(verb, common);
  verb->callback([measure, &common] { doctor(*measure, common); });
}
