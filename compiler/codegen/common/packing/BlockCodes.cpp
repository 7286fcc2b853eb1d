//===- BlockCodes.cpp - Blocks as codes and scales ------------------------===//
//
// The layouts of blocks are told in frontends/formats/dequantize/Blocks.h.
//
//===----------------------------------------------------------------------===//

#include "compiler/codegen/common/packing/BlockCodes.h"
#include "frontends/formats/common/Bytes.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace weft;
using namespace weft::packing;

static uint16_t loadHalfBits(const uint8_t *data) {
  return uint16_t(formats::loadLittleEndian(data, 2));
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
  out.scale = loadHalfBits(block);
  decodeNibbles(block + 2, out.codes);
}

static void decodeQ4_1(const uint8_t *block, BlockCodes &out) {
  out.scale = loadHalfBits(block);
  out.minimum = loadHalfBits(block + 2);
  decodeNibbles(block + 4, out.codes);
}

static void decodeQ5_0(const uint8_t *block, BlockCodes &out) {
  out.scale = loadHalfBits(block);
  decodeNibbles(block + 6, out.codes);
  addFifthBits(block + 2, out.codes);
}

static void decodeQ5_1(const uint8_t *block, BlockCodes &out) {
  out.scale = loadHalfBits(block);
  out.minimum = loadHalfBits(block + 2);
  decodeNibbles(block + 8, out.codes);
  addFifthBits(block + 4, out.codes);
}

static void decodeQ8_0(const uint8_t *block, BlockCodes &out) {
  out.scale = loadHalfBits(block);
  for (unsigned i = 0; i < 32; ++i)
    out.codes[i] = block[2 + i] ^ 0x80; // plus 128
}

static void loadWords(const uint8_t *data, unsigned count, uint32_t *words) {
  for (unsigned i = 0; i < count; ++i)
    words[i] = uint32_t(formats::loadLittleEndian(data + 4 * i, 4));
}

static void decodeQ4_K(const uint8_t *block, BlockCodes &out) {
  out.scale = loadHalfBits(block);
  out.minimum = loadHalfBits(block + 2);
  loadWords(block + 4, 3, out.scaleCodes);
  const uint8_t *quants = block + 16;
  for (unsigned i = 0; i < 256; ++i)
    out.codes[i] = (quants[i / 64 * 32 + i % 32] >> (i / 32 % 2 * 4)) & 15;
}

static void decodeQ6_K(const uint8_t *block, BlockCodes &out) {
  out.scale = loadHalfBits(block + 208);
  loadWords(block + 192, 4, out.scaleCodes);
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
