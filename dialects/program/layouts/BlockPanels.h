//===- BlockPanels.h - The parts of a panel of blocks -----------*- C++ -*-===//
//
// What `#program.panels` adds to codes, scales and minima where codes have more
// than four bits or blocks of b numbers have groups of g, for codes of c bits:
//
//   high bits    [K / (32 / h)][width] u32, h = c - 4, c = 5 or 6: bits h q to
//                h q + h - 1 of byte t are bits 4 to 3 + h of the code of
//                k = 32 / h i + 4 q + t
//   scale codes  [K / b][words][width] u32, b > g, as in the block: of q4_k 3
//   words
//                of 6-bit codes of scales and minima; of q6_k 4 words, byte t
//                of word j the signed scale of group 4 j + t
//
// They lie after the codes, in this order. All is of layouts that have a
// scheme.
//
//===----------------------------------------------------------------------===//

#ifndef PROGRAM_LAYOUTS_BLOCKPANELS_H
#define PROGRAM_LAYOUTS_BLOCKPANELS_H

#include "dialects/program/layouts/Layouts.h"

namespace weft::program {

/// Bits of a code above those in a word of codes: 0, 1 or 2.
int64_t getHighBits(PanelsAttr layout);
int64_t getHighBitsOffset(PanelsAttr layout);

/// Words of the scale codes of a block; 0: it is one group.
int64_t getScaleCodeWords(PanelsAttr layout);
int64_t getScaleCodesOffset(PanelsAttr layout);

} // namespace weft::program

#endif // PROGRAM_LAYOUTS_BLOCKPANELS_H
