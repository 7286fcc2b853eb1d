//===- Blocks.cpp - One block of each block-quantized type ----------------===//

#include "frontends/formats/dequantize/Blocks.h"

#include "frontends/formats/common/Bytes.h"
#include "frontends/formats/dequantize/Dequantize.h"

using namespace weft::formats;

static float loadHalf(const uint8_t *data) {
  return halfToFloat(static_cast<uint16_t>(loadLittleEndian(data, 2)));
}

/// Element `i` of 32 in 16 bytes of half bytes.
static int getNibble(const uint8_t *quants, unsigned i) {
  return i < 16 ? quants[i] & 15 : quants[i - 16] >> 4;
}

/// Bit 4 of element `i`, at its place.
static int getFifthBit(const uint8_t *bits, unsigned i) {
  return ((bits[i / 8] >> (i % 8)) & 1) << 4;
}

void weft::formats::dequantizeQ4_0(const uint8_t *block, float *out) {
  const float d = loadHalf(block);
  for (unsigned i = 0; i < 32; ++i)
    out[i] = d * static_cast<float>(getNibble(block + 2, i) - 8);
}

void weft::formats::dequantizeQ4_1(const uint8_t *block, float *out) {
  const float d = loadHalf(block), m = loadHalf(block + 2);
  for (unsigned i = 0; i < 32; ++i)
    out[i] = d * static_cast<float>(getNibble(block + 4, i)) + m;
}

void weft::formats::dequantizeQ5_0(const uint8_t *block, float *out) {
  const float d = loadHalf(block);
  for (unsigned i = 0; i < 32; ++i) {
    const int q = getNibble(block + 6, i) | getFifthBit(block + 2, i);
    out[i] = d * static_cast<float>(q - 16);
  }
}

void weft::formats::dequantizeQ5_1(const uint8_t *block, float *out) {
  const float d = loadHalf(block), m = loadHalf(block + 2);
  for (unsigned i = 0; i < 32; ++i) {
    const int q = getNibble(block + 8, i) | getFifthBit(block + 4, i);
    out[i] = d * static_cast<float>(q) + m;
  }
}

void weft::formats::dequantizeQ8_0(const uint8_t *block, float *out) {
  const float d = loadHalf(block);
  for (unsigned i = 0; i < 32; ++i)
    out[i] = d * static_cast<float>(static_cast<int8_t>(block[2 + i]));
}

/// Scale and minimum of group `g`: of the first four groups the low six bits of
/// bytes g and g + 4; of the others four bits in byte g + 4, and the two above
/// them on top of bytes g - 4 and g.
static void unpackScale(const uint8_t *bytes, unsigned g, int &scale,
                        int &minimum) {
  if (g < 4) {
    scale = bytes[g] & 63;
    minimum = bytes[g + 4] & 63;
    return;
  }
  scale = (bytes[g + 4] & 15) | (bytes[g - 4] >> 6) << 4;
  minimum = (bytes[g + 4] >> 4) | (bytes[g] >> 6) << 4;
}

void weft::formats::dequantizeQ4_K(const uint8_t *block, float *out) {
  const float d = loadHalf(block), m = loadHalf(block + 2);
  const uint8_t *quants = block + 16;
  for (unsigned g = 0; g < 8; ++g) {
    int scale, minimum;
    unpackScale(block + 4, g, scale, minimum);
    const float groupScale = d * static_cast<float>(scale);
    const float groupMinimum = m * static_cast<float>(minimum);
    for (unsigned i = 0; i < 32; ++i) {
      const int q = (quants[g / 2 * 32 + i] >> (g % 2 * 4)) & 15;
      out[g * 32 + i] = groupScale * static_cast<float>(q) - groupMinimum;
    }
  }
}

void weft::formats::dequantizeQ6_K(const uint8_t *block, float *out) {
  const auto *scales = reinterpret_cast<const int8_t *>(block + 192);
  const float d = loadHalf(block + 208);
  // Each half of the block has 64 bytes of low bits and 32 of high bits. A
  // quarter of it (32 elements) takes one half of 32 low bytes and two bits of
  // the high.
  for (unsigned i = 0; i < 256; ++i) {
    const unsigned half = i / 128, quarter = i / 32 % 4, column = i % 32;
    const uint8_t low = block[half * 64 + quarter % 2 * 32 + column];
    const uint8_t high = block[128 + half * 32 + column];
    const int q =
        ((low >> (quarter / 2 * 4)) & 15) | ((high >> (quarter * 2)) & 3) << 4;
    const int8_t code = scales[i / 16];
    const float scale = d * static_cast<float>(code);
    out[i] = scale * static_cast<float>(q - 32);
  }
}
