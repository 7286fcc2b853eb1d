//===- ShardsTest.cpp - Weights of a model directory ----------------------===//

#include "Builders.h"

#include "frontends/formats/safetensors/Safetensors.h"
#include "gtest/gtest.h"

#include <filesystem>
#include <fstream>

using namespace weft::formats;

namespace {

/// A directory of its own that goes away after the test.
class Shards : public testing::Test {
protected:
  void SetUp() override {
    directory = testing::TempDir() + "weft-shards-" +
                testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::remove_all(directory);
    std::filesystem::create_directory(directory);
  }
  void TearDown() override { std::filesystem::remove_all(directory); }

  void write(const std::string &name, const std::string &text) {
    std::ofstream(directory + "/" + name, std::ios::binary) << text;
  }
  void writeShard(const std::string &name, const std::string &tensor) {
    write(name, makeSafetensors("{\"" + tensor +
                                    "\":{\"dtype\":\"U8\",\"shape\":[2],"
                                    "\"data_offsets\":[0,2]}}",
                                2));
  }
  void writeIndex(const std::string &weightMap) {
    write("model.safetensors.index.json",
          "{\"metadata\":{\"total_size\":4},\"weight_map\":" + weightMap + "}");
  }
  std::string error() {
    auto store = openSafetensorsDirectory(directory);
    if (store)
      return "none";
    // Leave out the directory, which differs from run to run.
    std::string text = store.error().str();
    for (size_t at; (at = text.find(directory)) != std::string::npos;)
      text.erase(at, directory.size());
    return text;
  }

  std::string directory;
};

} // namespace

TEST_F(Shards, JoinsTheShardsOfAnIndex) {
  writeShard("1.safetensors", "a");
  writeShard("2.safetensors", "b");
  writeIndex(R"({"a":"1.safetensors","b":"2.safetensors"})");
  auto store = openSafetensorsDirectory(directory);
  ASSERT_TRUE(store) << store.error().str();
  EXPECT_EQ(store->files().size(), 2u);
  const TensorInfo *b = store->find("b");
  ASSERT_NE(b, nullptr);
  EXPECT_EQ(store->getFile(*b)->path(), directory + "/2.safetensors");
  EXPECT_EQ(store->getBytes(*b).size, 2u);
}

TEST_F(Shards, PrefersASingleFile) {
  writeShard("model.safetensors", "a");
  write("model.safetensors.index.json", "broken");
  EXPECT_EQ(error(), "none");
}

TEST_F(Shards, RefusesAnEmptyDirectory) {
  EXPECT_EQ(error(), ": expected model.safetensors or "
                     "model.safetensors.index.json but got neither");
}

TEST_F(Shards, RefusesAnIndexThatDoesNotAgree) {
  writeShard("1.safetensors", "a");
  writeShard("2.safetensors", "b");
  writeIndex(R"({"a":"1.safetensors","b":"3.safetensors"})");
  EXPECT_EQ(error(),
            "/3.safetensors: cannot open the file: No such file or directory");
  writeIndex(R"({"a":"1.safetensors","c":"2.safetensors"})");
  EXPECT_EQ(error(), "/model.safetensors.index.json: weight_map: \"c\": "
                     "expected the tensor in 2.safetensors but got none of "
                     "this name");
  writeIndex(R"({"a":"2.safetensors","b":"1.safetensors"})");
  EXPECT_EQ(error(), "/model.safetensors.index.json: weight_map: \"a\": "
                     "expected the tensor in 2.safetensors but got it in "
                     "/1.safetensors");
}

TEST_F(Shards, RefusesATensorInTwoShards) {
  writeShard("1.safetensors", "a");
  writeShard("2.safetensors", "a");
  writeIndex(R"({"a":"1.safetensors","b":"2.safetensors"})");
  EXPECT_EQ(error(), "/2.safetensors: tensor \"a\": also stands in "
                     "/1.safetensors");
}

TEST_F(Shards, RefusesShardsElsewhere) {
  for (const char *name :
       {"../1.safetensors", "/etc/passwd", "", "..", "a/b"}) {
    writeIndex("{\"a\":\"" + std::string(name) + "\"}");
    EXPECT_EQ(error(), "/model.safetensors.index.json: weight_map: \"a\": "
                       "expected the name of a file beside the index but got "
                       "\"" +
                           std::string(name) + "\"");
  }
  writeIndex(R"({"a":7})");
  EXPECT_EQ(error(), "/model.safetensors.index.json: weight_map: \"a\": "
                     "expected the name of a file beside the index but got 7");
  writeIndex("[]");
  EXPECT_EQ(error(), "/model.safetensors.index.json: weight_map: expected an "
                     "object but got an array");
  write("model.safetensors.index.json", "{}");
  EXPECT_EQ(error(), "/model.safetensors.index.json: weight_map: expected an "
                     "object but got nothing");
}
