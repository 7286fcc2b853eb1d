//===- AllocationTest.cpp - Memory that runs out --------------------------===//
//
// The linker sends what the runtime asks of the system for memory, files and
// threads here (--wrap), where it can be counted and made to fail.
//
//===----------------------------------------------------------------------===//

#include "test/unit/runtime/Fixture.h"

#include <atomic>
#include <cerrno>
#include <pthread.h>
#include <sys/mman.h>
#include <unistd.h>

using namespace weft;
using namespace weft::test;

static std::atomic<int64_t> requests{0};
/// The request that fails, counted from 1; 0: none.
static std::atomic<int64_t> failing{0};

static bool fails() { return ++requests == failing; }

/// Counts from here on, and lets the n-th request fail.
static void arm(int64_t n) {
  requests = 0;
  failing = n;
}

extern "C" {
void *__real_malloc(size_t);
void *__real_calloc(size_t, size_t);
void *__real_realloc(void *, size_t);
void *__real_mmap(void *, size_t, int, int, int, off_t);
int __real_memfd_create(const char *, unsigned);
int __real_pthread_create(pthread_t *, const pthread_attr_t *,
                          void *(*)(void *), void *);
void *__wrap_malloc(size_t bytes) {
  return fails() ? nullptr : __real_malloc(bytes);
}
void *__wrap_calloc(size_t count, size_t bytes) {
  return fails() ? nullptr : __real_calloc(count, bytes);
}
void *__wrap_realloc(void *memory, size_t bytes) {
  return fails() ? nullptr : __real_realloc(memory, bytes);
}
void *__wrap_mmap(void *address, size_t bytes, int protection, int flags,
                  int file, off_t offset) {
  if (!fails())
    return __real_mmap(address, bytes, protection, flags, file, offset);
  errno = ENOMEM;
  return MAP_FAILED;
}
int __wrap_memfd_create(const char *name, unsigned flags) {
  if (!fails())
    return __real_memfd_create(name, flags);
  errno = EMFILE;
  return -1;
}
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                          void *(*start)(void *), void *argument) {
  return fails() ? EAGAIN
                 : __real_pthread_create(thread, attributes, start, argument);
}
}

/// A file of the test artifact.
class Allocation : public testing::Test {
protected:
  Allocation() {
    path = testing::TempDir() + "weft-allocation-" + std::to_string(getpid());
    const std::vector<uint8_t> bytes = makeArtifact().write();
    FILE *file = fopen(path.c_str(), "wb");
    fwrite(bytes.data(), 1, bytes.size(), file);
    fclose(file);
  }
  ~Allocation() override { remove(path.c_str()); }
  std::string path;
};

/// Loads, runs, forks; returns the first failure. Nothing of the test's own may
/// allocate here.
static weft_status useAll(const char *path, const float *x, float *y) {
  weft_program *program = nullptr;
  weft_session *session = nullptr, *fork = nullptr;
  weft_session_options options;
  weft_session_options_init(&options);
  options.threads = 3;
  weft_tensor input = {const_cast<float *>(x), WEFT_F32, 2, {2, kWidth}};
  weft_tensor output = {y, WEFT_F32, 2, {2, kWidth}};
  size_t step = 0;
  weft_status status = weft_program_load_file(path, nullptr, &program);
  if (isOk(status))
    status = weft_program_find_function(program, "step", &step);
  if (isOk(status))
    status = weft_session_create(program, &options, &session);
  if (isOk(status))
    status = weft_session_run(session, step, &input, 1, &output, 1);
  if (isOk(status))
    status = weft_session_fork(session, &fork);
  if (isOk(status))
    status = weft_session_run(fork, step, &input, 1, &output, 1);
  weft_session_release(session);
  weft_session_release(fork);
  weft_program_release(program);
  return status;
}

TEST_F(Allocation, EveryRequestMayFail) {
  const Floats x = makeRows(2);
  Floats y(2 * kWidth);
  arm(0);
  ASSERT_STREQ("", useAll(path.c_str(), x.data(), y.data()).message);
  const int64_t count = requests;
  EXPECT_GT(count, 50);
  int64_t survived = 0;
  for (int64_t n = 1; n <= count; ++n) {
    arm(n);
    weft_status status = useAll(path.c_str(), x.data(), y.data());
    arm(0);
    // A second way to a nameless file takes over from a failed memfd_create.
    survived += isOk(status);
    if (!isOk(status))
      EXPECT_TRUE(status.code == WEFT_OUT_OF_MEMORY ||
                  status.code == WEFT_CODE_ERROR)
          << n << ": " << status.message;
  }
  EXPECT_LE(survived, 1);
  ASSERT_STREQ("", useAll(path.c_str(), x.data(), y.data()).message);
}

TEST_F(Allocation, RunningAsksForNothing) {
  Loaded loaded;
  weft_session *session = loaded.open(2);
  weft_session *other = loaded.open(1);
  Floats x = makeRows(2), y(2 * kWidth), z(1000);
  weft_tensor input = viewOf(x, {2, kWidth}), output = viewOf(y, {2, kWidth});
  weft_tensor inferred = output;
  const size_t step = loaded.find("step"), scale = loaded.find("scale");
  size_t bytes = 0;
  weft_session_run(session, step, &input, 1, &output, 1);
  weft_session_get_state_size(session, &bytes);
  std::vector<uint8_t> saved(bytes);

  arm(0);
  for (int round = 0; round < 100; ++round) {
    ASSERT_EQ(WEFT_OK, weft_session_reset(session).code);
    for (int piece = 0; piece < 20; ++piece)
      ASSERT_EQ(WEFT_OK,
                weft_session_run(session, step, &input, 1, &output, 1).code);
    ASSERT_EQ(WEFT_OK,
              weft_session_run(session, scale, &input, 1, &output, 1).code);
    ASSERT_EQ(WEFT_OK, weft_session_infer_outputs(session, scale, &input, 1,
                                                  &inferred, 1)
                           .code);
    ASSERT_EQ(WEFT_OK, weft_session_assign(other, session).code);
    weft_session_reset(session);
    weft_session_run(session, step, &input, 1, &output, 1);
    ASSERT_EQ(WEFT_OK,
              weft_session_save_state(session, saved.data(), bytes).code);
    ASSERT_EQ(WEFT_OK,
              weft_session_load_state(other, saved.data(), bytes).code);
    // Nor do failures.
    weft_tensor wrong = input;
    wrong.dims[1] = 3;
    ASSERT_NE(WEFT_OK,
              weft_session_run(session, step, &wrong, 1, &output, 1).code);
    ASSERT_NE(WEFT_OK, weft_session_rollback(session, 1).code);
  }
  EXPECT_EQ(0, requests);
  weft_session_release(session);
  weft_session_release(other);
}
