//===- OnnxModel.cpp - Models in ONNX files -------------------------------===//

#include "frontends/onnx/OnnxModel.h"

#include "dialects/weft/ops/WeftOps.h"
#include "frontends/formats/common/Quote.h"
#include "frontends/formats/npy/Npy.h"
#include "frontends/formats/tokenizer_json/TokenizerJson.h"
#include "frontends/hf/Pooling.h"
#include "frontends/models/Build.h"
#include "frontends/onnx/Node.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

#include <unistd.h>

using namespace mlir;
using namespace weft;
using namespace weft::onnx;
using formats::Error;
using formats::Expected;
using formats::quote;
using formats::Status;

namespace {

/// Imports the graph of one file.
class Importer {
public:
  Importer(MLIRContext &context, const std::string &path,
           formats::OnnxFile &file,
           const std::map<std::string, std::string> &fixed)
      : context(context), path(path), file(file), graph(file.model.graph()),
        fixed(fixed), loc(UnknownLoc::get(&context)),
        module(ModuleOp::create(loc, "onnx")) {}

  Status run(ModelSource &source);

private:
  Error makeError(std::string place, const Twine &message) const {
    return Error{path, std::move(place), message.str()};
  }
  /// What the builder recorded.
  Error takeError(std::string place) const {
    return makeError(std::move(place), builder->error);
  }

  Status readOpset();
  Status readInputs();
  Status readInput(const proto::ValueInfo &input);
  Expected<Tensor> readFixed(const std::string &name, Type element,
                             ArrayRef<int64_t> shape);
  Status readNodes();
  Status readNode(int index);
  Expected<Tensor> getValue(const std::string &name);
  Expected<Tensor> readInitializer(const proto::Tensor &tensor);
  Tensor useParameter(const formats::TensorInfo &info, Type element);
  Status returnOutputs();
  void describe(ModelSource &source);

  MLIRContext &context;
  const std::string &path;
  formats::OnnxFile &file;
  const proto::Graph &graph;
  const std::map<std::string, std::string> &fixed;
  Location loc;
  OwningOpRef<ModuleOp> module;
  func::FuncOp function;
  std::optional<GraphBuilder> builder;
  int64_t opset = 0;
  llvm::StringMap<const proto::Tensor *> initializers;
  llvm::StringMap<Tensor> values;
};

} // namespace

static std::string getPlace(const proto::Node &node, int index) {
  std::string place = "node " + std::to_string(index);
  if (!node.name().empty())
    place += " " + quote(node.name());
  return place + " (" + formats::printable(node.op_type()) + ")";
}

static bool isDefaultDomain(const std::string &domain) {
  return domain.empty() || domain == "ai.onnx";
}

//===----------------------------------------------------------------------===//
// Inputs
//===----------------------------------------------------------------------===//

Status Importer::readOpset() {
  for (const proto::OperatorSet &set : file.model.opset_import())
    if (isDefaultDomain(set.domain()))
      opset = set.version();
  if (opset < 1 || opset > kNewestOpset)
    return makeError("opset_import",
                     "expected operator set 1 to " + Twine(kNewestOpset) +
                         " of ONNX but got " +
                         (opset ? Twine(opset) : Twine("none")));
  if (graph.sparse_initializer_size())
    return makeError("graph", "sparse initializers are not supported");
  return {};
}

Expected<Tensor> Importer::readFixed(const std::string &name, Type element,
                                     ArrayRef<int64_t> shape) {
  const std::string &arrayPath = fixed.at(name);
  auto mapped = formats::MappedFile::open(arrayPath);
  if (!mapped)
    return mapped.takeError();
  auto array = formats::parseNpy((*mapped)->bytes(), arrayPath);
  if (!array)
    return array.takeError();
  bool fits = array->shape.size() == shape.size();
  for (auto [own, wanted] : llvm::zip(array->shape, shape))
    fits &= wanted < 0 || own == wanted;
  const std::string type = getTypeName(element);
  const unsigned bytes = (element.getIntOrFloatBitWidth() + 7) / 8;
  const bool isAlike = formats::getFacts(array->type).bytes == bytes;
  if (!fits || !isAlike)
    return Error{arrayPath, "",
                 "expected " + type + " for input " + quote(name) +
                     " but got " + formats::getName(array->type) + " " +
                     formats::formatShape(array->shape)};
  FailureOr<Tensor> tensor =
      readRawTensor(*builder, element, array->shape, array->data.text());
  if (failed(tensor))
    return takeError("input " + quote(name));
  return *tensor;
}

Status Importer::readInput(const proto::ValueInfo &input) {
  const std::string place = "input " + quote(input.name());
  if (!input.type().has_tensor_type())
    return makeError(place, "expected a tensor but got another type");
  const auto &type = input.type().tensor_type();
  auto element = getPortType(&context, type.elem_type());
  if (!element)
    return makeError(place, "type " +
                                formats::getOnnxTypeName(type.elem_type()) +
                                " is not supported");
  if (!type.has_shape())
    return makeError(place, "expected a shape but got none");
  SmallVector<int64_t> shape;
  SmallVector<Attribute> names;
  Builder b(&context);
  for (const auto &dim : type.shape().dim()) {
    const bool isNumber = dim.has_dim_value();
    if (isNumber && dim.dim_value() < 0)
      return makeError(place,
                       "size " + Twine(dim.dim_value()) + " is negative");
    std::string name;
    if (!isNumber)
      name = dim.has_dim_param() && !dim.dim_param().empty()
                 ? formats::printable(dim.dim_param())
                 : formats::printable(input.name()) + "_" +
                       std::to_string(shape.size());
    shape.push_back(isNumber ? dim.dim_value() : ShapedType::kDynamic);
    names.push_back(b.getStringAttr(name));
  }
  if (shape.size() > 8)
    return makeError(place,
                     "expected at most 8 axes but got " + Twine(shape.size()));
  if (fixed.count(input.name())) {
    auto tensor = readFixed(input.name(), *element, shape);
    if (!tensor)
      return tensor.takeError();
    values[input.name()] = *tensor;
    return {};
  }
  const unsigned number = function.getNumArguments();
  (void)function.insertArgument(
      number, RankedTensorType::get(shape, getStoredType(*element)), nullptr,
      loc);
  function.setArgAttr(number, "weft.name",
                      b.getStringAttr(formats::printable(input.name())));
  if (element->isUnsignedInteger())
    function.setArgAttr(number, "weft.unsigned", b.getUnitAttr());
  if (llvm::is_contained(shape, ShapedType::kDynamic))
    function.setArgAttr(number, "weft.symbols", b.getArrayAttr(names));
  Value argument = function.getArgument(number);
  Sizes sizes;
  for (auto [axis, size] : llvm::enumerate(shape))
    sizes.push_back(
        ShapedType::isDynamic(size)
            ? builder->table.getDimension(
                  cast<StringAttr>(names[axis]).getValue(), argument, axis)
            : Size(size));
  Tensor tensor = builder->wrap(argument, sizes);
  tensor.isUnsigned = element->isUnsignedInteger();
  values[input.name()] = tensor;
  return {};
}

Status Importer::readInputs() {
  for (const proto::Tensor &tensor : graph.initializer())
    initializers[tensor.name()] = &tensor;
  for (const proto::ValueInfo &input : graph.input()) {
    // In old files initializers are inputs too.
    if (initializers.contains(input.name()))
      continue;
    if (values.contains(input.name()))
      return makeError("input " + quote(input.name()), "is there twice");
    if (Status status = readInput(input); !status)
      return status;
  }
  for (const auto &[name, array] : fixed)
    if (!values.contains(name))
      return makeError("input " + quote(name), "the graph has no such input");
  return {};
}

//===----------------------------------------------------------------------===//
// Initializers
//===----------------------------------------------------------------------===//

/// Bytes up to which an initializer becomes a constant of the program. Integers
/// are constants as far as they may be shapes; matrices are parameters always.
static bool isConstant(const formats::TensorInfo &info) {
  const bool isReal = info.type == formats::DataType::F32 ||
                      info.type == formats::DataType::F16 ||
                      info.type == formats::DataType::BF16 ||
                      info.type == formats::DataType::F64;
  if (!isReal)
    return info.size <= 32768 && info.shape.size() <= 2 &&
           info.type != formats::DataType::I8;
  return info.size <= 16 || (info.shape.size() < 2 && info.size <= 64);
}

Tensor Importer::useParameter(const formats::TensorInfo &info, Type element) {
  auto type = RankedTensorType::get(info.shape, element);
  OpBuilder b = OpBuilder::atBlockBegin(module->getBody());
  b.setInsertionPoint(function);
  ParameterOp::create(b, loc, info.name, type, file.store.getFile(info)->path(),
                      info.offset);
  Value value = UseOp::create(builder->b, type, info.name);
  Sizes sizes(info.shape.begin(), info.shape.end());
  return builder->wrap(value, sizes, /*isParameter=*/true);
}

Expected<Tensor> Importer::readInitializer(const proto::Tensor &tensor) {
  const std::string place = "initializer " + quote(tensor.name());
  auto element = getPortType(&context, tensor.data_type());
  if (!element)
    return makeError(place, "type " +
                                formats::getOnnxTypeName(tensor.data_type()) +
                                " is not supported");
  const formats::TensorInfo *info = file.store.find(tensor.name());
  if (info && !isConstant(*info)) {
    Tensor parameter = useParameter(*info, getStoredType(*element));
    parameter.isUnsigned = element->isUnsignedInteger();
    return parameter;
  }
  FailureOr<Tensor> result =
      info ? readRawTensor(*builder, *element, info->shape,
                           file.store.getBytes(*info).text())
           : readTensor(*builder, tensor);
  if (failed(result))
    return takeError(place);
  return *result;
}

Expected<Tensor> Importer::getValue(const std::string &name) {
  auto known = values.find(name);
  if (known != values.end())
    return known->second;
  auto initializer = initializers.find(name);
  if (initializer == initializers.end())
    return makeError("value " + quote(name),
                     "expected an input, an initializer or the output of a "
                     "node before but got none of this name");
  auto tensor = readInitializer(*initializer->second);
  if (tensor)
    values[name] = *tensor;
  return tensor;
}

//===----------------------------------------------------------------------===//
// Nodes
//===----------------------------------------------------------------------===//

Status Importer::readNode(int index) {
  const proto::Node &node = graph.node(index);
  const std::string place = getPlace(node, index);
  if (!isDefaultDomain(node.domain()))
    return makeError(place, "operator of domain " + quote(node.domain()) +
                                " is not supported");
  const Operator *op = findOperator(node.op_type());
  if (!op)
    return makeError(place, "this operator is not supported");
  if (opset < op->since)
    return makeError(place, "expected operator set " + Twine(op->since) +
                                " or later but got " + Twine(opset));
  const auto count = unsigned(node.input_size());
  if (count < op->fewestInputs || count > op->mostInputs)
    return makeError(place,
                     "expected " + Twine(op->fewestInputs) +
                         (op->mostInputs == kManyInputs
                              ? " or more"
                              : " to " + std::to_string(op->mostInputs)) +
                         " inputs but got " + Twine(count));
  std::vector<std::optional<Tensor>> inputs(count);
  for (unsigned i = 0; i < count; ++i) {
    const std::string &name = node.input(int(i));
    if (name.empty()) {
      if (i < op->fewestInputs || op->mostInputs == kManyInputs)
        return makeError(place,
                         "expected input " + Twine(i) + " but it is left out");
      continue;
    }
    auto value = getValue(name);
    if (!value) {
      Error error = value.takeError();
      error.place = place + ": " + error.place;
      return error;
    }
    if (value->isUnsigned && !op->takesUnsigned)
      return makeError(place, "input " + Twine(i) + " of type " +
                                  getTypeName(value->getPortType()) +
                                  " is not supported");
    inputs[i] = *value;
  }

  builder->b.setLoc(NameLoc::get(StringAttr::get(
      &context,
      formats::printable(node.name().empty() ? node.op_type() : node.name()))));
  Node n(*builder, node, opset, std::move(inputs));
  if (failed(op->import(n)) || failed(n.checkAttributes()))
    return takeError(place);
  for (unsigned i = 0; i < n.getNumOutputs(); ++i) {
    if (!n.wantsOutput(i))
      continue;
    const std::string &name = node.output(int(i));
    if (!n.getOutputs()[i])
      return makeError(place, "output " + Twine(i) + " is not supported");
    if (values.contains(name) || initializers.contains(name))
      return makeError(place, "output " + quote(name) + " is there twice");
    if (n.getOutputs()[i]->rank() > 8)
      return makeError(place, "expected at most 8 axes but got " +
                                  builder->table.str(n.getOutputs()[i]->sizes));
    values[name] = *n.getOutputs()[i];
  }
  return {};
}

Status Importer::readNodes() {
  for (int i = 0; i < graph.node_size(); ++i)
    if (Status status = readNode(i); !status)
      return status;
  return {};
}

//===----------------------------------------------------------------------===//
// Outputs
//===----------------------------------------------------------------------===//

Status Importer::returnOutputs() {
  Builder b(&context);
  SmallVector<Value> results;
  SmallVector<Type> types;
  SmallVector<DictionaryAttr> attributes;
  builder->b.setLoc(loc);
  for (const proto::ValueInfo &output : graph.output()) {
    const std::string place = "output " + quote(output.name());
    auto tensor = getValue(output.name());
    if (!tensor)
      return tensor.takeError();
    SmallVector<Attribute> names;
    bool isDynamic = false;
    for (const Size &size : tensor->sizes) {
      auto name = builder->table.findName(size);
      if (!name && !size.asNumber())
        return makeError(place, "expected axes with sizes of inputs but got " +
                                    builder->table.str(tensor->sizes));
      isDynamic |= name.has_value();
      names.push_back(b.getStringAttr(name.value_or("")));
    }
    results.push_back(builder->dense(*tensor));
    types.push_back(results.back().getType());
    SmallVector<NamedAttribute> entries{b.getNamedAttr(
        "weft.name", b.getStringAttr(formats::printable(output.name())))};
    if (tensor->isUnsigned)
      entries.push_back(b.getNamedAttr("weft.unsigned", b.getUnitAttr()));
    if (isDynamic)
      entries.push_back(b.getNamedAttr("weft.symbols", b.getArrayAttr(names)));
    attributes.push_back(b.getDictionaryAttr(entries));
  }
  if (results.empty())
    return makeError("graph", "expected outputs but got none");
  func::ReturnOp::create(builder->b, results);
  function.setType(b.getFunctionType(function.getArgumentTypes(), types));
  function.setAllResultAttrs(attributes);
  return {};
}

/// What exporters of encoders agree on without writing it down: a mask of ones
/// and types of zeros where the caller has none.
static void addDefaults(func::FuncOp function) {
  Builder b(function.getContext());
  llvm::StringMap<unsigned> arguments;
  for (unsigned i = 0; i < function.getNumArguments(); ++i)
    arguments[function.getArgAttrOfType<StringAttr>(i, "weft.name")] = i;
  auto ids = arguments.find("input_ids");
  if (ids == arguments.end())
    return;
  for (auto [name, value] : {std::pair<StringRef, int64_t>{"attention_mask", 1},
                             {"token_type_ids", 0}})
    if (auto it = arguments.find(name);
        it != arguments.end() &&
        function.getArgAttr(it->second, "weft.symbols") ==
            function.getArgAttr(ids->second, "weft.symbols"))
      function.setArgAttr(it->second, "weft.default",
                          b.getI64IntegerAttr(value));
}

void Importer::describe(ModelSource &source) {
  source.metadata["family"] = "onnx";
  if (!file.model.producer_name().empty())
    source.metadata["producer"] =
        formats::printable(file.model.producer_name());
  source.metadata["opset"] = std::to_string(opset);
  if (auto most = builder->table.getLimit())
    source.metadata["context_length"] = std::to_string(*most);
  addDefaults(function);
}

Status Importer::run(ModelSource &source) {
  if (Status status = readOpset(); !status)
    return status;
  OpBuilder b = OpBuilder::atBlockEnd(module->getBody());
  function = func::FuncOp::create(b, loc, "forward", b.getFunctionType({}, {}));
  builder.emplace(loc, function.addEntryBlock());
  if (Status status = readInputs(); !status)
    return status;
  if (Status status = readNodes(); !status)
    return status;
  if (Status status = returnOutputs(); !status)
    return status;
  describe(source);
  source.files = file.store.files();
  source.module = std::move(module);
  return verifyModule(*source.module, path);
}

/// A tokenizer that lies beside the model, as exporters leave it.
static Status readTokenizer(const std::string &path, ModelSource &source) {
  const size_t slash = path.rfind('/');
  const std::string folder =
      slash == std::string::npos ? "." : path.substr(0, slash);
  if (::access((folder + "/tokenizer.json").c_str(), F_OK) != 0)
    return {};
  if (auto files = formats::findTokenizerFiles(folder)) {
    auto tokenizer = formats::readTokenizerFiles(*files, folder);
    if (!tokenizer)
      return tokenizer.takeError();
    source.tokenizer = std::move(*tokenizer);
  }
  return readPooling(folder, source.metadata);
}

Expected<ModelSource>
weft::loadOnnx(MLIRContext &context, const std::string &path,
               const std::map<std::string, std::string> &fixed) {
  auto file = formats::openOnnx(path);
  if (!file)
    return file.takeError();
  loadModelDialects(context);
  ModelSource source;
  if (Status status = Importer(context, path, *file, fixed).run(source);
      !status)
    return status.takeError();
  if (Status status = readTokenizer(path, source); !status)
    return status.takeError();
  return source;
}
