//===- Config.cpp - Reading a model's configuration -----------------------===//

#include "frontends/formats/config/Config.h"

#include "frontends/formats/common/MappedFile.h"
#include "frontends/formats/common/Quote.h"

#include <algorithm>
#include <cmath>

using namespace weft::formats;

/// What all views of one configuration share.
struct Config::Record {
  Json root;
  std::string file;
  std::optional<Error> error;
  /// Values that were read, and objects that were entered.
  std::set<const Json *> readValues, entered;
};

Config::Config(Json value, std::string file, std::string prefix)
    : prefix(std::move(prefix)), record(std::make_shared<Record>()) {
  record->root = std::move(value);
  record->file = std::move(file);
  object = &record->root;
}

Expected<Config> Config::parse(std::string_view text, const std::string &file) {
  auto json = parseJson(text, file);
  if (!json)
    return json.takeError();
  if (!json->is_object())
    return Error{file, "",
                 std::string("expected an object but got ") +
                     describeJsonType(*json)};
  return Config(std::move(*json), file);
}

Expected<Config> Config::open(const std::string &path) {
  auto text = readTextFile(path, kMaxConfig);
  if (!text)
    return text.takeError();
  return parse(*text, path);
}

bool Config::has(const std::string &key) const {
  auto found = object->find(key);
  return found != object->end() && !found->is_null();
}

const Json *Config::read(const std::string &key) {
  auto found = object->find(key);
  if (found == object->end() || found->is_null())
    return nullptr;
  record->readValues.insert(&*found);
  return &*found;
}

void Config::fail(const std::string &key, std::string message) {
  if (!record->error)
    record->error = Error{record->file, prefix + key, std::move(message)};
}

void Config::failType(const std::string &key, const char *expected,
                      const Json *value) {
  fail(key, std::string("expected ") + expected + " but got " +
                (value ? quoteJson(*value) : "nothing"));
}

template <typename T, typename Decode>
T Config::get(const std::string &key, const char *expected,
              const std::optional<T> &fallback, const T &harmless,
              Decode decode) {
  const Json *value = read(key);
  if (!value && fallback)
    return *fallback;
  if (value)
    if (std::optional<T> decoded = decode(*value))
      return *decoded;
  failType(key, expected, value);
  return fallback.value_or(harmless);
}

/// An integer, also where it is written as 1e4 or 64.0 and is one exactly.
static std::optional<int64_t> decodeInteger(const Json &value) {
  if (const auto *number = value.get_ptr<const Json::number_unsigned_t *>())
    return *number <= INT64_MAX
               ? std::optional<int64_t>(static_cast<int64_t>(*number))
               : std::nullopt;
  if (const auto *number = value.get_ptr<const Json::number_integer_t *>())
    return *number;
  if (const auto *number = value.get_ptr<const Json::number_float_t *>())
    if (std::abs(*number) < 9e15 && *number == std::floor(*number))
      return static_cast<int64_t>(*number);
  return std::nullopt;
}

static std::optional<double> decodeReal(const Json &value) {
  if (const auto *number = value.get_ptr<const Json::number_float_t *>())
    return std::isfinite(*number) ? std::optional<double>(*number)
                                  : std::nullopt;
  if (const auto *number = value.get_ptr<const Json::number_unsigned_t *>())
    return static_cast<double>(*number);
  if (const auto *number = value.get_ptr<const Json::number_integer_t *>())
    return static_cast<double>(*number);
  return std::nullopt;
}

static std::optional<std::string> decodeString(const Json &value) {
  if (const auto *text = value.get_ptr<const Json::string_t *>())
    return *text;
  return std::nullopt;
}

int64_t Config::getInteger(const std::string &key, int64_t least, int64_t most,
                           std::optional<int64_t> fallback) {
  const std::string expected = "an integer from " + std::to_string(least) +
                               " to " + std::to_string(most);
  return get<int64_t>(key, expected.c_str(), fallback, least,
                      [&](const Json &value) -> std::optional<int64_t> {
                        std::optional<int64_t> number = decodeInteger(value);
                        return number && *number >= least && *number <= most
                                   ? number
                                   : std::nullopt;
                      });
}

int64_t Config::getPositive(const std::string &key,
                            std::optional<int64_t> fallback) {
  const char *expected = "a positive integer";
  if (auto found = object->find(key); found != object->end())
    if (std::optional<int64_t> number = decodeInteger(*found))
      if (*number > INT32_MAX)
        expected = "a positive integer below 2^31";
  return get<int64_t>(key, expected, fallback, 1,
                      [](const Json &value) -> std::optional<int64_t> {
                        std::optional<int64_t> number = decodeInteger(value);
                        return number && *number >= 1 && *number <= INT32_MAX
                                   ? number
                                   : std::nullopt;
                      });
}

double Config::getReal(const std::string &key, std::optional<double> fallback) {
  return get<double>(key, "a finite number", fallback, 0.0, decodeReal);
}

bool Config::getBool(const std::string &key, std::optional<bool> fallback) {
  return get<bool>(key, "true or false", fallback, false,
                   [](const Json &value) -> std::optional<bool> {
                     if (const bool *flag = value.get_ptr<const bool *>())
                       return *flag;
                     return std::nullopt;
                   });
}

std::string Config::getString(const std::string &key,
                              const std::optional<std::string> &fallback) {
  return get<std::string>(key, "a string", fallback, "", decodeString);
}

std::string Config::getChoice(const std::string &key,
                              const std::vector<std::string> &choices,
                              const std::optional<std::string> &fallback) {
  std::string expected;
  for (const std::string &choice : choices)
    expected += (expected.empty() ? "\"" : " or \"") + choice + "\"";
  return get<std::string>(
      key, expected.c_str(), fallback, choices.front(),
      [&](const Json &value) -> std::optional<std::string> {
        std::optional<std::string> text = decodeString(value);
        bool isKnown = text && std::find(choices.begin(), choices.end(),
                                         *text) != choices.end();
        return isKnown ? text : std::nullopt;
      });
}

template <typename T, typename Decode>
std::vector<T> Config::getArray(const std::string &key, const char *expected,
                                Decode decode) {
  const Json *value = read(key);
  std::vector<T> result;
  if (value && !value->is_array())
    failType(key, expected, value);
  if (!value || !value->is_array())
    return result;
  for (size_t i = 0; i < value->size(); ++i) {
    std::optional<T> item = decode((*value)[i]);
    if (!item) {
      failType(key + "[" + std::to_string(i) + "]", expected, &(*value)[i]);
      return {};
    }
    result.push_back(std::move(*item));
  }
  return result;
}

std::vector<int64_t> Config::getIntegers(const std::string &key) {
  if (const Json *value = read(key); value && !value->is_array())
    if (std::optional<int64_t> single = decodeInteger(*value))
      return {*single};
  return getArray<int64_t>(key, "an array of integers", decodeInteger);
}

std::vector<double> Config::getReals(const std::string &key) {
  return getArray<double>(key, "an array of finite numbers", decodeReal);
}

std::vector<std::string> Config::getStrings(const std::string &key) {
  return getArray<std::string>(key, "an array of strings", decodeString);
}

Config Config::getObject(const std::string &key) {
  static const Json kEmpty = Json::object();
  const Json *value = read(key);
  if (value && !value->is_object()) {
    failType(key, "an object", value);
    value = nullptr;
  }
  if (value)
    record->entered.insert(value);
  return Config(value ? value : &kEmpty, prefix + key + ".", record);
}

void Config::require(const std::string &key, const Json &expected) {
  const Json *value = read(key);
  if (value && *value != expected)
    fail(key, "is not supported: expected " + quoteJson(expected) +
                  " but got " + quoteJson(*value));
}

void Config::ignore(const std::vector<std::string> &keys) {
  for (const std::string &key : keys)
    read(key);
}

bool Config::ok() const { return !record->error; }

Status Config::finish() const {
  if (record->error)
    return *record->error;
  for (auto &[key, value] : object->items()) {
    if (value.is_null())
      continue;
    if (!record->readValues.count(&value))
      return Error{record->file, prefix + printable(key),
                   "is not supported: this attribute is not known for this "
                   "model family; its value is " +
                       quoteJson(value)};
    if (record->entered.count(&value)) {
      Config nested(&value, prefix + key + ".", record);
      if (Status status = nested.finish(); !status)
        return status;
    }
  }
  return {};
}
