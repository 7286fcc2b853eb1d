//===- BlockCodes.h - Blocks as codes and scales ----------------*- C++ -*-===//
//
// What a packed weight keeps of a block: codes without sign, the block's scale
// and minimum as f16, and, where groups have codes of scales (q4_k, q6_k),
// those as they are. Nothing is rounded and nothing grows: see #program.panels.
//
//===----------------------------------------------------------------------===//

#ifndef WEFT_CODEGEN_COMMON_PACKING_BLOCKCODES_H
#define WEFT_CODEGEN_COMMON_PACKING_BLOCKCODES_H

#include "dialects/weft/types/WeftTypes.h"

namespace weft::packing {

/// Blocks have at most 256 numbers.
struct BlockCodes {
  uint8_t codes[256];
  uint16_t scale, minimum; ///< The bits of f16.
  uint32_t scaleCodes[4];
};

/// Decodes one block. A code of 8 bits that was signed has 128 added.
using DecodeBlock = void (*)(const uint8_t *block, BlockCodes &out);

/// The decoder of a scheme, or null.
DecodeBlock findBlockDecoder(SchemeAttrInterface scheme);

} // namespace weft::packing

#endif // WEFT_CODEGEN_COMMON_PACKING_BLOCKCODES_H
