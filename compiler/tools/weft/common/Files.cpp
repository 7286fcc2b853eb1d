//===- Files.cpp - Reading and writing files, "-" and arrays --------------===//

#include "compiler/tools/weft/common/Files.h"
#include "compiler/artifact/OutputFile.h"
#include "frontends/formats/npy/Npy.h"
#include "llvm/Support/MemoryBuffer.h"
#include <cstring>

using namespace weft;
using namespace weft::cli;
using formats::DataType;

std::string cli::readFile(const std::string &path) {
  auto buffer = llvm::MemoryBuffer::getFileOrSTDIN(
      path, /*IsText=*/false, /*RequiresNullTerminator=*/false);
  if (!buffer)
    throw Failure(path + ": " + buffer.getError().message());
  return (*buffer)->getBuffer().str();
}

void cli::writeFile(const std::string &path,
                    const std::vector<std::string_view> &parts) {
  llvm::Error error = writeOutputFile(path, [&](llvm::raw_fd_ostream &out) {
    for (std::string_view part : parts)
      out << llvm::StringRef(part);
    return llvm::Error::success();
  });
  if (error)
    throw Failure(llvm::toString(std::move(error)));
}

static constexpr std::pair<weft_dtype, DataType> kTypes[] = {
    {WEFT_F32, DataType::F32},   {WEFT_F16, DataType::F16},
    {WEFT_BF16, DataType::BF16}, {WEFT_I8, DataType::I8},
    {WEFT_U8, DataType::U8},     {WEFT_I16, DataType::I16},
    {WEFT_I32, DataType::I32},   {WEFT_I64, DataType::I64},
    {WEFT_I1, DataType::Bool},   {WEFT_BYTES, DataType::U8},
    {WEFT_F64, DataType::F64},   {WEFT_U16, DataType::U16},
    {WEFT_U32, DataType::U32},   {WEFT_U64, DataType::U64}};

Array cli::readArray(const std::string &path) {
  std::string text = readFile(path);
  formats::Bytes bytes = {reinterpret_cast<const uint8_t *>(text.data()),
                          text.size()};
  formats::NpyArray file = take(formats::parseNpy(bytes, path));
  for (auto [type, fileType] : kTypes)
    if (file.type == fileType) {
      Array array(type, file.shape);
      std::memcpy(array.data(), file.data.data, array.bytes());
      return array;
    }
  throw Failure(path + ": expected a type that a function can take but got " +
                formats::getName(file.type));
}

void cli::writeArray(const std::string &path, const Array &array) {
  for (auto [type, fileType] : kTypes)
    if (type == array.type()) {
      std::string header = formats::makeNpyHeader(fileType, array.dims());
      writeFile(path,
                {header, {static_cast<char *>(array.data()), array.bytes()}});
      return;
    }
}
