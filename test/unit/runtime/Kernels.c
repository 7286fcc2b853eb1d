//===- Kernels.c - Kernels of the test artifact ---------------------------===//
//
// Written by hand against kernel_abi.h, in place of compiled ones. Elements are
// f32; scalars stand behind each name in order.
//
//===----------------------------------------------------------------------===//

#include "weft/kernel_abi.h"

#define KERNEL(name)                                                           \
  __attribute__((visibility("default"))) void name(                            \
      void *const *buffers, const int64_t *scalars, int64_t begin,             \
      int64_t end, void *scratch)

/// out[i] = in[i] * factor; a task an element. (factor)
KERNEL(test_scale) {
  (void)scratch;
  const float *in = buffers[0];
  float *out = buffers[1];
  for (int64_t i = begin; i < end; ++i)
    out[i] = in[i] * (float)scalars[0];
}

/// out[t] = the sum of rows 0 … length + t; a task a row. (length, width)
KERNEL(test_prefix) {
  const float *rows = buffers[0];
  float *out = buffers[1];
  double *sums = scratch; // 64 wide at most
  int64_t length = scalars[0], width = scalars[1];
  for (int64_t t = begin; t < end; ++t) {
    for (int64_t c = 0; c < width; ++c)
      sums[c] = 0;
    for (int64_t j = 0; j <= length + t; ++j)
      for (int64_t c = 0; c < width; ++c)
        sums[c] += rows[j * width + c];
    for (int64_t c = 0; c < width; ++c)
      out[t * width + c] = (float)sums[c];
  }
}

/// out[t] += the sum of rows t … t + window with weights 1, 2, …; a task a row.
/// (window, width)
KERNEL(test_window) {
  (void)scratch;
  const float *rows = buffers[0];
  float *out = buffers[1];
  int64_t window = scalars[0], width = scalars[1];
  for (int64_t t = begin; t < end; ++t)
    for (int64_t c = 0; c < width; ++c) {
      float sum = 0;
      for (int64_t j = 0; j <= window; ++j)
        sum += (float)(j + 1) * rows[(t + j) * width + c];
      out[t * width + c] += sum;
    }
}

/// state = state / 2 + in[t]; out[t] += state, row after row; one task.
/// (rows, width)
KERNEL(test_decay) {
  (void)begin, (void)end, (void)scratch;
  float *state = buffers[0];
  const float *in = buffers[1];
  float *out = buffers[2];
  int64_t rows = scalars[0], width = scalars[1];
  for (int64_t t = 0; t < rows; ++t)
    for (int64_t c = 0; c < width; ++c) {
      state[c] = state[c] * 0.5f + in[t * width + c];
      out[t * width + c] += state[c];
    }
}

/// out[i] += 1 for each task; with a little work, so that ranges overlap in
/// time.
KERNEL(test_count) {
  (void)scalars, (void)scratch;
  int32_t *out = buffers[0];
  for (int64_t i = begin; i < end; ++i) {
    for (volatile int spin = 0; spin < 50; ++spin)
      ;
    ++out[i];
  }
}

/// A kernel that does nothing, for timing launches.
KERNEL(test_nothing) {
  (void)buffers, (void)scalars, (void)begin, (void)end, (void)scratch;
}
