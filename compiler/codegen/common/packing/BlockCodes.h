//===- BlockCodes.h - Blocks as codes and scales ----------------*- C++ -*-===//
//
// What a packed weight keeps of a block: codes without sign, and for each group
// a scale and a minimum, such that
//
//   number = scale * (code - zero) + minimum
//
// Nothing is rounded: where the block states f16 the bits are kept, where it
// states products (q4_k, q6_k) those are exact in f32.
//
//===----------------------------------------------------------------------===//

#ifndef WEFT_CODEGEN_COMMON_PACKING_BLOCKCODES_H
#define WEFT_CODEGEN_COMMON_PACKING_BLOCKCODES_H

#include "dialects/weft/types/WeftTypes.h"

namespace weft::packing {

/// Blocks have at most 256 numbers in 16 groups.
struct BlockCodes {
  uint8_t codes[256];
  /// The bits of f16 or f32, in the low bytes.
  uint32_t scales[16];
  uint32_t minima[16];
};

/// Decodes one block. A code of 8 bits that was signed has 128 added.
using DecodeBlock = void (*)(const uint8_t *block, BlockCodes &out);

/// The decoder of a scheme, or null.
DecodeBlock findBlockDecoder(SchemeAttrInterface scheme);

} // namespace weft::packing

#endif // WEFT_CODEGEN_COMMON_PACKING_BLOCKCODES_H
