//===- MappedFileTest.cpp - Files that can and cannot be mapped -----------===//

#include "frontends/formats/common/MappedFile.h"
#include "gtest/gtest.h"

#include <filesystem>
#include <fstream>
#include <sys/stat.h>

using namespace weft::formats;

TEST(MappedFile, MapsBytes) {
  const std::string path = testing::TempDir() + "weft-mapped";
  std::ofstream(path) << "abc";
  auto file = MappedFile::open(path);
  ASSERT_TRUE(file) << file.error().str();
  EXPECT_EQ((*file)->bytes().text(), "abc");
  EXPECT_EQ((*file)->path(), path);
  std::filesystem::remove(path);
}

TEST(MappedFile, MapsAnEmptyFile) {
  const std::string path = testing::TempDir() + "weft-empty";
  std::ofstream{path};
  auto file = MappedFile::open(path);
  ASSERT_TRUE(file) << file.error().str();
  EXPECT_EQ((*file)->bytes().size, 0u);
  std::filesystem::remove(path);
}

TEST(MappedFile, RefusesWhatIsNoFile) {
  auto absent = MappedFile::open("/nowhere/file");
  ASSERT_FALSE(absent);
  EXPECT_EQ(absent.error().str(), "/nowhere/file: cannot open the file: No "
                                  "such file or directory");
  auto directory = MappedFile::open("/");
  ASSERT_FALSE(directory);
  EXPECT_EQ(directory.error().str(), "/: expected a file but got a directory");

  const std::string pipe = testing::TempDir() + "weft-pipe";
  std::filesystem::remove(pipe);
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  auto fifo = MappedFile::open(pipe);
  ASSERT_FALSE(fifo);
  EXPECT_EQ(fifo.error().message,
            "expected a regular file but got a device or pipe");
  std::filesystem::remove(pipe);
}

TEST(MappedFile, LimitsTextFiles) {
  const std::string path = testing::TempDir() + "weft-text";
  std::ofstream(path) << "12345";
  auto text = readTextFile(path, 5);
  ASSERT_TRUE(text);
  EXPECT_EQ(*text, "12345");
  text = readTextFile(path, 4);
  ASSERT_FALSE(text);
  EXPECT_EQ(text.error().message, "expected at most 4 bytes but got 5");
  std::filesystem::remove(path);
}
