//===- Chat.cpp - weft chat: a conversation -------------------------------===//
//
// Reads a message a line from standard input and answers each, until the input
// ends. Only what is new since the last answer goes into the model.
//
//===----------------------------------------------------------------------===//

#include "compiler/tools/weft/common/LanguageModel.h"
#include "compiler/tools/weft/common/Sampling.h"
#include "compiler/tools/weft/verbs/Verbs.h"
#include "runtime/generate/chat_template/ChatTemplate.h"
#include <iostream>
#include <unistd.h>

using namespace weft;
using namespace weft::cli;

namespace {
struct Options {
  std::string file, system;
  GenerateOptions generate;
};

class Conversation {
public:
  Conversation(const Options &options, const CommonOptions &common);
  void answer(const std::string &message);

private:
  std::string specialToken(const char *setting) const;
  std::vector<int64_t> prompt() const;

  Program program;
  std::unique_ptr<Tokenizer> tokenizer;
  std::unique_ptr<ChatTemplate> chatTemplate;
  LanguageModel model;
  GenerateOptions generateOptions;
  std::vector<ChatMessage> messages;
};
} // namespace

static std::unique_ptr<ChatTemplate> loadTemplate(const Program &program,
                                                  const Tokenizer &tokenizer) {
  std::optional<std::string> source = program.metadata("chat_template");
  if (const std::string *setting = tokenizer.setting("chat_template");
      setting && !source)
    source = *setting;
  if (!source)
    throw Failure(program.path() +
                  ": expected a model with a chat template; use generate");
  std::string error;
  auto chatTemplate = ChatTemplate::parse(*source, error);
  if (!chatTemplate)
    throw Failure(program.path() + ": chat template: " + error);
  return chatTemplate;
}

Conversation::Conversation(const Options &options, const CommonOptions &common)
    : program(options.file), tokenizer(loadTokenizer(program)),
      chatTemplate(loadTemplate(program, *tokenizer)), model(program, common),
      generateOptions(options.generate) {
  generateOptions.endIds = endIds(program);
  if (!options.system.empty())
    messages.push_back({"system", options.system});
}

std::string Conversation::specialToken(const char *setting) const {
  const std::string *id = tokenizer->setting(setting);
  return id ? std::string(tokenizer->tokenText(toInteger(*id, setting))) : "";
}

/// The ids of the conversation so far, up to where the answer begins.
std::vector<int64_t> Conversation::prompt() const {
  std::string text, error;
  if (!chatTemplate->render(messages, /*addGenerationPrompt=*/true,
                            specialToken("bos_token_id"),
                            specialToken("eos_token_id"), text, error))
    throw Failure(program.path() + ": chat template: " + error);
  std::vector<int64_t> ids;
  EncodeOptions options;
  options.addSpecial = false; // the template has written them
  if (!tokenizer->encode(text, ids, error, options))
    throw Failure("tokenizer: " + error);
  return ids;
}

void Conversation::answer(const std::string &message) {
  messages.push_back({"user", message});
  auto sink = [](std::string_view text) {
    std::cout << text << std::flush;
    return bool(std::cout);
  };
  GenerateResult result;
  std::string error;
  if (!generate(model, tokenizer.get(), model.resume(prompt()), generateOptions,
                sink, result, error))
    throw Failure(error);
  std::cout << std::endl;
  messages.push_back({"assistant", result.text});
}

static void talk(const Options &options, const CommonOptions &common) {
  Conversation conversation(options, common);
  bool isTerminal = isatty(STDIN_FILENO);
  for (std::string line;;) {
    if (isTerminal)
      std::cout << "> " << std::flush;
    if (!std::getline(std::cin, line))
      return;
    if (!line.empty())
      conversation.answer(line);
  }
}

void weft::cli::addChat(CLI::App &app, CommonOptions &common) {
  auto options = std::make_shared<Options>();
  options->generate.maxTokens = 512;
  CLI::App *verb =
      addVerb(app, "chat", "Talk with a model: a message a line",
              "weft chat model.weft --system \"Answer briefly\"", common);
  addArtifact(verb, options->file);
  verb->add_option("--system", options->system, "What the model is told first")
      ->type_name("TEXT");
  addSampling(verb, options->generate);
  addThreads(verb, common);
  verb->callback([options, &common] { talk(*options, common); });
}
