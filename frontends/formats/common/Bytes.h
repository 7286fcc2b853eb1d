//===- Bytes.h - A view of bytes, and reading it in order -----------------===//
//
// Numbers in the files read here are little-endian and of any alignment. They
// are put together from bytes, so the reader does not depend on the host's
// order.
//
//===----------------------------------------------------------------------===//

#ifndef WEFT_FRONTENDS_FORMATS_COMMON_BYTES_H
#define WEFT_FRONTENDS_FORMATS_COMMON_BYTES_H

#include <cstdint>
#include <cstring>
#include <string_view>

namespace weft::formats {

/// Bytes that someone else owns.
struct Bytes {
  const uint8_t *data = nullptr;
  uint64_t size = 0;

  /// The bytes [offset, offset + length); the caller has checked the bounds.
  Bytes slice(uint64_t offset, uint64_t length) const {
    return {data + offset, length};
  }
  std::string_view text() const {
    return {reinterpret_cast<const char *>(data), static_cast<size_t>(size)};
  }
};

/// The unsigned number in `width` little-endian bytes.
inline uint64_t loadLittleEndian(const uint8_t *data, unsigned width) {
  uint64_t value = 0;
  for (unsigned i = 0; i < width; ++i)
    value |= uint64_t(data[i]) << (8 * i);
  return value;
}

/// Reads bytes in order and never past the end: a read that does not fit leaves
/// the cursor where it is and returns false.
class ByteCursor {
public:
  explicit ByteCursor(Bytes bytes) : bytes(bytes) {}

  uint64_t offset() const { return position; }
  uint64_t remaining() const { return bytes.size - position; }

  bool skip(uint64_t length) {
    if (length > remaining())
      return false;
    position += length;
    return true;
  }

  /// An unsigned number of `sizeof(T)` bytes.
  template <typename T> bool read(T &out) {
    if (sizeof(T) > remaining())
      return false;
    out = static_cast<T>(
        loadLittleEndian(bytes.data + position, unsigned(sizeof(T))));
    position += sizeof(T);
    return true;
  }

  bool read(Bytes &out, uint64_t length) {
    if (length > remaining())
      return false;
    out = bytes.slice(position, length);
    position += length;
    return true;
  }

private:
  Bytes bytes;
  uint64_t position = 0;
};

} // namespace weft::formats

#endif // WEFT_FRONTENDS_FORMATS_COMMON_BYTES_H
