//===- Fixture.h - The test artifact, loaded --------------------*- C++ -*-===//

#ifndef WEFT_TEST_FIXTURE_H
#define WEFT_TEST_FIXTURE_H

#include "test/unit/runtime/ArtifactBuilder.h"
#include "weft/weft.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

namespace weft::test {

/// The bytes of an artifact and the program in them.
class Loaded {
public:
  explicit Loaded(const Artifact &artifact = makeArtifact())
      : bytes(artifact.write()) {
    status =
        weft_program_load_memory(bytes.data(), bytes.size(), nullptr, &program);
    EXPECT_STREQ("", status.message);
  }
  Loaded(const Loaded &) = delete;
  ~Loaded() { weft_program_release(program); }

  size_t find(const char *name) const {
    size_t function = 0;
    weft_status found = weft_program_find_function(program, name, &function);
    EXPECT_STREQ("", found.message);
    return function;
  }

  weft_session *open(int32_t threads = 1) const {
    weft_session_options options;
    weft_session_options_init(&options);
    options.threads = threads;
    return open(options);
  }
  weft_session *open(const weft_session_options &options) const {
    weft_session *session = nullptr;
    weft_status made = weft_session_create(program, &options, &session);
    EXPECT_STREQ("", made.message);
    return session;
  }

  AlignedBytes bytes;
  weft_status status;
  weft_program *program = nullptr;
};

using Floats = std::vector<float>;

inline weft_tensor viewOf(Floats &values, std::vector<int64_t> dims) {
  weft_tensor tensor = {};
  tensor.data = values.data();
  tensor.rank = int32_t(dims.size());
  std::copy(dims.begin(), dims.end(), tensor.dims);
  return tensor;
}

/// Rows that tell tokens and channels apart.
inline Floats makeRows(int64_t count, int64_t first = 0) {
  Floats rows;
  for (int64_t t = first; t < first + count; ++t)
    for (int64_t c = 0; c < kWidth; ++c)
      rows.push_back(float((t * 7 + c * 3) % 11) - 4);
  return rows;
}

/// Runs "step" or "attend" on rows; returns the result or, on failure, nothing.
inline Floats runRows(const Loaded &loaded, weft_session *session,
                      const char *function, Floats rows,
                      weft_status *out_status = nullptr) {
  int64_t count = int64_t(rows.size()) / kWidth;
  Floats result(rows.size(), NAN);
  weft_tensor x = viewOf(rows, {count, kWidth});
  weft_tensor y = viewOf(result, {count, kWidth});
  weft_status status =
      weft_session_run(session, loaded.find(function), &x, 1, &y, 1);
  if (out_status)
    *out_status = status;
  else
    EXPECT_STREQ("", status.message);
  return status.code == WEFT_OK ? result : Floats();
}

/// What "step" or "attend" computes of all rows, from its formula.
inline Floats computeRows(const Floats &rows, bool withSummary) {
  const int64_t count = int64_t(rows.size()) / kWidth;
  Floats result(rows.size());
  for (int64_t c = 0; c < kWidth; ++c) {
    double prefix = 0;
    const float initial[kWidth] = {0.5f, 1, 2, 4};
    float summary = initial[c];
    for (int64_t t = 0; t < count; ++t) {
      float x = rows[t * kWidth + c];
      prefix += x;
      float window = 0;
      for (int64_t j = 0; j <= kWindow; ++j) {
        int64_t at = t + j - kWindow;
        window += at < 0 ? 0 : float(j + 1) * rows[at * kWidth + c];
      }
      summary = summary * 0.5f + x;
      result[t * kWidth + c] =
          float(prefix) + window + (withSummary ? summary : 0);
    }
  }
  return result;
}

#define EXPECT_FAILS(expectedCode, part, expression)                           \
  do {                                                                         \
    weft_status got = (expression);                                            \
    EXPECT_EQ(expectedCode, got.code) << got.message;                          \
    EXPECT_NE(nullptr, strstr(got.message, part)) << got.message;              \
  } while (false)

} // namespace weft::test

#endif // WEFT_TEST_FIXTURE_H
