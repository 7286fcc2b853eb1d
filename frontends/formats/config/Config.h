//===- Config.h - Reading a model's configuration -------------------------===//
//
// A front end reads the keys that it honours, each with its type and range, and
// calls `finish`. That fails with the first value that was not as expected, or
// with a key that nobody read: an attribute that a front end does not know must
// not be silently wrong.
//
//   Config config = ...;
//   int64_t hidden = config.getPositive("hidden_size");
//   double eps = config.getReal("rms_norm_eps", 1e-6);
//   config.require("mlp_bias", false);
//   config.ignore({"initializer_range", "torch_dtype"});
//   if (Status status = config.finish(); !status) ...
//
//===----------------------------------------------------------------------===//

#ifndef WEFT_FRONTENDS_FORMATS_CONFIG_CONFIG_H
#define WEFT_FRONTENDS_FORMATS_CONFIG_CONFIG_H

#include "frontends/formats/common/Json.h"

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace weft::formats {

/// Longest configuration file that is read, in bytes.
constexpr uint64_t kMaxConfig = 16 << 20;

/// An object of keys and values. A value of null is as if the key were absent.
/// A getter that fails keeps the first error for `finish` and returns its
/// fallback, or without one the least value that is harmless (1, 0, false,
/// empty). Copies and nested objects share the record of errors and of keys
/// read.
class Config {
public:
  /// Reads a JSON file whose value is an object.
  static Expected<Config> open(const std::string &path);
  /// Reads JSON text. `file` is for messages.
  static Expected<Config> parse(std::string_view text, const std::string &file);
  /// Takes a JSON object. `file` is for messages, and so is `prefix`, which
  /// stands before every key.
  Config(Json object, std::string file, std::string prefix = "");

  /// Whether the key stands there with a value. Does not count as reading it.
  bool has(const std::string &key) const;
  /// Whether the key stands there, with a value or null.
  bool contains(const std::string &key) const {
    return object->find(key) != object->end();
  }
  /// Whether the value of the key is a string. Does not count as reading it.
  bool isString(const std::string &key) const {
    auto found = object->find(key);
    return found != object->end() && found->is_string();
  }

  /// An integer of at least 1 and below 2^31, so that a product of two does not
  /// overflow.
  int64_t getPositive(const std::string &key,
                      std::optional<int64_t> fallback = std::nullopt);
  /// An integer from `least` to `most`.
  int64_t getInteger(const std::string &key, int64_t least, int64_t most,
                     std::optional<int64_t> fallback = std::nullopt);
  /// A finite number.
  double getReal(const std::string &key,
                 std::optional<double> fallback = std::nullopt);
  bool getBool(const std::string &key,
               std::optional<bool> fallback = std::nullopt);
  std::string
  getString(const std::string &key,
            const std::optional<std::string> &fallback = std::nullopt);
  /// One of the names.
  std::string
  getChoice(const std::string &key, const std::vector<std::string> &choices,
            const std::optional<std::string> &fallback = std::nullopt);
  /// Arrays of one type; empty where the key is absent. A single integer is an
  /// array of one.
  std::vector<int64_t> getIntegers(const std::string &key);
  std::vector<double> getReals(const std::string &key);
  std::vector<std::string> getStrings(const std::string &key);
  /// A nested object, empty where the key is absent. `finish` of the outermost
  /// object asks that its keys are read too.
  Config getObject(const std::string &key);

  /// If the key stands there, its value must be this one.
  void require(const std::string &key, const Json &value);
  /// Marks keys as read whose values do not matter.
  void ignore(const std::vector<std::string> &keys);
  /// Records an error found by the caller, at a key.
  void fail(const std::string &key, std::string message);

  /// Whether no error has been recorded so far.
  bool ok() const;
  /// The first error; else an error for the first key, in alphabetic order,
  /// that has a value and was not read; else success.
  Status finish() const;

private:
  struct Record;

  Config(const Json *object, std::string prefix, std::shared_ptr<Record> record)
      : object(object), prefix(std::move(prefix)), record(std::move(record)) {}

  /// The value, marked as read; null if it is absent.
  const Json *read(const std::string &key);
  void failType(const std::string &key, const char *expected,
                const Json *value);
  template <typename T, typename Decode>
  T get(const std::string &key, const char *expected,
        const std::optional<T> &fallback, const T &harmless, Decode decode);
  template <typename T, typename Decode>
  std::vector<T> getArray(const std::string &key, const char *expected,
                          Decode decode);

  const Json *object;
  std::string prefix;
  std::shared_ptr<Record> record;
};

} // namespace weft::formats

#endif // WEFT_FRONTENDS_FORMATS_CONFIG_CONFIG_H
