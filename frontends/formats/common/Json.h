//===- Json.h - JSON from files that are not trusted ----------------------===//

#ifndef WEFT_FRONTENDS_FORMATS_COMMON_JSON_H
#define WEFT_FRONTENDS_FORMATS_COMMON_JSON_H

#include "frontends/formats/common/Error.h"

#include <nlohmann/json.hpp>
#include <string_view>

namespace weft::formats {

/// A JSON value; objects are sorted by key.
using Json = nlohmann::json;

/// Values may stand this deep in arrays and objects.
constexpr unsigned kMaxJsonDepth = 64;

/// Parses a whole text. Refuses what is not JSON in UTF-8, nesting deeper than
/// `kMaxJsonDepth`, and a key that stands twice in an object: which of the two
/// counts would be a guess. `file` is for messages.
Expected<Json> parseJson(std::string_view text, const std::string &file);

/// "a string", "an array"…: what a value is, for messages.
const char *describeJsonType(const Json &value);

/// The value as text, cut to a length that fits a message.
std::string quoteJson(const Json &value);

} // namespace weft::formats

#endif // WEFT_FRONTENDS_FORMATS_COMMON_JSON_H
