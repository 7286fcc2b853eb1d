//===- Options.h - Options that verbs share ---------------------*- C++ -*-===//

#ifndef WEFT_TOOLS_WEFT_COMMON_OPTIONS_H
#define WEFT_TOOLS_WEFT_COMMON_OPTIONS_H

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

namespace weft::cli {

/// What may stand after every verb.
struct CommonOptions {
  int threads = 0; // 0: as the runtime thinks best
  int verbose = 0;
  bool quiet = false;
  bool json = false;
};

/// Numbers stay in the order in which they were added.
using Json = nlohmann::ordered_json;

/// Adds a verb with -v, -q and --version; `example` closes its help.
CLI::App *addVerb(CLI::App &app, const char *name, const char *summary,
                  const char *example, CommonOptions &options);

void addThreads(CLI::App *verb, CommonOptions &options);
void addJson(CLI::App *verb, CommonOptions &options);
/// The artifact that most verbs take first.
void addArtifact(CLI::App *verb, std::string &file);

/// Prints a value as one line on standard output.
void printJson(const Json &value);

} // namespace weft::cli

#endif // WEFT_TOOLS_WEFT_COMMON_OPTIONS_H
