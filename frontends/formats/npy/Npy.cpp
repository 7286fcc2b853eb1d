//===- Npy.cpp - NumPy's file of one array --------------------------------===//

#include "frontends/formats/npy/Npy.h"

#include "frontends/formats/common/Quote.h"

#include <algorithm>

using namespace weft::formats;

namespace {

constexpr std::string_view kMagic = "\x93NUMPY";
constexpr size_t kMaxRank = 32; // NumPy's own limit for long

struct TypeName {
  DataType type;
  const char *descr;
};

constexpr TypeName kTypes[] = {
    {DataType::F32, "<f4"},  {DataType::F16, "<f2"}, {DataType::BF16, "<V2"},
    {DataType::F64, "<f8"},  {DataType::I8, "|i1"},  {DataType::U8, "|u1"},
    {DataType::I16, "<i2"},  {DataType::I32, "<i4"}, {DataType::I64, "<i8"},
    {DataType::Bool, "|b1"}, {DataType::U16, "<u2"}, {DataType::U32, "<u4"},
    {DataType::U64, "<u8"}};

/// Reads the header's dict: only what NumPy writes there.
class HeaderParser {
public:
  HeaderParser(std::string_view text, const std::string &file)
      : text(text), file(file) {}

  Expected<NpyArray> parse();

private:
  Error fail(const std::string &message) const {
    return {file, "header", message};
  }
  Error expected(const char *what) const {
    return fail(std::string("expected ") + what + " but got " +
                (text.empty() ? "its end" : quote(text.substr(0, 16))));
  }
  void skipSpace() {
    text.remove_prefix(std::min(text.find_first_not_of(" \n\t"), text.size()));
  }
  bool take(std::string_view token) {
    skipSpace();
    if (text.substr(0, token.size()) != token)
      return false;
    text.remove_prefix(token.size());
    return true;
  }
  bool takeString(std::string_view &value);
  bool takeInteger(int64_t &value);
  Status parseValue(std::string_view key);
  Status parseShape();

  std::string_view text;
  const std::string &file;
  NpyArray array;
  bool hasType = false, hasOrder = false, hasShape = false;
};

} // namespace

bool HeaderParser::takeString(std::string_view &value) {
  skipSpace();
  if (text.empty() || (text[0] != '\'' && text[0] != '"'))
    return false;
  size_t end = text.find(text[0], 1);
  if (end == std::string_view::npos)
    return false;
  value = text.substr(1, end - 1);
  text.remove_prefix(end + 1);
  return true;
}

bool HeaderParser::takeInteger(int64_t &value) {
  skipSpace();
  size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  if (digits == 0 || digits > 18)
    return false;
  value = 0;
  for (char digit : text.substr(0, digits))
    value = value * 10 + (digit - '0');
  text.remove_prefix(digits);
  return true;
}

Status HeaderParser::parseShape() {
  if (!take("("))
    return expected("a tuple of sizes");
  while (!take(")")) {
    int64_t size;
    if (!takeInteger(size))
      return expected("a size");
    if (array.shape.size() == kMaxRank)
      return fail("expected at most 32 axes");
    array.shape.push_back(size);
    if (take(","))
      continue;
    if (!take(")"))
      return expected("',' or ')'");
    break;
  }
  hasShape = true;
  return {};
}

Status HeaderParser::parseValue(std::string_view key) {
  if (key == "descr") {
    std::string_view name;
    if (!takeString(name))
      return expected("the name of a type");
    auto *found =
        std::find_if(std::begin(kTypes), std::end(kTypes),
                     [&](const TypeName &type) { return name == type.descr; });
    if (found == std::end(kTypes))
      return fail("expected plain little-endian numbers but got type " +
                  quote(name));
    array.type = found->type;
    hasType = true;
    return {};
  }
  if (key == "fortran_order") {
    hasOrder = take("False");
    return hasOrder ? Status()
                    : expected("False for 'fortran_order' (a row-major array)");
  }
  if (key == "shape")
    return parseShape();
  return fail("expected 'descr', 'fortran_order' or 'shape' but got " +
              quote(key));
}

Expected<NpyArray> HeaderParser::parse() {
  if (!take("{"))
    return expected("'{'");
  while (!take("}")) {
    std::string_view key;
    if (!takeString(key))
      return expected("a key");
    if (!take(":"))
      return expected("':'");
    if (Status status = parseValue(key); !status)
      return status.takeError();
    if (take(","))
      continue;
    if (!take("}"))
      return expected("',' or '}'");
    break;
  }
  if (!hasType || !hasOrder || !hasShape)
    return fail("expected 'descr', 'fortran_order' and 'shape'");
  return std::move(array);
}

Expected<NpyArray> weft::formats::parseNpy(Bytes bytes,
                                           const std::string &file) {
  ByteCursor cursor(bytes);
  Bytes magic, header;
  uint8_t major, minor;
  if (!cursor.read(magic, kMagic.size()) || magic.text() != kMagic ||
      !cursor.read(major) || !cursor.read(minor))
    return Error{file, "", "expected a NumPy array (.npy)"};
  if (major < 1 || major > 3)
    return Error{file, "",
                 "expected version 1 to 3 but got " + std::to_string(major)};
  uint16_t length16;
  uint32_t length = 0;
  bool hasLength = major == 1 ? cursor.read(length16) : cursor.read(length);
  if (hasLength && major == 1)
    length = length16;
  if (!hasLength || !cursor.read(header, length))
    return Error{file, "header",
                 "expected " + std::to_string(length) + " bytes but got " +
                     std::to_string(cursor.remaining())};
  Expected<NpyArray> array = HeaderParser(header.text(), file).parse();
  if (!array)
    return array;
  auto size = getStorageSize(array->type, array->shape);
  if (!size || *size != cursor.remaining())
    return Error{file, "",
                 "expected " +
                     (size ? std::to_string(*size) : "fewer than 2^63") +
                     " bytes for shape " + formatShape(array->shape) +
                     " but got " + std::to_string(cursor.remaining())};
  cursor.read(array->data, *size);
  return array;
}

std::string weft::formats::makeNpyHeader(DataType type,
                                         const std::vector<int64_t> &shape) {
  std::string dict = "{'descr': '";
  for (const TypeName &name : kTypes)
    if (name.type == type)
      dict += name.descr;
  dict += "', 'fortran_order': False, 'shape': (";
  for (size_t i = 0; i != shape.size(); ++i)
    dict += (i ? ", " : "") + std::to_string(shape[i]);
  dict += shape.size() == 1 ? ",), }" : "), }";
  // Magic, version and length take 10 bytes; a line end closes the header.
  size_t total = (10 + dict.size() + 1 + 63) / 64 * 64;
  dict.append(total - 10 - dict.size() - 1, ' ');
  dict += '\n';
  std::string header(kMagic);
  header += {'\1', '\0', char(dict.size() & 0xff), char(dict.size() >> 8)};
  return header + dict;
}
