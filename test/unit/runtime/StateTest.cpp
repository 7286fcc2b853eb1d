//===- StateTest.cpp - Pieces, rollback, fork, save and load --------------===//

#include "test/unit/runtime/Fixture.h"

#include <random>

using namespace weft;
using namespace weft::test;

/// Appends the rows [first, first + count) and returns their results.
static Floats feed(const Loaded &loaded, weft_session *session,
                   const char *function, int64_t first, int64_t count) {
  return runRows(loaded, session, function, makeRows(count, first));
}

static Floats slice(const Floats &rows, int64_t first, int64_t count) {
  return Floats(rows.begin() + first * kWidth,
                rows.begin() + (first + count) * kWidth);
}

TEST(State, PiecesJoinedAreTheWhole) {
  Loaded loaded;
  weft_session *session = loaded.open();
  const Floats all = makeRows(kCapacity);
  const Floats expected = computeRows(all, true);
  std::mt19937 random(1);
  for (int round = 0; round < 50; ++round) {
    for (int64_t at = 0; at < kCapacity;) {
      // 0 too: a piece without tokens changes nothing.
      int64_t most =
          std::min<int64_t>(kCapacity - at, kRecentCapacity - kWindow);
      int64_t count = int64_t(random() % uint32_t(round < 25 ? most + 1 : 2));
      ASSERT_EQ(slice(expected, at, count),
                feed(loaded, session, "step", at, count))
          << "at " << at;
      at += count;
      ASSERT_EQ(at, weft_session_get_position(session));
    }
    ASSERT_EQ(WEFT_OK, weft_session_reset(session).code);
  }
  weft_session_release(session);
}

TEST(State, FullIsAnErrorThatChangesNothing) {
  Loaded loaded;
  weft_session *session = loaded.open();
  EXPECT_EQ(kCapacity, weft_session_get_capacity(session));
  EXPECT_EQ(kRecentCapacity - kWindow, weft_session_get_call_limit(session));
  weft_status status;
  runRows(loaded, session, "step", makeRows(22), &status);
  EXPECT_FAILS(WEFT_FULL,
               "state 'recent': expected at most 21 tokens a call but got 22",
               status);
  for (int64_t at = 0; at < 60; at += 20)
    feed(loaded, session, "step", at, 20);
  runRows(loaded, session, "step", makeRows(5), &status);
  EXPECT_FAILS(WEFT_FULL, "5 tokens after 60 do not fit in 64", status);
  EXPECT_EQ(60, weft_session_get_position(session));
  EXPECT_EQ(slice(computeRows(makeRows(64), true), 60, 4),
            feed(loaded, session, "step", 60, 4));
  weft_session_release(session);
}

TEST(State, MaxTokensIsACapacity) {
  Loaded loaded;
  weft_session_options options;
  weft_session_options_init(&options);
  options.max_tokens = 10;
  weft_session *session = loaded.open(options);
  EXPECT_EQ(10, weft_session_get_capacity(session));
  weft_status status;
  runRows(loaded, session, "step", makeRows(11), &status);
  EXPECT_FAILS(WEFT_FULL, "11 tokens after 0 do not fit in 10", status);
  weft_session_release(session);
}

TEST(State, RollbackForgetsTokens) {
  Artifact artifact = makeArtifact();
  artifact.tables.states.pop_back(); // without the Fixed one
  artifact.tables.functions.erase(artifact.tables.functions.begin() + 1);
  Loaded loaded(artifact);
  weft_session *session = loaded.open();
  const Floats expected = computeRows(makeRows(kCapacity), false);
  std::mt19937 random(2);
  int64_t rollbacks = 0;
  for (int64_t at = 0; at < kCapacity;) {
    int64_t count = std::min<int64_t>(kCapacity - at, 1 + random() % 8);
    ASSERT_EQ(slice(expected, at, count),
              feed(loaded, session, "attend", at, count));
    // Other tokens, taken back again.
    if (at + count + 5 <= kCapacity) {
      runRows(loaded, session, "attend", makeRows(5, 1000));
      ASSERT_STREQ("", weft_session_rollback(session, at + count).message);
    }
    at += count;
    // And some good ones, to be repeated.
    int64_t back = at - int64_t(random() % 6);
    if (back <= 0)
      continue;
    weft_status status = weft_session_rollback(session, back);
    if (status.code == WEFT_OK) {
      at = back;
      ++rollbacks;
    } else {
      EXPECT_FAILS(WEFT_OUT_OF_RANGE, "state 'recent' holds rows back to",
                   status);
    }
    ASSERT_EQ(at, weft_session_get_position(session));
  }
  EXPECT_GT(rollbacks, 5);
  weft_session_release(session);
}

TEST(State, RollbackOfALastStateEnds) {
  Artifact artifact = makeArtifact();
  artifact.tables.states.pop_back();
  artifact.tables.functions.erase(artifact.tables.functions.begin() + 1);
  Loaded loaded(artifact);
  weft_session *session = loaded.open();
  for (int64_t at = 0; at < 60; at += 15)
    feed(loaded, session, "attend", at, 15);
  EXPECT_FAILS(WEFT_OUT_OF_RANGE, "too few to go back to 1",
               weft_session_rollback(session, 1));
  EXPECT_FAILS(WEFT_OUT_OF_RANGE, "expected a position from 0 to 60 but got 61",
               weft_session_rollback(session, 61));
  EXPECT_FAILS(WEFT_OUT_OF_RANGE, "but got -1",
               weft_session_rollback(session, -1));
  EXPECT_EQ(60, weft_session_get_position(session));
  // Before the last call is always possible, and 0 too.
  EXPECT_EQ(WEFT_OK, weft_session_rollback(session, 45).code);
  EXPECT_EQ(slice(computeRows(makeRows(60), false), 45, 15),
            feed(loaded, session, "attend", 45, 15));
  EXPECT_EQ(WEFT_OK, weft_session_rollback(session, 0).code);
  EXPECT_EQ(computeRows(makeRows(9), false),
            feed(loaded, session, "attend", 0, 9));
  weft_session_release(session);
}

TEST(State, FixedStatesGoBackByAFork) {
  Loaded loaded;
  weft_session *session = loaded.open();
  const Floats expected = computeRows(makeRows(20), true);
  feed(loaded, session, "step", 0, 10);
  weft_session *fork = nullptr;
  ASSERT_STREQ("", weft_session_fork(session, &fork).message);
  runRows(loaded, session, "step", makeRows(3, 500));
  EXPECT_FAILS(WEFT_OUT_OF_RANGE,
               "state 'summary' keeps no history: it cannot go back from "
               "position 13 to 10; keep a fork or a saved state",
               weft_session_rollback(session, 10));
  EXPECT_EQ(WEFT_OK, weft_session_rollback(session, 13).code);
  ASSERT_STREQ("", weft_session_assign(session, fork).message);
  EXPECT_EQ(10, weft_session_get_position(session));
  // Both go on from there, independent of each other.
  EXPECT_EQ(slice(expected, 10, 10), feed(loaded, session, "step", 10, 10));
  weft_session_release(session);
  EXPECT_EQ(slice(expected, 10, 10), feed(loaded, fork, "step", 10, 10));
  EXPECT_EQ(WEFT_OK, weft_session_rollback(fork, 0).code);
  EXPECT_EQ(expected, feed(loaded, fork, "step", 0, 20));
  weft_session_release(fork);
}

TEST(State, SaveAndLoad) {
  Loaded loaded;
  weft_session *session = loaded.open();
  const Floats expected = computeRows(makeRows(40), true);
  for (int64_t at : {0, 1, 2, 3, 7, 20, 39}) {
    ASSERT_EQ(WEFT_OK, weft_session_reset(session).code);
    for (int64_t done = 0; done < at;) {
      int64_t count = std::min<int64_t>(at - done, 17);
      feed(loaded, session, "step", done, count);
      done += count;
    }
    size_t bytes = 0;
    ASSERT_EQ(WEFT_OK, weft_session_get_state_size(session, &bytes).code);
    std::vector<uint8_t> saved(bytes);
    ASSERT_STREQ("",
                 weft_session_save_state(session, saved.data(), bytes).message);
    // Into a session that held something else, of the same file loaded anew.
    Loaded again;
    weft_session *other = again.open(2);
    feed(again, other, "step", 30, 9);
    ASSERT_STREQ("",
                 weft_session_load_state(other, saved.data(), bytes).message);
    EXPECT_EQ(at, weft_session_get_position(other));
    EXPECT_EQ(slice(expected, at, 1), feed(again, other, "step", at, 1));
    // The same state gives the same bytes.
    std::vector<uint8_t> twice(bytes);
    ASSERT_EQ(WEFT_OK,
              weft_session_load_state(other, saved.data(), bytes).code);
    ASSERT_EQ(WEFT_OK,
              weft_session_save_state(other, twice.data(), bytes).code);
    EXPECT_EQ(saved, twice);
    weft_session_release(other);
  }
  weft_session_release(session);
}

TEST(State, RefusesBrokenSavedStates) {
  Loaded loaded;
  weft_session *session = loaded.open();
  feed(loaded, session, "step", 0, 10);
  size_t bytes = 0;
  weft_session_get_state_size(session, &bytes);
  std::vector<uint8_t> saved(bytes);
  EXPECT_FAILS(WEFT_INVALID_ARGUMENT, "expected a buffer of",
               weft_session_save_state(session, saved.data(), bytes - 1));
  ASSERT_EQ(WEFT_OK,
            weft_session_save_state(session, saved.data(), bytes).code);
  for (size_t i = 0; i < bytes; ++i) {
    std::vector<uint8_t> broken = saved;
    broken[i] ^= 1 << (i % 8);
    weft_status status = weft_session_load_state(session, broken.data(), bytes);
    bool isReserved = i >= 12 && i < 16;
    EXPECT_EQ(!isReserved, status.code != WEFT_OK) << "byte " << i;
    EXPECT_EQ(WEFT_CORRUPT,
              weft_session_load_state(session, saved.data(), i).code);
  }
  Artifact artifact = makeArtifact();
  artifact.tables.producer = "another";
  Loaded other(artifact);
  weft_session *stranger = other.open();
  EXPECT_FAILS(WEFT_MISMATCHED, "expected program",
               weft_session_load_state(stranger, saved.data(), bytes));
  EXPECT_FAILS(WEFT_MISMATCHED, "different programs",
               weft_session_assign(stranger, session));
  weft_session_release(stranger);
  // Still as it was.
  EXPECT_EQ(slice(computeRows(makeRows(12), true), 10, 2),
            feed(loaded, session, "step", 10, 2));
  weft_session_release(session);
}

TEST(State, AFailedCallDoesNotPassUnseen) {
  // "bad" changes the Fixed state, then fails.
  FunctionBuilder f("bad");
  Slot n = f.symbol("n", 4);
  f.input("x", fb::DataType::f32, {~int64_t(n), kWidth});
  f.output("y", fb::DataType::f32, {~int64_t(n), kWidth});
  Slot zero = f.constant(0), bytes = f.scale(n, kWidth * 4);
  f.get().arena = zero;
  f.get().tokens = n;
  Slot row = f.constant(kWidth * 4);
  f.copy(in(0, zero, row), state(Summary, zero, row));
  f.copy(in(0, f.constant(1000), bytes), out(0, zero, bytes));
  Artifact artifact = makeArtifact();
  artifact.tables.functions.push_back(f.take());
  Loaded loaded(artifact);
  weft_session *session = loaded.open();
  feed(loaded, session, "step", 0, 3);
  size_t bytesSaved = 0;
  weft_session_get_state_size(session, &bytesSaved);
  std::vector<uint8_t> saved(bytesSaved);
  weft_session_save_state(session, saved.data(), bytesSaved);

  weft_status status;
  runRows(loaded, session, "bad", makeRows(1), &status);
  EXPECT_EQ(WEFT_EXECUTION_FAILED, status.code);
  EXPECT_EQ(3, weft_session_get_position(session));
  runRows(loaded, session, "step", makeRows(1), &status);
  EXPECT_FAILS(WEFT_WRONG_STATE, "reset the session", status);
  EXPECT_EQ(WEFT_WRONG_STATE,
            weft_session_save_state(session, saved.data(), bytesSaved).code);
  ASSERT_EQ(WEFT_OK,
            weft_session_load_state(session, saved.data(), bytesSaved).code);
  EXPECT_EQ(slice(computeRows(makeRows(4), true), 3, 1),
            feed(loaded, session, "step", 3, 1));
  weft_session_release(session);
}

TEST(State, SessionsAreIndependent) {
  Loaded loaded;
  weft_session *a = loaded.open(), *b = loaded.open();
  const Floats expected = computeRows(makeRows(8), true);
  feed(loaded, a, "step", 0, 4);
  EXPECT_EQ(slice(expected, 0, 2), feed(loaded, b, "step", 0, 2));
  EXPECT_EQ(slice(expected, 4, 4), feed(loaded, a, "step", 4, 4));
  EXPECT_EQ(slice(expected, 2, 6), feed(loaded, b, "step", 2, 6));
  weft_session_release(a);
  weft_session_release(b);
}
