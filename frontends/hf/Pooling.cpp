//===- Pooling.cpp - How sentence-transformers makes one vector -----------===//

#include "frontends/hf/Pooling.h"

#include "frontends/formats/common/MappedFile.h"
#include "frontends/formats/config/Config.h"

#include <unistd.h>

using namespace weft;
using formats::Config;
using formats::Error;
using formats::Json;
using formats::Status;

/// Reads the configuration of a Pooling module: one mode must be on.
static Status readModes(const std::string &path,
                        std::map<std::string, std::string> &metadata) {
  auto config = Config::open(path);
  if (!config)
    return config.takeError();
  const bool cls = config->getBool("pooling_mode_cls_token", false);
  const bool mean = config->getBool("pooling_mode_mean_tokens", false);
  for (const char *mode :
       {"pooling_mode_max_tokens", "pooling_mode_mean_sqrt_len_tokens",
        "pooling_mode_weightedmean_tokens", "pooling_mode_lasttoken"})
    config->require(mode, false);
  config->ignore({"word_embedding_dimension", "include_prompt"});
  if (cls == mean)
    config->fail("pooling_mode_mean_tokens",
                 "expected one of pooling_mode_cls_token and "
                 "pooling_mode_mean_tokens to be true but got " +
                     std::string(cls ? "both" : "none"));
  metadata["pooling"] = cls ? "cls" : "mean";
  return config->finish();
}

Status weft::readPooling(const std::string &directory,
                         std::map<std::string, std::string> &metadata) {
  const std::string path = directory + "/modules.json";
  if (::access(path.c_str(), F_OK) != 0)
    return {};
  auto text = formats::readTextFile(path, formats::kMaxConfig);
  if (!text)
    return text.takeError();
  auto modules = formats::parseJson(*text, path);
  if (!modules)
    return modules.takeError();
  if (!modules->is_array())
    return Error{path, "",
                 std::string("expected an array but got ") +
                     formats::describeJsonType(*modules)};
  metadata["normalize"] = "false";
  for (size_t i = 0; i < modules->size(); ++i) {
    const Json &module = (*modules)[i];
    const std::string place = "[" + std::to_string(i) + "].";
    if (!module.is_object())
      return Error{path, place, "expected an object"};
    Config entry(module, path, place);
    const std::string type = entry.getString("type");
    const std::string folder = entry.getString("path", "");
    if (!entry.ok())
      return entry.finish();
    const std::string kind = type.substr(type.rfind('.') + 1);
    if (kind == "Pooling") {
      if (Status status =
              readModes(directory + "/" + folder + "/config.json", metadata);
          !status)
        return status;
    } else if (kind == "Normalize") {
      metadata["normalize"] = "true";
    } else if (kind != "Transformer") {
      return Error{path, place + "type",
                   "expected Transformer, Pooling or Normalize but got " +
                       formats::quoteJson(module["type"])};
    }
  }
  return {};
}
