//===- ThreadTest.cpp - Any number of threads, the same result ------------===//

#include "runtime/devices/cpu/FloatMode.h"
#include "runtime/devices/cpu/ThreadPool.h"
#include "runtime/devices/cpu/Topology.h"
#include "test/unit/runtime/Fixture.h"

#include <atomic>
#include <cfloat>
#include <chrono>
#include <thread>

#ifdef __x86_64__
#include <xmmintrin.h>
#endif

using namespace weft;
using namespace weft::test;

TEST(Thread, EveryTaskRunsOnce) {
  Loaded loaded;
  for (int32_t threads : {1, 2, 3, 5, 16}) {
    weft_session *session = loaded.open(threads);
    EXPECT_EQ(threads, weft_session_get_threads(session));
    for (int64_t n : {0, 1, 2, 3, 7, 15, 16, 17, 1000}) {
      Floats x(n);
      std::vector<int32_t> y(n);
      weft_tensor input = viewOf(x, {n}), output = view(y.data(), {n});
      ASSERT_STREQ("", weft_session_run(session, loaded.find("count"), &input,
                                        1, &output, 1)
                           .message);
      EXPECT_EQ(std::vector<int32_t>(n, 1), y) << threads << " threads";
    }
    weft_session_release(session);
  }
}

TEST(Thread, ResultsDoNotDependOnTheirNumber) {
  Loaded loaded;
  const Floats rows = makeRows(20);
  const Floats expected = computeRows(rows, true);
  for (int32_t threads = 1; threads <= 9; ++threads) {
    weft_session *session = loaded.open(threads);
    for (int round = 0; round < 20; ++round) {
      ASSERT_EQ(expected, runRows(loaded, session, "step", rows));
      weft_session_reset(session);
    }
    weft_session_release(session);
  }
}

namespace {
struct Ranges {
  explicit Ranges(int64_t tasks) : counts(tasks) {}
  std::vector<std::atomic<int32_t>> counts;
  std::atomic<int64_t> calls{0}, shortest{INT64_MAX}, longest{0};
};
} // namespace

static void countRange(void *context, int64_t begin, int64_t end, int32_t) {
  auto *ranges = static_cast<Ranges *>(context);
  ++ranges->calls;
  int64_t length = end - begin, seen = ranges->shortest;
  while (length < seen && !ranges->shortest.compare_exchange_weak(seen, length))
    ;
  seen = ranges->longest;
  while (length > seen && !ranges->longest.compare_exchange_weak(seen, length))
    ;
  for (int64_t i = begin; i < end; ++i)
    ++ranges->counts[i];
}

TEST(Thread, PoolCutsEvenly) {
  ThreadPool *pool = nullptr;
  ASSERT_STREQ("", ThreadPool::start(4, nullptr, nullptr, pool).message);
  for (int64_t tasks = 1; tasks < 40; ++tasks) {
    Ranges ranges(tasks);
    pool->run(tasks, countRange, &ranges);
    for (auto &count : ranges.counts)
      ASSERT_EQ(1, count);
    EXPECT_EQ(std::min<int64_t>(tasks, 4), ranges.calls);
    EXPECT_LE(ranges.longest - ranges.shortest, 1);
  }
  pool->release();
}

/// Whether the thread of each call is used by one call at a time.
struct Occupancy {
  std::atomic<int32_t> users[8] = {};
  std::atomic<int32_t> clashes{0};
};

static void occupy(void *context, int64_t, int64_t, int32_t thread) {
  auto *occupancy = static_cast<Occupancy *>(context);
  occupancy->clashes += ++occupancy->users[thread] != 1;
  for (volatile int spin = 0; spin < 300; ++spin)
    ;
  --occupancy->users[thread];
}

TEST(Thread, NumbersAreExclusive) {
  ThreadPool *pool = nullptr;
  ASSERT_STREQ("", ThreadPool::start(8, nullptr, nullptr, pool).message);
  Occupancy occupancy;
  for (int round = 0; round < 3000; ++round)
    pool->run(1 + round % 20, occupy, &occupancy);
  EXPECT_EQ(0, occupancy.clashes);
  pool->release();
}

TEST(Thread, SleepersWake) {
  ThreadPool *pool = nullptr;
  ASSERT_STREQ("", ThreadPool::start(3, nullptr, nullptr, pool).message);
  for (int round = 0; round < 30; ++round) {
    // Shorter and longer than workers spin.
    std::this_thread::sleep_for(std::chrono::microseconds(round * 20));
    Ranges ranges(30);
    pool->run(30, countRange, &ranges);
    for (auto &count : ranges.counts)
      ASSERT_EQ(1, count);
  }
  pool->release();
}

TEST(Thread, RefusesImpossibleNumbers) {
  Loaded loaded;
  weft_session_options options;
  weft_session_options_init(&options);
  weft_session *session;
  options.threads = -1;
  EXPECT_FAILS(WEFT_INVALID_ARGUMENT, "must not be negative",
               weft_session_create(loaded.program, &options, &session));
  options.threads = 1000000;
  EXPECT_FAILS(WEFT_INVALID_ARGUMENT, "expected from 1 to 4096 threads",
               weft_session_create(loaded.program, &options, &session));
  options = {};
  EXPECT_FAILS(WEFT_INVALID_ARGUMENT, "use weft_session_options_init",
               weft_session_create(loaded.program, &options, &session));
}

TEST(Thread, NumberFromTheEnvironment) {
  Loaded loaded;
  setenv("WEFT_NUM_THREADS", "3", 1);
  weft_session *session = loaded.open(0);
  EXPECT_EQ(3, weft_session_get_threads(session));
  weft_session_release(session);
  setenv("WEFT_NUM_THREADS", "many", 1);
  weft_session_options options;
  weft_session_options_init(&options);
  EXPECT_FAILS(WEFT_INVALID_ARGUMENT,
               "WEFT_NUM_THREADS: expected a number of threads but got 'many'",
               weft_session_create(loaded.program, &options, &session));
  unsetenv("WEFT_NUM_THREADS");
  session = loaded.open(0);
  EXPECT_GE(weft_session_get_threads(session), 1);
  weft_session_release(session);
}

TEST(Thread, CountsWhatItMayUse) {
  EXPECT_GE(countCpus(), 1);
  EXPECT_GE(countCores(), 1);
  EXPECT_LE(countCores(), countCpus());
  EXPECT_EQ(INT32_MAX, parseCpuQuota("max 100000\n"));
  EXPECT_EQ(2, parseCpuQuota("200000 100000\n"));
  EXPECT_EQ(2, parseCpuQuota("150000 100000\n"));
  EXPECT_EQ(1, parseCpuQuota("5000 100000\n"));
  EXPECT_EQ(INT32_MAX, parseCpuQuota(""));
  EXPECT_EQ(INT32_MAX, parseCpuQuota("100000"));
}

/// A pool of the caller's that cuts unevenly and runs backwards.
static void runBackwards(void *user, int64_t tasks, weft_task_fn run,
                         void *context) {
  ++*static_cast<int *>(user);
  for (int64_t end = tasks; end > 0;) {
    int64_t begin = std::max<int64_t>(0, end - 3);
    run(context, begin, end, int32_t(end % 2));
    end = begin;
  }
}

TEST(Thread, CallersPool) {
  Loaded loaded;
  int calls = 0;
  weft_session_options options;
  weft_session_options_init(&options);
  options.threads = 2;
  options.parallel_for = runBackwards;
  options.parallel_for_user = &calls;
  weft_session *session = loaded.open(options);
  const Floats rows = makeRows(20);
  EXPECT_EQ(computeRows(rows, true), runRows(loaded, session, "step", rows));
  EXPECT_EQ(2, calls); // the launch of one task needs no pool
  weft_session_release(session);
}

TEST(Thread, SessionsRunAtOnce) {
  Loaded loaded;
  const Floats rows = makeRows(10);
  const Floats expected = computeRows(rows, true);
  weft_session *parent = loaded.open(2);
  std::vector<weft_session *> sessions = {parent};
  for (int i = 0; i < 3; ++i) {
    sessions.push_back(nullptr);
    // Forks share the parent's threads, the others have their own.
    if (i % 2)
      ASSERT_EQ(WEFT_OK, weft_session_fork(parent, &sessions.back()).code);
    else
      sessions.back() = loaded.open(2);
  }
  std::vector<std::thread> users;
  std::atomic<int> wrong{0};
  for (weft_session *session : sessions)
    users.emplace_back([&, session] {
      for (int round = 0; round < 30; ++round) {
        wrong += runRows(loaded, session, "step", rows) != expected;
        weft_session_reset(session);
      }
    });
  for (std::thread &user : users)
    user.join();
  EXPECT_EQ(0, wrong);
  for (weft_session *session : sessions)
    weft_session_release(session);
}

TEST(Thread, DenormalsAreZeroInKernelsOnly) {
  Loaded loaded;
  for (int32_t threads : {1, 3}) {
    weft_session *session = loaded.open(threads);
    Floats x(8, FLT_MIN / 4), y(8, NAN);
    weft_tensor input = viewOf(x, {2, 4}), output = viewOf(y, {2, 4});
    ASSERT_STREQ("", weft_session_run(session, loaded.find("scale"), &input, 1,
                                      &output, 1)
                         .message);
    EXPECT_EQ(Floats(8, 0.0f), y);
    volatile float denormal = FLT_MIN / 4;
    EXPECT_NE(0.0f, denormal * 2); // this thread has its own mode back
    weft_session_release(session);
  }
#ifdef __x86_64__
  // Whatever the mode is, a run leaves it and does not depend on it.
  unsigned before = _mm_getcsr();
  _mm_setcsr(before | 0x6000); // towards zero
  weft_session *session = loaded.open(2);
  const Floats rows = makeRows(6);
  Floats got = runRows(loaded, session, "step", rows);
  EXPECT_EQ((before & ~0x3fu) | 0x6000, _mm_getcsr() & ~0x3fu);
  _mm_setcsr(before);
  EXPECT_EQ(computeRows(rows, true), got);
  weft_session_release(session);
#endif
}
