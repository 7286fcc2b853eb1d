//===- GenerateTest.cpp - The loop of generation and what ends it ---------===//

#include "runtime/generate/Generate.h"
#include "runtime/generate/StopText.h"
#include "test/unit/tokenizer/Golden.h"

using namespace weft;

namespace {
/// Says the given ids one after the other, whatever it is told.
class Script : public TokenModel {
public:
  Script(std::vector<int64_t> ids, size_t vocabulary)
      : ids(std::move(ids)), values(vocabulary, 0.f) {}

  bool put(const std::vector<int64_t> &tokens, std::string &error) override {
    seen.insert(seen.end(), tokens.begin(), tokens.end());
    if (at >= ids.size()) {
      error = "the context is full";
      return false;
    }
    std::fill(values.begin(), values.end(), 0.f);
    values[static_cast<size_t>(ids[at++])] = 1;
    return true;
  }
  const float *logits() const override { return values.data(); }
  size_t vocabularySize() const override { return values.size(); }

  std::vector<int64_t> seen;

private:
  std::vector<int64_t> ids;
  std::vector<float> values;
  size_t at = 0;
};

class GenerateTest : public testing::Test {
protected:
  OwnedTokenizer tokenizer = goldenTokenizer("smollm");
  GenerateResult result;
  std::string error, shown;

  bool run(const std::string &text, const GenerateOptions &options) {
    auto ids = encode(*tokenizer.tokenizer, text);
    Script model(ids, tokenizer->vocabularySize());
    bool ok = generate(
        model, tokenizer.tokenizer.get(), {5, 6}, options,
        [&](std::string_view part) {
          shown += part;
          return shown.size() < limit;
        },
        result, error);
    seen = model.seen;
    return ok;
  }
  std::vector<int64_t> seen;
  size_t limit = 1000;
};
} // namespace

TEST_F(GenerateTest, EndsAtAnEndToken) {
  GenerateOptions options;
  options.endIds = {tokenizer->findToken("<|im_end|>")};
  ASSERT_TRUE(run("hello \xF0\x9F\xA6\x84<|im_end|> more", options)) << error;
  EXPECT_EQ(result.reason, FinishReason::EndToken);
  EXPECT_EQ(result.text, "hello \xF0\x9F\xA6\x84");
  EXPECT_EQ(shown, result.text);
  EXPECT_EQ(result.ids, encode(*tokenizer.tokenizer, result.text));
  EXPECT_EQ(std::vector<int64_t>(seen.begin(), seen.begin() + 2),
            (std::vector<int64_t>{5, 6}));
  EXPECT_EQ(std::vector<int64_t>(seen.begin() + 2, seen.end()), result.ids);
}

TEST_F(GenerateTest, EndsAfterSoManyTokensWithTheRestShown) {
  GenerateOptions options;
  options.maxTokens = 2;
  ASSERT_TRUE(run("\xF0\x9F\xA6\x84 more", options)) << error;
  EXPECT_EQ(result.reason, FinishReason::MaxTokens);
  EXPECT_EQ(result.ids.size(), 2u);
  EXPECT_EQ(result.text, "\xEF\xBF\xBD") << "a part of a character";
  EXPECT_EQ(seen.size(), 3u) << "the last token is not put in";
  options.maxTokens = 0;
  ASSERT_TRUE(run("more", options));
  EXPECT_TRUE(result.ids.empty() && seen.empty());
}

TEST_F(GenerateTest, EndsAtAText) {
  GenerateOptions options;
  options.stops = {"\n\nUser:", "absent"};
  ASSERT_TRUE(run("one\n\ntwo\n\nUser: three", options)) << error;
  EXPECT_EQ(result.reason, FinishReason::StopText);
  EXPECT_EQ(result.text, "one\n\ntwo");
  EXPECT_EQ(shown, result.text);
}

TEST_F(GenerateTest, EndsWhenTheReceiverWantsNoMore) {
  limit = 3;
  ASSERT_TRUE(run("one two three", {})) << error;
  EXPECT_EQ(result.reason, FinishReason::Cancelled);
  EXPECT_GE(shown.size(), 3u);
  EXPECT_LT(shown.size(), 10u);
}

TEST_F(GenerateTest, ErrorsOfTheModelAreReturned) {
  EXPECT_FALSE(run("hi", {}));
  EXPECT_EQ(error, "the context is full");
  EXPECT_EQ(result.text, "hi") << "what came before is kept";
  Script model({1}, 2);
  EXPECT_FALSE(generate(model, nullptr, {}, {}, nullptr, result, error));
  EXPECT_EQ(error, "expected a prompt of at least one token but got none");
}

TEST_F(GenerateTest, WithoutATokenizerThereAreIdsOnly) {
  Script model({3, 1, 4}, 5);
  GenerateOptions options;
  options.endIds = {4};
  ASSERT_TRUE(generate(model, nullptr, {0}, options, nullptr, result, error))
      << error;
  EXPECT_EQ(result.ids, (std::vector<int64_t>{3, 1}));
  EXPECT_EQ(result.text, "");
}

TEST(StopText, HoldsBackWhatMayBeginAStop) {
  StopText stop({"END", "ENTER"});
  EXPECT_EQ(stop.put("a E"), "a ");
  EXPECT_EQ(stop.put("NT"), "");
  EXPECT_EQ(stop.put("IRE "), "ENTIRE ");
  EXPECT_EQ(stop.put("EN"), "");
  EXPECT_EQ(stop.put("E"), "EN");
  EXPECT_FALSE(stop.stopped());
  EXPECT_EQ(stop.put("ND and ENTER"), "");
  EXPECT_TRUE(stop.stopped());
  EXPECT_EQ(stop.put("more"), "");
  EXPECT_EQ(stop.finish(), "");
  StopText other({"", "xyz"});
  EXPECT_EQ(other.put("ab xy"), "ab ");
  EXPECT_EQ(other.finish(), "xy");
}
