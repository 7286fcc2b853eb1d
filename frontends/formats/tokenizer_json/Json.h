//===- Json.h - Checked access to JSON without exceptions -------*- C++ -*-===//
//
// Internal to the readers of tokenizer files.
//
//===----------------------------------------------------------------------===//

#ifndef WEFT_FORMATS_TOKENIZER_JSON_H
#define WEFT_FORMATS_TOKENIZER_JSON_H

#include "frontends/formats/common/Json.h"
#include "runtime/tokenizer/Spec.h"
#include <unordered_map>

namespace weft::json {

using Value = formats::Json;

/// Parses `text`; false, with `error` naming `file`, if it is not JSON or not
/// an object.
bool parseObject(std::string_view text, const char *file, Value &value,
                 std::string &error);

/// The member of an object; null if there is none, if it is JSON's null, or if
/// `value` is no object.
const Value *member(const Value &value, const char *key);

/// Members with a default; a member of another type gives the default.
std::string textOf(const Value &value, const char *key,
                   const std::string &otherwise = "");
bool flagOf(const Value &value, const char *key, bool otherwise);

/// An id below 2^24, or false.
bool idOf(const Value &value, uint32_t &id);
constexpr uint32_t kMaxTokens = 1u << 24;

inline const char *boolText(bool value) { return value ? "true" : "false"; }

/// `name`'s value for an error message: a text, or what it is instead.
std::string describe(const Value *value);

// The parts of tokenizer.json; each appends to `spec`.
bool readModel(const Value &model, TokenizerSpec &spec, std::string &error);
bool readNormalizer(const Value &step, std::vector<TokenizerStep> &steps,
                    std::string &error);
bool readPreTokenizer(const Value &step, std::vector<TokenizerStep> &steps,
                      std::string &error);
bool readDecoder(const Value &step, std::vector<TokenizerStep> &steps,
                 std::string &error);
bool readPostProcessor(const Value &processor, TokenizerSpec &spec,
                       std::string &error);
bool readAddedTokens(const Value &list, TokenizerSpec &spec,
                     std::string &error);
/// Settings of tokenizer_config.json and special_tokens_map.json.
void readConfig(const Value &config, TokenizerSpec &spec);

/// Ids of texts; linear look-ups are too slow while a spec is being filled.
/// Points into the spec, so it ends where a token is added.
class TokenIndex {
public:
  explicit TokenIndex(const TokenizerSpec &spec);
  /// The id, or false.
  bool find(std::string_view text, uint32_t &id) const;

private:
  std::unordered_map<std::string_view, uint32_t> ids;
};

} // namespace weft::json

#endif // WEFT_FORMATS_TOKENIZER_JSON_H
