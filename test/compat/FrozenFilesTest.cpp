//===- FrozenFilesTest.cpp - Files of earlier versions keep loading -------===//
//
// Usage: runtime-compat-test FOLDER
//
//===----------------------------------------------------------------------===//

#include "test/unit/runtime/Fixture.h"

#include <filesystem>

using namespace weft;
using namespace weft::test;

static const char *folder = nullptr;

/// Runs what every version of the test artifact has.
static void expectRuns(const std::string &path) {
  auto program = Program::load(path);
  ASSERT_TRUE(program) << program.status().message;
  auto session = Session::create(*program);
  ASSERT_TRUE(session) << session.status().message;

  const float x[3] = {1, 2, 3};
  auto scaled =
      session->run(*program->findFunction("scale"), {view(x, {1, 3})});
  ASSERT_TRUE(scaled) << scaled.status().message;
  EXPECT_EQ(18.0f, (*scaled)[0].data<float>()[2]);

  const Floats rows = makeRows(10);
  auto stepped = session->run(*program->findFunction("step"),
                              {view(rows.data(), {10, kWidth})});
  ASSERT_TRUE(stepped) << stepped.status().message;
  const float *y = (*stepped)[0].data<float>();
  EXPECT_EQ(computeRows(rows, true), Floats(y, y + rows.size()));
}

TEST(FrozenFiles, KeepLoading) {
  int count = 0;
  for (const auto &entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".weft")
      continue;
    SCOPED_TRACE(entry.path().filename());
    expectRuns(entry.path());
    ++count;
  }
  EXPECT_GT(count, 0) << "no frozen files in " << folder;
}

int main(int argc, char **argv) {
  testing::InitGoogleTest(&argc, argv);
  if (argc < 2) {
    fprintf(stderr, "usage: runtime-compat-test FOLDER\n");
    return 2;
  }
  folder = argv[1];
  return RUN_ALL_TESTS();
}
