//===- Tokenize.cpp - weft tokenize: text to ids and back -----------------===//

#include "compiler/tools/weft/common/Files.h"
#include "compiler/tools/weft/common/Text.h"
#include "compiler/tools/weft/verbs/Verbs.h"
#include <iostream>

using namespace weft::cli;

namespace {
struct TokenizeOptions {
  std::string file, text, textFile;
  std::vector<int64_t> ids;
};
} // namespace

static void decode(const weft::Tokenizer &tokenizer,
                   const std::vector<int64_t> &ids,
                   const CommonOptions &common) {
  std::string text, error;
  if (!tokenizer.decode(ids, text, error, /*skipSpecial=*/false))
    throw Failure("tokenizer: " + error);
  if (common.json)
    return printJson({{"text", text}});
  std::cout << text << std::endl;
}

static void tokenize(const TokenizeOptions &options,
                     const CommonOptions &common) {
  Program program(options.file,
                  WEFT_LOAD_TABLES_ONLY | WEFT_LOAD_SKIP_PARAMETER_HASH);
  auto tokenizer = loadTokenizer(program);
  if (!options.ids.empty())
    return decode(*tokenizer, options.ids, common);
  std::string text =
      options.textFile.empty() ? options.text : readFile(options.textFile);
  std::vector<int64_t> ids = encode(*tokenizer, text);
  if (common.json)
    return printJson({{"ids", ids}});
  for (size_t i = 0; i != ids.size(); ++i)
    std::cout << (i ? " " : "") << ids[i];
  std::cout << std::endl;
}

void weft::cli::addTokenize(CLI::App &app, CommonOptions &common) {
  auto options = std::make_shared<TokenizeOptions>();
  CLI::App *verb =
      addVerb(app, "tokenize", "Turn text into token ids, or ids into text",
              "weft tokenize model.weft --text \"Hello\" --json", common);
  addArtifact(verb, options->file);
  CLI::Option_group *what = verb->add_option_group("What to turn");
  what->add_option("--text", options->text, "Text")->type_name("TEXT");
  what->add_option("--file", options->textFile,
                   "File with the text; \"-\" is standard input")
      ->type_name("FILE");
  what->add_option("--decode", options->ids, "Token ids")->type_name("ID");
  what->require_option(1);
  addJson(verb, common);
  verb->callback([options, &common] { tokenize(*options, common); });
}
