//===- GgufValue.cpp - Values of GGUF metadata ----------------------------===//

#include "frontends/formats/gguf/GgufValue.h"

using namespace weft::formats;

namespace {

/// Name and size of each type, by number; no size where it varies.
struct TypeFacts {
  const char *name;
  unsigned width;
};
constexpr TypeFacts kTypes[] = {
    {"u8", 1},  {"i8", 1},  {"u16", 2},  {"i16", 2},    {"u32", 4},
    {"i32", 4}, {"f32", 4}, {"bool", 1}, {"string", 0}, {"array", 0},
    {"u64", 8}, {"i64", 8}, {"f64", 8},
};
} // namespace

static unsigned getWidth(GgufType type) {
  return kTypes[static_cast<uint32_t>(type)].width;
}

/// The least bytes that a value of the type takes.
static uint64_t getLeastSize(GgufType type) {
  if (type == GgufType::String)
    return 8;
  return type == GgufType::Array ? 12 : getWidth(type);
}

const char *weft::formats::getName(GgufType type) {
  return kTypes[static_cast<uint32_t>(type)].name;
}

std::optional<GgufType> weft::formats::parseGgufValueType(uint32_t number) {
  if (number >= sizeof(kTypes) / sizeof(kTypes[0]))
    return std::nullopt;
  return static_cast<GgufType>(number);
}

bool weft::formats::readGgufString(ByteCursor &cursor, std::string_view &out) {
  uint64_t length;
  Bytes bytes;
  if (!cursor.read(length) || !cursor.read(bytes, length))
    return false;
  out = bytes.text();
  return true;
}

/// Steps over the head of an array and checks that its elements can fit.
static std::string readArrayHead(ByteCursor &cursor, GgufType &element,
                                 uint64_t &count) {
  uint32_t number;
  if (!cursor.read(number) || !cursor.read(count))
    return "expected an array but got the end of the file";
  std::optional<GgufType> type = parseGgufValueType(number);
  if (!type)
    return "expected an element type of 0 to 12 but got " +
           std::to_string(number);
  element = *type;
  if (count > cursor.remaining() / getLeastSize(element))
    return "expected an array that ends within the file but got " +
           std::to_string(count) + " elements of " + getName(element);
  return "";
}

static std::string skipArray(ByteCursor &cursor, unsigned depth) {
  GgufType element;
  uint64_t count;
  if (std::string why = readArrayHead(cursor, element, count); !why.empty())
    return why;
  if (element == GgufType::Array && depth + 1 == kMaxGgufNesting)
    return "expected arrays nested at most " + std::to_string(kMaxGgufNesting) +
           " deep";
  if (element != GgufType::Bool && getWidth(element) != 0) {
    cursor.skip(count * getWidth(element));
    return "";
  }
  for (uint64_t i = 0; i < count; ++i)
    if (std::string why = skipGgufValue(cursor, element, depth + 1);
        !why.empty())
      return why;
  return "";
}

std::string weft::formats::skipGgufValue(ByteCursor &cursor, GgufType type,
                                         unsigned depth) {
  if (type == GgufType::Array)
    return skipArray(cursor, depth);
  if (type == GgufType::String) {
    std::string_view text;
    return readGgufString(cursor, text)
               ? ""
               : "expected a string that ends within the file";
  }
  if (type == GgufType::Bool) {
    uint8_t value;
    if (cursor.read(value))
      return value <= 1 ? ""
                        : "expected 0 or 1 for a bool but got " +
                              std::to_string(value);
  } else if (cursor.skip(getWidth(type))) {
    return "";
  }
  return std::string("expected a value of type ") + getName(type) +
         " but got the end of the file";
}

std::optional<int64_t> GgufValue::asInteger() const {
  const uint64_t raw =
      getWidth(kind) ? loadLittleEndian(bytes.data, getWidth(kind)) : 0;
  switch (kind) {
  case GgufType::U8:
  case GgufType::U16:
  case GgufType::U32:
    return static_cast<int64_t>(raw);
  case GgufType::I8:
    return static_cast<int8_t>(raw);
  case GgufType::I16:
    return static_cast<int16_t>(raw);
  case GgufType::I32:
    return static_cast<int32_t>(raw);
  case GgufType::I64:
    return static_cast<int64_t>(raw);
  case GgufType::U64:
    if (raw > INT64_MAX)
      return std::nullopt;
    return static_cast<int64_t>(raw);
  default:
    return std::nullopt;
  }
}

std::optional<double> GgufValue::asReal() const {
  if (kind == GgufType::F32) {
    const auto raw = static_cast<uint32_t>(loadLittleEndian(bytes.data, 4));
    float value;
    std::memcpy(&value, &raw, sizeof value);
    return value;
  }
  if (kind == GgufType::F64) {
    const uint64_t raw = loadLittleEndian(bytes.data, 8);
    double value;
    std::memcpy(&value, &raw, sizeof value);
    return value;
  }
  if (kind == GgufType::U64)
    return static_cast<double>(loadLittleEndian(bytes.data, 8));
  if (std::optional<int64_t> value = asInteger())
    return static_cast<double>(*value);
  return std::nullopt;
}

std::optional<bool> GgufValue::asBool() const {
  if (kind != GgufType::Bool)
    return std::nullopt;
  return bytes.data[0] != 0;
}

std::optional<std::string_view> GgufValue::asString() const {
  ByteCursor cursor(bytes);
  std::string_view text;
  if (kind != GgufType::String || !readGgufString(cursor, text))
    return std::nullopt;
  return text;
}

std::optional<GgufArray> GgufValue::asArray() const {
  ByteCursor cursor(bytes);
  GgufType element;
  uint64_t count;
  if (kind != GgufType::Array || !readArrayHead(cursor, element, count).empty())
    return std::nullopt;
  return GgufArray(element, count,
                   bytes.slice(cursor.offset(), cursor.remaining()));
}

std::vector<GgufValue> GgufArray::values() const {
  std::vector<GgufValue> result;
  result.reserve(count);
  ByteCursor cursor(bytes);
  for (uint64_t i = 0; i < count; ++i) {
    const uint64_t begin = cursor.offset();
    // Checked when the file was read; arrays keep their depth of then.
    (void)skipGgufValue(cursor, element);
    result.emplace_back(element, bytes.slice(begin, cursor.offset() - begin));
  }
  return result;
}

std::optional<std::vector<std::string_view>> GgufArray::strings() const {
  if (element != GgufType::String)
    return std::nullopt;
  std::vector<std::string_view> result(count);
  ByteCursor cursor(bytes);
  for (std::string_view &text : result)
    readGgufString(cursor, text);
  return result;
}
