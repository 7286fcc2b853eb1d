//===- Parameters.cpp - Trained tensors by name, as weft.parameter --------===//

#include "frontends/common/Parameters.h"

#include "dialects/weft/ops/WeftOps.h"
#include "frontends/formats/common/Quote.h"

using namespace mlir;
using namespace weft;
using formats::DataType;
using formats::TensorInfo;

Parameters::Parameters(const formats::TensorStore &store, std::string source,
                       ModuleOp module, Rename rename)
    : store(store), source(std::move(source)), module(module),
      rename(std::move(rename)) {}

const TensorInfo *Parameters::find(StringRef name) const {
  const std::string inFile = rename ? rename(name) : name.str();
  return store.find(inFile);
}

bool Parameters::has(StringRef name) const { return find(name); }

void Parameters::fail(StringRef name, std::string message) {
  if (!status)
    return;
  const TensorInfo *tensor = find(name);
  const std::string inFile = rename ? rename(name) : name.str();
  status =
      formats::Error{tensor ? store.getFile(*tensor)->path() : source,
                     "tensor " + formats::quote(inFile), std::move(message)};
}

const TensorInfo *Parameters::check(StringRef name, ArrayRef<int64_t> shape) {
  const TensorInfo *tensor = find(name);
  const std::vector<int64_t> expected(shape.begin(), shape.end());
  if (!tensor) {
    fail(name, "expected a tensor of shape " + formats::formatShape(expected) +
                   " but got none of this name");
    return nullptr;
  }
  used.insert(tensor->name);
  if (tensor->shape != expected) {
    fail(name, "expected shape " + formats::formatShape(expected) +
                   " but got " + formats::formatShape(tensor->shape));
    return nullptr;
  }
  return tensor;
}

/// The scheme of a block type, or null where numbers stand alone.
static SchemeAttrInterface getScheme(MLIRContext *context, DataType type) {
  switch (type) {
  case DataType::Q4_0:
    return Q4_0Attr::get(context);
  case DataType::Q4_1:
    return Q4_1Attr::get(context);
  case DataType::Q5_0:
    return Q5_0Attr::get(context);
  case DataType::Q5_1:
    return Q5_1Attr::get(context);
  case DataType::Q8_0:
    return Q8_0Attr::get(context);
  case DataType::Q4_K:
    return Q4_KAttr::get(context);
  case DataType::Q6_K:
    return Q6_KAttr::get(context);
  default:
    return nullptr;
  }
}

Type Parameters::getElementType(MLIRContext *context, StringRef name,
                                DataType type) {
  if (SchemeAttrInterface scheme = getScheme(context, type))
    return BlocksType::get(context, scheme);
  switch (type) {
  case DataType::F32:
    return Float32Type::get(context);
  case DataType::F16:
    return Float16Type::get(context);
  case DataType::BF16:
    return BFloat16Type::get(context);
  default:
    fail(name, std::string("expected f32, f16, bf16 or blocks but got ") +
                   formats::getName(type));
    return Float32Type::get(context);
  }
}

Value Parameters::use(ImplicitLocOpBuilder &b, StringRef name,
                      ArrayRef<int64_t> shape, ArrayRef<int64_t> inFile) {
  auto [entry, isNew] = declared.try_emplace(name);
  RankedTensorType &type = entry->second;
  if (isNew) {
    type = RankedTensorType::get(shape, b.getF32Type());
    if (const TensorInfo *tensor =
            check(name, inFile.empty() ? shape : inFile)) {
      type = RankedTensorType::get(
          shape, getElementType(b.getContext(), name, tensor->type));
      OpBuilder::InsertionGuard guard(b);
      b.setInsertionPoint(module.getBody(), module.getBody()->begin());
      // After the parameters that are there.
      while (b.getInsertionPoint() != module.getBody()->end() &&
             isa<ParameterOp>(*b.getInsertionPoint()))
        b.setInsertionPointAfter(&*b.getInsertionPoint());
      ParameterOp::create(b, name, type, store.getFile(*tensor)->path(),
                          tensor->offset);
    }
  }
  if (type.getShape() != shape)
    fail(name, "is used with two shapes");
  return UseOp::create(b, type, name);
}

Value Parameters::useFloat(ImplicitLocOpBuilder &b, StringRef name,
                           ArrayRef<int64_t> shape, ArrayRef<int64_t> inFile) {
  Value value = use(b, name, shape, inFile);
  auto type = cast<RankedTensorType>(value.getType());
  if (type.getElementType().isF32())
    return value;
  return DequantizeOp::create(b, type.clone(b.getF32Type()), value);
}

void Parameters::ignore(ArrayRef<StringRef> patterns) {
  for (StringRef pattern : patterns)
    ignored.push_back(pattern.str());
}

static bool matches(StringRef name, StringRef pattern) {
  const bool anyBegin = pattern.consume_front("*");
  const bool anyEnd = pattern.consume_back("*");
  if (anyBegin && anyEnd)
    return name.contains(pattern);
  if (anyBegin)
    return name.ends_with(pattern);
  return anyEnd ? name.starts_with(pattern) : name == pattern;
}

formats::Status Parameters::finish() const {
  if (!status)
    return status;
  for (const TensorInfo &tensor : store.tensors()) {
    if (used.contains(tensor.name) ||
        llvm::any_of(ignored, [&](const std::string &pattern) {
          return matches(tensor.name, pattern);
        }))
      continue;
    return formats::Error{
        store.getFile(tensor)->path(), "tensor " + formats::quote(tensor.name),
        "is not supported: a " + std::string(formats::getName(tensor.type)) +
            " " + formats::formatShape(tensor.shape) +
            " of this name has no place in the model that the configuration "
            "describes"};
  }
  return {};
}
