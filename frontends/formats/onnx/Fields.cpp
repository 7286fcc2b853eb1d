//===- Fields.cpp - The fields of a protobuf message ----------------------===//

#include "frontends/formats/onnx/Fields.h"

using namespace weft::formats;

bool FieldReader::readVarint(uint64_t &value) {
  value = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    uint8_t byte;
    if (!cursor.read(byte))
      return false;
    value |= uint64_t(byte & 0x7f) << shift;
    if (!(byte & 0x80))
      return true;
  }
  return false;
}

bool FieldReader::next(Field &field) {
  if (isBroken || cursor.remaining() == 0)
    return false;
  const uint64_t begin = cursor.offset();
  uint64_t tag, number;
  if (!readVarint(tag) || tag >> 32 != 0 || tag >> 3 == 0)
    return fail();
  field = {
      static_cast<uint32_t>(tag >> 3), static_cast<unsigned>(tag & 7), {}, {}};
  switch (field.wireType) {
  case 0: // varint
    if (!readVarint(number))
      return fail();
    break;
  case 1: // 64 bits
    if (!cursor.skip(8))
      return fail();
    break;
  case 2: // length and bytes
    if (!readVarint(number) || !cursor.read(field.payload, number))
      return fail();
    break;
  case 5: // 32 bits
    if (!cursor.skip(4))
      return fail();
    break;
  default: // groups, which ONNX never had
    return fail();
  }
  field.whole = message.slice(begin, cursor.offset() - begin);
  return true;
}
