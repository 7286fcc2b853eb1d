//===- HuggingFace.cpp - Model directories of Hugging Face ----------------===//

#include "frontends/hf/HuggingFace.h"

#include "frontends/formats/safetensors/Safetensors.h"
#include "frontends/formats/tokenizer_json/TokenizerJson.h"
#include "frontends/hf/ConfigKeys.h"
#include "frontends/hf/Pooling.h"
#include "frontends/models/Build.h"
#include "frontends/models/Family.h"

#include <unistd.h>

using namespace mlir;
using namespace weft;
using formats::Config;
using formats::Error;
using formats::Expected;
using formats::Status;

static bool fileExists(const std::string &path) {
  return ::access(path.c_str(), F_OK) == 0;
}

/// The names of families, for a message.
static std::string listTypes() {
  std::string text;
  for (const ModelFamily *family : getModelFamilies())
    for (StringRef type : family->hfTypes)
      text += (text.empty() ? "" : ", ") + type.str();
  return text;
}

/// How names of the description read in the files: some tensors stand outside
/// the prefix that the others share.
static Parameters::Rename getRename(const ModelFamily &family,
                                    const formats::TensorStore &store) {
  std::string prefix;
  for (StringRef candidate : family.hfPrefixes)
    if (llvm::any_of(store.tensors(), [&](const formats::TensorInfo &tensor) {
          return StringRef(tensor.name).starts_with(candidate);
        })) {
      prefix = candidate.str();
      break;
    }
  return [prefix, &store](StringRef name) {
    // Heads stand outside the prefix.
    bool isHead = name.starts_with("lm_head.") || name.contains("classifier.");
    std::string full = isHead ? name.str() : prefix + name.str();
    if (store.find(full))
      return full;
    // Norms of the first BERT files, which came from TensorFlow.
    StringRef stem = full;
    std::string legacy;
    if (stem.consume_back("LayerNorm.weight"))
      legacy = (stem + "LayerNorm.gamma").str();
    else if (stem.consume_back("LayerNorm.bias"))
      legacy = (stem + "LayerNorm.beta").str();
    return store.find(legacy) ? legacy : full;
  };
}

/// Ids of generation_config.json, which `generate` of the reference prefers.
static Status readGenerationConfig(const std::string &directory,
                                   ModelSource &source) {
  const std::string path = directory + "/generation_config.json";
  if (!fileExists(path))
    return {};
  auto config = Config::open(path);
  if (!config)
    return config.takeError();
  readTokenIds(*config, source.metadata);
  if (!config->ok())
    return config->finish();
  return {};
}

/// Reads the tokenizer, where the directory has one.
static Status readTokenizer(const std::string &directory, ModelSource &source) {
  std::optional<formats::TokenizerFiles> files =
      formats::findTokenizerFiles(directory);
  if (!files)
    return {};
  auto tokenizer = formats::readTokenizerFiles(*files, directory);
  if (!tokenizer)
    return tokenizer.takeError();
  source.tokenizer = std::move(*tokenizer);
  if (const std::string *text = source.tokenizer->setting("chat_template"))
    source.metadata["chat_template"] = *text;
  return {};
}

Expected<ModelSource> weft::loadHuggingFace(MLIRContext &context,
                                            const std::string &directory) {
  const std::string configPath = directory + "/config.json";
  auto config = Config::open(configPath);
  if (!config)
    return config.takeError();
  const std::string type = config->getString("model_type");
  const ModelFamily *family = findHfFamily(type);
  if (!config->ok())
    return config->finish().takeError();
  if (!family)
    return Error{configPath, "model_type",
                 "expected one of " + listTypes() + " but got \"" + type +
                     "\""};
  auto store = formats::openSafetensorsDirectory(directory);
  if (!store)
    return store.takeError();

  ModelSource source;
  source.metadata["family"] = family->name;
  const std::vector<std::string> architectures =
      config->getStrings("architectures");
  source.metadata["architecture"] =
      architectures.empty() ? type : architectures.front();
  if (Status status =
          buildModel(context, *family, family->buildFromHf, *config, *store,
                     directory, getRename(*family, *store), source);
      !status)
    return status.takeError();
  if (Status status = readGenerationConfig(directory, source); !status)
    return status.takeError();
  if (Status status = readPooling(directory, source.metadata); !status)
    return status.takeError();
  if (Status status = readTokenizer(directory, source); !status)
    return status.takeError();
  return source;
}
