//===- TokenizerJson.cpp - Tokenizer files of Hugging Face directories ----===//

#include "frontends/formats/tokenizer_json/TokenizerJson.h"
#include "frontends/formats/tokenizer_json/Json.h"
#include "runtime/tokenizer/Tables.h"
#include <fstream>
#include <sstream>

using namespace weft;
using namespace weft::json;
using namespace weft::formats;

static bool readWhole(const std::string &path, std::string &text) {
  std::ifstream file(path, std::ios::binary);
  if (!file)
    return false;
  std::ostringstream content;
  content << file.rdbuf();
  text = content.str();
  return true;
}

std::optional<TokenizerFiles>
formats::findTokenizerFiles(const std::string &directory) {
  TokenizerFiles files;
  auto read = [&](const char *name, std::string &text) {
    readWhole(directory + "/" + name, text);
  };
  read("tokenizer.json", files.tokenizerJson);
  read("tokenizer_config.json", files.tokenizerConfig);
  read("special_tokens_map.json", files.specialTokensMap);
  read("chat_template.jinja", files.chatTemplate);
  read("vocab.txt", files.vocabTxt);
  read("vocab.json", files.vocabJson);
  read("merges.txt", files.mergesTxt);
  bool any = !files.tokenizerJson.empty() || !files.vocabTxt.empty() ||
             (!files.vocabJson.empty() && !files.mergesTxt.empty());
  return any ? std::optional(std::move(files)) : std::nullopt;
}

static bool readTokenizerJson(const Value &root, TokenizerSpec &spec,
                              std::string &error) {
  const Value *model = member(root, "model");
  if (!model) {
    error = "expected a tokenizer model but got nothing";
    return false;
  }
  auto optional = [&](const char *key, auto read, auto &to) {
    const Value *part = member(root, key);
    return !part || read(*part, to, error);
  };
  return readModel(*model, spec, error) &&
         optional("added_tokens", readAddedTokens, spec) &&
         optional("normalizer", readNormalizer, spec.normalizer) &&
         optional("pre_tokenizer", readPreTokenizer, spec.preTokenizer) &&
         optional("decoder", readDecoder, spec.decoder) &&
         optional("post_processor", readPostProcessor, spec);
}

/// The lines of a file without their line breaks.
static std::vector<std::string> linesOf(const std::string &text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) {
    if (!line.empty() && line.back() == '\r')
      line.pop_back();
    lines.push_back(std::move(line));
  }
  return lines;
}

/// tokenizer.json as it would be for BERT's vocab.txt, one token a line.
static Value bertJson(const std::string &vocabTxt, const Value &config) {
  Value vocab = Value::object();
  uint32_t id = 0;
  for (const std::string &line : linesOf(vocabTxt))
    vocab[line] = id++;
  Value added = Value::array(), special = Value::object();
  for (const char *name : {"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"})
    if (vocab.contains(name)) {
      added.push_back(
          {{"id", vocab[name]}, {"content", name}, {"special", true}});
      special[name] = {{"ids", {vocab[name]}}};
    }
  bool lower = flagOf(config, "do_lower_case", true);
  Value normalizer = {
      {"type", "BertNormalizer"},
      {"clean_text", true},
      {"handle_chinese_chars", flagOf(config, "tokenize_chinese_chars", true)},
      {"strip_accents", flagOf(config, "strip_accents", lower)},
      {"lowercase", lower}};
  Value single = Value::array();
  auto token = [](const char *name) {
    return Value{{"SpecialToken", {{"id", name}}}};
  };
  if (special.contains("[CLS]"))
    single.push_back(token("[CLS]"));
  single.push_back({{"Sequence", {{"id", "A"}}}});
  if (special.contains("[SEP]"))
    single.push_back(token("[SEP]"));
  return {{"added_tokens", added},
          {"normalizer", normalizer},
          {"pre_tokenizer", {{"type", "BertPreTokenizer"}}},
          {"decoder", {{"type", "WordPiece"}}},
          {"post_processor",
           {{"type", "TemplateProcessing"},
            {"single", single},
            {"special_tokens", special}}},
          {"model", {{"type", "WordPiece"}, {"vocab", vocab}}}};
}

/// tokenizer.json as it would be for GPT-2's vocab.json and merges.txt.
static Value gpt2Json(Value vocab, const std::string &mergesTxt,
                      const Value &config) {
  Value merges = Value::array(), added = Value::array();
  for (const std::string &line : linesOf(mergesTxt))
    if (!line.empty() && line.compare(0, 8, "#version") != 0)
      merges.push_back(line);
  if (vocab.contains("<|endoftext|>"))
    added.push_back({{"id", vocab["<|endoftext|>"]},
                     {"content", "<|endoftext|>"},
                     {"special", true}});
  Value byteLevel = {
      {"type", "ByteLevel"},
      {"add_prefix_space", flagOf(config, "add_prefix_space", false)}};
  return {{"added_tokens", added},
          {"pre_tokenizer", byteLevel},
          {"decoder", byteLevel},
          {"model",
           {{"type", "BPE"}, {"vocab", std::move(vocab)}, {"merges", merges}}}};
}

static bool findRoot(const TokenizerFiles &files, const Value &config,
                     Value &root, std::string &error) {
  if (!files.tokenizerJson.empty())
    return parseObject(files.tokenizerJson, "tokenizer.json", root, error);
  if (!files.vocabTxt.empty()) {
    root = bertJson(files.vocabTxt, config);
    return true;
  }
  Value vocab;
  if (files.vocabJson.empty() || files.mergesTxt.empty()) {
    error = "found neither tokenizer.json nor vocab.txt nor vocab.json with "
            "merges.txt";
    return false;
  }
  if (!parseObject(files.vocabJson, "vocab.json", vocab, error))
    return false;
  root = gpt2Json(std::move(vocab), files.mergesTxt, config);
  return true;
}

static bool readFiles(const TokenizerFiles &files, TokenizerSpec &spec,
                      std::string &error) {
  Value root, config = Value::object(), specials = Value::object();
  if (!files.specialTokensMap.empty() &&
      !parseObject(files.specialTokensMap, "special_tokens_map.json", specials,
                   error))
    return false;
  if (!files.tokenizerConfig.empty() &&
      !parseObject(files.tokenizerConfig, "tokenizer_config.json", config,
                   error))
    return false;
  for (auto entry = specials.begin(); entry != specials.end(); ++entry)
    if (!config.contains(entry.key()))
      config[entry.key()] = entry.value();
  if (!findRoot(files, config, root, error) ||
      !readTokenizerJson(root, spec, error))
    return false;
  if (!files.chatTemplate.empty())
    config["chat_template"] = files.chatTemplate;
  readConfig(config, spec);
  return buildTokenizerTables(spec, error);
}

Expected<TokenizerSpec>
formats::readTokenizerFiles(const TokenizerFiles &files,
                            const std::string &directory) {
  TokenizerSpec spec;
  Error error{directory, "tokenizer", ""};
  if (!readFiles(files, spec, error.message))
    return error;
  return spec;
}
