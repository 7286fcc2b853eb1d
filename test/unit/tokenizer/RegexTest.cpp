//===- RegexTest.cpp - Patterns of tokenizer files ------------------------===//

#include "runtime/tokenizer/Regex.h"
#include <gtest/gtest.h>

using namespace weft;

static std::vector<std::string> matches(std::string_view pattern,
                                        std::string_view text) {
  std::string error;
  auto regex = Regex::compile(pattern, error);
  EXPECT_TRUE(regex) << error;
  std::vector<std::string> found;
  if (!regex)
    return found;
  std::vector<TextRange> ranges;
  RegexScratch scratch;
  EXPECT_TRUE(regex->findAll(text, ranges, scratch, error)) << error;
  for (TextRange range : ranges)
    found.emplace_back(text.substr(range.begin, range.end - range.begin));
  return found;
}

using Texts = std::vector<std::string>;

TEST(Regex, WhiteSpaceIsUnicodes) {
  // U+180E is white space to PCRE2, but not to Unicode; U+0085 is to both.
  EXPECT_EQ(matches(R"(\s+)", "a\xE1\xA0\x8E"
                              "b \xC2\x85\xE3\x80\x80"
                              "c"),
            Texts{" \xC2\x85\xE3\x80\x80"});
  EXPECT_EQ(matches(R"([^\s]+)", "a\xE1\xA0\x8E"
                                 "b c"),
            (Texts{"a\xE1\xA0\x8E"
                   "b",
                   "c"}));
  EXPECT_EQ(matches(R"(\S+)", "a\xE1\xA0\x8E"
                              "b c"),
            (Texts{"a\xE1\xA0\x8E"
                   "b",
                   "c"}));
}

TEST(Regex, RubysOptions) {
  EXPECT_EQ(matches("(?m:a.b)", "a\nb"), Texts{"a\nb"}) << "dot over lines";
  EXPECT_EQ(matches("a.b", "a\nb"), Texts{});
  EXPECT_EQ(matches("^b$", "a\nb\nc"), Texts{"b"}) << "anchors at every line";
  EXPECT_EQ(matches("(?i:'S)", "'s 'S '\xC5\xBF"),
            (Texts{"'s", "'S", "'\xC5\xBF"}));
  EXPECT_EQ(matches(R"(\h+)", "xyz12aFg"), Texts{"12aF"})
      << "hexadecimal digits";
  EXPECT_EQ(matches(R"(\p{^L}+)", "ab12"), Texts{"12"});
  EXPECT_EQ(matches(R"([[:alpha:]]+)", "ab12"), Texts{"ab"});
}

TEST(Regex, EmptyMatchesAdvance) {
  EXPECT_EQ(matches("x*", "axb").size(), 3u);
  EXPECT_EQ(matches("", "\xC3\xA9").size(), 2u);
}

TEST(Regex, LongRunsAreMatched) {
  std::string spaces(1 << 20, ' ');
  EXPECT_EQ(matches(R"(\s*[\r\n]+|\s+(?!\S)|\s+)", spaces + "x").size(), 2u);
  EXPECT_EQ(matches(R"((?:a|b)+)", std::string(1 << 18, 'a')).size(), 1u);
}

TEST(Regex, RunAwayBacktrackingIsAnError) {
  std::string error;
  auto regex = Regex::compile("(a+)+$", error);
  std::vector<TextRange> ranges;
  RegexScratch scratch;
  EXPECT_FALSE(
      regex->findAll(std::string(60, 'a') + "b", ranges, scratch, error));
  EXPECT_NE(error.find("pattern '(a+)+$' fails"), std::string::npos) << error;
}

TEST(Regex, ErrorsNameThePattern) {
  for (auto [pattern, message] :
       {std::pair{"[a&&b]", "unsupported class intersection at byte 2"},
        {"[a[bc]]", "unsupported class inside a class at byte 2"},
        {R"([\W])", "unsupported negated class inside a class"},
        {"(a", "cannot compile pattern '(a'"},
        {R"(\p{Nonsense})", "cannot compile pattern"},
        {R"(\C)", "cannot compile pattern"},
        {"a\\", "unsupported backslash at the end"},
        {R"(\p{L)", "unsupported open \\p{"},
        {"[a", "unsupported open class"}}) {
    std::string error;
    EXPECT_FALSE(Regex::compile(pattern, error));
    EXPECT_NE(error.find(message), std::string::npos) << error;
  }
}
