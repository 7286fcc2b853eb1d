//===- Config.cpp - What tokenizer_config.json adds
//--------------------------===//

#include "frontends/formats/tokenizer_json/Json.h"

using namespace weft;
using namespace weft::json;

/// A token is given by its text, or by an object with its text.
static std::string tokenText(const Value &config, const char *key) {
  const Value *entry = member(config, key);
  return entry && entry->is_object() ? textOf(*entry, "content")
                                     : textOf(config, key);
}

/// One template, or a list of named ones of which the default counts.
static std::string chatTemplate(const Value &config) {
  const Value *entry = member(config, "chat_template");
  if (entry && entry->is_array())
    for (const Value &named : *entry)
      if (textOf(named, "name") == "default")
        return textOf(named, "template");
  return textOf(config, "chat_template");
}

static std::string addedText(const TokenizerSpec &spec,
                             const std::string &text) {
  for (const AddedToken &token : spec.added)
    if (token.content == text)
      return std::to_string(token.id);
  uint32_t id;
  return !text.empty() && TokenIndex(spec).find(text, id) ? std::to_string(id)
                                                          : "";
}

void json::readConfig(const Value &config, TokenizerSpec &spec) {
  for (const char *name : {"bos_token", "eos_token", "pad_token"}) {
    std::string text = tokenText(config, name);
    std::string id = addedText(spec, text);
    if (id.empty())
      continue;
    spec.set(name, text);
    spec.set(std::string(name) + "_id", id);
  }
  if (std::string text = chatTemplate(config); !text.empty())
    spec.set("chat_template", text);
  const Value *length = member(config, "model_max_length");
  // Some files give "no limit" as 1e30.
  if (length && length->is_number_unsigned())
    spec.set("model_max_length", length->dump());
}
