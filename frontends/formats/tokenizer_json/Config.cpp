//===- Config.cpp - What tokenizer_config.json adds -----------------------===//
//
// tokenizer.json says how text becomes ids; the configuration beside it names
// special tokens, and for a few classes changes a step, in the way of
// `transformers` 5.
//
//===----------------------------------------------------------------------===//

#include "frontends/formats/tokenizer_json/Json.h"

using namespace weft;
using namespace weft::json;

/// A token is given by its text, or by an object with its text and properties.
static AddedToken tokenOf(const Value *entry) {
  AddedToken token;
  token.special = true;
  if (entry && entry->is_string())
    token.content = entry->get_ref<const std::string &>();
  if (!entry || !entry->is_object())
    return token;
  token.content = textOf(*entry, "content");
  token.lstrip = flagOf(*entry, "lstrip", false);
  token.rstrip = flagOf(*entry, "rstrip", false);
  token.singleWord = flagOf(*entry, "single_word", false);
  token.normalized = flagOf(*entry, "normalized", false);
  return token;
}

/// Adds a token that tokenizer.json does not name, at its id or at the end.
static void addSpecial(AddedToken token, TokenizerSpec &spec) {
  for (const AddedToken &known : spec.added)
    if (known.content == token.content)
      return;
  if (token.content.empty())
    return;
  if (TokenIndex(spec).find(token.content, token.id)) {
    spec.tokenTypes[token.id] = static_cast<uint8_t>(TokenType::Special);
  } else {
    token.id = static_cast<uint32_t>(spec.size());
    spec.addToken(token.content, TokenType::Added);
  }
  spec.added.push_back(std::move(token));
}

static void addSpecials(const Value &config, TokenizerSpec &spec) {
  for (const char *name : {"bos_token", "eos_token", "unk_token", "sep_token",
                           "pad_token", "cls_token", "mask_token"})
    addSpecial(tokenOf(member(config, name)), spec);
  for (const char *name :
       {"additional_special_tokens", "extra_special_tokens"}) {
    const Value *list = member(config, name);
    if (list && list->is_array())
      for (const Value &entry : *list)
        addSpecial(tokenOf(&entry), spec);
  }
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

static void setArgument(TokenizerStep &step, const char *key, bool value) {
  for (auto &argument : step.args)
    if (argument.first == key)
      argument.second = boolText(value);
}

/// BERT's tokenizer class takes its three switches from here, and byte-level
/// classes the prefix space.
static void changeSteps(const Value &config, TokenizerSpec &spec) {
  std::string type = textOf(config, "tokenizer_class");
  bool bert = type.compare(0, 4, "Bert") == 0;
  bool prefix =
      type.compare(0, 4, "GPT2") == 0 || type.compare(0, 7, "Roberta") == 0;
  for (TokenizerStep &step : spec.normalizer)
    if (bert && step.op == "bert" && member(config, "do_lower_case")) {
      bool lower = flagOf(config, "do_lower_case", true);
      setArgument(step, "lowercase", lower);
      setArgument(step, "strip_accents",
                  flagOf(config, "strip_accents", lower));
      setArgument(step, "handle_chinese_chars",
                  flagOf(config, "tokenize_chinese_chars", true));
    }
  for (TokenizerStep &step : spec.preTokenizer)
    if (prefix && step.op == "byte_level" && member(config, "add_prefix_space"))
      setArgument(step, "add_prefix_space",
                  flagOf(config, "add_prefix_space", false));
}

void json::readConfig(const Value &config, TokenizerSpec &spec) {
  addSpecials(config, spec);
  changeSteps(config, spec);
  for (const char *name : {"bos_token", "eos_token", "pad_token"}) {
    std::string text = tokenOf(member(config, name)).content;
    for (const AddedToken &token : spec.added)
      if (!text.empty() && token.content == text) {
        spec.set(name, text);
        spec.set(std::string(name) + "_id", std::to_string(token.id));
      }
  }
  if (std::string text = chatTemplate(config); !text.empty())
    spec.set("chat_template", text);
  const Value *length = member(config, "model_max_length");
  // Some files give "no limit" as 1e30.
  if (length && length->is_number_unsigned())
    spec.set("model_max_length", length->dump());
}
