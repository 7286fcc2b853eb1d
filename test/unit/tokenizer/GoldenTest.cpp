//===- GoldenTest.cpp - Equal to the reference, id for id -----------------===//

#include "Golden.h"
#include "runtime/tokenizer/Artifact.h"

using namespace weft;

namespace {
class Golden : public testing::TestWithParam<const char *> {
protected:
  nlohmann::json cases() const {
    return nlohmann::json::parse(
        readGolden(std::string(GetParam()) + "/cases.json"));
  }
};
} // namespace

TEST_P(Golden, IdsAndTextsAreThoseOfTheReference) {
  OwnedTokenizer tokenizer = goldenTokenizer(GetParam());
  ASSERT_TRUE(tokenizer.tokenizer);
  size_t count = 0;
  for (const auto &entry : cases()) {
    auto text = entry[0].get<std::string>();
    auto ids = entry[1].get<std::vector<int64_t>>();
    EXPECT_EQ(encode(*tokenizer.tokenizer, text), ids) << text;
    if (entry[2].is_string()) {
      EXPECT_EQ(decode(*tokenizer.tokenizer, ids), entry[2].get<std::string>());
    }
    ++count;
  }
  EXPECT_GE(count, 100u);
}

TEST_P(Golden, StreamJoinsToTheDecodedText) {
  OwnedTokenizer tokenizer = goldenTokenizer(GetParam());
  ASSERT_TRUE(tokenizer.tokenizer);
  for (const auto &entry : cases())
    for (bool skip : {false, true}) {
      auto ids = entry[1].get<std::vector<int64_t>>();
      DecodeStream stream(*tokenizer.tokenizer, skip);
      std::string joined, part, error;
      for (int64_t id : ids) {
        ASSERT_TRUE(stream.put(id, part, error)) << error;
        joined += part;
      }
      ASSERT_TRUE(stream.finish(part, error)) << error;
      EXPECT_EQ(joined + part, decode(*tokenizer.tokenizer, ids, skip));
    }
}

TEST_P(Golden, ArtifactTableGivesTheSameTokenizer) {
  formats::Expected<TokenizerSpec> spec = readGoldenSpec(GetParam());
  ASSERT_TRUE(bool(spec)) << spec.error().str();
  flatbuffers::FlatBufferBuilder builder;
  builder.Finish(writeTokenizer(builder, *spec));
  flatbuffers::Verifier verifier(builder.GetBufferPointer(), builder.GetSize());
  ASSERT_TRUE(verifier.VerifyBuffer<fb::Tokenizer>());
  std::string error;
  auto tokenizer = Tokenizer::create(
      viewOf(*flatbuffers::GetRoot<fb::Tokenizer>(builder.GetBufferPointer())),
      error);
  ASSERT_TRUE(tokenizer) << error;
  for (const auto &entry : cases())
    EXPECT_EQ(encode(*tokenizer, entry[0].get<std::string>()),
              entry[1].get<std::vector<int64_t>>());
}

INSTANTIATE_TEST_SUITE_P(
    All, Golden,
    testing::Values("gpt2", "smollm", "llama3", "qwen2", "gpt4o", "falcon",
                    "roberta", "llama2", "mistral", "bert-uncased",
                    "bert-cased", "clip", "mixed", "whitespace", "gguf-llama",
                    "gguf-llama3", "gguf-smollm", "gguf-bert"),
    [](const auto &info) {
      std::string name = info.param;
      std::replace(name.begin(), name.end(), '-', '_');
      return name;
    });
