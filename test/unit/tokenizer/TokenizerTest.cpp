//===- TokenizerTest.cpp - Hostile texts, streams, and views that lie -----===//

#include "Golden.h"
#include "runtime/tokenizer/Tables.h"
#include "runtime/tokenizer/Unicode.h"
#include <random>

using namespace weft;

static const char *const kFolders[] = {"gpt2", "llama2", "bert-uncased",
                                       "mixed", "clip"};

TEST(Encode, InvalidUtf8CountsAsReplacement) {
  for (const char *folder : kFolders) {
    OwnedTokenizer tokenizer = goldenTokenizer(folder);
    EXPECT_EQ(
        encode(*tokenizer.tokenizer, "a\xFF\xC3(\xE2\x82"),
        encode(*tokenizer.tokenizer, "a\xEF\xBF\xBD\xEF\xBF\xBD(\xEF\xBF\xBD"));
  }
}

// Half a megabyte without a space must not take time in the square of it.
TEST(Encode, LongRunsAreNotQuadratic) {
  for (const char *folder : kFolders) {
    OwnedTokenizer tokenizer = goldenTokenizer(folder);
    for (const char *unit :
         {"a", " ", "\n", "ab", "the", "\xE4\xB8\xAD", "\xCC\x81", "<", "!"}) {
      std::string text;
      while (text.size() < (1u << 19))
        text += unit;
      EXPECT_FALSE(encode(*tokenizer.tokenizer, text + "x").empty());
    }
  }
}

TEST(Encode, EmptyTextHasOnlyTheEnds) {
  EXPECT_EQ(encode(*goldenTokenizer("bert-uncased").tokenizer, ""),
            (std::vector<int64_t>{2, 3}));
  EXPECT_TRUE(encode(*goldenTokenizer("gpt2").tokenizer, "").empty());
}

TEST(Encode, OptionsLeaveSpecialTokensOut) {
  OwnedTokenizer tokenizer = goldenTokenizer("llama3");
  int64_t begin = tokenizer->findToken("<|begin_of_text|>");
  ASSERT_GE(begin, 0);
  EXPECT_TRUE(tokenizer->isSpecial(begin));
  EXPECT_EQ(encode(*tokenizer.tokenizer, "a").front(), begin);
  EncodeOptions plain;
  plain.addSpecial = false;
  EXPECT_EQ(encode(*tokenizer.tokenizer, "<|begin_of_text|>", plain),
            std::vector<int64_t>{begin});
  plain.parseSpecial = false;
  EXPECT_GT(encode(*tokenizer.tokenizer, "<|begin_of_text|>", plain).size(),
            1u);
}

TEST(Decode, IgnoresIdsOutsideAndSkipsSpecial) {
  OwnedTokenizer tokenizer = goldenTokenizer("smollm");
  int64_t end = tokenizer->findToken("<|im_end|>");
  auto ids = encode(*tokenizer.tokenizer, "hi");
  ids.insert(ids.begin(), {-1, INT64_MAX, end});
  EXPECT_EQ(decode(*tokenizer.tokenizer, ids, /*skipSpecial=*/true), "hi");
  EXPECT_EQ(decode(*tokenizer.tokenizer, ids, /*skipSpecial=*/false),
            "<|im_end|>hi");
}

TEST(Decode, BrokenBytesBecomeReplacements) {
  OwnedTokenizer bytes = goldenTokenizer("llama2");
  int64_t lead = bytes->findToken("<0xE2>"), a = bytes->findToken("a");
  EXPECT_EQ(decode(*bytes.tokenizer, {lead, lead, a}),
            "\xEF\xBF\xBD\xEF\xBF\xBD"
            "a");
}

TEST(DecodeStream, HoldsACharacterBackUntilItIsWhole) {
  for (const char *folder : {"gpt2", "llama2"}) {
    OwnedTokenizer tokenizer = goldenTokenizer(folder);
    auto ids = encode(*tokenizer.tokenizer, "\xF0\x9F\xA6\x84");
    ASSERT_GE(ids.size(), 3u) << "the small vocabulary has no token for it";
    DecodeStream stream(*tokenizer.tokenizer);
    std::string text, error;
    for (size_t i = 0; i + 1 < ids.size(); ++i) {
      ASSERT_TRUE(stream.put(ids[i], text, error));
      EXPECT_EQ(text, "");
    }
    ASSERT_TRUE(stream.put(ids.back(), text, error));
    EXPECT_EQ(text, "\xF0\x9F\xA6\x84");
  }
}

TEST(DecodeStream, GivesUpOnAnIncompleteCharacterAtTheEnd) {
  OwnedTokenizer tokenizer = goldenTokenizer("gpt2");
  auto ids = encode(*tokenizer.tokenizer, "\xF0\x9F\xA6\x84");
  ids.pop_back();
  DecodeStream stream(*tokenizer.tokenizer);
  std::string text, error;
  for (int64_t id : ids)
    ASSERT_TRUE(stream.put(id, text, error));
  ASSERT_TRUE(stream.finish(text, error));
  EXPECT_EQ(text, "\xEF\xBF\xBD");
}

// Random ids, that no text has: the stream is still the text of all of them,
// but for byte tokens that are not UTF-8, which the reference sees only as a
// whole.
TEST(DecodeStream, RandomIdsJoinToTheDecodedText) {
  std::mt19937 engine(1);
  auto random = [&engine] { return static_cast<uint32_t>(engine()); };
  for (const char *folder :
       {"gpt2", "bert-uncased", "clip", "whitespace", "qwen2"}) {
    OwnedTokenizer tokenizer = goldenTokenizer(folder);
    for (int round = 0; round < 200; ++round) {
      std::vector<int64_t> ids;
      for (int i = 0; i < 20; ++i)
        ids.push_back(
            static_cast<int64_t>(random() % (tokenizer->vocabularySize() + 5)));
      DecodeStream stream(*tokenizer.tokenizer, /*skipSpecial=*/true);
      std::string joined, part, error;
      for (int64_t id : ids) {
        ASSERT_TRUE(stream.put(id, part, error));
        EXPECT_EQ(incompleteUtf8Tail(part), 0u);
        joined += part;
      }
      ASSERT_TRUE(stream.finish(part, error));
      EXPECT_EQ(joined + part, decode(*tokenizer.tokenizer, ids, true))
          << folder;
    }
  }
}

// An artifact's tables are not trusted: whatever they hold, look-ups stay
// inside.
TEST(View, LyingTablesAreHarmless) {
  std::mt19937 engine(2);
  auto random = [&engine] { return static_cast<uint32_t>(engine()); };
  for (const char *folder : kFolders) {
    formats::Expected<TokenizerSpec> good = readGoldenSpec(folder);
    ASSERT_TRUE(bool(good));
    for (int round = 0; round < 100; ++round) {
      TokenizerSpec spec = *good;
      auto spoil = [&](auto &values) {
        for (int i = 0; i < 40 && !values.empty(); ++i)
          values[random() % values.size()] =
              static_cast<typename std::decay_t<decltype(values)>::value_type>(
                  random() % 3 ? random() : random() % 1000);
      };
      spoil(spec.tokenEnds);
      spoil(spec.tokenTypes);
      spoil(spec.tokenTable);
      spoil(spec.mergeTable);
      for (int i = 0; i < 40 && !spec.merges.empty(); ++i)
        spec.merges[random() % spec.merges.size()] = {random() % 700u, random(),
                                                      random(), random()};
      for (int i = 0; i < 5 && !spec.added.empty(); ++i)
        spec.added[random() % spec.added.size()].id = random();
      std::string error;
      auto tokenizer = Tokenizer::create(viewOf(spec), error);
      if (!tokenizer)
        continue;
      std::vector<int64_t> ids;
      std::string text;
      tokenizer->encode("Hello, world! the of 123 \xC3\xA9 <s>[CLS]", ids,
                        error);
      tokenizer->decode(ids, text, error);
    }
  }
}

TEST(View, ContradictionsAreErrors) {
  formats::Expected<TokenizerSpec> good = readGoldenSpec("gpt2");
  ASSERT_TRUE(bool(good));
  auto expectError = [&](auto change, const std::string &message) {
    TokenizerSpec spec = *good;
    change(spec);
    std::string error;
    EXPECT_FALSE(Tokenizer::create(viewOf(spec), error));
    EXPECT_NE(error.find(message), std::string::npos) << error;
  };
  expectError([](auto &s) { s.kind = "magic"; },
              "unsupported kind of tokenizer 'magic'");
  expectError([](auto &s) { s.tokenTypes.pop_back(); },
              "expected a type for each of 601 tokens but got 600");
  expectError([](auto &s) { s.tokenTable.pop_back(); }, "power of two");
  expectError([](auto &s) { s.prefix = {601}; },
              "expected ids below 601 but got 601");
  expectError([](auto &s) { s.normalizer = {{"magic", {}}}; },
              "unsupported normalizer 'magic'");
  expectError([](auto &s) { s.preTokenizer = {{"magic", {}}}; },
              "unsupported pre-tokenizer 'magic'");
  expectError([](auto &s) { s.decoder = {{"magic", {}}}; },
              "unsupported decoder 'magic'");
  expectError(
      [](auto &s) { s.preTokenizer = {{"split", {{"behavior", "magic"}}}}; },
      "pre-tokenizer 'split': unsupported split behavior 'magic'");
  expectError([](auto &s) { s.set("unk_token", "magic"); },
              "the unknown token 'magic' is not in the vocabulary");
}

TEST(Tables, LastOfEqualTextsCounts) {
  TokenizerSpec spec;
  spec.addToken("a", TokenType::Normal);
  spec.addToken("a", TokenType::Normal);
  spec.addToken("b", TokenType::Added);
  std::string error;
  ASSERT_TRUE(buildTokenizerTables(spec, error)) << error;
  TokenizerView view = viewOf(spec);
  Vocabulary vocabulary(view);
  EXPECT_EQ(vocabulary.find("a"), 1u);
  EXPECT_EQ(vocabulary.find("b"), kNoToken) << "outside the model's vocabulary";
  EXPECT_EQ(vocabulary.text(2), "b");
  spec.merges.push_back({0, 1, 3, 0});
  EXPECT_FALSE(buildTokenizerTables(spec, error));
  EXPECT_EQ(error, "merge 0 names a token past the last of 3");
}
