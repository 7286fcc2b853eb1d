//===- ChatTemplate.cpp - From messages to a prompt -----------------------===//

#include "runtime/generate/chat_template/ChatTemplate.h"
#include "runtime/generate/chat_template/Interpreter.h"

using namespace weft;
using namespace weft::chat;

struct ChatTemplate::Impl {
  Block block;
};

ChatTemplate::ChatTemplate(std::unique_ptr<Impl> impl)
    : impl(std::move(impl)) {}
ChatTemplate::~ChatTemplate() = default;

std::unique_ptr<ChatTemplate> ChatTemplate::parse(std::string_view source,
                                                  std::string &error) {
  auto impl = std::make_unique<Impl>();
  error.clear();
  if (!parseTemplate(source, impl->block, error))
    return nullptr;
  return std::unique_ptr<ChatTemplate>(new ChatTemplate(std::move(impl)));
}

bool ChatTemplate::render(const Value &variables, std::string &text,
                          std::string &error) const {
  error.clear();
  const Map *map = variables.asMap();
  return Interpreter(map ? *map : Map(), error).run(impl->block, text);
}

bool ChatTemplate::render(const std::vector<ChatMessage> &messages,
                          bool addGenerationPrompt, const std::string &bosToken,
                          const std::string &eosToken, std::string &text,
                          std::string &error) const {
  List list;
  for (const ChatMessage &message : messages)
    list.push_back(
        Map{{{"role", message.role}, {"content", message.content}}, false, {}});
  Map variables;
  variables.entries = {
      {"messages", list},      {"tools", None{}},
      {"documents", None{}},   {"add_generation_prompt", addGenerationPrompt},
      {"bos_token", bosToken}, {"eos_token", eosToken}};
  return render(variables, text, error);
}
