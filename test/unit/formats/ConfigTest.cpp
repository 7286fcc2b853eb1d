//===- ConfigTest.cpp - Typed getters and keys that nobody honours --------===//

#include "frontends/formats/config/Config.h"
#include "gtest/gtest.h"

using namespace weft::formats;

static Config parse(const std::string &text) {
  auto config = Config::parse(text, "config.json");
  EXPECT_TRUE(config) << config.error().str();
  return *config;
}

/// The error after `read` has read the configuration.
template <typename Function>
static std::string errorOf(const std::string &text, Function read) {
  Config config = parse(text);
  read(config);
  Status status = config.finish();
  return status ? "none" : status.error().str();
}

TEST(Config, ReadsValues) {
  Config config = parse(
      R"({"hidden_size":64,"eps":1e-5,"tied":true,"act":"silu","layers":null,)"
      R"("ids":[1,2],"factors":[1,2.5],"names":["a"],"theta":10000.0,)"
      R"("rope":{"factor":8.0,"type":"llama3"}})");
  EXPECT_EQ(config.getPositive("hidden_size"), 64);
  EXPECT_EQ(config.getReal("eps"), 1e-5);
  EXPECT_EQ(config.getBool("tied", false), true);
  EXPECT_EQ(config.getChoice("act", {"gelu", "silu"}), "silu");
  EXPECT_FALSE(config.has("layers"));
  EXPECT_TRUE(config.contains("layers"));
  EXPECT_FALSE(config.contains("absent"));
  EXPECT_EQ(config.getPositive("layers", 3), 3);
  EXPECT_EQ(config.getInteger("absent", -1, 9, -1), -1);
  EXPECT_EQ(config.getString("absent", "x"), "x");
  EXPECT_EQ(config.getIntegers("ids"), (std::vector<int64_t>{1, 2}));
  EXPECT_EQ(config.getIntegers("hidden_size"), std::vector<int64_t>{64});
  EXPECT_EQ(config.getReals("factors"), (std::vector<double>{1, 2.5}));
  EXPECT_EQ(config.getStrings("names"), std::vector<std::string>{"a"});
  EXPECT_EQ(config.getPositive("theta"), 10000);
  Config rope = config.getObject("rope");
  EXPECT_EQ(rope.getReal("factor"), 8.0);
  EXPECT_EQ(rope.getString("type"), "llama3");
  EXPECT_TRUE(config.ok());
  EXPECT_TRUE(config.finish());
}

TEST(Config, NamesWhatWasExpectedAndFound) {
  EXPECT_EQ(errorOf(R"({"hidden_size":0})",
                    [](Config &c) { c.getPositive("hidden_size"); }),
            "config.json: hidden_size: expected a positive integer but got 0");
  EXPECT_EQ(errorOf("{}", [](Config &c) { c.getPositive("hidden_size"); }),
            "config.json: hidden_size: expected a positive integer but got "
            "nothing");
  EXPECT_EQ(errorOf(R"({"n":2.5})", [](Config &c) { c.getPositive("n", 1); }),
            "config.json: n: expected a positive integer but got 2.5");
  EXPECT_EQ(errorOf(R"({"n":18446744073709551615})",
                    [](Config &c) { c.getPositive("n"); }),
            "config.json: n: expected a positive integer but got "
            "18446744073709551615");
  EXPECT_EQ(
      errorOf(R"({"n":2147483648})", [](Config &c) { c.getPositive("n"); }),
      "config.json: n: expected a positive integer below 2^31 but got "
      "2147483648");
  EXPECT_EQ(errorOf(R"({"n":9})", [](Config &c) { c.getInteger("n", 0, 8); }),
            "config.json: n: expected an integer from 0 to 8 but got 9");
  EXPECT_EQ(errorOf(R"({"x":"1"})", [](Config &c) { c.getReal("x"); }),
            "config.json: x: expected a finite number but got \"1\"");
  EXPECT_EQ(errorOf(R"({"x":1})", [](Config &c) { c.getBool("x", true); }),
            "config.json: x: expected true or false but got 1");
  EXPECT_EQ(errorOf(R"({"x":["a"]})", [](Config &c) { c.getString("x"); }),
            "config.json: x: expected a string but got [\"a\"]");
  EXPECT_EQ(errorOf(R"({"act":"xielu"})",
                    [](Config &c) { c.getChoice("act", {"silu", "gelu"}); }),
            "config.json: act: expected \"silu\" or \"gelu\" but got "
            "\"xielu\"");
  EXPECT_EQ(errorOf(R"({"x":[1,"a"]})", [](Config &c) { c.getIntegers("x"); }),
            "config.json: x[1]: expected an array of integers but got \"a\"");
  EXPECT_EQ(errorOf(R"({"x":1})", [](Config &c) { c.getObject("x"); }),
            "config.json: x: expected an object but got 1");
}

TEST(Config, KeepsTheFirstError) {
  EXPECT_EQ(errorOf(R"({"a":0,"b":0})",
                    [](Config &c) {
                      c.getPositive("b");
                      c.getPositive("a");
                    }),
            "config.json: b: expected a positive integer but got 0");
  EXPECT_EQ(errorOf("{}", [](Config &c) { c.fail("x", "is odd"); }),
            "config.json: x: is odd");
}

TEST(Config, RefusesKeysThatNobodyRead) {
  EXPECT_EQ(errorOf(R"({"a":1,"b":2,"c":null})",
                    [](Config &c) { c.ignore({"a", "z"}); }),
            "config.json: b: is not supported: this attribute is not known for "
            "this model family; its value is 2");
  EXPECT_EQ(errorOf(R"({"rope":{"factor":1,"beta":2}})",
                    [](Config &c) { c.getObject("rope").getReal("factor"); }),
            "config.json: rope.beta: is not supported: this attribute is not "
            "known for this model family; its value is 2");
  EXPECT_EQ(errorOf(R"({"rope":{"factor":1,"beta":2}})",
                    [](Config &c) { c.ignore({"rope"}); }),
            "none");
}

TEST(Config, PrintsAnyKeyInOneLine) {
  EXPECT_EQ(errorOf("{\"a\\nb\":1}", [](Config &) {}),
            "config.json: a\\x0ab: is not supported: this attribute is not "
            "known for this model family; its value is 1");
}

TEST(Config, RefusesValuesThatItCannotHonour) {
  EXPECT_EQ(errorOf(R"({"attention_bias":true})",
                    [](Config &c) { c.require("attention_bias", false); }),
            "config.json: attention_bias: is not supported: expected false but "
            "got true");
  EXPECT_EQ(errorOf(R"({"attention_bias":false})",
                    [](Config &c) { c.require("attention_bias", false); }),
            "none");
}

TEST(Config, RefusesWhatIsNoObject) {
  auto config = Config::parse("[1]", "config.json");
  ASSERT_FALSE(config);
  EXPECT_EQ(config.error().str(),
            "config.json: expected an object but got an array");
}
