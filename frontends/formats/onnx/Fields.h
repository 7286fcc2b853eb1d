//===- Fields.h - The fields of a protobuf message ------------------------===//

#ifndef WEFT_FRONTENDS_FORMATS_ONNX_FIELDS_H
#define WEFT_FRONTENDS_FORMATS_ONNX_FIELDS_H

#include "frontends/formats/common/Bytes.h"

namespace weft::formats {

/// A field as it is encoded.
struct Field {
  uint32_t number = 0;
  /// 2: its contents are `payload`; else a number, and `payload` is empty.
  unsigned wireType = 0;
  Bytes whole;   // tag, length and contents
  Bytes payload; // contents
};

/// Goes over the fields of a message without looking into them. This is how the
/// place of large contents is found; protobuf reads the rest.
class FieldReader {
public:
  explicit FieldReader(Bytes message) : message(message), cursor(message) {}

  /// The next field; false at the end, and where the encoding is broken.
  bool next(Field &field);
  /// Whether the end was reached without fault.
  bool isAtEnd() const { return !isBroken && cursor.remaining() == 0; }
  uint64_t offset() const { return cursor.offset(); }

private:
  bool readVarint(uint64_t &value);
  bool fail() {
    isBroken = true;
    return false;
  }

  Bytes message;
  ByteCursor cursor;
  bool isBroken = false;
};

} // namespace weft::formats

#endif // WEFT_FRONTENDS_FORMATS_ONNX_FIELDS_H
