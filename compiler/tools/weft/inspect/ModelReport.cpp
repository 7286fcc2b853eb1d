//===- ModelReport.cpp - What a model file holds --------------------------===//

#include "compiler/tools/weft/inspect/Reports.h"
#include "frontends/formats/common/Quote.h"
#include "frontends/formats/config/Config.h"
#include "frontends/formats/gguf/Gguf.h"
#include "frontends/formats/onnx/Onnx.h"
#include "frontends/formats/safetensors/Safetensors.h"
#include "llvm/ADT/SmallVector.h"
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

/// A name from a file as JSON can hold it.
static std::string reportName(const std::string &name) {
  return formats::printable(name);
}

/// Inputs or outputs of a graph: a dimension is a number or a name.
static Json
reportPorts(const google::protobuf::RepeatedPtrField<formats::onnx::ValueInfo>
                &values) {
  Json ports = Json::array();
  for (const formats::onnx::ValueInfo &value : values) {
    const auto &type = value.type().tensor_type();
    Json dims = Json::array();
    for (const auto &dim : type.shape().dim())
      if (dim.has_dim_value())
        dims.push_back(dim.dim_value());
      else
        dims.push_back(reportName(dim.dim_param()));
    ports.push_back({{"name", reportName(value.name())},
                     {"type", formats::getOnnxTypeName(type.elem_type())},
                     {"dims", dims}});
  }
  return ports;
}

static Json reportOnnx(const std::string &path) {
  formats::OnnxFile file = take(formats::openOnnx(path));
  Json report = {{"format", "onnx"}, {"version", file.model.ir_version()}};
  Json tensors = reportTensors(file.store, report);
  Json metadata = Json::object(), opsets = Json::object();
  metadata["producer"] = reportName(file.model.producer_name());
  for (const auto &set : file.model.opset_import())
    opsets[set.domain().empty() ? "ai.onnx" : reportName(set.domain())] =
        set.version();
  metadata["opsets"] = opsets;
  for (const auto &entry : file.model.metadata_props())
    metadata[reportName(entry.key())] = reportName(entry.value());
  std::map<std::string, uint64_t> operators;
  for (const auto &node : file.model.graph().node())
    ++operators[reportName(node.op_type())];
  report["metadata"] = metadata;
  report["inputs"] = reportPorts(file.model.graph().input());
  report["outputs"] = reportPorts(file.model.graph().output());
  report["operators"] = operators;
  report["tensors"] = tensors;
  return report;
}

/// What a text declares: the lines of parameters and functions, as they stand.
static Json reportText(const std::string &path) {
  constexpr uint64_t kMost = uint64_t(1) << 31;
  std::string text = take(formats::readTextFile(path, kMost));
  Json parameters = Json::array(), functions = Json::array();
  llvm::SmallVector<llvm::StringRef> lines;
  llvm::StringRef(text).split(lines, '\n');
  for (llvm::StringRef line : lines) {
    line = line.trim();
    if (line.starts_with("weft.parameter"))
      parameters.push_back(reportName(line.drop_front(14).trim().str()));
    else if (line.starts_with("func.func"))
      functions.push_back(
          reportName(line.drop_front(9).rtrim(" {").trim().str()));
  }
  return {
      {"format", "mlir"}, {"functions", functions}, {"parameters", parameters}};
}

Json cli::reportModel(const std::string &path) {
  llvm::StringRef name = path;
  if (llvm::sys::fs::is_directory(path))
    return reportDirectory(path);
  if (name.ends_with(".gguf"))
    return reportGguf(path);
  if (name.ends_with(".onnx"))
    return reportOnnx(path);
  if (name.ends_with(".mlir"))
    return reportText(path);
  if (name.ends_with(".safetensors"))
    return reportSafetensors(path);
  throw Failure(path +
                ": expected a .weft, .gguf, .onnx, .mlir or .safetensors "
                "file or a Hugging Face folder");
}
