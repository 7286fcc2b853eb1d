//===- Onnx.cpp - Reading ONNX files --------------------------------------===//

#include "frontends/formats/onnx/Onnx.h"

#include "frontends/formats/common/Quote.h"
#include "frontends/formats/onnx/Fields.h"

#include <charconv>
#include <map>
#include <set>

using namespace weft;
using namespace weft::formats;

// Numbers of the fields that are looked for; the names are in onnx.proto.
static constexpr uint32_t kModelGraph = 7, kGraphInitializer = 5,
                          kTensorRawData = 9;
// Protobuf counts bytes in 32 bits.
static constexpr uint64_t kMostBytes = INT32_MAX;

static Error makeError(const std::string &file, std::string place,
                       std::string message) {
  return Error{file, std::move(place), std::move(message)};
}

static std::string getPlace(const onnx::Tensor &tensor) {
  return "initializer " + quote(tensor.name());
}

/// Parses fields that were gathered one after the other: in protobuf that is a
/// message.
template <typename Message>
static bool parse(Message &message, const std::string &fields) {
  return fields.size() <= kMostBytes &&
         message.ParsePartialFromArray(fields.data(),
                                       static_cast<int>(fields.size()));
}

static void append(std::string &fields, const Field &field) {
  fields.append(field.whole.text());
}

/// The type, shape and size of an initializer whose bytes are `size` long; none
/// for types that are not read.
static Expected<std::optional<TensorInfo>>
checkTensor(const onnx::Tensor &tensor, uint64_t size,
            const std::string &file) {
  auto shape = getOnnxShape(tensor);
  if (!shape)
    return makeError(file, getPlace(tensor), "a size is negative");
  auto type = findOnnxType(tensor.data_type());
  if (!type)
    return std::optional<TensorInfo>();
  auto expected = getStorageSize(*type, *shape);
  if (!expected)
    return makeError(file, getPlace(tensor),
                     "shape " + formatShape(*shape) + " is too large");
  if (*expected != size)
    return makeError(file, getPlace(tensor),
                     "expected " + std::to_string(*expected) + " bytes for " +
                         getOnnxTypeName(tensor.data_type()) + " " +
                         formatShape(*shape) + " but got " +
                         std::to_string(size));
  TensorInfo info;
  info.name = tensor.name();
  info.type = *type;
  info.shape = std::move(*shape);
  info.size = size;
  return std::optional<TensorInfo>(std::move(info));
}

namespace {

/// Reads one file.
class Reader {
public:
  Reader(Bytes bytes, const std::string &file) : bytes(bytes), file(file) {}

  Expected<OnnxContents> read();

private:
  Status readGraph(Bytes graph, std::string &rest);
  Status readInitializer(Bytes message);
  Status readExternal(const onnx::Tensor &tensor);
  Error broken(const char *what, Bytes part, const FieldReader &fields) const {
    return makeError(
        file,
        "byte " + std::to_string(part.data - bytes.data + fields.offset()),
        std::string("expected a field of ") + what +
            " but got broken or missing bytes");
  }

  Bytes bytes;
  const std::string &file;
  OnnxContents contents;
  std::set<std::string> names;
};

} // namespace

/// A whole number from text; none if it is no such number.
static std::optional<uint64_t> parseNumber(const std::string &text) {
  uint64_t value = 0;
  const char *end = text.data() + text.size();
  auto [stop, error] = std::from_chars(text.data(), end, value);
  if (text.empty() || error != std::errc() || stop != end)
    return std::nullopt;
  return value;
}

/// Whether the path stays inside the folder that it is relative to.
static bool isInside(const std::string &path) {
  if (path.empty() || path.front() == '/' ||
      path.find('\0') != std::string::npos)
    return false;
  for (size_t begin = 0; begin <= path.size();) {
    const size_t end = std::min(path.find('/', begin), path.size());
    if (path.compare(begin, end - begin, "..") == 0)
      return false;
    begin = end + 1;
  }
  return true;
}

Status Reader::readExternal(const onnx::Tensor &tensor) {
  OnnxExternal external;
  std::optional<uint64_t> offset = 0, length;
  for (const auto &entry : tensor.external_data()) {
    if (entry.key() == "location")
      external.location = entry.value();
    else if (entry.key() == "offset" || entry.key() == "length") {
      auto number = parseNumber(entry.value());
      if (!number)
        return makeError(file, getPlace(tensor),
                         "expected a number as " + entry.key() + " but got " +
                             quote(entry.value()));
      (entry.key() == "offset" ? offset : length) = number;
    }
  }
  if (!isInside(external.location))
    return makeError(file, getPlace(tensor),
                     "expected a location inside the model's folder but got " +
                         quote(external.location));
  auto shape = getOnnxShape(tensor);
  auto type = findOnnxType(tensor.data_type());
  if (!length && shape && type)
    length = getStorageSize(*type, *shape);
  auto info = checkTensor(tensor, length.value_or(0), file);
  if (!info)
    return info.takeError();
  if (!*info)
    return {};
  external.tensor = std::move(**info);
  external.tensor.offset = *offset;
  contents.externals.push_back(std::move(external));
  return {};
}

Status Reader::readInitializer(Bytes message) {
  std::string rest;
  std::optional<Bytes> raw;
  FieldReader fields(message);
  for (Field field; fields.next(field);)
    if (field.number == kTensorRawData && field.wireType == 2)
      raw = field.payload;
    else
      append(rest, field);
  onnx::Tensor &tensor = *contents.model.mutable_graph()->add_initializer();
  if (!fields.isAtEnd() || !parse(tensor, rest))
    return broken("an initializer", message, fields);
  if (!names.insert(tensor.name()).second)
    return makeError(file, getPlace(tensor), "is there twice");
  if (tensor.data_location() == 1)
    return readExternal(tensor);
  if (!raw)
    return {};
  auto info = checkTensor(tensor, raw->size, file);
  if (!info)
    return info.takeError();
  if (*info) {
    (*info)->offset = static_cast<uint64_t>(raw->data - bytes.data);
    contents.tensors.push_back(std::move(**info));
  }
  return {};
}

Status Reader::readGraph(Bytes graph, std::string &rest) {
  FieldReader fields(graph);
  for (Field field; fields.next(field);) {
    if (field.number != kGraphInitializer || field.wireType != 2)
      append(rest, field);
    else if (Status status = readInitializer(field.payload); !status)
      return status;
  }
  if (!fields.isAtEnd())
    return broken("the graph", graph, fields);
  return {};
}

Expected<OnnxContents> Reader::read() {
  std::string modelRest, graphRest;
  std::vector<Bytes> graphs;
  FieldReader fields(bytes);
  for (Field field; fields.next(field);)
    if (field.number == kModelGraph && field.wireType == 2)
      graphs.push_back(field.payload);
    else
      append(modelRest, field);
  if (!fields.isAtEnd())
    return broken("a model", bytes, fields);
  if (!parse(contents.model, modelRest))
    return makeError(file, "",
                     "expected a model of ONNX but got another or "
                     "broken protobuf message");
  if (graphs.empty())
    return makeError(file, "graph", "expected a graph but got none");
  for (Bytes graph : graphs)
    if (Status status = readGraph(graph, graphRest); !status)
      return status.takeError();
  onnx::Graph rest;
  if (!parse(rest, graphRest))
    return makeError(file, "graph",
                     "expected nodes, inputs and outputs but got broken or "
                     "too deeply nested fields");
  onnx::Graph *graph = contents.model.mutable_graph();
  rest.mutable_initializer()->Swap(graph->mutable_initializer());
  graph->Swap(&rest);
  return std::move(contents);
}

Expected<OnnxContents> weft::formats::parseOnnx(Bytes bytes,
                                                const std::string &file) {
  return Reader(bytes, file).read();
}

/// Maps the files of external data and adds their tensors.
static Status addExternals(std::vector<OnnxExternal> externals,
                           const std::string &path, TensorStore &store) {
  const size_t slash = path.rfind('/');
  const std::string folder =
      slash == std::string::npos ? "" : path.substr(0, slash + 1);
  std::map<std::string, std::vector<TensorInfo>> byFile;
  for (OnnxExternal &external : externals)
    byFile[external.location].push_back(std::move(external.tensor));
  for (auto &[location, tensors] : byFile) {
    auto file = MappedFile::open(folder + location);
    if (!file)
      return file.takeError();
    const uint64_t size = (*file)->bytes().size;
    for (const TensorInfo &tensor : tensors)
      if (tensor.offset > size || tensor.size > size - tensor.offset)
        return makeError(
            path, "initializer " + quote(tensor.name),
            "expected " + std::to_string(tensor.size) + " bytes from byte " +
                std::to_string(tensor.offset) + " of " + folder + location +
                " but it has " + std::to_string(size) + " bytes");
    if (Status status = store.add(*file, std::move(tensors)); !status)
      return status;
  }
  return {};
}

Expected<OnnxFile> weft::formats::openOnnx(const std::string &path) {
  auto file = MappedFile::open(path);
  if (!file)
    return file.takeError();
  auto contents = parseOnnx((*file)->bytes(), path);
  if (!contents)
    return contents.takeError();
  OnnxFile result;
  result.model.Swap(&contents->model);
  if (Status status = result.store.add(*file, std::move(contents->tensors));
      !status)
    return status.takeError();
  if (Status status =
          addExternals(std::move(contents->externals), path, result.store);
      !status)
    return status.takeError();
  return result;
}
