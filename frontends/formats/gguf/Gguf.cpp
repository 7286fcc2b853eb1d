//===- Gguf.cpp - Reading GGUF files --------------------------------------===//

#include "frontends/formats/gguf/Gguf.h"

#include "frontends/formats/common/Quote.h"

#include <algorithm>
#include <unordered_set>

using namespace weft::formats;

namespace {

/// ggml has four; one more would not be a tensor of its.
constexpr uint32_t kMaxRank = 4;
/// The specification's limits of a key and, generously, of a tensor's name.
constexpr uint64_t kMaxKey = 65535, kMaxName = 1024;

class Reader {
public:
  Reader(Bytes bytes, const std::string &file)
      : bytes(bytes), cursor(bytes), file(file) {}

  Expected<GgufContents> read() {
    for (auto step :
         {&Reader::readHead, &Reader::readMetadata, &Reader::readAlignment,
          &Reader::readTensors, &Reader::placeTensors})
      if (Status status = (this->*step)(); !status)
        return status.takeError();
    return std::move(contents);
  }

private:
  Error fail(std::string place, std::string message) const {
    return {file, std::move(place), std::move(message)};
  }
  std::string here() const { return "byte " + std::to_string(cursor.offset()); }

  Status readHead();
  Status readMetadata();
  Status readPair();
  Status readAlignment();
  Status readTensors();
  Status readTensor();
  Status readShape(const std::string &place, TensorInfo &tensor);
  Status placeTensors();

  Bytes bytes;
  ByteCursor cursor;
  const std::string &file;
  GgufContents contents;
  uint64_t numTensors = 0, numPairs = 0;
  std::unordered_set<std::string> names;
};

} // namespace

Status Reader::readHead() {
  constexpr uint32_t kMagic = 0x46554747; // "GGUF"
  uint32_t magic;
  if (!cursor.read(magic) || magic != kMagic)
    return fail("byte 0", "expected the magic \"GGUF\" but got " +
                              quote(bytes.text().substr(0, 4)));
  if (!cursor.read(contents.version) || !cursor.read(numTensors) ||
      !cursor.read(numPairs))
    return fail("header",
                "expected 24 bytes but got " + std::to_string(bytes.size));
  if (contents.version != 0 && (contents.version & 0xffff) == 0)
    return fail("version", "expected a little-endian file but got a "
                           "big-endian one");
  if (contents.version != 2 && contents.version != 3)
    return fail("version",
                "expected 2 or 3 but got " + std::to_string(contents.version));
  // A pair takes at least 13 bytes, a tensor at least 24.
  if (numPairs > cursor.remaining() / 13)
    return fail("number of metadata pairs",
                "expected pairs that fit the file but got " +
                    std::to_string(numPairs));
  if (numTensors > cursor.remaining() / 24)
    return fail("number of tensors",
                "expected tensors that fit the file but got " +
                    std::to_string(numTensors));
  return {};
}

Status Reader::readMetadata() {
  for (uint64_t i = 0; i < numPairs; ++i)
    if (Status status = readPair(); !status)
      return status;
  return {};
}

Status Reader::readPair() {
  const std::string start = here();
  std::string_view key;
  uint32_t number;
  if (!readGgufString(cursor, key) || key.size() > kMaxKey)
    return fail(start, "expected a metadata key of at most 65535 bytes");
  const std::string place = "key " + quote(key);
  if (!cursor.read(number))
    return fail(place, "expected a value but got the end of the file");
  std::optional<GgufType> type = parseGgufValueType(number);
  if (!type)
    return fail(place, "expected a value type of 0 to 12 but got " +
                           std::to_string(number));
  const uint64_t begin = cursor.offset();
  if (std::string why = skipGgufValue(cursor, *type); !why.empty())
    return fail(place, why);
  if (!contents.metadata
           .emplace(key, GgufValue(*type,
                                   bytes.slice(begin, cursor.offset() - begin)))
           .second)
    return fail(place, "stands twice in the metadata");
  return {};
}

Status Reader::readAlignment() {
  auto found = contents.metadata.find("general.alignment");
  if (found == contents.metadata.end())
    return {};
  std::optional<int64_t> value = found->second.asInteger();
  // As ggml: a power of two, of type u32.
  if (found->second.type() != GgufType::U32 || *value == 0 ||
      (*value & (*value - 1)) != 0)
    return fail("general.alignment",
                "expected a power of two of type u32 but got " +
                    (value ? std::to_string(*value) + " of type " : "type ") +
                    getName(found->second.type()));
  contents.alignment = static_cast<uint64_t>(*value);
  return {};
}

Status Reader::readTensors() {
  contents.tensors.reserve(numTensors);
  for (uint64_t i = 0; i < numTensors; ++i)
    if (Status status = readTensor(); !status)
      return status;
  return {};
}

Status Reader::readTensor() {
  const std::string start = here();
  std::string_view name;
  if (!readGgufString(cursor, name) || name.size() > kMaxName)
    return fail(start, "expected a tensor's name of at most 1024 bytes");
  const std::string place = "tensor " + quote(name);
  TensorInfo tensor;
  tensor.name = name;
  if (!names.insert(tensor.name).second)
    return fail(place, "stands twice in the file");
  if (Status status = readShape(place, tensor); !status)
    return status;

  uint32_t number;
  if (!cursor.read(number) || !cursor.read(tensor.offset))
    return fail(place, "expected type and offset but got the end of the file");
  std::optional<DataType> type = parseGgufType(number);
  if (!type)
    return fail(place,
                "expected a supported type but got " + getGgufTypeName(number));
  tensor.type = *type;
  std::optional<uint64_t> size = getStorageSize(*type, tensor.shape);
  if (!size)
    return fail(place, "expected a shape that " + std::string(getName(*type)) +
                           " can store (rows of whole blocks of " +
                           std::to_string(getFacts(*type).elements) +
                           ", a size below 2^63) but got " +
                           formatShape(tensor.shape));
  tensor.size = *size;
  contents.tensors.push_back(std::move(tensor));
  return {};
}

Status Reader::readShape(const std::string &place, TensorInfo &tensor) {
  uint32_t rank;
  if (!cursor.read(rank))
    return fail(place, "expected a rank but got the end of the file");
  if (rank > kMaxRank)
    return fail(place, "expected at most 4 dimensions but got " +
                           std::to_string(rank));
  for (uint32_t i = 0; i < rank; ++i) {
    uint64_t size;
    if (!cursor.read(size))
      return fail(place, "expected a size but got the end of the file");
    if (size > INT64_MAX)
      return fail(place,
                  "expected sizes below 2^63 but got " + std::to_string(size));
    tensor.shape.push_back(static_cast<int64_t>(size));
  }
  std::reverse(tensor.shape.begin(), tensor.shape.end());
  return {};
}

Status Reader::placeTensors() {
  if (contents.tensors.empty())
    return {};
  const uint64_t alignment = contents.alignment;
  const uint64_t padding =
      (alignment - cursor.offset() % alignment) % alignment;
  // A file that ends in the padding holds no data.
  const uint64_t dataBegin = cursor.offset() + padding;
  const uint64_t dataSize = dataBegin < bytes.size ? bytes.size - dataBegin : 0;

  std::vector<TensorInfo *> byOffset;
  for (TensorInfo &tensor : contents.tensors)
    byOffset.push_back(&tensor);
  std::sort(byOffset.begin(), byOffset.end(), [](auto *a, auto *b) {
    return std::tie(a->offset, a->size) < std::tie(b->offset, b->size);
  });
  uint64_t end = 0;
  for (TensorInfo *tensor : byOffset) {
    const std::string place = "tensor " + quote(tensor->name);
    if (tensor->offset % alignment != 0)
      return fail(place, "expected an offset aligned to " +
                             std::to_string(alignment) + " but got " +
                             std::to_string(tensor->offset));
    if (tensor->offset > dataSize || tensor->size > dataSize - tensor->offset)
      return fail(
          place, "expected data within the file's " + std::to_string(dataSize) +
                     " bytes of data but got " + std::to_string(tensor->size) +
                     " bytes from " + std::to_string(tensor->offset));
    if (tensor->offset < end)
      return fail(place, "expected data from byte " + std::to_string(end) +
                             " of the data but got " +
                             std::to_string(tensor->offset) + " (an overlap)");
    end = tensor->offset + tensor->size;
  }
  // Only now: an empty tensor at the end of a file may lie in its padding.
  for (TensorInfo &tensor : contents.tensors)
    tensor.offset = tensor.size == 0 ? 0 : tensor.offset + dataBegin;
  return {};
}

Expected<GgufContents> weft::formats::parseGguf(Bytes bytes,
                                                const std::string &file) {
  return Reader(bytes, file).read();
}

Expected<GgufFile> weft::formats::openGguf(const std::string &path) {
  auto file = MappedFile::open(path);
  if (!file)
    return file.takeError();
  auto contents = parseGguf((*file)->bytes(), path);
  if (!contents)
    return contents.takeError();
  GgufFile result;
  result.version = contents->version;
  result.metadata = std::move(contents->metadata);
  if (Status status = result.store.add(*file, std::move(contents->tensors));
      !status)
    return status.takeError();
  return result;
}
