//===- JsonTest.cpp - JSON that is refused --------------------------------===//

#include "frontends/formats/common/Json.h"
#include "gtest/gtest.h"

using namespace weft::formats;

static std::string errorOf(const std::string &text) {
  auto json = parseJson(text, "f");
  return json ? "none" : json.error().str();
}

TEST(Json, ReadsValues) {
  auto json = parseJson(R"({"a":[1,-2,3.5,null,true,{"b":"x"}],"c":{}})", "f");
  ASSERT_TRUE(json) << json.error().str();
  EXPECT_EQ(json->dump(), R"({"a":[1,-2,3.5,null,true,{"b":"x"}],"c":{}})");
  EXPECT_EQ(errorOf("3"), "none");
}

TEST(Json, RefusesDuplicateKeys) {
  EXPECT_EQ(errorOf(R"({"a":1,"b":{"x":1,"x":2}})"),
            "f: key \"x\": stands twice in one object");
  EXPECT_EQ(errorOf(R"({"a":{"x":1},"b":{"x":2}})"), "none");
}

TEST(Json, LimitsNesting) {
  const std::string ok(kMaxJsonDepth, '['), okEnd(kMaxJsonDepth, ']');
  EXPECT_EQ(errorOf(ok + okEnd), "none");
  EXPECT_EQ(errorOf("[" + ok + okEnd + "]"),
            "f: expected values nested at most 64 deep");
  EXPECT_EQ(errorOf(std::string(1000000, '[')),
            "f: expected values nested at most 64 deep");
}

TEST(Json, RefusesWhatIsNoJson) {
  EXPECT_EQ(errorOf(""), "f: byte 1: not valid JSON in UTF-8");
  EXPECT_EQ(errorOf("{\"a\":\"\xc3\"}"), "f: byte 8: not valid JSON in UTF-8");
  EXPECT_EQ(errorOf("1e999"), "f: byte 5: not valid JSON in UTF-8");
}

TEST(Json, CutsLongValuesInMessages) {
  EXPECT_EQ(quoteJson("short"), "\"short\"");
  EXPECT_EQ(quoteJson(std::string(100, 'x')),
            "\"" + std::string(79, 'x') + "…");
}
