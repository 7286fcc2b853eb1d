//===- BlockCodes.cpp - Blocks as codes and scales ------------------------===//
//
// The layouts of blocks are told in frontends/formats/dequantize/Blocks.h.
//
//===----------------------------------------------------------------------===//

#include "compiler/codegen/common/packing/BlockCodes.h"
#include "frontends/formats/common/Bytes.h"
#include "frontends/formats/dequantize/Dequantize.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/ADT/bit.h"

using namespace weft;
using namespace weft::packing;

static uint16_t loadHalfBits(const uint8_t *data) {
  return uint16_t(formats::loadLittleEndian(data, 2));
}

static float loadHalf(const uint8_t *data) {
  return formats::halfToFloat(loadHalfBits(data));
}

/// 32 codes in 16 bytes: element i low, element i + 16 high in byte i.
static void decodeNibbles(const uint8_t *quants, uint8_t *codes) {
  for (unsigned i = 0; i < 16; ++i) {
    codes[i] = quants[i] & 15;
    codes[i + 16] = quants[i] >> 4;
  }
}

/// Adds bit 4 of 32 codes, element i's in bit i.
static void addFifthBits(const uint8_t *bits, uint8_t *codes) {
  for (unsigned i = 0; i < 32; ++i)
    codes[i] |= ((bits[i / 8] >> (i % 8)) & 1) << 4;
}

static void decodeQ4_0(const uint8_t *block, BlockCodes &out) {
  out.scales[0] = loadHalfBits(block);
  decodeNibbles(block + 2, out.codes);
}

static void decodeQ4_1(const uint8_t *block, BlockCodes &out) {
  out.scales[0] = loadHalfBits(block);
  out.minima[0] = loadHalfBits(block + 2);
  decodeNibbles(block + 4, out.codes);
}

static void decodeQ5_0(const uint8_t *block, BlockCodes &out) {
  out.scales[0] = loadHalfBits(block);
  decodeNibbles(block + 6, out.codes);
  addFifthBits(block + 2, out.codes);
}

static void decodeQ5_1(const uint8_t *block, BlockCodes &out) {
  out.scales[0] = loadHalfBits(block);
  out.minima[0] = loadHalfBits(block + 2);
  decodeNibbles(block + 8, out.codes);
  addFifthBits(block + 4, out.codes);
}

static void decodeQ8_0(const uint8_t *block, BlockCodes &out) {
  out.scales[0] = loadHalfBits(block);
  for (unsigned i = 0; i < 32; ++i)
    out.codes[i] = block[2 + i] ^ 0x80; // plus 128
}

static void decodeQ4_K(const uint8_t *block, BlockCodes &out) {
  float d = loadHalf(block), m = loadHalf(block + 2);
  const uint8_t *bytes = block + 4, *quants = block + 16;
  for (unsigned g = 0; g < 8; ++g) {
    // The first four groups have six bits in a byte; the others four bits in
    // one byte and two on top of those.
    int scale =
        g < 4 ? bytes[g] & 63 : (bytes[g + 4] & 15) | (bytes[g - 4] >> 6) << 4;
    int minimum =
        g < 4 ? bytes[g + 4] & 63 : (bytes[g + 4] >> 4) | (bytes[g] >> 6) << 4;
    out.scales[g] = llvm::bit_cast<uint32_t>(d * float(scale));
    out.minima[g] = llvm::bit_cast<uint32_t>(-(m * float(minimum)));
    for (unsigned i = 0; i < 32; ++i)
      out.codes[g * 32 + i] = (quants[g / 2 * 32 + i] >> (g % 2 * 4)) & 15;
  }
}

static void decodeQ6_K(const uint8_t *block, BlockCodes &out) {
  float d = loadHalf(block + 208);
  for (unsigned g = 0; g < 16; ++g)
    out.scales[g] = llvm::bit_cast<uint32_t>(d * float(int8_t(block[192 + g])));
  for (unsigned i = 0; i < 256; ++i) {
    unsigned half = i / 128, quarter = i / 32 % 4, column = i % 32;
    uint8_t low = block[half * 64 + quarter % 2 * 32 + column];
    uint8_t high = block[128 + half * 32 + column];
    out.codes[i] =
        ((low >> (quarter / 2 * 4)) & 15) | ((high >> (quarter * 2)) & 3) << 4;
  }
}

DecodeBlock packing::findBlockDecoder(SchemeAttrInterface scheme) {
  return llvm::TypeSwitch<mlir::Attribute, DecodeBlock>(scheme)
      .Case<Q4_0Attr>([](auto) { return decodeQ4_0; })
      .Case<Q4_1Attr>([](auto) { return decodeQ4_1; })
      .Case<Q5_0Attr>([](auto) { return decodeQ5_0; })
      .Case<Q5_1Attr>([](auto) { return decodeQ5_1; })
      .Case<Q8_0Attr>([](auto) { return decodeQ8_0; })
      .Case<Q4_KAttr>([](auto) { return decodeQ4_K; })
      .Case<Q6_KAttr>([](auto) { return decodeQ6_K; })
      .Default([](auto) { return nullptr; });
}
