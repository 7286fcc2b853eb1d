//===- Log.cpp - What a command says on standard error --------------------===//

#include "compiler/tools/weft/common/Log.h"
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <unistd.h>

using namespace weft::cli;

static bool isTerminal() {
  static const bool result = isatty(STDERR_FILENO);
  return result;
}

static bool usesColor() {
  const char *none = std::getenv("NO_COLOR");
  return isTerminal() && !(none && *none);
}

static void print(const char *color, const char *kind,
                  const std::string &message) {
  if (usesColor())
    std::fprintf(stderr, "\033[1;%sm%s:\033[0m %s\n", color, kind,
                 message.c_str());
  else
    std::fprintf(stderr, "%s: %s\n", kind, message.c_str());
}

void weft::cli::printError(const std::string &message) {
  print("31", "error", message);
}

void weft::cli::printWarning(const std::string &message) {
  print("35", "warning", message);
}

LogLevel weft::cli::logLevel(const CommonOptions &options) {
  if (options.quiet)
    return LogLevel::Error;
  if (options.verbose)
    return options.verbose > 1 ? LogLevel::Debug : LogLevel::Info;
  const char *text = std::getenv("WEFT_LOG");
  std::string name = text ? text : "";
  return name == "error"   ? LogLevel::Error
         : name == "info"  ? LogLevel::Info
         : name == "debug" ? LogLevel::Debug
                           : LogLevel::Warning;
}

static double now() {
  using namespace std::chrono;
  return duration<double>(steady_clock::now().time_since_epoch()).count();
}

Progress::Progress(LogLevel level)
    : keepsLines(level >= LogLevel::Info),
      isTerminal(::isTerminal() && level > LogLevel::Error) {}

Progress::~Progress() { endStage(); }

void Progress::clearLine() {
  if (isTerminal)
    std::fputs("\r\033[K", stderr);
}

void Progress::endStage() {
  if (stage.empty())
    return;
  clearLine();
  if (keepsLines)
    std::fprintf(stderr, "%s: %.2f s\n", stage.c_str(), now() - began);
  stage.clear();
}

void Progress::begin(const std::string &name) {
  endStage();
  stage = name;
  began = now();
  shownPercent = -1;
  if (isTerminal)
    std::fprintf(stderr, "%s", name.c_str());
}

void Progress::advance(size_t done, size_t all) {
  int percent = all ? int(100 * done / all) : 100;
  if (!isTerminal || percent == shownPercent)
    return;
  shownPercent = percent;
  clearLine();
  std::fprintf(stderr, "%s %d %%", stage.c_str(), percent);
}
