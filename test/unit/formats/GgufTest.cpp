//===- GgufTest.cpp - What a GGUF file may claim --------------------------===//

#include "Builders.h"

#include "frontends/formats/gguf/Gguf.h"
#include "gtest/gtest.h"

using namespace weft::formats;

static std::string errorOf(const std::string &text) {
  auto contents = parseGguf(bytesOf(text), "m.gguf");
  return contents ? "none" : contents.error().str();
}
static std::string errorOf(const GgufBuilder &file) {
  return errorOf(file.text);
}

TEST(Gguf, ReadsMetadata) {
  const GgufBuilder file = makeGguf();
  auto contents = parseGguf(bytesOf(file.text), "m.gguf");
  ASSERT_TRUE(contents) << contents.error().str();
  const GgufMetadata &metadata = contents->metadata;
  EXPECT_EQ(contents->version, 3u);
  EXPECT_EQ(metadata.at("general.architecture").asString(), "llama");
  EXPECT_EQ(metadata.at("llama.block_count").asInteger(), 2);
  EXPECT_EQ(metadata.at("llama.block_count").asReal(), 2.0);
  EXPECT_EQ(metadata.at("llama.block_count").asString(), std::nullopt);
  EXPECT_EQ(metadata.at("a.float").asReal(), 1.0);
  EXPECT_EQ(metadata.at("a.float").asInteger(), std::nullopt);
  EXPECT_EQ(metadata.at("a.bool").asBool(), true);
  EXPECT_EQ(metadata.at("a.i64").asInteger(), -1);
  auto tokens = metadata.at("tokens").asArray();
  ASSERT_TRUE(tokens);
  EXPECT_EQ(*tokens->strings(),
            (std::vector<std::string_view>{"<s>", "a", ""}));
  auto nested = metadata.at("nested").asArray()->values();
  ASSERT_EQ(nested.size(), 2u);
  EXPECT_EQ(nested[0].asArray()->values()[2].asInteger(), 3);
  EXPECT_EQ(nested[1].asArray()->values()[0].asBool(), false);
}

TEST(Gguf, ReadsTensors) {
  const GgufBuilder file = makeGguf();
  auto contents = parseGguf(bytesOf(file.text), "m.gguf");
  ASSERT_TRUE(contents) << contents.error().str();
  ASSERT_EQ(contents->tensors.size(), 3u);
  EXPECT_EQ(contents->tensors[0].shape, (std::vector<int64_t>{3, 4}));
  EXPECT_EQ(contents->tensors[0].offset % 32, 0u);
  EXPECT_EQ(contents->tensors[1].type, DataType::F16);
  EXPECT_EQ(contents->tensors[1].offset, contents->tensors[0].offset + 64);
  EXPECT_EQ(contents->tensors[2].type, DataType::Q4_0);
  EXPECT_EQ(contents->tensors[2].size, 72u);
}

TEST(Gguf, ReadsWhatThePythonPackageWrites) {
  auto file = openGguf(WEFT_TEST_DATA "/metadata.gguf");
  ASSERT_TRUE(file) << file.error().str();
  EXPECT_EQ(file->metadata.at("general.architecture").asString(), "llama");
  EXPECT_EQ(file->metadata.at("test.f64").asReal(), 0.25);
  EXPECT_EQ(file->metadata.at("test.u64").asInteger(), int64_t(1) << 40);
  EXPECT_EQ(file->metadata.at("test.i16").asInteger(), -5);
  EXPECT_EQ(file->metadata.at("test.strings").asArray()->strings()->at(1),
            "zwei");
  const TensorInfo *tensor = file->store.find("weights");
  ASSERT_NE(tensor, nullptr);
  EXPECT_EQ(tensor->shape, (std::vector<int64_t>{2, 3}));
  float value;
  std::memcpy(&value, file->store.getBytes(*tensor).data + 4 * 4, 4);
  EXPECT_EQ(value, 4.0f);
}

TEST(Gguf, ReadsAFileWithoutTensors) {
  EXPECT_EQ(errorOf(GgufBuilder().head(0, 0, 2)), "none");
}

TEST(Gguf, RefusesOtherFiles) {
  EXPECT_EQ(errorOf(std::string("PK\3\4")),
            "m.gguf: byte 0: expected the magic \"GGUF\" but got "
            "\"PK\\x03\\x04\"");
  EXPECT_EQ(errorOf(std::string("GGUF\3\0\0\0", 8)),
            "m.gguf: header: expected 24 bytes but got 8");
  EXPECT_EQ(errorOf(GgufBuilder().head(0, 0, 1)),
            "m.gguf: version: expected 2 or 3 but got 1");
  EXPECT_EQ(errorOf(GgufBuilder().head(0, 0, 0x03000000)),
            "m.gguf: version: expected a little-endian file but got a "
            "big-endian one");
}

TEST(Gguf, RefusesHostileCounts) {
  EXPECT_EQ(errorOf(GgufBuilder().head(0, uint64_t(1) << 62)),
            "m.gguf: number of metadata pairs: expected pairs that fit the "
            "file but got 4611686018427387904");
  EXPECT_EQ(errorOf(GgufBuilder().head(~uint64_t(0), 0)),
            "m.gguf: number of tensors: expected tensors that fit the file "
            "but got 18446744073709551615");
  EXPECT_EQ(errorOf(GgufBuilder()
                        .head(0, 1)
                        .key("k", GgufType::Array)
                        .arrayHead(GgufType::U8, uint64_t(1) << 40)),
            "m.gguf: key \"k\": expected an array that ends within the file "
            "but got 1099511627776 elements of u8");
  EXPECT_EQ(errorOf(GgufBuilder()
                        .head(0, 1)
                        .key("k", GgufType::Array)
                        .arrayHead(GgufType::U64, (uint64_t(1) << 61) + 1)),
            "m.gguf: key \"k\": expected an array that ends within the file "
            "but got 2305843009213693953 elements of u64");
  EXPECT_EQ(errorOf(GgufBuilder().head(0, 1).number(uint64_t(-1), 8).data(32)),
            "m.gguf: byte 24: expected a metadata key of at most 65535 bytes");
  EXPECT_EQ(errorOf(GgufBuilder()
                        .head(0, 1)
                        .key("k", GgufType::String)
                        .number(uint64_t(-8), 8)),
            "m.gguf: key \"k\": expected a string that ends within the file");
}

TEST(Gguf, RefusesBrokenMetadata) {
  EXPECT_EQ(errorOf(GgufBuilder()
                        .head(0, 2)
                        .key("k", GgufType::U8)
                        .number(1, 1)
                        .key("k", GgufType::U8)
                        .number(1, 1)),
            "m.gguf: key \"k\": stands twice in the metadata");
  EXPECT_EQ(errorOf(GgufBuilder()
                        .head(0, 1)
                        .key("k", static_cast<GgufType>(13))
                        .number(0, 8)),
            "m.gguf: key \"k\": expected a value type of 0 to 12 but got 13");
  EXPECT_EQ(
      errorOf(GgufBuilder().head(0, 1).key("k", GgufType::Bool).number(2, 1)),
      "m.gguf: key \"k\": expected 0 or 1 for a bool but got 2");
  EXPECT_EQ(
      errorOf(GgufBuilder().head(0, 1).key("k", GgufType::U64).number(2, 4)),
      "m.gguf: key \"k\": expected a value of type u64 but got the end of the "
      "file");
  GgufBuilder deep;
  deep.head(0, 1).key("k", GgufType::Array);
  for (int i = 0; i < 4; ++i)
    deep.arrayHead(GgufType::Array, 1);
  deep.arrayHead(GgufType::U8, 0);
  EXPECT_EQ(errorOf(deep),
            "m.gguf: key \"k\": expected arrays nested at most 4 deep");
}

TEST(Gguf, ChecksTheAlignment) {
  auto withAlignment = [](uint32_t alignment, uint64_t offset) {
    GgufBuilder file;
    file.head(2, 1).key("general.alignment", GgufType::U32);
    file.number(alignment, 4).tensor("a", {1}, 0, 0);
    file.tensor("b", {1}, 0, offset).data(2 * 64 + 4, 64);
    return errorOf(file);
  };
  EXPECT_EQ(withAlignment(64, 128), "none");
  EXPECT_EQ(withAlignment(64, 32), "m.gguf: tensor \"b\": expected an offset "
                                   "aligned to 64 but got 32");
  EXPECT_EQ(withAlignment(0, 64), "m.gguf: general.alignment: expected a power "
                                  "of two of type u32 but got 0 of type u32");
  EXPECT_EQ(withAlignment(24, 64),
            "m.gguf: general.alignment: expected a power of two of type u32 "
            "but got 24 of type u32");
  EXPECT_EQ(errorOf(GgufBuilder()
                        .head(0, 1)
                        .key("general.alignment", GgufType::String)
                        .string("32")),
            "m.gguf: general.alignment: expected a power of two of type u32 "
            "but got type string");
}

TEST(Gguf, RefusesLyingTensors) {
  auto one = [](std::vector<uint64_t> sizes, uint32_t type,
                uint64_t offset = 0) {
    GgufBuilder file;
    file.head(1, 0).tensor("t", sizes, type, offset).data(64);
    return errorOf(file);
  };
  EXPECT_EQ(one({4, 4}, 0), "none");
  EXPECT_EQ(one({4, 5}, 0), "m.gguf: tensor \"t\": expected data within the "
                            "file's 64 bytes of data but got 80 bytes from 0");
  EXPECT_EQ(one({4, 4}, 0, 32),
            "m.gguf: tensor \"t\": expected data within the file's 64 bytes of "
            "data but got 64 bytes from 32");
  EXPECT_EQ(one({4}, 0, uint64_t(-32)),
            "m.gguf: tensor \"t\": expected data within the file's 64 bytes of "
            "data but got 16 bytes from 18446744073709551584");
  EXPECT_EQ(one({1, 1, 1, 1, 1}, 0),
            "m.gguf: tensor \"t\": expected at most 4 dimensions but got 5");
  EXPECT_EQ(one({uint64_t(1) << 63}, 0),
            "m.gguf: tensor \"t\": expected sizes below 2^63 but got "
            "9223372036854775808");
  EXPECT_EQ(one({16}, 2),
            "m.gguf: tensor \"t\": expected a shape that q4_0 can store (rows "
            "of whole blocks of 32, a size below 2^63) but got [16]");
  EXPECT_EQ(one({uint64_t(1) << 32, uint64_t(1) << 32}, 0),
            "m.gguf: tensor \"t\": expected a shape that f32 can store (rows "
            "of whole blocks of 1, a size below 2^63) but got [4294967296, "
            "4294967296]");
  EXPECT_EQ(one({256}, 10),
            "m.gguf: tensor \"t\": expected a supported type but got q2_K");
  EXPECT_EQ(one({256}, 77),
            "m.gguf: tensor \"t\": expected a supported type but got type 77");

  GgufBuilder twice;
  twice.head(2, 0).tensor("t", {1}, 0, 0).tensor("t", {1}, 0, 32).data(64);
  EXPECT_EQ(errorOf(twice), "m.gguf: tensor \"t\": stands twice in the file");
  GgufBuilder overlap;
  overlap.head(2, 0).tensor("a", {16}, 0, 0).tensor("b", {1}, 0, 32).data(64);
  EXPECT_EQ(errorOf(overlap),
            "m.gguf: tensor \"b\": expected data from byte 64 of the data but "
            "got 32 (an overlap)");
}

TEST(Gguf, RefusesEveryTruncation) {
  const std::string text = makeGguf().text;
  for (size_t size = 0; size < text.size(); ++size)
    EXPECT_NE(errorOf(text.substr(0, size)), "none") << size;
}
