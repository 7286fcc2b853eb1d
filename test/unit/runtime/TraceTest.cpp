//===- TraceTest.cpp - Launches in a trace and a profile ------------------===//

#include "test/unit/runtime/Fixture.h"

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <unistd.h>

using namespace weft;
using namespace weft::test;

namespace {
struct Profile {
  std::vector<std::string> names;
  int64_t tasks = 0, bytes = 0;
  bool ordered = true;
  uint64_t last = 0;
};
} // namespace

static void note(void *user, const weft_launch_event *event) {
  auto *profile = static_cast<Profile *>(user);
  profile->names.push_back(std::string(event->function) + "/" + event->name +
                           "/" + event->kernel);
  profile->tasks += event->tasks;
  profile->bytes += event->bytes;
  profile->ordered &=
      profile->last <= event->begin_ns && event->begin_ns <= event->end_ns;
  profile->last = event->end_ns;
}

TEST(Trace, HookSeesEveryLaunch) {
  Loaded loaded;
  Profile profile;
  weft_session_options options;
  weft_session_options_init(&options);
  options.threads = 2;
  options.launch_hook = note;
  options.launch_hook_user = &profile;
  weft_session *session = loaded.open(options);
  runRows(loaded, session, "step", makeRows(5));
  EXPECT_EQ((std::vector<std::string>{"step/prefix/test_prefix",
                                      "step/window/test_window",
                                      "step/decay/test_decay"}),
            profile.names);
  EXPECT_EQ(5 + 5 + 1, profile.tasks);
  EXPECT_EQ(16 * ((5 + 5) + (8 + 5) + (1 + 5 + 5)), profile.bytes);
  EXPECT_TRUE(profile.ordered);
  weft_session_release(session);
}

TEST(Trace, FileIsJson) {
  const std::string path =
      testing::TempDir() + "weft-trace-" + std::to_string(getpid());
  setenv("WEFT_TRACE", path.c_str(), 1);
  {
    Loaded loaded;
    weft_session *a = loaded.open(), *b = loaded.open(2);
    // More than fits in a buffer.
    for (int round = 0; round < 200; ++round)
      for (weft_session *session : {a, b}) {
        Floats x(2), y(2);
        weft_tensor input = viewOf(x, {1, 2}), output = viewOf(y, {1, 2});
        weft_session_run(session, loaded.find("scale"), &input, 1, &output, 1);
      }
    weft_session_release(a);
    weft_session_release(b);
  }
  unsetenv("WEFT_TRACE");
  std::ifstream file(path);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  remove(path.c_str());
  const nlohmann::json events = nlohmann::json::parse(text, nullptr, false);
  ASSERT_TRUE(events.is_array());
  ASSERT_EQ(1u + 200 * 2 * 2, events.size());
  const nlohmann::json &event = events[2];
  EXPECT_EQ("times \"three\"", event["name"]);
  EXPECT_EQ("scale", event["cat"]);
  EXPECT_EQ("X", event["ph"]);
  EXPECT_EQ("test_scale", event["args"]["kernel"]);
  EXPECT_EQ(2, event["args"]["tasks"]);
  EXPECT_EQ(16, event["args"]["bytes"]);
  EXPECT_GE(event["dur"].get<double>(), 0.0);
}

TEST(Trace, FileThatCannotBeWritten) {
  setenv("WEFT_TRACE", "/nowhere/trace.json", 1);
  const std::vector<uint8_t> bytes = makeArtifact().write();
  AlignedBytes aligned(bytes);
  EXPECT_FAILS(WEFT_IO_ERROR, "/nowhere/trace.json: No such file",
               Program::load(aligned.data(), aligned.size()).status());
  unsetenv("WEFT_TRACE");
}
