//===- Safetensors.cpp - Reading safetensors files ------------------------===//

#include "frontends/formats/safetensors/Safetensors.h"

#include "frontends/formats/common/Quote.h"
#include "frontends/formats/safetensors/Header.h"

#include <algorithm>

using namespace weft::formats;

/// Checks the claims of one tensor against its type and what comes before it.
/// `end` is where the previous tensor's bytes end, and becomes where this one's
/// do.
static Status checkTensor(const TensorInfo &tensor, uint64_t dataSize,
                          uint64_t &end, const std::string &file) {
  const std::string place = "tensor " + quote(tensor.name);
  if (tensor.offset != end)
    return Error{file, place,
                 "expected data from byte " + std::to_string(end) +
                     " of the data but got " + std::to_string(tensor.offset) +
                     (tensor.offset > end ? " (a hole)" : " (an overlap)")};
  std::optional<uint64_t> size = getStorageSize(tensor.type, tensor.shape);
  if (!size)
    return Error{file, place,
                 "shape " + formatShape(tensor.shape) + " is too large"};
  if (tensor.size != *size)
    return Error{file, place,
                 "expected " + std::to_string(*size) + " bytes for " +
                     getName(tensor.type) + " " + formatShape(tensor.shape) +
                     " but got " + std::to_string(tensor.size)};
  // offset + size does not overflow: the header gives the sum itself.
  end = tensor.offset + tensor.size;
  if (end > dataSize)
    return Error{file, place,
                 "expected data within the file's " + std::to_string(dataSize) +
                     " bytes of data but got an end at " + std::to_string(end)};
  return {};
}

Expected<SafetensorsContents>
weft::formats::parseSafetensors(Bytes bytes, const std::string &file) {
  ByteCursor cursor(bytes);
  uint64_t headerSize;
  Bytes header;
  if (!cursor.read(headerSize))
    return Error{file, "header length",
                 "expected at least 8 bytes but got " +
                     std::to_string(bytes.size)};
  if (headerSize > kMaxSafetensorsHeader)
    return Error{file, "header length",
                 "expected at most " + std::to_string(kMaxSafetensorsHeader) +
                     " bytes but got " + std::to_string(headerSize)};
  if (!cursor.read(header, headerSize))
    return Error{file, "header length",
                 "expected at most the " + std::to_string(cursor.remaining()) +
                     " bytes left in the file but got " +
                     std::to_string(headerSize)};

  auto contents = parseSafetensorsHeader(header.text(), file);
  if (!contents)
    return contents;

  // Empty tensors share their offset with the next: they come first.
  std::vector<TensorInfo> &tensors = contents->tensors;
  std::sort(tensors.begin(), tensors.end(),
            [](const TensorInfo &a, const TensorInfo &b) {
              return std::tie(a.offset, a.size, a.name) <
                     std::tie(b.offset, b.size, b.name);
            });
  const uint64_t dataBegin = cursor.offset();
  uint64_t end = 0;
  for (TensorInfo &tensor : tensors) {
    if (Status status = checkTensor(tensor, cursor.remaining(), end, file);
        !status)
      return status.takeError();
    tensor.offset += dataBegin;
  }
  if (end != cursor.remaining())
    return Error{file, "data",
                 "expected " + std::to_string(end) +
                     " bytes after the header but got " +
                     std::to_string(cursor.remaining())};
  return contents;
}

Expected<TensorStore> weft::formats::openSafetensors(const std::string &path) {
  auto file = MappedFile::open(path);
  if (!file)
    return file.takeError();
  auto contents = parseSafetensors((*file)->bytes(), path);
  if (!contents)
    return contents.takeError();
  TensorStore store;
  if (Status status = store.add(*file, std::move(contents->tensors)); !status)
    return status.takeError();
  return store;
}
