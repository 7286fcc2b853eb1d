//===- ModelReport.cpp - What a model file holds --------------------------===//

#include "compiler/tools/weft/inspect/Reports.h"
#include "frontends/formats/config/Config.h"
#include "frontends/formats/gguf/Gguf.h"
#include "frontends/formats/safetensors/Safetensors.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/FileSystem.h"
#include <map>

using namespace weft;
using namespace weft::cli;
using formats::TensorStore;

/// Adds what is known of all tensors, and returns the list of them.
static Json reportTensors(const TensorStore &store, Json &report) {
  uint64_t bytes = 0, numbers = 0;
  std::map<std::string, uint64_t> types; // numbers by type
  Json tensors = Json::array();
  for (const formats::TensorInfo &tensor : store.tensors()) {
    uint64_t count = formats::getNumElements(tensor.shape).value_or(0);
    bytes += tensor.size;
    numbers += count;
    types[formats::getName(tensor.type)] += count;
    tensors.push_back({{"name", tensor.name},
                       {"type", formats::getName(tensor.type)},
                       {"dims", tensor.shape},
                       {"bytes", tensor.size}});
  }
  report["files"] = store.files().size();
  report["parameters"] = numbers;
  report["parameter_bytes"] = bytes;
  report["types"] = types;
  return tensors;
}

/// A value as JSON; an array by its length, since vocabularies are long.
static Json reportValue(const formats::GgufValue &value) {
  if (auto boolean = value.asBool())
    return *boolean;
  if (auto integer = value.asInteger())
    return *integer;
  if (auto real = value.asReal())
    return *real;
  if (auto text = value.asString())
    return std::string(*text);
  if (auto array = value.asArray())
    return {{"elements", array->size()}};
  return nullptr;
}

static Json reportGguf(const std::string &path) {
  formats::GgufFile file = take(formats::openGguf(path));
  Json report = {{"format", "gguf"}, {"version", file.version}};
  Json tensors = reportTensors(file.store, report);
  Json metadata = Json::object();
  for (const auto &[key, value] : file.metadata)
    metadata[key] = reportValue(value);
  report["metadata"] = metadata;
  report["tensors"] = tensors;
  return report;
}

static Json reportDirectory(const std::string &path) {
  Json report = {{"format", "huggingface"}};
  Json tensors =
      reportTensors(take(formats::openSafetensorsDirectory(path)), report);
  std::string file = path + "/config.json";
  std::string text = take(formats::readTextFile(file, formats::kMaxConfig));
  report["metadata"] = Json::parse(take(formats::parseJson(text, file)).dump());
  report["tensors"] = tensors;
  return report;
}

static Json reportSafetensors(const std::string &path) {
  Json report = {{"format", "safetensors"}};
  report["tensors"] =
      reportTensors(take(formats::openSafetensors(path)), report);
  return report;
}

Json cli::reportModel(const std::string &path) {
  llvm::StringRef name = path;
  if (llvm::sys::fs::is_directory(path))
    return reportDirectory(path);
  if (name.ends_with(".gguf"))
    return reportGguf(path);
  if (name.ends_with(".safetensors"))
    return reportSafetensors(path);
  throw Failure(path + ": expected a .weft, .gguf or .safetensors file or a "
                       "Hugging Face folder");
}
