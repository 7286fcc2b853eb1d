//===- Main.cpp - The driver ----------------------------------------------===//
//
// Exit codes: 0 done; 1 the input is wrong or unsupported; 2 the command line
// is wrong.
//
//===----------------------------------------------------------------------===//

#include "compiler/tools/weft/common/Failure.h"
#include "compiler/tools/weft/common/Log.h"
#include "compiler/tools/weft/common/Version.h"
#include "compiler/tools/weft/verbs/Verbs.h"

using namespace weft::cli;

/// What is wrong with the verb, if anything is.
static std::string checkVerb(const CLI::App &app, int argc, char **argv) {
  std::string verb = argc > 1 ? argv[1] : "", names;
  for (const CLI::App *known : app.get_subcommands({})) {
    if (known->get_name() == verb)
      return "";
    names += (names.empty() ? "" : ", ") + known->get_name();
  }
  if (!verb.empty() && verb[0] == '-') // --help
    return "";
  return "expected a verb: " + names + (verb.empty() ? "" : " but got " + verb);
}

static int fail(const std::string &message) {
  printError(message + "; see weft --help");
  return 2;
}

static int run(int argc, char **argv) {
  CLI::App app("Compiles sequence models ahead of time, and runs them", "weft");
  app.footer(
      "Example:\n"
      "  weft compile model.gguf -o model.weft\n"
      "  weft generate model.weft --prompt \"The capital of France is\"\n"
      "`weft VERB --help` tells about a verb.");
  app.require_subcommand(1);
  app.set_version_flag("--version", versionText());
  CommonOptions common;
  for (auto add :
       {addCompile, addRun, addGenerate, addChat, addEmbed, addPerplexity,
        addBench, addInspect, addVerify, addTokenize, addTrace, addDoctor})
    add(app, common);
  if (std::string wrong = checkVerb(app, argc, argv); !wrong.empty())
    return fail(wrong);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success &success) { // --help, --version
    return app.exit(success);
  } catch (const CLI::ParseError &error) {
    return fail(error.what());
  }
  return 0;
}

int main(int argc, char **argv) {
  try {
    return run(argc, argv);
  } catch (const Failure &failure) {
    if (*failure.what())
      printError(failure.what());
  } catch (const std::bad_alloc &) {
    printError("out of memory");
  } catch (const std::exception &error) {
    printError(error.what());
  }
  return 1;
}
