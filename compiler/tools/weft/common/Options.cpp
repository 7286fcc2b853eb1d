//===- Options.cpp - Options that verbs share -----------------------------===//

#include "compiler/tools/weft/common/Options.h"
#include "compiler/tools/weft/common/Version.h"
#include <iostream>

using namespace weft;

CLI::App *cli::addVerb(CLI::App &app, const char *name, const char *summary,
                       const char *example, CommonOptions &options) {
  CLI::App *verb = app.add_subcommand(name, summary);
  verb->footer(std::string("Example:\n  ") + example);
  verb->add_flag("-v,--verbose", options.verbose,
                 "Say more; twice: everything");
  verb->add_flag("-q,--quiet", options.quiet, "Say errors only");
  verb->set_version_flag("--version", versionText());
  return verb;
}

void cli::addThreads(CLI::App *verb, CommonOptions &options) {
  verb->add_option("--threads", options.threads,
                   "Threads to run on (default: physical cores)")
      ->check(CLI::Range(1, 1024))
      ->type_name("N")
      ->envname("WEFT_NUM_THREADS");
}

void cli::addJson(CLI::App *verb, CommonOptions &options) {
  verb->add_flag("--json", options.json, "Print JSON on standard output");
}

void cli::addArtifact(CLI::App *verb, std::string &file) {
  verb->add_option("FILE", file, "Compiled model (.weft)")
      ->required()
      ->type_name("");
}

void cli::printJson(const Json &value) {
  // What is no UTF-8 (a file's name) must not end the command.
  std::cout << value.dump(-1, ' ', false, Json::error_handler_t::replace)
            << std::endl;
}
