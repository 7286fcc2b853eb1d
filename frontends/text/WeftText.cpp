//===- WeftText.cpp - Models written as Weft text -------------------------===//

#include "frontends/text/WeftText.h"

#include "dialects/weft/ops/WeftOps.h"
#include "frontends/formats/common/Quote.h"
#include "frontends/formats/safetensors/Safetensors.h"
#include "frontends/models/Build.h"
#include "frontends/text/ImportText.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Parser/Parser.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/Path.h"

using namespace mlir;
using namespace weft;
using formats::Error;
using formats::Expected;
using formats::Status;

/// `line:column` of the innermost place in a file.
static std::string getPlace(Location location) {
  if (auto place = location->findInstanceOf<FileLineColLoc>())
    return std::to_string(place.getLine()) + ":" +
           std::to_string(place.getColumn());
  return "";
}

/// Runs `build`; the first error that MLIR reports in it becomes ours.
static Status catchError(MLIRContext &context, const std::string &path,
                         llvm::function_ref<bool()> build) {
  Error error{path, "", ""};
  ScopedDiagnosticHandler handler(&context, [&](Diagnostic &diagnostic) {
    if (error.message.empty() &&
        diagnostic.getSeverity() == DiagnosticSeverity::Error) {
      error.message = diagnostic.str();
      error.place = getPlace(diagnostic.getLocation());
    }
    return success();
  });
  if (build())
    return {};
  return error;
}

/// Parses a text, which may call functions that it only imports: it is verified
/// when they are there.
static Expected<OwningOpRef<ModuleOp>> parseText(MLIRContext &context,
                                                 const std::string &path) {
  // The parser itself would only say that it cannot open the file.
  auto text = formats::readTextFile(path, uint64_t(1) << 31);
  if (!text)
    return text.takeError();
  OwningOpRef<ModuleOp> module;
  ParserConfig config(&context, /*verifyAfterParse=*/false);
  Status status = catchError(context, path, [&] {
    module = parseSourceString<ModuleOp>(*text, config, path);
    return bool(module);
  });
  if (!status)
    return status.error();
  return module;
}

/// Parses, takes in what is imported, and verifies.
static Expected<OwningOpRef<ModuleOp>> parseModel(MLIRContext &context,
                                                  const std::string &path) {
  auto module = parseText(context, path);
  if (!module)
    return module;
  Status status =
      resolveImports(**module, path, [&](const std::string &imported) {
        return parseText(context, imported);
      });
  if (!status)
    return status.error();
  status =
      catchError(context, path, [&] { return succeeded(verify(**module)); });
  if (!status)
    return status.error();
  return module;
}

/// Bytes that a parameter of this type takes in a file, if it can lie in one.
static std::optional<uint64_t> getStorageSize(RankedTensorType type) {
  if (!type.hasStaticShape())
    return std::nullopt;
  std::optional<uint64_t> count = formats::getNumElements(
      std::vector<int64_t>(type.getShape().begin(), type.getShape().end()));
  if (!count || *count > uint64_t(INT64_MAX) / 256)
    return std::nullopt;
  if (auto blocks = dyn_cast<BlocksType>(type.getElementType())) {
    SchemeAttrInterface scheme = blocks.getScheme();
    return *count / scheme.getBlockSize() * scheme.getBlockBytes();
  }
  if (!type.getElementType().isIntOrFloat())
    return std::nullopt;
  return *count * ((type.getElementTypeBitWidth() + 7) / 8);
}

/// The type of a safetensors tensor.
static Type getElementType(MLIRContext *context, formats::DataType type) {
  Builder b(context);
  switch (type) {
  case formats::DataType::F32:
    return b.getF32Type();
  case formats::DataType::F16:
    return b.getF16Type();
  case formats::DataType::BF16:
    return b.getBF16Type();
  case formats::DataType::F64:
    return b.getF64Type();
  case formats::DataType::I8:
  case formats::DataType::U8:
    return b.getI8Type();
  case formats::DataType::I16:
    return b.getI16Type();
  case formats::DataType::I32:
    return b.getI32Type();
  case formats::DataType::I64:
    return b.getI64Type();
  default:
    return Type();
  }
}

/// Gives the parameter its place in the params file.
static Status bindToParams(ParameterOp parameter,
                           const formats::TensorStore &store) {
  const std::string name = parameter.getSymName().str();
  const std::string file = store.files().front()->path();
  const std::string place = "tensor " + formats::quote(name);
  const formats::TensorInfo *tensor = store.find(name);
  auto type = dyn_cast<RankedTensorType>(parameter.getType());
  std::string expected;
  llvm::raw_string_ostream(expected) << parameter.getType();
  if (!tensor)
    return Error{file, place,
                 "expected " + expected +
                     " but got none of this "
                     "name"};
  // Blocks lie in safetensors as bytes: rows x bytes of a row.
  const bool isBytes = type && isa<BlocksType>(type.getElementType()) &&
                       tensor->type == formats::DataType::U8;
  const bool isSame = type &&
                      type.getElementType() ==
                          getElementType(type.getContext(), tensor->type) &&
                      type.getShape() == ArrayRef<int64_t>(tensor->shape);
  if (!isSame && !(isBytes && getStorageSize(type) == tensor->size))
    return Error{file, place,
                 "expected " + expected + " but got " +
                     formats::getName(tensor->type) + " " +
                     formats::formatShape(tensor->shape)};
  parameter.setFile(file);
  parameter.setOffset(tensor->offset);
  return {};
}

/// Opens the file that a parameter names, and checks that it lies inside.
static Status bindToOwnFile(
    ParameterOp parameter, const std::string &path,
    llvm::StringMap<std::shared_ptr<const formats::MappedFile>> &files) {
  llvm::SmallString<128> resolved(parameter.getFile());
  if (llvm::sys::path::is_relative(resolved)) {
    resolved = llvm::sys::path::parent_path(path);
    llvm::sys::path::append(resolved, parameter.getFile());
  }
  const std::string place = "@" + parameter.getSymName().str();
  auto &file = files[resolved];
  if (!file) {
    auto opened = formats::MappedFile::open(resolved.str().str());
    if (!opened)
      return Error{path, place, opened.error().str()};
    file = *opened;
  }
  const uint64_t available = file->bytes().size;
  auto type = dyn_cast<RankedTensorType>(parameter.getType());
  std::optional<uint64_t> size = type ? getStorageSize(type) : std::nullopt;
  const uint64_t offset = parameter.getOffset();
  if (!size || offset > available || *size > available - offset)
    return Error{path, place,
                 "expected " + (size ? std::to_string(*size) : "a number of") +
                     " bytes from " + std::to_string(offset) + " within the " +
                     std::to_string(available) + " bytes of " +
                     resolved.str().str()};
  parameter.setFile(resolved);
  return {};
}

Expected<ModelSource> weft::loadWeftText(MLIRContext &context,
                                         const std::string &path,
                                         const std::string &params) {
  loadModelDialects(context);
  auto module = parseModel(context, path);
  if (!module)
    return module.takeError();
  ModelSource source;
  source.module = std::move(*module);
  source.metadata["family"] = "text";

  std::optional<formats::TensorStore> store;
  if (!params.empty()) {
    auto opened = formats::openSafetensors(params);
    if (!opened)
      return opened.takeError();
    store = std::move(*opened);
    source.files = store->files();
  }
  llvm::StringMap<std::shared_ptr<const formats::MappedFile>> files;
  for (ParameterOp parameter : source.module->getOps<ParameterOp>()) {
    Status status = store ? bindToParams(parameter, *store)
                          : bindToOwnFile(parameter, path, files);
    if (!status)
      return status.takeError();
  }
  for (auto &entry : files)
    source.files.push_back(entry.second);
  return source;
}
