//===- Limits.c - What this machine can do at most ---------------*- C -*-===//

#include "compiler/tools/weft/measure/Limits.h"

#include <immintrin.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + 1e-9 * t.tv_nsec;
}

typedef struct {
  void (*run)(long count, char *buffer, size_t bytes);
  long count;
  size_t bytes;
  char *buffer;
} Work;

#define TWELVE(M) M(0) M(1) M(2) M(3) M(4) M(5) M(6) M(7) M(8) M(9) M(10) M(11)

#define FMA_KERNEL(NAME, TARGET, TYPE, SET)                                    \
  __attribute__((target(TARGET))) static void NAME(long count, char *buffer,   \
                                                   size_t bytes) {             \
    (void)bytes;                                                               \
    TYPE x = SET(0.999f), y = SET(0.001f), sum = y;                            \
    TWELVE(INIT)                                                               \
    for (long k = 0; k < count; k++) {                                         \
      TWELVE(STEP)                                                             \
    }                                                                          \
    TWELVE(ADD)                                                                \
    memcpy(buffer, &sum, sizeof sum);                                          \
  }
#define STEP(i)                                                                \
  __asm__ volatile("vfmadd213ps %2, %1, %0" : "+v"(a##i) : "v"(x), "v"(y));
#define ADD(i) sum += a##i;
#define INIT(i) __m256 a##i = _mm256_set1_ps(0.1f * i);
FMA_KERNEL(fma256, "avx2,fma", __m256, _mm256_set1_ps)
#undef INIT
#define INIT(i) __m512 a##i = _mm512_set1_ps(0.1f * i);
FMA_KERNEL(fma512, "avx512f", __m512, _mm512_set1_ps)

#undef STEP
#undef ADD
#undef INIT
#define INIT(i) __m512i a##i = _mm512_set1_epi32(i);
#define STEP(i)                                                                \
  __asm__ volatile("vpdpbusd %2, %1, %0" : "+v"(a##i) : "v"(x), "v"(x));
#define ADD(i) sum = _mm512_add_epi32(sum, a##i);
__attribute__((target("avx512f,avx512vnni"))) static void
vnni512(long count, char *buffer, size_t bytes) {
  (void)bytes;
  __m512i x = _mm512_set1_epi8(1), sum = x;
  TWELVE(INIT)
  for (long k = 0; k < count; k++) {
    TWELVE(STEP)
  }
  TWELVE(ADD)
  memcpy(buffer, &sum, sizeof sum);
}

__attribute__((target("avx2"))) static void readAll(long count, char *buffer,
                                                    size_t bytes) {
  __m256i s0 = _mm256_setzero_si256(), s1 = s0, s2 = s0, s3 = s0;
  for (long r = 0; r < count; r++)
    for (const char *p = buffer; p < buffer + bytes; p += 256) {
      const __m256i *v = (const __m256i *)p;
      s0 = _mm256_xor_si256(s0, _mm256_xor_si256(v[0], v[1]));
      s1 = _mm256_xor_si256(s1, _mm256_xor_si256(v[2], v[3]));
      s2 = _mm256_xor_si256(s2, _mm256_xor_si256(v[4], v[5]));
      s3 = _mm256_xor_si256(s3, _mm256_xor_si256(v[6], v[7]));
    }
  s0 = _mm256_xor_si256(_mm256_xor_si256(s0, s1), _mm256_xor_si256(s2, s3));
  __asm__ volatile("" : : "x"(s0));
}

typedef struct {
  uint8_t palette, startRow, reserved[14];
  uint16_t columnBytes[16];
  uint8_t rows[16];
} TileConfig;

#define AMX_KERNEL(NAME, TARGET, DOT)                                          \
  __attribute__((target(TARGET))) static void NAME(long count, char *buffer,   \
                                                   size_t bytes) {             \
    (void)bytes;                                                               \
    TileConfig config;                                                         \
    memset(&config, 0, sizeof config);                                         \
    config.palette = 1;                                                        \
    for (int i = 0; i < 8; i++) {                                              \
      config.columnBytes[i] = 64;                                              \
      config.rows[i] = 16;                                                     \
    }                                                                          \
    _tile_loadconfig(&config);                                                 \
    _tile_zero(0);                                                             \
    _tile_zero(1);                                                             \
    _tile_zero(2);                                                             \
    _tile_zero(3);                                                             \
    _tile_loadd(4, buffer, 64);                                                \
    _tile_loadd(5, buffer, 64);                                                \
    _tile_loadd(6, buffer, 64);                                                \
    _tile_loadd(7, buffer, 64);                                                \
    for (long k = 0; k < count; k++) {                                         \
      DOT(0, 4, 6);                                                            \
      DOT(1, 4, 7);                                                            \
      DOT(2, 5, 6);                                                            \
      DOT(3, 5, 7);                                                            \
    }                                                                          \
    _tile_stored(0, buffer, 64);                                               \
    _tile_release();                                                           \
  }
AMX_KERNEL(amxBf16, "amx-tile,amx-bf16", _tile_dpbf16ps)
AMX_KERNEL(amxInt8, "amx-tile,amx-int8", _tile_dpbssd)

static void *runWork(void *argument) {
  Work *work = argument;
  work->run(work->count, work->buffer, work->bytes);
  return NULL;
}

// Returns the least seconds of `repeats` runs on `threads` threads.
static double best(int threads, int repeats, Work work) {
  pthread_t ids[WEFT_LIMITS_MAX_THREADS];
  Work works[WEFT_LIMITS_MAX_THREADS];
  for (int i = 0; i < threads; i++) {
    works[i] = work;
    works[i].buffer = aligned_alloc(4096, work.bytes);
    memset(works[i].buffer, 1, work.bytes); // Data that is not zero.
  }
  double least = 1e30;
  for (int r = 0; r < repeats; r++) {
    double begin = now();
    for (int i = 0; i < threads; i++)
      pthread_create(&ids[i], NULL, runWork, &works[i]);
    for (int i = 0; i < threads; i++)
      pthread_join(ids[i], NULL);
    double seconds = now() - begin;
    if (seconds < least)
      least = seconds;
  }
  for (int i = 0; i < threads; i++)
    free(works[i].buffer);
  return least;
}

static double readRate(int threads, size_t bytes, long count) {
  return 1e-9 * bytes * count * threads /
         best(threads, 3, (Work){readAll, count, bytes, NULL});
}

void weft_measure_limits(int threads, weft_limits *out_limits) {
  const long n = 10000000, m = 2000000;
  const double lanes = 12.0 * 2 * n * threads * 1e-9;
  const double tiles = 4.0 * 16 * 16 * 2 * m * threads * 1e-9;
  weft_limits limits = {0};
  limits.fma256_gflops =
      lanes * 8 / best(threads, 4, (Work){fma256, n, 4096, NULL});
  if (__builtin_cpu_supports("avx512f"))
    limits.fma512_gflops =
        lanes * 16 / best(threads, 4, (Work){fma512, n, 4096, NULL});
  if (__builtin_cpu_supports("avx512vnni"))
    limits.vnni_gops =
        lanes * 64 / best(threads, 4, (Work){vnni512, n, 4096, NULL});
  // Asks the kernel for the tile registers.
  if (syscall(SYS_arch_prctl, 0x1023, 18) == 0) {
    limits.amx_bf16_gflops =
        tiles * 32 / best(threads, 3, (Work){amxBf16, m, 4096, NULL});
    limits.amx_int8_gops =
        tiles * 64 / best(threads, 3, (Work){amxInt8, m, 4096, NULL});
  }
  limits.read_l2_gbs = readRate(threads, 768u << 10, 4000);
  limits.read_l3_gbs = readRate(threads, 12u << 20, 100);
  limits.read_memory_gbs = readRate(threads, 512u << 20, 2);
  *out_limits = limits;
}
