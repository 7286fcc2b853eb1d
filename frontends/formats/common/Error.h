//===- Error.h - Errors of the readers, and results that carry them -------===//
//
// Readers of model files never throw and never print: what may fail returns an
// `Expected<T>`, either the value or an `Error`. An error says in which file
// and at which place in it something is wrong, what was expected and what was
// found.
//
//===----------------------------------------------------------------------===//

#ifndef WEFT_FRONTENDS_FORMATS_COMMON_ERROR_H
#define WEFT_FRONTENDS_FORMATS_COMMON_ERROR_H

#include <string>
#include <utility>
#include <variant>

namespace weft::formats {

/// Why a file cannot be used.
struct [[nodiscard]] Error {
  /// The file as the user named it.
  std::string file;
  /// Where in the file: a key, a tensor, an offset; may be empty.
  std::string place;
  /// Starts lower-case, without full stop: "expected X but got Y".
  std::string message;

  /// `file: place: message`.
  std::string str() const {
    return file + ": " + (place.empty() ? "" : place + ": ") + message;
  }
};

/// A value or an error. Test it, then dereference it or take the error.
template <typename T> class [[nodiscard]] Expected {
public:
  Expected(T value) : storage(std::in_place_index<0>, std::move(value)) {}
  Expected(Error error) : storage(std::in_place_index<1>, std::move(error)) {}

  explicit operator bool() const { return storage.index() == 0; }
  T &operator*() { return *std::get_if<0>(&storage); }
  const T &operator*() const { return *std::get_if<0>(&storage); }
  T *operator->() { return std::get_if<0>(&storage); }
  const T *operator->() const { return std::get_if<0>(&storage); }

  const Error &error() const { return *std::get_if<1>(&storage); }
  Error takeError() { return std::move(*std::get_if<1>(&storage)); }

private:
  std::variant<T, Error> storage;
};

/// Success, or an error: the result of a check.
class [[nodiscard]] Status {
public:
  Status() = default;
  Status(Error error) : failure(std::move(error)), failed(true) {}

  explicit operator bool() const { return !failed; }
  const Error &error() const { return failure; }
  Error takeError() { return std::move(failure); }

private:
  Error failure;
  bool failed = false;
};

} // namespace weft::formats

#endif // WEFT_FRONTENDS_FORMATS_COMMON_ERROR_H
