//===- Header.cpp - The JSON of a safetensors header ----------------------===//
//
// The header is read event by event and never built as a tree, so that a header
// of many million small values costs no more memory than its tensors do.
//
//===----------------------------------------------------------------------===//

#include "frontends/formats/safetensors/Header.h"

#include "frontends/formats/common/JsonHandler.h"
#include "frontends/formats/common/Quote.h"

#include <unordered_set>

using namespace weft::formats;

namespace {

/// More dimensions than any model has; bounds what a header can make us store.
constexpr size_t kMaxRank = 16;

class HeaderHandler final : public JsonHandler {
public:
  explicit HeaderHandler(const std::string &file) : JsonHandler(file) {}

  SafetensorsContents take() { return std::move(contents); }

  bool start_object(size_t) override {
    switch (state) {
    case State::Start:
      return enter(State::Names);
    case State::Entry:
      tensor = {};
      tensor.name = name;
      hasType = hasShape = hasOffsets = false;
      return enter(State::Fields);
    case State::Metadata:
      return enter(State::MetadataKeys);
    default:
      return refuse("an object");
    }
  }

  bool key(std::string &text) override {
    switch (state) {
    case State::Names:
      if (!names.insert(text).second)
        return fail("tensor " + quote(text), "stands twice in the header");
      name = std::move(text);
      return enter(name == "__metadata__" ? State::Metadata : State::Entry);
    case State::Fields:
      return enterField(text);
    default: // MetadataKeys
      if (contents.metadata.count(text))
        return fail("__metadata__", "key " + quote(text) + " stands twice");
      metadataKey = std::move(text);
      return enter(State::MetadataText);
    }
  }

  bool string(std::string &text) override {
    if (state == State::MetadataText) {
      contents.metadata.emplace(std::move(metadataKey), std::move(text));
      return enter(State::MetadataKeys);
    }
    if (state != State::Type)
      return refuse("a string");
    std::optional<DataType> type = parseSafetensorsType(text);
    if (!type)
      return fail(place(), "expected a supported dtype but got " + quote(text));
    tensor.type = *type;
    return enter(State::Fields);
  }

  bool start_array(size_t) override {
    if (state == State::Shape)
      return enter(State::ShapeItems);
    if (state == State::Offsets)
      return enter(State::OffsetItems);
    return refuse("an array");
  }

  bool number_unsigned(uint64_t value) override {
    if (state == State::OffsetItems) {
      if (numOffsets == 2)
        return fail(place(), "expected two data_offsets but got more");
      offsets[numOffsets++] = value;
      return true;
    }
    if (state != State::ShapeItems)
      return refuse("a number");
    if (value > INT64_MAX)
      return fail(place(),
                  "expected sizes below 2^63 but got " + std::to_string(value));
    if (tensor.shape.size() == kMaxRank)
      return fail(place(), "expected at most " + std::to_string(kMaxRank) +
                               " dimensions but got more");
    tensor.shape.push_back(static_cast<int64_t>(value));
    return true;
  }

  bool end_array() override {
    if (state == State::OffsetItems) {
      if (numOffsets != 2)
        return fail(place(), "expected two data_offsets but got " +
                                 std::to_string(numOffsets));
      if (offsets[0] > offsets[1])
        return fail(place(), "expected data_offsets that ascend but got [" +
                                 std::to_string(offsets[0]) + ", " +
                                 std::to_string(offsets[1]) + "]");
      tensor.offset = offsets[0];
      tensor.size = offsets[1] - offsets[0];
    }
    return enter(State::Fields);
  }

  bool end_object() override {
    if (state == State::Fields) {
      if (!hasType || !hasShape || !hasOffsets)
        return fail(place(),
                    std::string("has no ") + (!hasType    ? "dtype"
                                              : !hasShape ? "shape"
                                                          : "data_offsets"));
      contents.tensors.push_back(std::move(tensor));
      return enter(State::Names);
    }
    return enter(state == State::MetadataKeys ? State::Names : State::End);
  }

private:
  enum class State {
    Start,        // before the header's {
    Names,        // in the header
    Entry,        // after a tensor's name
    Fields,       // in a tensor's object
    Type,         // after "dtype"
    Shape,        // after "shape"
    ShapeItems,   // in the array
    Offsets,      // after "data_offsets"
    OffsetItems,  // in the array
    Metadata,     // after "__metadata__"
    MetadataKeys, // in its object
    MetadataText, // after a key of it
    End,
  };

  bool enter(State next) {
    state = next;
    return true;
  }

  bool enterField(const std::string &field) {
    bool *seen;
    if (field == "dtype") {
      seen = &hasType;
      state = State::Type;
    } else if (field == "shape") {
      seen = &hasShape;
      state = State::Shape;
    } else if (field == "data_offsets") {
      seen = &hasOffsets;
      state = State::Offsets;
      numOffsets = 0;
    } else {
      return fail(place(), "expected dtype, shape or data_offsets but got " +
                               quote(field));
    }
    if (*seen)
      return fail(place(), "key " + quote(field) + " stands twice");
    return *seen = true;
  }

  std::string place() const {
    if (state == State::Start || state == State::End)
      return "header";
    return name == "__metadata__" ? name : "tensor " + quote(name);
  }

  bool refuse(const char *found) override {
    const char *expected = "an object";
    if (state == State::Type || state == State::MetadataText)
      expected = "a string";
    else if (state == State::Shape || state == State::Offsets)
      expected = "an array";
    else if (state == State::ShapeItems || state == State::OffsetItems)
      expected = "a non-negative integer";
    return fail(place(),
                std::string("expected ") + expected + " but got " + found);
  }

  SafetensorsContents contents;
  std::unordered_set<std::string> names;
  State state = State::Start;
  std::string name, metadataKey;
  TensorInfo tensor;
  bool hasType = false, hasShape = false, hasOffsets = false;
  uint64_t offsets[2] = {0, 0};
  unsigned numOffsets = 0;
};

} // namespace

Expected<SafetensorsContents>
weft::formats::parseSafetensorsHeader(std::string_view text,
                                      const std::string &file) {
  HeaderHandler handler(file);
  if (!runJsonParser(text, handler))
    return handler.takeError();
  return handler.take();
}
