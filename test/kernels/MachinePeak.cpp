//===- MachinePeak.cpp - What this machine can do -------------------------===//

#include "test/kernels/MachinePeak.h"
#include <algorithm>
#include <cstdint>
#include <ctime>
#include <immintrin.h>
#include <vector>

/// Of the processor, so that waiting for it does not count.
static double getThreadSeconds() {
  timespec time;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return time.tv_sec + time.tv_nsec * 1e-9;
}

// Chains enough to cover the latency of FMA on two ports.
static constexpr int kChains = 12;

template <typename Run> static double best(Run run) {
  double result = 1e30;
  for (int i = 0; i < 25; ++i) {
    double from = getThreadSeconds();
    run();
    result = std::min(result, getThreadSeconds() - from);
  }
  return result;
}

__attribute__((target("avx512f"))) static float fma512(int turns) {
  __m512 acc[kChains], x = _mm512_set1_ps(0.5f), y = _mm512_set1_ps(1.25f);
  for (__m512 &a : acc)
    a = y;
  for (int t = 0; t < turns; ++t)
    for (__m512 &a : acc)
      a = _mm512_fmadd_ps(a, x, y);
  for (int i = 1; i < kChains; ++i)
    acc[0] = _mm512_add_ps(acc[0], acc[i]);
  return _mm512_cvtss_f32(acc[0]);
}

__attribute__((target("avx2,fma"))) static float fma256(int turns) {
  __m256 acc[kChains], x = _mm256_set1_ps(0.5f), y = _mm256_set1_ps(1.25f);
  for (__m256 &a : acc)
    a = y;
  for (int t = 0; t < turns; ++t)
    for (__m256 &a : acc)
      a = _mm256_fmadd_ps(a, x, y);
  for (int i = 1; i < kChains; ++i)
    acc[0] = _mm256_add_ps(acc[0], acc[i]);
  return _mm256_cvtss_f32(acc[0]);
}

__attribute__((target("avx512f"))) static float read512(const float *data,
                                                        size_t size) {
  __m512 acc[8];
  for (__m512 &a : acc)
    a = _mm512_setzero_ps();
  for (size_t i = 0; i + 128 <= size; i += 128)
    for (int j = 0; j < 8; ++j)
      acc[j] = _mm512_add_ps(acc[j], _mm512_loadu_ps(data + i + 16 * j));
  for (int j = 1; j < 8; ++j)
    acc[0] = _mm512_add_ps(acc[0], acc[j]);
  return _mm512_cvtss_f32(acc[0]);
}

__attribute__((target("avx2"))) static float read256(const float *data,
                                                     size_t size) {
  __m256 acc[8];
  for (__m256 &a : acc)
    a = _mm256_setzero_ps();
  for (size_t i = 0; i + 64 <= size; i += 64)
    for (int j = 0; j < 8; ++j)
      acc[j] = _mm256_add_ps(acc[j], _mm256_loadu_ps(data + i + 8 * j));
  for (int j = 1; j < 8; ++j)
    acc[0] = _mm256_add_ps(acc[0], acc[j]);
  return _mm256_cvtss_f32(acc[0]);
}

__attribute__((target("avx512f,avx512vnni"))) static int dot512(int turns) {
  __m512i acc[kChains], x = _mm512_set1_epi8(3), y = _mm512_set1_epi8(-5);
  for (__m512i &a : acc)
    a = y;
  for (int t = 0; t < turns; ++t)
    for (__m512i &a : acc)
      a = _mm512_dpbusd_epi32(a, x, y);
  for (int i = 1; i < kChains; ++i)
    acc[0] = _mm512_add_epi32(acc[0], acc[i]);
  return _mm512_cvtsi512_si32(acc[0]);
}

/// Four sums of products of two tiles of rows and two of columns.
__attribute__((target("amx-tile,amx-bf16,amx-int8"))) static void
multiplyTiles(const void *numbers, int turns, bool ofBytes) {
  struct alignas(64) {
    uint8_t palette = 1, start = 0, reserved[14] = {};
    uint16_t rowBytes[16] = {64, 64, 64, 64, 64, 64, 64, 64};
    uint8_t rows[16] = {16, 16, 16, 16, 16, 16, 16, 16};
  } shapes;
  _tile_loadconfig(&shapes);
  _tile_zero(0), _tile_zero(1), _tile_zero(2), _tile_zero(3);
  _tile_loadd(4, numbers, 64), _tile_loadd(5, numbers, 64);
  _tile_loadd(6, numbers, 64), _tile_loadd(7, numbers, 64);
  for (int t = 0; ofBytes && t < turns; ++t) {
    _tile_dpbssd(0, 4, 6), _tile_dpbssd(1, 4, 7);
    _tile_dpbssd(2, 5, 6), _tile_dpbssd(3, 5, 7);
  }
  for (int t = 0; !ofBytes && t < turns; ++t) {
    _tile_dpbf16ps(0, 4, 6), _tile_dpbf16ps(1, 4, 7);
    _tile_dpbf16ps(2, 5, 6), _tile_dpbf16ps(3, 5, 7);
  }
  _tile_release();
}

double weft::test::measureTilePeakFlops(bool ofBytes) {
  constexpr int turns = 20000;
  alignas(64) uint16_t numbers[512];
  for (int i = 0; i < 512; ++i)
    numbers[i] = 0x3F80 + i % 97; // from 1 to 2
  double time = best([&] { multiplyTiles(numbers, turns, ofBytes); });
  return 4.0 * 2 * 16 * 16 * (ofBytes ? 64 : 32) * turns / time;
}

double weft::test::measureDotPeakFlops() {
  constexpr int turns = 200000;
  volatile int sink;
  double time = best([&] { sink = dot512(turns); });
  (void)sink;
  return 2.0 * kChains * 64 * turns / time;
}

double weft::test::measurePeakFlops(unsigned vectorBits) {
  constexpr int turns = 200000;
  volatile float sink;
  double time =
      best([&] { sink = vectorBits == 512 ? fma512(turns) : fma256(turns); });
  (void)sink;
  return 2.0 * kChains * (vectorBits / 32) * turns / time;
}

double weft::test::measureReadBandwidth(size_t bytes, unsigned vectorBits) {
  std::vector<float> data(bytes / sizeof(float), 1.0f);
  volatile float sink;
  size_t repeats = std::max<size_t>(1, (32u << 20) / bytes);
  double time = best([&] {
    for (size_t r = 0; r < repeats; ++r)
      sink = vectorBits == 512 ? read512(data.data(), data.size())
                               : read256(data.data(), data.size());
  });
  (void)sink;
  return double(bytes) * repeats / time;
}
