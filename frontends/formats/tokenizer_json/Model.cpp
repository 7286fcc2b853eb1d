//===- Model.cpp - Vocabularies and merges of tokenizer.json --------------===//

#include "frontends/formats/tokenizer_json/Json.h"
#include <optional>

using namespace weft;
using namespace weft::json;

/// Memory follows the highest id, so ids must not be far above their number.
static bool checkDensity(uint32_t id, size_t tokens, std::string &error) {
  size_t limit = 16 * tokens + 4096;
  if (id < limit)
    return true;
  error = "expected ids below " + std::to_string(limit) + " for " +
          std::to_string(tokens) + " tokens but got " + std::to_string(id);
  return false;
}

/// Token texts by id; ids that nobody names stay unused.
static bool readVocabulary(const Value &vocab, TokenizerSpec &spec,
                           std::string &error) {
  std::vector<const std::string *> byId;
  for (auto entry = vocab.begin(); entry != vocab.end(); ++entry) {
    uint32_t id;
    if (!idOf(entry.value(), id)) {
      error = "expected an id below " + std::to_string(kMaxTokens) +
              " for token '" + entry.key() + "' but got " +
              entry.value().dump();
      return false;
    }
    if (!checkDensity(id, vocab.size(), error))
      return false;
    if (id >= byId.size())
      byId.resize(id + 1, nullptr);
    if (byId[id]) {
      error = "tokens '" + *byId[id] + "' and '" + entry.key() +
              "' both have the id " + std::to_string(id);
      return false;
    }
    byId[id] = &entry.key();
  }
  for (const std::string *text : byId)
    spec.addToken(text ? *text : "",
                  text ? TokenType::Normal : TokenType::Unused);
  return true;
}

/// A merge is "left right" in older files, ["left", "right"] in newer ones.
static bool splitMerge(const Value &merge, std::string_view &left,
                       std::string_view &right) {
  if (merge.is_string()) {
    std::string_view text = merge.get_ref<const std::string &>();
    size_t space = text.find(' ');
    if (space == std::string_view::npos ||
        text.find(' ', space + 1) != std::string_view::npos)
      return false;
    left = text.substr(0, space);
    right = text.substr(space + 1);
    return true;
  }
  if (!merge.is_array() || merge.size() != 2 || !merge[0].is_string() ||
      !merge[1].is_string())
    return false;
  left = merge[0].get_ref<const std::string &>();
  right = merge[1].get_ref<const std::string &>();
  return true;
}

static bool readMerges(const Value &merges, std::string_view prefix,
                       TokenizerSpec &spec, std::string &error) {
  TokenIndex index(spec);
  for (const Value &merge : merges) {
    std::string_view left, right;
    auto rank = static_cast<uint32_t>(spec.merges.size());
    if (!splitMerge(merge, left, right)) {
      error = "expected a pair of tokens as merge " + std::to_string(rank) +
              " but got " +
              merge.dump(-1, ' ', false, Value::error_handler_t::replace);
      return false;
    }
    std::string joined(left);
    joined += right.size() >= prefix.size() ? right.substr(prefix.size()) : "";
    MergeRule rule{0, 0, 0, rank};
    const std::pair<std::string_view, uint32_t *> needed[] = {
        {left, &rule.left}, {right, &rule.right}, {joined, &rule.result}};
    for (auto [text, id] : needed)
      if (!index.find(text, *id)) {
        error = "merge " + std::to_string(rank) + " needs token '" +
                std::string(text) + "', which the vocabulary lacks";
        return false;
      }
    spec.merges.push_back(rule);
  }
  return true;
}

static bool readBpe(const Value &model, TokenizerSpec &spec,
                    std::string &error) {
  const Value *dropout = member(model, "dropout");
  if (dropout && !(dropout->is_number() && dropout->get<double>() == 0)) {
    error = "unsupported dropout of a BPE model: " + dropout->dump();
    return false;
  }
  std::string prefix = textOf(model, "continuing_subword_prefix");
  for (const char *key :
       {"continuing_subword_prefix", "end_of_word_suffix", "unk_token"})
    if (std::string text = textOf(model, key); !text.empty())
      spec.set(key, text);
  for (const char *key : {"fuse_unk", "byte_fallback", "ignore_merges"})
    if (flagOf(model, key, false))
      spec.set(key, "true");
  const Value *merges = member(model, "merges");
  if (!merges || !merges->is_array()) {
    error = "expected a list of merges in the BPE model but got " +
            describe(merges);
    return false;
  }
  return readMerges(*merges, prefix, spec, error);
}

static bool readWordPiece(const Value &model, TokenizerSpec &spec,
                          std::string &) {
  spec.set("unk_token", textOf(model, "unk_token", "[UNK]"));
  spec.set("continuing_subword_prefix",
           textOf(model, "continuing_subword_prefix", "##"));
  const Value *limit = member(model, "max_input_chars_per_word");
  if (limit && limit->is_number_unsigned())
    spec.set("max_input_chars_per_word", limit->dump());
  return true;
}

/// Files older than the field "type" tell by what else they hold.
static std::string modelType(const Value &model) {
  std::string type = textOf(model, "type");
  if (type.empty())
    type = member(model, "merges") ? "BPE" : "WordPiece";
  return type;
}

bool json::readModel(const Value &model, TokenizerSpec &spec,
                     std::string &error) {
  std::string type = modelType(model);
  if (type != "BPE" && type != "WordPiece") {
    error = "unsupported tokenizer model '" + type + "'";
    return false;
  }
  const Value *vocab = member(model, "vocab");
  if (!vocab || !vocab->is_object()) {
    error = "expected a vocabulary in the tokenizer model but got " +
            describe(vocab);
    return false;
  }
  if (!readVocabulary(*vocab, spec, error))
    return false;
  spec.kind = type == "BPE" ? "bpe" : "wordpiece";
  return type == "BPE" ? readBpe(model, spec, error)
                       : readWordPiece(model, spec, error);
}

/// Puts a token that the model's vocabulary lacks at its id.
static void placeToken(uint32_t id, const std::string &content,
                       TokenizerSpec &spec) {
  while (spec.size() < id)
    spec.addToken("", TokenType::Unused);
  spec.addToken(content, TokenType::Added);
}

/// The ids that the vocabulary has for the texts of `tokens`.
static std::vector<std::optional<uint32_t>>
findAll(const std::vector<AddedToken> &tokens, const TokenizerSpec &spec) {
  TokenIndex index(spec);
  std::vector<std::optional<uint32_t>> ids(tokens.size());
  uint32_t id;
  for (size_t i = 0; i < tokens.size(); ++i)
    if (index.find(tokens[i].content, id))
      ids[i] = id;
  return ids;
}

bool json::readAddedTokens(const Value &list, TokenizerSpec &spec,
                           std::string &error) {
  if (!list.is_array()) {
    error = "expected a list of added tokens but got " + describe(&list);
    return false;
  }
  std::vector<AddedToken> tokens;
  for (const Value &entry : list) {
    AddedToken token;
    const Value *id = member(entry, "id");
    token.content = textOf(entry, "content");
    if (!id || !idOf(*id, token.id)) {
      error = "expected an id below " + std::to_string(kMaxTokens) +
              " for added token '" + token.content + "' but got " +
              (id ? id->dump() : "nothing");
      return false;
    }
    token.special = flagOf(entry, "special", false);
    token.singleWord = flagOf(entry, "single_word", false);
    token.lstrip = flagOf(entry, "lstrip", false);
    token.rstrip = flagOf(entry, "rstrip", false);
    token.normalized = flagOf(entry, "normalized", !token.special);
    if (!token.content.empty())
      tokens.push_back(std::move(token));
  }
  std::sort(
      tokens.begin(), tokens.end(),
      [](const AddedToken &a, const AddedToken &b) { return a.id < b.id; });
  const std::vector<std::optional<uint32_t>> known = findAll(tokens, spec);
  size_t modelSize = spec.size(), together = modelSize + tokens.size();
  for (size_t i = 0; i < tokens.size(); ++i) {
    AddedToken &token = tokens[i];
    const bool inModel = known[i].has_value();
    if (!checkDensity(token.id, together, error))
      return false;
    // A text of the model's vocabulary keeps the model's id.
    if (inModel)
      token.id = *known[i];
    else if (token.id >= spec.size())
      placeToken(token.id, token.content, spec);
    else if (token.id < modelSize &&
             spec.tokenTypes[token.id] !=
                 static_cast<uint8_t>(TokenType::Unused)) {
      error = "added token '" + token.content + "' has the id " +
              std::to_string(token.id) + " of token '" +
              std::string(spec.token(token.id)) + "'";
      return false;
    }
    if (inModel && token.special)
      spec.tokenTypes[token.id] = static_cast<uint8_t>(TokenType::Special);
    spec.added.push_back(std::move(token));
  }
  return true;
}
