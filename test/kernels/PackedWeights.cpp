//===- PackedWeights.cpp - Random weights in panels -----------------------===//

#include "test/kernels/PackedWeights.h"
#include <cmath>
#include <cstring>

using namespace weft::test;

namespace {
struct Scheme {
  const char *name;
  int bits;
  int group;
  bool minimum;
  int zero;
  bool wideScales; ///< f32 instead of f16.
};
} // namespace

static constexpr Scheme kSchemes[] = {
    {"q8_0", 8, 32, false, 128, false}, {"q4_0", 4, 32, false, 8, false},
    {"q4_1", 4, 32, true, 0, false},    {"q5_0", 5, 32, false, 16, false},
    {"q5_1", 5, 32, true, 0, false},    {"q4_k", 4, 32, true, 0, true},
    {"q6_k", 6, 16, false, 32, true}};

/// The nearest f16 with 8 bits of fraction (so that no rounding is left to
/// test).
static uint16_t toHalf(double value, double &rounded) {
  if (value == 0) {
    rounded = 0;
    return 0;
  }
  int exponent;
  double fraction = std::frexp(std::abs(value), &exponent); // [0.5, 1)
  long digits = std::lround(fraction * 512);                // 256..512
  rounded = std::copysign(std::ldexp(double(digits), exponent - 9), value);
  if (digits == 512) {
    digits = 256;
    ++exponent;
  }
  int biased = exponent - 1 + 15;
  if (biased < 1) {
    rounded = 0;
    return 0;
  }
  return (value < 0 ? 0x8000 : 0) | biased << 10 | (digits - 256) << 2;
}

static uint16_t toBfloat(double value, double &rounded) {
  float single = float(value);
  uint32_t bits;
  std::memcpy(&bits, &single, 4);
  bits &= 0xFFFF0000;
  std::memcpy(&single, &bits, 4);
  rounded = single;
  return bits >> 16;
}

template <typename T>
static void put(std::vector<uint8_t> &bytes, size_t at, T v) {
  std::memcpy(bytes.data() + at, &v, sizeof v);
}

static int64_t alignTo64(int64_t value) { return (value + 63) / 64 * 64; }

static void packNumbers(PackedWeights &w, Random &random,
                        const std::string &storage, int64_t rows,
                        int64_t columns, double deviation, int64_t width) {
  std::normal_distribution<double> normal(0, deviation);
  int64_t size = storage == "f32" ? 4 : 2;
  int64_t panelBytes = alignTo64(columns * width * size);
  w.bytes.assign((rows + width - 1) / width * panelBytes, 0);
  for (int64_t n = 0; n < rows; ++n)
    for (int64_t k = 0; k < columns; ++k) {
      size_t at = n / width * panelBytes + (k * width + n % width) * size;
      double value = normal(random);
      double &rounded = w.dense[n * columns + k];
      if (storage == "f32")
        put(w.bytes, at, float(rounded = float(value)));
      else if (storage == "f16")
        put(w.bytes, at, toHalf(value, rounded));
      else
        put(w.bytes, at, toBfloat(value, rounded));
    }
}

static void packBlocks(PackedWeights &w, Random &random, const Scheme &scheme,
                       int64_t rows, int64_t columns, double deviation,
                       int64_t width) {
  int64_t codeBits = scheme.bits <= 4 ? 4 : 8,
          scaleBytes = scheme.wideScales ? 4 : 2;
  int64_t groups = columns / scheme.group;
  int64_t scalesAt = columns * width * codeBits / 8;
  int64_t minimaAt = scalesAt + groups * width * scaleBytes;
  int64_t panelBytes =
      alignTo64(minimaAt + (scheme.minimum ? groups * width * scaleBytes : 0));
  w.bytes.assign((rows + width - 1) / width * panelBytes, 0);
  std::uniform_real_distribution<double> spread(0.5, 1.5);
  double unit = deviation * 3.5 / (1 << scheme.bits);
  for (int64_t n = 0; n < rows; ++n)
    for (int64_t g = 0; g < groups; ++g) {
      size_t panel = n / width * panelBytes, lane = n % width;
      auto putScale = [&](double value, int64_t part) {
        size_t at = panel + part + (g * width + lane) * scaleBytes;
        double rounded;
        if (scheme.wideScales) { // an f16 times 6 bits
          toHalf(value / 48, rounded);
          rounded *= 32 + random() % 32;
          put(w.bytes, at, float(rounded));
        } else
          put(w.bytes, at, toHalf(value, rounded));
        return rounded;
      };
      double scale = putScale(unit * spread(random), scalesAt);
      double minimum =
          scheme.minimum
              ? putScale(-scale * (1 << scheme.bits) / 2 * spread(random),
                         minimaAt)
              : 0;
      for (int64_t k = g * scheme.group; k < (g + 1) * scheme.group; ++k) {
        uint32_t code = random() % (1u << scheme.bits);
        int64_t inWord = 32 / codeBits, t = k % inWord;
        int64_t shift = codeBits == 8 ? 8 * t : t < 4 ? 8 * t : 8 * (t - 4) + 4;
        size_t at = panel + (k / inWord * width + lane) * 4;
        uint32_t word;
        std::memcpy(&word, w.bytes.data() + at, 4);
        put(w.bytes, at, word | code << shift);
        w.dense[n * columns + k] =
            scale * (double(code) - scheme.zero) + minimum;
      }
    }
}

PackedWeights::PackedWeights(Random &random, const std::string &storage,
                             int64_t rows, int64_t columns, double deviation,
                             int64_t width)
    : dense(rows * columns) {
  const Scheme *scheme = nullptr;
  for (const Scheme &s : kSchemes)
    if (storage == s.name)
      scheme = &s;
  layout = "#program.panels<" + std::to_string(rows) + " by " +
           std::to_string(columns) + " of " +
           (scheme ? "!weft.blocks<#weft." + storage + ">" : storage) +
           ", width " + std::to_string(width) + ">";
  if (scheme)
    packBlocks(*this, random, *scheme, rows, columns, deviation, width);
  else
    packNumbers(*this, random, storage, rows, columns, deviation, width);
}
