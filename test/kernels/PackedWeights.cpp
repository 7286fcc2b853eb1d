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
  int block;
};
} // namespace

static constexpr Scheme kSchemes[] = {
    {"q8_0", 8, 32, false, 128, 32}, {"q4_0", 4, 32, false, 8, 32},
    {"q4_1", 4, 32, true, 0, 32},    {"q5_0", 5, 32, false, 16, 32},
    {"q5_1", 5, 32, true, 0, 32},    {"q4_k", 4, 32, true, 0, 256},
    {"q6_k", 6, 16, false, 32, 256}};

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

/// The nearest number of the eight bits of a bf16.
static double roundToEightBits(double value) {
  int exponent;
  double fraction = std::frexp(value, &exponent);
  return std::ldexp(std::nearbyint(fraction * 256), exponent - 8);
}

/// f32 numbers as one or two parts of bf16, in tiles of 32 inputs by 16
/// outputs.
static void packTiles(PackedWeights &w, Random &random, int parts, int64_t rows,
                      int64_t columns, double deviation, int64_t width) {
  std::normal_distribution<double> normal(0, deviation);
  int64_t steps = (columns + 31) / 32, panels = (rows + width - 1) / width;
  w.bytes.assign(panels * width / 16 * steps * parts * 1024, 0);
  for (int64_t n = 0; n < rows; ++n)
    for (int64_t k = 0; k < columns; ++k) {
      double &value = w.dense[n * columns + k];
      value = float(normal(random));
      double rest = value;
      for (int64_t part = 0; part < parts; ++part) {
        int64_t tile = (n / 16 * steps + k / 32) * parts + part;
        double rounded;
        put(w.bytes, tile * 1024 + (k % 32 / 2 * 16 + n % 16) * 4 + k % 2 * 2,
            toBfloat(roundToEightBits(rest), rounded));
        if (parts == 1)
          value = rounded;
        rest -= rounded;
      }
    }
}

/// f32 numbers as codes, a scale an output, in tiles of 64 inputs by 16
/// outputs.
static void packCodes(PackedWeights &w, Random &random, int64_t rows,
                      int64_t columns, double deviation, int64_t width) {
  std::normal_distribution<double> normal(0, deviation);
  int64_t steps = (columns + 63) / 64, panels = (rows + width - 1) / width;
  int64_t tileBytes = width / 16 * steps * 1024;
  int64_t panelBytes = alignTo64(tileBytes + width * 8);
  w.bytes.assign(panels * panelBytes, 0);
  w.codes.resize(rows * columns);
  for (int64_t n = 0; n < rows; ++n) {
    double *numbers = &w.dense[n * columns];
    float most = 0;
    for (int64_t k = 0; k < columns; ++k) {
      numbers[k] = float(normal(random));
      most = std::max(most, std::abs(float(numbers[k])));
    }
    w.scales.push_back(most / 127);
    int sum = 0;
    int64_t panel = n / width * panelBytes, lane = n % width;
    for (int64_t k = 0; k < columns; ++k) {
      int code = std::lrint(float(numbers[k]) / w.scales[n]);
      sum += w.codes[n * columns + k] = code;
      put(w.bytes,
          panel + (lane / 16 * steps + k / 64) * 1024 +
              (k % 64 / 4 * 16 + lane % 16) * 4 + k % 4,
          int8_t(code));
    }
    put(w.bytes, panel + tileBytes + lane * 4, w.scales[n]);
    put(w.bytes, panel + tileBytes + width * 4 + lane * 4, sum);
  }
}

namespace {
/// Puts blocks into their places, as the description of `#program.panels` says.
class BlockPacker {
public:
  BlockPacker(PackedWeights &w, Random &random, const Scheme &scheme,
              int64_t rows, int64_t columns, double deviation, int64_t width)
      : w(w), random(random), scheme(scheme), columns(columns), width(width),
        unit(deviation * 3.5 / (1 << scheme.bits)) {
    int64_t blocks = columns / scheme.block;
    highAt = columns * width * (scheme.bits == 8 ? 8 : 4) / 8;
    codesAt = columns * width * scheme.bits / 8;
    scalesAt = codesAt + blocks * getWords() * width * 4;
    minimaAt = scalesAt + blocks * width * 2;
    panelBytes =
        alignTo64(minimaAt + (scheme.minimum ? blocks * width * 2 : 0));
    w.bytes.assign((rows + width - 1) / width * panelBytes, 0);
    w.codes.resize(rows * columns);
    w.group = scheme.group;
    for (int64_t n = 0; n < rows; ++n)
      for (int64_t block = 0; block < blocks; ++block)
        packBlock(n, block);
  }

private:
  bool isTwoLevel() { return scheme.block != scheme.group; }
  int64_t getWords() { return !isTwoLevel() ? 0 : scheme.minimum ? 3 : 4; }
  void packBlock(int64_t n, int64_t block);
  void putCode(int64_t k, uint32_t code);
  void putScaleCode(int64_t block, int64_t group, int code, bool isMinimum);
  double putHalf(double value, int64_t part, int64_t block);
  void orWord(int64_t part, int64_t row, uint32_t bits) {
    size_t at = panel + part + (row * width + lane) * 4;
    uint32_t word;
    std::memcpy(&word, w.bytes.data() + at, 4);
    put(w.bytes, at, word | bits);
  }

  PackedWeights &w;
  Random &random;
  const Scheme &scheme;
  int64_t columns, width, highAt, codesAt, scalesAt, minimaAt, panelBytes;
  double unit;
  size_t panel = 0;
  int64_t lane = 0;
};
} // namespace

void BlockPacker::putCode(int64_t k, uint32_t code) {
  if (scheme.bits == 8)
    return orWord(0, k / 4, code << 8 * (k % 4));
  orWord(0, k / 8, (code & 15) << (8 * (k % 4) + k % 8 / 4 * 4));
  int64_t high = scheme.bits - 4;
  if (!high)
    return;
  int64_t perWord = 32 / high;
  orWord(highAt, k / perWord,
         (code >> 4) << (8 * (k % 4) + k % perWord / 4 * high));
}

/// Of q4_k and q6_k, as in their blocks.
void BlockPacker::putScaleCode(int64_t block, int64_t group, int code,
                               bool isMinimum) {
  auto orByte = [&](int64_t byte, int bits) {
    orWord(codesAt, block * getWords() + byte / 4,
           uint32_t(bits & 255) << 8 * (byte % 4));
  };
  if (!scheme.minimum)
    return orByte(group, code);
  int64_t own = group % 4 + (isMinimum ? 4 : 0);
  if (group < 4)
    return orByte(own, code);
  orByte(own, code >> 4 << 6);
  orByte(8 + group % 4, (code & 15) << (isMinimum ? 4 : 0));
}

double BlockPacker::putHalf(double value, int64_t part, int64_t block) {
  double rounded;
  put(w.bytes, panel + part + (block * width + lane) * 2,
      toHalf(value, rounded));
  return rounded;
}

void BlockPacker::packBlock(int64_t n, int64_t block) {
  panel = n / width * panelBytes;
  lane = n % width;
  std::uniform_real_distribution<double> spread(0.5, 1.5);
  int least = scheme.minimum ? 32 : 4; // code of a scale
  double byLevel = isTwoLevel() ? 1.5 * least : 1;
  double blockScale = putHalf(unit * spread(random) / byLevel, scalesAt, block);
  double middle = (1 << scheme.bits) / 2;
  double sign = isTwoLevel() ? 1 : -1; // minima of two levels are subtracted
  double blockMinimum =
      scheme.minimum
          ? sign * putHalf(sign * unit * middle * spread(random) / byLevel,
                           minimaAt, block)
          : 0;
  for (int64_t g = 0; g < scheme.block / scheme.group; ++g) {
    double scale = blockScale, minimum = -blockMinimum;
    if (isTwoLevel()) {
      int code = least + random() % least;
      if (!scheme.minimum && random() % 2)
        code = -code;
      putScaleCode(block, g, code, false);
      scale *= code;
    }
    if (isTwoLevel() && scheme.minimum) {
      int code = least + random() % least;
      putScaleCode(block, g, code, true);
      minimum *= code;
    }
    w.scales.push_back(float(scale));
    if (scheme.minimum)
      w.minima.push_back(float(minimum));
    int64_t first = block * scheme.block + g * scheme.group;
    for (int64_t k = first; k < first + scheme.group; ++k) {
      uint32_t code = random() % (1u << scheme.bits);
      putCode(k, code);
      w.codes[n * columns + k] = int(code) - scheme.zero;
      w.dense[n * columns + k] = scale * (double(code) - scheme.zero) + minimum;
    }
  }
}

PackedWeights::PackedWeights(Random &random, const std::string &storage,
                             int64_t rows, int64_t columns, double deviation,
                             int64_t width)
    : dense(rows * columns) {
  int tiles = storage == "bf16 tiles" ? 1 : storage == "split tiles" ? 2 : 0;
  if (tiles) {
    layout = "#program.panels<" + std::to_string(rows) + " by " +
             std::to_string(columns) +
             (tiles == 1 ? " of tuple<bf16>" : " of tuple<bf16, bf16>") +
             ", width " + std::to_string(width) + ">";
    packTiles(*this, random, tiles, rows, columns, deviation, width);
    return;
  }
  if (storage == "int8 tiles") {
    layout = "#program.panels<" + std::to_string(rows) + " by " +
             std::to_string(columns) + " of tuple<i8>, width " +
             std::to_string(width) + ">";
    packCodes(*this, random, rows, columns, deviation, width);
    return;
  }
  const Scheme *scheme = nullptr;
  for (const Scheme &s : kSchemes)
    if (storage == s.name)
      scheme = &s;
  layout = "#program.panels<" + std::to_string(rows) + " by " +
           std::to_string(columns) + " of " +
           (scheme ? "!weft.blocks<#weft." + storage + ">" : storage) +
           ", width " + std::to_string(width) + ">";
  if (scheme)
    BlockPacker(*this, random, *scheme, rows, columns, deviation, width);
  else
    packNumbers(*this, random, storage, rows, columns, deviation, width);
}
