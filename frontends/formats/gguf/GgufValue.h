//===- GgufValue.h - Values of GGUF metadata ------------------------------===//

#ifndef WEFT_FRONTENDS_FORMATS_GGUF_GGUFVALUE_H
#define WEFT_FRONTENDS_FORMATS_GGUF_GGUFVALUE_H

#include "frontends/formats/common/Bytes.h"
#include "frontends/formats/common/Error.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weft::formats {

/// Types of a metadata value, by their numbers in the file.
enum class GgufType : uint32_t {
  U8 = 0,
  I8 = 1,
  U16 = 2,
  I16 = 3,
  U32 = 4,
  I32 = 5,
  F32 = 6,
  Bool = 7,
  String = 8,
  Array = 9,
  U64 = 10,
  I64 = 11,
  F64 = 12,
};

/// Arrays may stand this deep in arrays.
constexpr unsigned kMaxGgufNesting = 4;

/// "u8", "string"…, for messages.
const char *getName(GgufType type);

class GgufArray;

/// A value as it lies in the file: checked when the file was read, decoded when
/// asked. The file's bytes must outlive it.
class GgufValue {
public:
  GgufValue(GgufType type, Bytes bytes) : kind(type), bytes(bytes) {}

  GgufType type() const { return kind; }

  /// Any integer type, if the value fits 63 bits.
  std::optional<int64_t> asInteger() const;
  /// Any number, integers as well.
  std::optional<double> asReal() const;
  std::optional<bool> asBool() const;
  std::optional<std::string_view> asString() const;
  std::optional<GgufArray> asArray() const;

private:
  GgufType kind;
  Bytes bytes;
};

/// An array of values of one type.
class GgufArray {
public:
  GgufType elementType() const { return element; }
  uint64_t size() const { return count; }

  /// Decodes the elements, in order.
  std::vector<GgufValue> values() const;
  /// The elements if they are strings, or else none: what a vocabulary is.
  std::optional<std::vector<std::string_view>> strings() const;

private:
  friend class GgufValue;
  GgufArray(GgufType element, uint64_t count, Bytes bytes)
      : element(element), count(count), bytes(bytes) {}

  GgufType element;
  uint64_t count;
  Bytes bytes;
};

/// Reads a string's length and bytes.
bool readGgufString(ByteCursor &cursor, std::string_view &out);

/// Steps over a value of the type and checks it on the way. On failure returns
/// why it cannot be read, else an empty string.
std::string skipGgufValue(ByteCursor &cursor, GgufType type,
                          unsigned depth = 0);

/// The type of this number, if there is one.
std::optional<GgufType> parseGgufValueType(uint32_t number);

} // namespace weft::formats

#endif // WEFT_FRONTENDS_FORMATS_GGUF_GGUFVALUE_H
