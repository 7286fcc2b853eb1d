//===- Generate.cpp - weft generate: text after a prompt ------------------===//

#include "compiler/tools/weft/common/Files.h"
#include "compiler/tools/weft/common/LanguageModel.h"
#include "compiler/tools/weft/common/Sampling.h"
#include "compiler/tools/weft/verbs/Verbs.h"
#include <iostream>

using namespace weft;
using namespace weft::cli;

namespace {
struct Options {
  std::string file, prompt, promptFile;
  GenerateOptions generate;
  bool ids = false;
};
} // namespace

static void printIds(const std::vector<int64_t> &ids) {
  for (size_t i = 0; i != ids.size(); ++i)
    std::cout << (i ? " " : "") << ids[i];
  std::cout << std::endl;
}

static void run(Options options, const CommonOptions &common) {
  std::string prompt = options.promptFile.empty()
                           ? options.prompt
                           : readFile(options.promptFile);
  Program program(options.file);
  auto tokenizer = loadTokenizer(program);
  LanguageModel model(program, common);
  options.generate.endIds = endIds(program);
  bool streams = !common.json && !options.ids;
  auto sink = [&](std::string_view text) {
    if (streams)
      std::cout << text << std::flush;
    return bool(std::cout);
  };
  GenerateResult result;
  std::string error;
  if (!generate(model, tokenizer.get(), encode(*tokenizer, prompt),
                options.generate, sink, result, error))
    throw Failure(error);
  if (common.json)
    return printJson({{"ids", result.ids}, {"text", result.text}});
  if (options.ids)
    return printIds(result.ids);
  std::cout << std::endl;
}

void weft::cli::addGenerate(CLI::App &app, CommonOptions &common) {
  auto options = std::make_shared<Options>();
  CLI::App *verb = addVerb(
      app, "generate", "Continue a text",
      "weft generate model.weft --prompt \"The capital of France is\" -n 32",
      common);
  addArtifact(verb, options->file);
  CLI::Option_group *what = verb->add_option_group("Prompt");
  what->add_option("--prompt", options->prompt,
                   "Text, taken as it stands: no chat template")
      ->type_name("TEXT");
  what->add_option("--prompt-file", options->promptFile,
                   "File with the text; \"-\" is standard input")
      ->type_name("FILE");
  what->require_option(1);
  addSampling(verb, options->generate);
  verb->add_flag("--ids", options->ids, "Print the new token ids, not text");
  addThreads(verb, common);
  addJson(verb, common);
  verb->callback([options, &common] { run(*options, common); });
}
