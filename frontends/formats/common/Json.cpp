//===- Json.cpp - JSON from files that are not trusted --------------------===//

#include "frontends/formats/common/JsonHandler.h"

#include "frontends/formats/common/Quote.h"

using namespace weft::formats;

namespace {

/// Builds a value from the parser's events. The library's own builder would
/// keep the last of two equal keys, and has no limit of depth.
class ValueBuilder final : public JsonHandler {
public:
  explicit ValueBuilder(const std::string &file) : JsonHandler(file) {}

  Json take() { return std::move(root); }

  bool null() override { return add(nullptr); }
  bool boolean(bool value) override { return add(value); }
  bool number_integer(int64_t value) override { return add(value); }
  bool number_unsigned(uint64_t value) override { return add(value); }
  bool number_float(double value, const std::string &) override {
    return add(value);
  }
  bool string(std::string &value) override { return add(std::move(value)); }

  bool start_object(size_t) override { return open(Json::object()); }
  bool start_array(size_t) override { return open(Json::array()); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }

  bool key(std::string &name) override {
    auto [place, isNew] = stack.back()->emplace(name, nullptr);
    if (!isNew)
      return fail("key " + quote(name), "stands twice in one object");
    slot = &*place;
    return true;
  }

private:
  bool refuse(const char *found) override {
    return fail("", std::string("expected JSON but got ") + found);
  }

  /// Puts the value where it belongs and returns its place.
  Json *place(Json &&value) {
    if (stack.empty())
      return &(root = std::move(value));
    if (stack.back()->is_array()) {
      stack.back()->push_back(std::move(value));
      return &stack.back()->back();
    }
    *slot = std::move(value);
    return slot;
  }

  template <typename T> bool add(T &&value) {
    place(Json(std::forward<T>(value)));
    return true;
  }

  bool open(Json &&value) {
    if (stack.size() == kMaxJsonDepth)
      return fail("", "expected values nested at most " +
                          std::to_string(kMaxJsonDepth) + " deep");
    stack.push_back(place(std::move(value)));
    return true;
  }

  bool close() {
    stack.pop_back();
    return true;
  }

  Json root;
  std::vector<Json *> stack;
  Json *slot = nullptr;
};

} // namespace

bool weft::formats::runJsonParser(std::string_view text, JsonHandler &handler) {
  return Json::sax_parse(text.begin(), text.end(), &handler);
}

Expected<Json> weft::formats::parseJson(std::string_view text,
                                        const std::string &file) {
  ValueBuilder builder(file);
  if (!runJsonParser(text, builder))
    return builder.takeError();
  return builder.take();
}

const char *weft::formats::describeJsonType(const Json &value) {
  switch (value.type()) {
  case Json::value_t::null:
    return "null";
  case Json::value_t::boolean:
    return "a boolean";
  case Json::value_t::number_integer:
  case Json::value_t::number_unsigned:
    return "an integer";
  case Json::value_t::number_float:
    return "a number";
  case Json::value_t::string:
    return "a string";
  case Json::value_t::array:
    return "an array";
  case Json::value_t::object:
    return "an object";
  default:
    return "nothing";
  }
}

std::string weft::formats::quoteJson(const Json &value) {
  // `replace` never throws; depth is bounded by `kMaxJsonDepth`.
  std::string text = value.dump(-1, ' ', false, Json::error_handler_t::replace);
  constexpr size_t kLongest = 80;
  if (text.size() <= kLongest)
    return text;
  // Do not cut inside a character.
  size_t end = kLongest;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80)
    --end;
  return text.substr(0, end) + "…";
}
