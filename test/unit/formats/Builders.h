//===- Builders.h - Model files put together by hand ----------------------===//

#ifndef WEFT_TEST_UNIT_FORMATS_BUILDERS_H
#define WEFT_TEST_UNIT_FORMATS_BUILDERS_H

#include "frontends/formats/common/Bytes.h"
#include "frontends/formats/gguf/GgufValue.h"

#include <string>
#include <vector>

namespace weft::formats {

inline Bytes bytesOf(const std::string &text) {
  return {reinterpret_cast<const uint8_t *>(text.data()), text.size()};
}

inline std::string littleEndian(uint64_t value, unsigned width) {
  std::string text;
  for (unsigned i = 0; i < width; ++i)
    text += static_cast<char>(value >> (8 * i));
  return text;
}

/// Length, header and `dataSize` bytes of data.
inline std::string makeSafetensors(const std::string &header,
                                   size_t dataSize = 0) {
  return littleEndian(header.size(), 8) + header + std::string(dataSize, '\7');
}

/// Writes a GGUF file field by field and remembers where each number stands, so
/// that a test can make it lie.
class GgufBuilder {
public:
  /// A number in the file: a count, a length, a type, a size or an offset.
  struct Field {
    size_t offset;
    unsigned width;
  };

  std::string text;
  std::vector<Field> fields;

  GgufBuilder &number(uint64_t value, unsigned width) {
    fields.push_back({text.size(), width});
    text += littleEndian(value, width);
    return *this;
  }
  GgufBuilder &string(const std::string &value) {
    number(value.size(), 8);
    text += value;
    return *this;
  }
  GgufBuilder &head(uint64_t tensors, uint64_t pairs, uint32_t version = 3) {
    text += "GGUF";
    return number(version, 4).number(tensors, 8).number(pairs, 8);
  }
  /// Key and type of a pair; its value follows.
  GgufBuilder &key(const std::string &name, GgufType type) {
    return string(name).number(static_cast<uint32_t>(type), 4);
  }
  GgufBuilder &arrayHead(GgufType element, uint64_t count) {
    return number(static_cast<uint32_t>(element), 4).number(count, 8);
  }
  /// Sizes are innermost first, as in the file.
  GgufBuilder &tensor(const std::string &name, std::vector<uint64_t> sizes,
                      uint32_t type, uint64_t offset) {
    string(name).number(sizes.size(), 4);
    for (uint64_t size : sizes)
      number(size, 8);
    return number(type, 4).number(offset, 8);
  }
  GgufBuilder &data(size_t size, size_t alignment = 32) {
    text.resize((text.size() + alignment - 1) / alignment * alignment);
    text += std::string(size, '\7');
    return *this;
  }
};

/// A file with a value of each kind and tensors of several types.
inline GgufBuilder makeGguf() {
  GgufBuilder file;
  file.head(3, 8);
  file.key("general.architecture", GgufType::String).string("llama");
  file.key("llama.block_count", GgufType::U32).number(2, 4);
  file.key("a.float", GgufType::F32).number(0x3f800000, 4);
  file.key("a.bool", GgufType::Bool).number(1, 1);
  file.key("a.i64", GgufType::I64).number(~uint64_t(0), 8);
  file.key("tokens", GgufType::Array).arrayHead(GgufType::String, 3);
  file.string("<s>").string("a").string("");
  file.key("scores", GgufType::Array).arrayHead(GgufType::F32, 2);
  file.number(0, 4).number(0x40000000, 4);
  file.key("nested", GgufType::Array).arrayHead(GgufType::Array, 2);
  file.arrayHead(GgufType::U8, 3).number(1, 1).number(2, 1).number(3, 1);
  file.arrayHead(GgufType::Bool, 1).number(0, 1);
  file.tensor("token_embd.weight", {4, 3}, 0, 0); // 48 bytes of f32
  file.tensor("norm.weight", {4}, 1, 64);         // 8 bytes of f16
  file.tensor("q.weight", {64, 2}, 2, 96);        // 72 bytes of q4_0
  file.data(168);
  return file;
}

} // namespace weft::formats

#endif // WEFT_TEST_UNIT_FORMATS_BUILDERS_H
