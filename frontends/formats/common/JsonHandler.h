//===- JsonHandler.h - What the JSON parser calls, by default refused -----===//
//
// Base of handlers for nlohmann's event parser. An event that a reader does not
// override is an error, so a reader states only what it accepts.
//
//===----------------------------------------------------------------------===//

#ifndef WEFT_FRONTENDS_FORMATS_COMMON_JSONHANDLER_H
#define WEFT_FRONTENDS_FORMATS_COMMON_JSONHANDLER_H

#include "frontends/formats/common/Json.h"

namespace weft::formats {

/// Each event returns whether to go on; `error` is set where it says no.
class JsonHandler {
public:
  virtual ~JsonHandler() = default;

  virtual bool null() { return refuse("null"); }
  virtual bool boolean(bool) { return refuse("a boolean"); }
  virtual bool number_integer(int64_t) { return refuse("a negative number"); }
  virtual bool number_unsigned(uint64_t) { return refuse("a number"); }
  virtual bool number_float(double, const std::string &) {
    return refuse("a fraction");
  }
  virtual bool string(std::string &) { return refuse("a string"); }
  virtual bool start_object(size_t) { return refuse("an object"); }
  virtual bool key(std::string &) { return refuse("a key"); }
  virtual bool end_object() { return true; }
  virtual bool start_array(size_t) { return refuse("an array"); }
  virtual bool end_array() { return true; }
  bool binary(std::vector<uint8_t> &) { return refuse("binary data"); }

  bool parse_error(size_t position, const std::string &,
                   const nlohmann::detail::exception &) {
    return fail("byte " + std::to_string(position), "not valid JSON in UTF-8");
  }

  Error takeError() { return std::move(error); }

protected:
  explicit JsonHandler(std::string file) { error.file = std::move(file); }

  bool fail(std::string place, std::string message) {
    error.place = std::move(place);
    error.message = std::move(message);
    return false;
  }
  /// The parser found a kind of value where it cannot stand.
  virtual bool refuse(const char *found) = 0;

private:
  Error error;
};

/// Runs the handler over the text: success if every event was accepted.
bool runJsonParser(std::string_view text, JsonHandler &handler);

} // namespace weft::formats

#endif // WEFT_FRONTENDS_FORMATS_COMMON_JSONHANDLER_H
