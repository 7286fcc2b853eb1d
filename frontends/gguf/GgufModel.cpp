//===- GgufModel.cpp - Models in GGUF files -------------------------------===//

#include "frontends/gguf/GgufModel.h"

#include "frontends/formats/common/Quote.h"
#include "frontends/formats/gguf/Gguf.h"
#include "frontends/formats/tokenizer_gguf/TokenizerGguf.h"
#include "frontends/models/Build.h"

using namespace mlir;
using namespace weft;
using formats::Config;
using formats::Error;
using formats::Expected;
using formats::GgufMetadata;
using formats::GgufValue;
using formats::Json;
using formats::Status;

/// The value as JSON, so that one reader of configurations serves both formats.
/// Arrays are read as far as hyperparameters go; what is longer is a
/// vocabulary.
static Json toJson(const GgufValue &value) {
  constexpr uint64_t kLongest = 65536;
  if (auto flag = value.asBool())
    return *flag;
  if (auto number = value.asInteger())
    return *number;
  if (auto number = value.asReal())
    return *number;
  if (auto text = value.asString())
    return std::string(*text);
  Json items = Json::array();
  if (auto array = value.asArray(); array && array->size() <= kLongest)
    for (const GgufValue &item : array->values())
      items.push_back(toJson(item));
  return items;
}

/// The keys `<architecture>.…`, without that prefix.
static Config getConfig(const GgufMetadata &metadata,
                        const std::string &architecture,
                        const std::string &file) {
  const std::string prefix = architecture + ".";
  Json object = Json::object();
  for (auto it = metadata.lower_bound(prefix);
       it != metadata.end() && it->first.compare(0, prefix.size(), prefix) == 0;
       ++it)
    object[it->first.substr(prefix.size())] = toJson(it->second);
  return Config(std::move(object), file, prefix);
}

/// Puts the name into the pattern of the file if it matches the description's.
static std::optional<std::string> matchName(const NamePair &pair,
                                            StringRef name) {
  auto [before, after] = StringRef(pair.description).split("{}");
  if (!StringRef(pair.description).contains("{}"))
    return name == before ? std::optional<std::string>(pair.gguf)
                          : std::nullopt;
  if (!name.consume_front(before) || !name.consume_back(after) ||
      name.empty() || name.find_first_not_of("0123456789") != StringRef::npos)
    return std::nullopt;
  auto [ggufBefore, ggufAfter] = StringRef(pair.gguf).split("{}");
  return (ggufBefore + name + ggufAfter).str();
}

/// Names of the description become names of the file by the family's table,
/// with or without what follows the last dot. A name that is not in the table
/// does not stand in GGUF files.
static std::string renameTensor(ArrayRef<NamePair> names, StringRef name) {
  auto [stem, suffix] = name.rsplit('.');
  for (const NamePair &pair : names) {
    if (std::optional<std::string> whole = matchName(pair, name))
      return *whole;
    if (std::optional<std::string> match = matchName(pair, stem))
      return *match + "." + suffix.str();
  }
  return name.str();
}

/// Ids and the chat template; the tokenizer itself is read elsewhere.
static void readTokenIds(const GgufMetadata &metadata,
                         std::map<std::string, std::string> &result) {
  constexpr std::pair<const char *, const char *> kIds[] = {
      {"tokenizer.ggml.bos_token_id", "bos_token_id"},
      {"tokenizer.ggml.eos_token_id", "eos_token_ids"},
      {"tokenizer.ggml.padding_token_id", "pad_token_id"},
  };
  for (auto [key, name] : kIds)
    if (auto found = metadata.find(key); found != metadata.end())
      if (auto id = found->second.asInteger(); id && *id >= 0)
        result[name] = std::to_string(*id);
  if (auto found = metadata.find("tokenizer.chat_template");
      found != metadata.end())
    if (auto text = found->second.asString())
      result["chat_template"] = *text;
}

Expected<ModelSource> weft::loadGguf(MLIRContext &context,
                                     const std::string &path) {
  auto file = formats::openGguf(path);
  if (!file)
    return file.takeError();
  auto found = file->metadata.find("general.architecture");
  auto architecture =
      found == file->metadata.end() ? std::nullopt : found->second.asString();
  if (!architecture)
    return Error{path, "general.architecture",
                 "expected a string but got nothing"};
  const ModelFamily *family =
      findGgufFamily(StringRef(architecture->data(), architecture->size()));
  if (!family) {
    std::string known;
    for (const ModelFamily *family : getModelFamilies())
      for (StringRef type : family->ggufTypes)
        known += (known.empty() ? "" : ", ") + type.str();
    return Error{path, "general.architecture",
                 "expected one of " + known + " but got " +
                     formats::quote(*architecture)};
  }

  ModelSource source;
  source.metadata["family"] = family->name;
  source.metadata["architecture"] = *architecture;
  Config config = getConfig(file->metadata, std::string(*architecture), path);
  if (Status status = buildModel(
          context, *family, family->buildFromGguf, config, file->store, path,
          [family](StringRef name) {
            return renameTensor(family->ggufNames, name);
          },
          source);
      !status)
    return status.takeError();
  readTokenIds(file->metadata, source.metadata);
  if (file->metadata.count("tokenizer.ggml.model")) {
    auto tokenizer = formats::readGgufTokenizer(file->metadata, path);
    if (!tokenizer)
      return tokenizer.takeError();
    source.tokenizer = std::move(*tokenizer);
  }
  return source;
}
