//===- TokenizerGguf.cpp - The tokenizer in a GGUF file -------------------===//

#include "frontends/formats/tokenizer_gguf/TokenizerGguf.h"
#include "frontends/formats/tokenizer_gguf/Patterns.h"
#include "runtime/tokenizer/Tables.h"
#include <algorithm>
#include <unordered_map>

using namespace weft;
using namespace weft::formats;

/// Longer tokens are not cut into merges: that takes time in the square of it.
static constexpr size_t kLongestMergedToken = 1024;

static const char *const kSpaceMark = "\xE2\x96\x81"; // U+2581

namespace {
class Reader {
public:
  Reader(const GgufMetadata &metadata, const std::string &file)
      : metadata(metadata), file(file) {}
  Expected<TokenizerSpec> run();

private:
  // Each reads one part and returns whether that worked; if not, `error` says
  // why.
  bool readTokens();
  bool readTypes();
  bool readScores();
  bool readByteLevel();
  bool readMerges();
  bool readSentencePiece();
  void deriveMerges();
  bool readWordPiece();
  bool readEnds();
  void addControlTokens();

  const GgufValue *find(std::string_view key) const {
    auto entry = metadata.find("tokenizer." + std::string(key));
    return entry == metadata.end() ? nullptr : &entry->second;
  }
  std::string text(std::string_view key) const {
    const GgufValue *value = find(key);
    return std::string(value ? value->asString().value_or("") : "");
  }
  bool flag(std::string_view key, bool otherwise) const {
    const GgufValue *value = find(key);
    return value ? value->asBool().value_or(otherwise) : otherwise;
  }
  bool fail(std::string_view key, std::string message) {
    error = {file, "tokenizer." + std::string(key), std::move(message)};
    return false;
  }
  /// Sets `id` if the key is there; false if it is not an id of this
  /// vocabulary.
  bool readId(std::string_view key, std::optional<uint32_t> &id);

  const GgufMetadata &metadata;
  const std::string &file;
  Error error;
  TokenizerSpec spec;
  std::unordered_map<std::string_view, uint32_t>
      ids; // once the tokens are final
  bool addBosOtherwise = false;

  void indexTokens() {
    for (uint32_t id = 0; id < spec.size(); ++id)
      ids[spec.token(id)] = id;
  }
};
} // namespace

bool Reader::readTokens() {
  const GgufValue *value = find("ggml.tokens");
  auto list = value ? value->asArray() : std::nullopt;
  auto tokens = list ? list->strings() : std::nullopt;
  if (!tokens)
    return fail("ggml.tokens", "expected a list of strings but got none");
  bool bert = text("ggml.model") == "bert";
  for (std::string_view token : *tokens) {
    // Marks of WordPiece are the other way round in GGUF: words begin with one.
    bool begins = token.substr(0, 3) == kSpaceMark;
    bool special =
        !token.empty() && token.front() == '[' && token.back() == ']';
    if (bert && begins)
      token.remove_prefix(3);
    std::string plain =
        (bert && !begins && !special ? "##" : "") + std::string(token);
    spec.addToken(plain, TokenType::Normal);
  }
  return readTypes() && readScores();
}

/// GGUF's numbers: 1 normal, 2 unknown, 3 control, 4 user-defined, 5 unused, 6
/// byte.
bool Reader::readTypes() {
  const GgufValue *value = find("ggml.token_type");
  auto list = value ? value->asArray() : std::nullopt;
  if (!list)
    return true;
  std::vector<GgufValue> types = list->values();
  if (types.size() != spec.size())
    return fail("ggml.token_type", "expected " + std::to_string(spec.size()) +
                                       " types but got " +
                                       std::to_string(types.size()));
  static const TokenType kTypes[] = {TokenType::Normal,      TokenType::Normal,
                                     TokenType::Unknown,     TokenType::Special,
                                     TokenType::UserDefined, TokenType::Normal,
                                     TokenType::Byte};
  for (size_t id = 0; id < types.size(); ++id) {
    int64_t number = types[id].asInteger().value_or(-1);
    if (number < 0 || number > 6)
      return fail("ggml.token_type", "expected a type from 0 to 6 for token " +
                                         std::to_string(id) + " but got " +
                                         std::to_string(number));
    spec.tokenTypes[id] = static_cast<uint8_t>(kTypes[number]);
  }
  return true;
}

bool Reader::readScores() {
  const GgufValue *value = find("ggml.scores");
  auto list = value ? value->asArray() : std::nullopt;
  if (!list)
    return true;
  for (const GgufValue &score : list->values())
    spec.scores.push_back(static_cast<float>(score.asReal().value_or(0)));
  if (spec.scores.size() == spec.size())
    return true;
  return fail("ggml.scores", "expected " + std::to_string(spec.size()) +
                                 " scores but got " +
                                 std::to_string(spec.scores.size()));
}

bool Reader::readByteLevel() {
  spec.kind = "bpe";
  std::string name = text("ggml.pre");
  const PreTokenizerPatterns *entry =
      findPreTokenizer(name.empty() ? "default" : std::string_view(name));
  if (!entry)
    return fail("ggml.pre", "unsupported pre-tokenizer '" + name + "'");
  for (const char *pattern : entry->patterns)
    spec.preTokenizer.push_back(
        {"split",
         {{"regex", pattern}, {"behavior", "isolated"}, {"invert", "false"}}});
  spec.preTokenizer.push_back(
      {"byte_level",
       {{"add_prefix_space",
         flag("ggml.add_space_prefix", false) ? "true" : "false"},
        {"use_regex", "false"}}});
  spec.decoder.push_back({"byte_level", {}});
  if (entry->ignoreMerges)
    spec.set("ignore_merges", "true");
  addBosOtherwise = entry->addBos;
  return readMerges();
}

bool Reader::readMerges() {
  const GgufValue *value = find("ggml.merges");
  auto list = value ? value->asArray() : std::nullopt;
  auto merges = list ? list->strings() : std::nullopt;
  if (!merges)
    return fail("ggml.merges", "expected a list of strings but got none");
  indexTokens();
  for (std::string_view merge : *merges) {
    auto rank = static_cast<uint32_t>(spec.merges.size());
    // A token may begin with a space where the vocabulary is not byte-level.
    size_t space = merge.find(' ', 1);
    if (space == std::string_view::npos)
      return fail("ggml.merges", "expected two tokens as merge " +
                                     std::to_string(rank) + " but got '" +
                                     std::string(merge) + "'");
    std::string_view left = merge.substr(0, space),
                     right = merge.substr(space + 1);
    auto leftId = ids.find(left), rightId = ids.find(right),
         joinedId = ids.find(std::string(left) + std::string(right));
    if (leftId == ids.end() || rightId == ids.end() || joinedId == ids.end())
      return fail("ggml.merges",
                  "merge " + std::to_string(rank) + " '" + std::string(merge) +
                      "' needs a token that the vocabulary lacks");
    spec.merges.push_back(
        {leftId->second, rightId->second, joinedId->second, rank});
  }
  return true;
}

/// Every way to cut a token into two is a merge, the better the higher its
/// score. Tokens of equal score have equal rank: then the leftmost pair goes
/// first.
void Reader::deriveMerges() {
  std::vector<uint32_t> order;
  for (uint32_t id = 0; id < spec.size(); ++id)
    if (spec.tokenTypes[id] == static_cast<uint8_t>(TokenType::Normal) ||
        spec.tokenTypes[id] == static_cast<uint8_t>(TokenType::UserDefined))
      order.push_back(id);
  auto score = [&](uint32_t id) { return spec.scores[id]; };
  std::sort(order.begin(), order.end(), [&](uint32_t a, uint32_t b) {
    return score(a) != score(b) ? score(a) > score(b) : a < b;
  });
  uint32_t rank = 0;
  for (size_t i = 0; i < order.size(); ++i) {
    if (i > 0 && score(order[i]) != score(order[i - 1]))
      ++rank;
    std::string_view text = spec.token(order[i]);
    if (text.size() > kLongestMergedToken)
      continue;
    for (size_t cut = 1; cut < text.size(); ++cut) {
      auto left = ids.find(text.substr(0, cut)),
           right = ids.find(text.substr(cut));
      if (left != ids.end() && right != ids.end())
        spec.merges.push_back({left->second, right->second, order[i], rank});
    }
  }
}

bool Reader::readSentencePiece() {
  spec.kind = "bpe";
  if (spec.scores.empty())
    return fail("ggml.scores", "expected a score for every token but got none");
  if (std::any_of(spec.scores.begin(), spec.scores.end(),
                  [](float score) { return score != score; }))
    return fail("ggml.scores", "expected numbers but got a NaN");
  indexTokens();
  deriveMerges();
  bool prefix = flag("ggml.add_space_prefix", true);
  if (prefix)
    spec.normalizer.push_back({"prepend", {{"content", kSpaceMark}}});
  spec.normalizer.push_back(
      {"replace", {{"string", " "}, {"content", kSpaceMark}}});
  spec.decoder = {{"replace", {{"string", kSpaceMark}, {"content", " "}}},
                  {"byte_fallback", {}},
                  {"fuse", {}}};
  if (prefix)
    spec.decoder.push_back(
        {"strip", {{"content", " "}, {"start", "1"}, {"stop", "0"}}});
  spec.set("byte_fallback", "true");
  spec.set("fuse_unk", "true");
  addBosOtherwise = true;
  std::optional<uint32_t> unknown;
  if (!readId("ggml.unknown_token_id", unknown))
    return false;
  for (uint32_t id = 0; id < spec.size() && !unknown; ++id)
    if (spec.tokenTypes[id] == static_cast<uint8_t>(TokenType::Unknown))
      unknown = id;
  if (unknown)
    spec.set("unk_token", std::string(spec.token(*unknown)));
  return true;
}

bool Reader::readWordPiece() {
  spec.kind = "wordpiece";
  spec.normalizer.push_back({"bert", {{"lowercase", "true"}}});
  spec.preTokenizer.push_back({"bert", {}});
  spec.decoder.push_back(
      {"wordpiece", {{"prefix", "##"}, {"cleanup", "true"}}});
  std::optional<uint32_t> unknown;
  if (!readId("ggml.unknown_token_id", unknown))
    return false;
  spec.set("unk_token", unknown ? std::string(spec.token(*unknown)) : "[UNK]");
  return true;
}

bool Reader::readId(std::string_view key, std::optional<uint32_t> &id) {
  const GgufValue *value = find(key);
  if (!value)
    return true;
  int64_t number = value->asInteger().value_or(-1);
  // Some files give -1 for none.
  if (number == -1 || number == UINT32_MAX)
    return true;
  if (number < 0 || static_cast<uint64_t>(number) >= spec.size())
    return fail(key, "expected an id below " + std::to_string(spec.size()) +
                         " but got " + std::to_string(number));
  id = static_cast<uint32_t>(number);
  return true;
}

/// The ids around a text: begin and end, or BERT's two.
bool Reader::readEnds() {
  bool bert = spec.kind == "wordpiece";
  std::optional<uint32_t> bos, eos, pad, eot, cls, sep;
  // "seperator" is how the format spells it.
  if (!readId("ggml.bos_token_id", bos) || !readId("ggml.eos_token_id", eos) ||
      !readId("ggml.padding_token_id", pad) ||
      !readId("ggml.eot_token_id", eot) || !readId("ggml.cls_token_id", cls) ||
      !readId("ggml.seperator_token_id", sep))
    return false;
  std::optional<uint32_t> before = bert && cls ? cls : bos,
                          after = bert && sep ? sep : eos;
  if (flag("ggml.add_bos_token", bert || addBosOtherwise) && before)
    spec.prefix.push_back(*before);
  if (flag("ggml.add_eos_token", bert) && after)
    spec.suffix.push_back(*after);
  for (auto [name, id] : {std::pair{"bos_token", bos},
                          {"eos_token", eos},
                          {"pad_token", pad},
                          {"eot_token", eot}})
    if (id) {
      spec.set(name, std::string(spec.token(*id)));
      spec.set(std::string(name) + "_id", std::to_string(*id));
    }
  return true;
}

void Reader::addControlTokens() {
  for (uint32_t id = 0; id < spec.size(); ++id) {
    auto type = static_cast<TokenType>(spec.tokenTypes[id]);
    bool control = type == TokenType::Special || type == TokenType::Unknown;
    if (!control && type != TokenType::UserDefined)
      continue;
    AddedToken token;
    token.id = id;
    token.content = spec.token(id);
    token.special = control;
    spec.added.push_back(std::move(token));
  }
}

Expected<TokenizerSpec> Reader::run() {
  std::string model = text("ggml.model");
  if (!readTokens())
    return error;
  bool ok = model == "gpt2"    ? readByteLevel()
            : model == "llama" ? readSentencePiece()
            : model == "bert"
                ? readWordPiece()
                : fail("ggml.model", "unsupported tokenizer '" + model + "'");
  if (!ok || !readEnds())
    return error;
  addControlTokens();
  if (std::string chat = text("chat_template"); !chat.empty())
    spec.set("chat_template", chat);
  error = {file, "tokenizer", ""};
  if (!buildTokenizerTables(spec, error.message))
    return error;
  return std::move(spec);
}

Expected<TokenizerSpec> formats::readGgufTokenizer(const GgufMetadata &metadata,
                                                   const std::string &file) {
  return Reader(metadata, file).run();
}
