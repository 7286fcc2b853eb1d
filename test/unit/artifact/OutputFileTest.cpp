//===- OutputFileTest.cpp - Files appear whole or not at all --------------===//

#include "compiler/artifact/OutputFile.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "gtest/gtest.h"

using namespace weft;
namespace fs = llvm::sys::fs;

namespace {
class OutputFile : public testing::Test {
protected:
  void SetUp() override {
    ASSERT_FALSE(fs::createUniqueDirectory("weft-output", folder));
    path = (folder + "/model.weft").str();
  }
  void TearDown() override { fs::remove_directories(folder); }

  size_t countFiles() const {
    std::error_code error;
    size_t count = 0;
    for (fs::directory_iterator it(folder, error), end; it != end;
         it.increment(error))
      ++count;
    return count;
  }
  std::string contents() const {
    return (*llvm::MemoryBuffer::getFile(path))->getBuffer().str();
  }

  llvm::SmallString<128> folder;
  std::string path;
};
} // namespace

static llvm::Error writeWhole(llvm::raw_fd_ostream &out) {
  out << "whole";
  return llvm::Error::success();
}

TEST_F(OutputFile, ReplacesAnOldFile) {
  EXPECT_FALSE(bool(writeOutputFile(path, writeWhole)));
  EXPECT_FALSE(bool(writeOutputFile(path, writeWhole)));
  EXPECT_EQ(contents(), "whole");
  EXPECT_EQ(countFiles(), 1u);
}

TEST_F(OutputFile, LeavesNothingBehindAfterAFailure) {
  ASSERT_FALSE(bool(writeOutputFile(path, writeWhole)));
  llvm::Error error = writeOutputFile(path, [](llvm::raw_fd_ostream &out) {
    out << "half";
    return llvm::createStringError("no more");
  });
  EXPECT_EQ(llvm::toString(std::move(error)), "no more");
  EXPECT_EQ(contents(), "whole");
  EXPECT_EQ(countFiles(), 1u);
}

TEST_F(OutputFile, NamesAFolderThatIsNotThere) {
  std::string absent = (folder + "/absent/model.weft").str();
  EXPECT_EQ(llvm::toString(writeOutputFile(absent, writeWhole)),
            absent + ": No such file or directory");
}

TEST_F(OutputFile, WritesThroughADevice) {
  EXPECT_FALSE(bool(writeOutputFile("/dev/null", writeWhole)));
  fs::file_status status;
  ASSERT_FALSE(fs::status("/dev/null", status));
  EXPECT_EQ(status.type(), fs::file_type::character_file);
}
