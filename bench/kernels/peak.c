//===- peak.c - Times a kernel, and what one thread can do at most - C -*-===//
//
// Of several runs the rate that a fifth of them exceed, in seconds of the
// processor, so that it can be set against kernels timed in the same way on a
// machine that others use too.
//
//===----------------------------------------------------------------------===//

#include "../../runtime/include/weft/kernel_abi.h"

#include <immintrin.h>
#include <stdlib.h>
#include <time.h>

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return t.tv_sec + 1e-9 * t.tv_nsec;
}

static int compare(const void *x, const void *y) {
  return *(const double *)x < *(const double *)y ? -1 : 1;
}

/// Sorts the rates and takes the one that a fifth exceed.
static double take(double *rates, int count) {
  qsort(rates, count, sizeof *rates, compare);
  return rates[count * 4 / 5];
}

#define TWELVE(M) M(0) M(1) M(2) M(3) M(4) M(5) M(6) M(7) M(8) M(9) M(10) M(11)
#define STEP(i)                                                                \
  __asm__ volatile("vfmadd213ps %2, %1, %0" : "+v"(a##i) : "v"(x), "v"(x));

#define PEAK(NAME, TARGET, TYPE, SET, LANES)                                   \
  __attribute__((target(TARGET))) double NAME(void) {                          \
    double rates[60];                                                          \
    for (int run = 0; run < 60; run++) {                                       \
      TYPE x = SET(0.99f);                                                     \
      TWELVE(INIT)                                                             \
      double start = now();                                                    \
      for (int k = 0; k < 200000; k++) {                                       \
        TWELVE(STEP)                                                           \
      }                                                                        \
      rates[run] = 200000.0 * 12 * 2 * LANES / (now() - start);                \
    }                                                                          \
    return take(rates, 60);                                                    \
  }

#define INIT(i) __m256 a##i = _mm256_set1_ps(0.1f * i);
/// f32 operations a second with 256 bits.
PEAK(fma256, "avx2,fma", __m256, _mm256_set1_ps, 8)
#undef INIT
#define INIT(i) __m512 a##i = _mm512_set1_ps(0.1f * i);
/// f32 operations a second with 512 bits.
PEAK(fma512, "avx512f", __m512, _mm512_set1_ps, 16)

/// bf16 operations a second of a matrix unit, which the process must have asked
/// for: four sums out of tiles that stay.
__attribute__((target("amx-tile,amx-bf16"))) double amxBf16(void) {
  static const unsigned char shapes[64] __attribute__((aligned(64))) = {
      [0] = 1,   [16] = 64, [18] = 64, [20] = 64, [22] = 64,
      [24] = 64, [26] = 64, [48] = 16, [49] = 16, [50] = 16,
      [51] = 16, [52] = 16, [53] = 16};
  double rates[60];
  _tile_loadconfig(shapes);
  for (int run = 0; run < 60; run++) {
    double start = now();
    for (int k = 0; k < 20000; k++) {
      _tile_dpbf16ps(0, 4, 5);
      _tile_dpbf16ps(1, 4, 5);
      _tile_dpbf16ps(2, 4, 5);
      _tile_dpbf16ps(3, 4, 5);
    }
    rates[run] = 20000.0 * 4 * 2 * 16 * 16 * 32 / (now() - start);
  }
  _tile_release();
  return take(rates, 60);
}

/// Bytes a second of a loop that reads `bytes` bytes, a multiple of 256.
__attribute__((target("avx2"))) double readRate(const char *data, long bytes) {
  double rates[20];
  for (int run = 0; run < 20; run++) {
    __m256i sum[4] = {_mm256_setzero_si256()};
    double start = now();
    long done = 0;
    do {
      for (const char *p = data; p < data + bytes; p += 256)
        for (int i = 0; i < 8; i++)
          sum[i % 4] = _mm256_xor_si256(
              sum[i % 4], _mm256_loadu_si256((const __m256i *)(p + 32 * i)));
      __asm__ volatile("" : : "m"(sum) : "memory");
      done += bytes;
    } while (done < 50000000);
    rates[run] = done / (now() - start);
  }
  return take(rates, 20);
}

/// Seconds that `count` launches of all tasks take together.
double launch(weft_kernel_fn kernel, void *const *buffers,
              const int64_t *scalars, int64_t tasks, void *scratch,
              long count) {
  double start = now();
  for (long i = 0; i < count; i++)
    kernel(buffers, scalars, 0, tasks, scratch);
  return now() - start;
}
