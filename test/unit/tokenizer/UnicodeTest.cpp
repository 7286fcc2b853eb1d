//===- UnicodeTest.cpp - UTF-8, classes and normal forms ------------------===//

#include "runtime/tokenizer/Unicode.h"
#include <gtest/gtest.h>

using namespace weft;
using namespace std::string_literals;

// Table 3-8 to 3-11 of the Unicode standard, section 3.9.
TEST(Utf8, EveryMaximalPartBecomesOneReplacement) {
  const std::string r = "\xEF\xBF\xBD";
  EXPECT_EQ(replaceInvalidUtf8("plain \xC3\xA9"), "plain \xC3\xA9");
  EXPECT_EQ(replaceInvalidUtf8("\xC0\xAF\xE0\x80\xBF\xF0\x81\x82\x41"),
            r + r + r + r + r + r + r + r + "A");
  EXPECT_EQ(replaceInvalidUtf8("\xED\xA0\x80\xED\xBF\xBF\xED\xAF\x41"),
            r + r + r + r + r + r + r + r + "A");
  EXPECT_EQ(replaceInvalidUtf8("\xF4\x91\x92\x93\xFF\x41\x80\xBF\x42"),
            r + r + r + r + r + "A" + r + r + "B");
  EXPECT_EQ(replaceInvalidUtf8("\xE1\x80\xE2\xF0\x91\x92\xF1\xBF\x41"),
            r + r + r + r + "A");
  EXPECT_EQ(replaceInvalidUtf8("\xE2\x82"), r);
}

TEST(Utf8, TailThatMayGrowIsIncomplete) {
  EXPECT_EQ(incompleteUtf8Tail(""), 0u);
  EXPECT_EQ(incompleteUtf8Tail("abc"), 0u);
  EXPECT_EQ(incompleteUtf8Tail("a\xE2"), 1u);
  EXPECT_EQ(incompleteUtf8Tail("a\xE2\x82"), 2u);
  EXPECT_EQ(incompleteUtf8Tail("a\xE2\x82\xAC"), 0u);
  EXPECT_EQ(incompleteUtf8Tail("\xF0\x9F\x98"), 3u);
  EXPECT_EQ(incompleteUtf8Tail("\xF0\x9F\x98\x80"), 0u);
  EXPECT_EQ(incompleteUtf8Tail("\xE0\x80"), 0u)
      << "overlong: can never be whole";
  EXPECT_EQ(incompleteUtf8Tail("\x80\x80\x80"), 0u);
  EXPECT_EQ(incompleteUtf8Tail("\xFF"), 0u);
}

TEST(Unicode, NormalForms) {
  EXPECT_EQ(toNormalForm("e\xCC\x81", NormalForm::C), "\xC3\xA9");
  EXPECT_EQ(toNormalForm("\xC3\xA9", NormalForm::D), "e\xCC\x81");
  EXPECT_EQ(toNormalForm("\xEF\xAC\x81", NormalForm::C), "\xEF\xAC\x81");
  EXPECT_EQ(toNormalForm("\xEF\xAC\x81", NormalForm::KC), "fi");
  EXPECT_EQ(toNormalForm("\xEA\xB0\x81", NormalForm::D),
            "\xE1\x84\x80\xE1\x85\xA1\xE1\x86\xA8")
      << "Hangul";
  // Dot below (220) goes before dot above (230).
  EXPECT_EQ(toNormalForm("q\xCC\x87\xCC\xA3", NormalForm::D),
            "q\xCC\xA3\xCC\x87");
  EXPECT_EQ(toNormalForm("a\0\xC3\xA9"s, NormalForm::D), "a\0e\xCC\x81"s);
}

TEST(Unicode, RunsOfMarksAreNotQuadratic) {
  std::string text = "a";
  for (int i = 0; i < 200000; ++i)
    text += i % 2 ? "\xCC\xA3" : "\xCC\x87";
  std::string form = toNormalForm(text, NormalForm::D);
  EXPECT_EQ(form.size(), text.size());
  EXPECT_EQ(form.substr(1, 2), "\xCC\xA3");
  EXPECT_EQ(form.substr(form.size() - 2), "\xCC\x87");
}

TEST(Unicode, LowerCase) {
  EXPECT_EQ(toLower("ABC \xC3\x89 \xCE\xA3"), "abc \xC3\xA9 \xCF\x83");
  EXPECT_EQ(toLower("\xC4\xB0"), "i\xCC\x87") << "the only one that grows";
  EXPECT_EQ(toLower("\xE1\xBA\x9E"), "\xC3\x9F");
}

TEST(Unicode, Classes) {
  EXPECT_TRUE(isWhiteSpace(0x3000) && isWhiteSpace(0x85) && isWhiteSpace('\n'));
  EXPECT_FALSE(isWhiteSpace(0x180E) || isWhiteSpace(0x200B));
  EXPECT_TRUE(isNumeric(0x00B2) && isNumeric(0x0663) && isNumeric(0x2167));
  EXPECT_TRUE(isPunctuation('$') && isPunctuation(0x3002));
  EXPECT_FALSE(isPunctuation(0x20AC));
  EXPECT_TRUE(isWord('_') && isWord(0x0301) && isWord(0x24B6));
  EXPECT_FALSE(isWord(0x00B2) || isWord('-'));
}
