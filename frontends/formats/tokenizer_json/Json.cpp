//===- Json.cpp - Checked access to JSON without exceptions ---------------===//

#include "frontends/formats/tokenizer_json/Json.h"

using namespace weft;
using namespace weft::json;

bool json::parseObject(std::string_view text, const char *file, Value &value,
                       std::string &error) {
  formats::Expected<Value> parsed = formats::parseJson(text, file);
  if (!parsed)
    error = parsed.error().str();
  else if (!parsed->is_object())
    error = std::string("expected an object in ") + file + " but got " +
            formats::describeJsonType(*parsed);
  else
    value = std::move(*parsed);
  return error.empty();
}

const Value *json::member(const Value &value, const char *key) {
  if (!value.is_object())
    return nullptr;
  auto entry = value.find(key);
  return entry == value.end() || entry->is_null() ? nullptr : &*entry;
}

std::string json::textOf(const Value &value, const char *key,
                         const std::string &otherwise) {
  const Value *entry = member(value, key);
  return entry && entry->is_string() ? entry->get_ref<const std::string &>()
                                     : otherwise;
}

bool json::flagOf(const Value &value, const char *key, bool otherwise) {
  const Value *entry = member(value, key);
  return entry && entry->is_boolean() ? entry->get<bool>() : otherwise;
}

bool json::idOf(const Value &value, uint32_t &id) {
  if (!value.is_number_unsigned() || value.get<uint64_t>() >= kMaxTokens)
    return false;
  id = static_cast<uint32_t>(value.get<uint64_t>());
  return true;
}

std::string json::describe(const Value *value) {
  if (!value)
    return "nothing";
  if (value->is_string())
    return "'" + value->get_ref<const std::string &>() + "'";
  return formats::describeJsonType(*value);
}

TokenIndex::TokenIndex(const TokenizerSpec &spec) {
  ids.reserve(spec.size());
  for (size_t id = 0; id < spec.size(); ++id)
    if (spec.tokenTypes[id] != static_cast<uint8_t>(TokenType::Unused))
      ids[spec.token(id)] = static_cast<uint32_t>(id);
}

bool TokenIndex::find(std::string_view text, uint32_t &id) const {
  auto entry = ids.find(text);
  if (entry == ids.end())
    return false;
  id = entry->second;
  return true;
}
