//===- PackedKeys.h - Keys and values as attention multiplies them -*- C++
//-*-===//
//
// For products in bf16 keys and values are rounded and brought into blocks of
// 32 keys once a launch of attention, by family attention_pack. With a matrix
// unit a block holds tiles of 16 rows of 32 numbers, 1 KiB each:
//
//   keys    [half][pair of channels][key of the half][channel of the pair]
//   values  [group of 16 channels][key of a half][channel][half]
//
// and without one rows of keys, which are read as those of a cache. Only
// kernels of one level read what a kernel of that level has written.
//
//===----------------------------------------------------------------------===//

#ifndef WEFT_CODEGEN_CPU_ATTENTION_TILES_PACKEDKEYS_H
#define WEFT_CODEGEN_CPU_ATTENTION_TILES_PACKEDKEYS_H

#include "compiler/codegen/cpu/KernelBuilder.h"

namespace weft::cpu {

/// Keys of a block.
constexpr int64_t kPackedKeys = 32;

/// Channels of a row of a block: whole tiles.
inline int64_t getPackedChannels(int64_t channels) {
  return llvm::alignTo(channels, 32);
}

/// Whether kernels of the level multiply tiles.
bool packsTiles(KernelBuilder &b);

/// Two vectors of f32 as one of bf16, on such a level.
mlir::Value roundSideBySide(KernelBuilder &b, mlir::Value low,
                            mlir::Value high);

} // namespace weft::cpu

#endif // WEFT_CODEGEN_CPU_ATTENTION_TILES_PACKEDKEYS_H
