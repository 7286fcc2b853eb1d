//===- DataType.h - How numbers are stored in model files -----------------===//

#ifndef WEFT_FRONTENDS_FORMATS_COMMON_DATATYPE_H
#define WEFT_FRONTENDS_FORMATS_COMMON_DATATYPE_H

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weft::formats {

/// The storage of a tensor's elements. The last ones are GGUF's block types: a
/// row is cut into blocks of `elements` numbers that share scales.
enum class DataType : uint8_t {
  F32,
  F16,
  BF16,
  F64,
  I8,
  U8,
  I16,
  I32,
  I64,
  Bool,
  Q4_0,
  Q4_1,
  Q5_0,
  Q5_1,
  Q8_0,
  Q4_K,
  Q6_K,
  U16,
  U32,
  U64,
};

constexpr unsigned kNumDataTypes = 20;

/// What is known of a storage; the one table of it is in DataType.cpp.
struct DataTypeFacts {
  DataType type;
  /// Lower-case: "bf16", "q4_K".
  const char *name;
  /// As safetensors writes it ("BF16"), or null.
  const char *safetensors;
  /// The number in a GGUF tensor, or -1.
  int gguf;
  /// Elements and bytes of a block; one element where numbers stand alone.
  uint32_t elements, bytes;
};

const DataTypeFacts &getFacts(DataType type);
inline const char *getName(DataType type) { return getFacts(type).name; }
inline bool isBlockType(DataType type) { return getFacts(type).elements != 1; }

std::optional<DataType> parseSafetensorsType(std::string_view name);
std::optional<DataType> parseGgufType(uint32_t number);

/// The name ggml gives to a type number, also of types that are not read here;
/// "type 77" where there is none.
std::string getGgufTypeName(uint32_t number);

/// Bytes of a dense tensor of this shape (outermost first). None if the product
/// does not fit 63 bits, a size is negative, or rows do not consist of whole
/// blocks.
std::optional<uint64_t> getStorageSize(DataType type,
                                       const std::vector<int64_t> &shape);

/// Product of the sizes; none if it does not fit 63 bits or a size is negative.
std::optional<uint64_t> getNumElements(const std::vector<int64_t> &shape);

/// "[2, 3]".
std::string formatShape(const std::vector<int64_t> &shape);

} // namespace weft::formats

#endif // WEFT_FRONTENDS_FORMATS_COMMON_DATATYPE_H
