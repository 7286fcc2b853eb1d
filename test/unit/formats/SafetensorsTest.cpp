//===- SafetensorsTest.cpp - What a safetensors header may claim ----------===//

#include "Builders.h"

#include "frontends/formats/safetensors/Safetensors.h"
#include "gtest/gtest.h"

using namespace weft::formats;

static std::string errorOf(const std::string &text) {
  auto contents = parseSafetensors(bytesOf(text), "m.safetensors");
  return contents ? "none" : contents.error().str();
}

static std::string errorOfHeader(const std::string &header, size_t data = 0) {
  return errorOf(makeSafetensors(header, data));
}

TEST(Safetensors, ReadsTensorsByOffset) {
  auto contents = parseSafetensors(
      bytesOf(makeSafetensors(
          R"({"__metadata__":{"format":"pt"},)"
          R"("b":{"dtype":"F32","shape":[2,3],"data_offsets":[4,28]},)"
          R"("a":{"shape":[2],"data_offsets":[0,4],"dtype":"BF16"},)"
          R"("s":{"dtype":"I64","shape":[],"data_offsets":[28,36]},)"
          R"("e":{"dtype":"U8","shape":[0,5],"data_offsets":[28,28]}}   )",
          36)),
      "m.safetensors");
  ASSERT_TRUE(contents) << contents.error().str();
  EXPECT_EQ(contents->metadata.at("format"), "pt");
  ASSERT_EQ(contents->tensors.size(), 4u);
  EXPECT_EQ(contents->tensors[0].name, "a");
  EXPECT_EQ(contents->tensors[0].type, DataType::BF16);
  EXPECT_EQ(contents->tensors[1].name, "b");
  EXPECT_EQ(contents->tensors[1].shape, (std::vector<int64_t>{2, 3}));
  EXPECT_EQ(contents->tensors[1].size, 24u);
  EXPECT_EQ(contents->tensors[1].offset, contents->tensors[0].offset + 4);
  EXPECT_EQ(contents->tensors[2].name, "e");
  EXPECT_EQ(contents->tensors[3].size, 8u);
}

TEST(Safetensors, ReadsWhatTheFormatsOwnLibraryWrites) {
  auto store = openSafetensors(WEFT_TEST_DATA "/types.safetensors");
  ASSERT_TRUE(store) << store.error().str();
  EXPECT_EQ(store->tensors().size(), 10u);
  const TensorInfo *tensor = store->find("f32");
  ASSERT_NE(tensor, nullptr);
  EXPECT_EQ(tensor->shape, (std::vector<int64_t>{2, 3}));
  float value;
  std::memcpy(&value, store->getBytes(*tensor).data + 5 * 4, 4);
  EXPECT_EQ(value, 5.0f);
  EXPECT_EQ(store->find("absent"), nullptr);
}

TEST(Safetensors, RefusesLyingLengths) {
  EXPECT_EQ(errorOf("1234567"), "m.safetensors: header length: expected at "
                                "least 8 bytes but got 7");
  EXPECT_EQ(errorOf(littleEndian(100000001, 8) + "{}"),
            "m.safetensors: header length: expected at most 100000000 bytes "
            "but got 100000001");
  EXPECT_EQ(errorOf(littleEndian(3, 8) + "{}"),
            "m.safetensors: header length: expected at most the 2 bytes left "
            "in the file but got 3");
  EXPECT_EQ(errorOfHeader("{}", 1), "m.safetensors: data: expected 0 bytes "
                                    "after the header but got 1");
  EXPECT_EQ(errorOfHeader(""), "m.safetensors: byte 1: not valid JSON in "
                               "UTF-8");
}

TEST(Safetensors, RefusesHolesOverlapsAndWrongSizes) {
  EXPECT_EQ(
      errorOfHeader(R"({"a":{"dtype":"U8","shape":[4],"data_offsets":[1,5]}})",
                    5),
      "m.safetensors: tensor \"a\": expected data from byte 0 of the data but "
      "got 1 (a hole)");
  EXPECT_EQ(
      errorOfHeader(R"({"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},)"
                    R"("b":{"dtype":"U8","shape":[4],"data_offsets":[3,7]}})",
                    7),
      "m.safetensors: tensor \"b\": expected data from byte 4 of the data but "
      "got 3 (an overlap)");
  EXPECT_EQ(
      errorOfHeader(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}})",
                    4),
      "m.safetensors: tensor \"a\": expected 8 bytes for f32 [2] but got 4");
  EXPECT_EQ(
      errorOfHeader(R"({"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}})",
                    3),
      "m.safetensors: tensor \"a\": expected data within the file's 3 bytes "
      "of data but got an end at 4");
  EXPECT_EQ(
      errorOfHeader(R"({"a":{"dtype":"U8","shape":[4294967296,4294967296],)"
                    R"("data_offsets":[0,0]}})"),
      "m.safetensors: tensor \"a\": shape [4294967296, 4294967296] is too "
      "large");
  EXPECT_EQ(
      errorOfHeader(R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[4,3]}})",
                    4),
      "m.safetensors: tensor \"a\": expected data_offsets that ascend but got "
      "[4, 3]");
}

TEST(Safetensors, RefusesDuplicates) {
  EXPECT_EQ(
      errorOfHeader(R"({"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},)"
                    R"("a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}})"),
      "m.safetensors: tensor \"a\": stands twice in the header");
  EXPECT_EQ(errorOfHeader(R"({"a":{"dtype":"U8","dtype":"U8"}})"),
            "m.safetensors: tensor \"a\": key \"dtype\" stands twice");
  EXPECT_EQ(errorOfHeader(R"({"__metadata__":{"k":"1","k":"2"}})"),
            "m.safetensors: __metadata__: key \"k\" stands twice");
}

TEST(Safetensors, RefusesOtherJson) {
  EXPECT_EQ(errorOfHeader("[]"),
            "m.safetensors: header: expected an object but got an array");
  EXPECT_EQ(errorOfHeader(R"({"a":3})"),
            "m.safetensors: tensor \"a\": expected an object but got a number");
  EXPECT_EQ(errorOfHeader(R"({"a":{"dtype":"F8_E4M3"}})"),
            "m.safetensors: tensor \"a\": expected a supported dtype but got "
            "\"F8_E4M3\"");
  EXPECT_EQ(errorOfHeader(R"({"a":{"dtype":{"x":1}}})"),
            "m.safetensors: tensor \"a\": expected a string but got an object");
  EXPECT_EQ(errorOfHeader(R"({"a":{"shape":[-1]}})"),
            "m.safetensors: tensor \"a\": expected a non-negative integer but "
            "got a negative number");
  EXPECT_EQ(errorOfHeader(R"({"a":{"shape":[1.5]}})"),
            "m.safetensors: tensor \"a\": expected a non-negative integer but "
            "got a fraction");
  EXPECT_EQ(errorOfHeader(R"({"a":{"shape":[9223372036854775808]}})"),
            "m.safetensors: tensor \"a\": expected sizes below 2^63 but got "
            "9223372036854775808");
  EXPECT_EQ(errorOfHeader(R"({"a":{"shape":[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1)"
                          R"(]}})"),
            "m.safetensors: tensor \"a\": expected at most 16 dimensions but "
            "got more");
  EXPECT_EQ(errorOfHeader(R"({"a":{"data_offsets":[0]}})"),
            "m.safetensors: tensor \"a\": expected two data_offsets but got 1");
  EXPECT_EQ(errorOfHeader(R"({"a":{"data_offsets":[0,1,2]}})"),
            "m.safetensors: tensor \"a\": expected two data_offsets but got "
            "more");
  EXPECT_EQ(errorOfHeader(R"({"a":{"dtype":"U8","shape":[0]}})"),
            "m.safetensors: tensor \"a\": has no data_offsets");
  EXPECT_EQ(errorOfHeader(R"({"a":{"stride":[0]}})"),
            "m.safetensors: tensor \"a\": expected dtype, shape or "
            "data_offsets but got \"stride\"");
  EXPECT_EQ(errorOfHeader(R"({"__metadata__":{"k":1}})"),
            "m.safetensors: __metadata__: expected a string but got a number");
  EXPECT_EQ(errorOfHeader("{\"a\xff\":{}}"),
            "m.safetensors: byte 4: not valid JSON in UTF-8");
  EXPECT_EQ(errorOfHeader("{} x"),
            "m.safetensors: byte 4: not valid JSON in UTF-8");
}
