//===- ByteTiles.h - Rows of bytes as a matrix unit takes them --*- C++ -*-===//
//
// A matrix of M rows and C columns, each row codes times a scale of its own
// (compiler/codegen/cpu/rows/ByteRows.h), in blocks of 16 rows:
//
//   memref<ceil(M / 16) x (ceil(C / 64) * 1024 + 64) x i8>
//
//   tiles   [ceil(C / 64)] of 16 rows of 64 codes
//   scales  [16] f32
//
// Columns from C on are zeros; rows from M on are anything.
//
//===----------------------------------------------------------------------===//

#ifndef WEFT_PROGRAM_LAYOUTS_BYTETILES_H
#define WEFT_PROGRAM_LAYOUTS_BYTETILES_H

#include "mlir/IR/BuiltinTypes.h"
#include "llvm/Support/MathExtras.h"

namespace weft::program {

struct ByteTiles {
  static constexpr int64_t kRows = 16, kColumns = 64;
  static constexpr int64_t kTileBytes = kRows * kColumns;

  /// Bytes of a block before its scales, and all.
  static int64_t getScalesOffset(int64_t columns) {
    return llvm::divideCeil(columns, kColumns) * kTileBytes;
  }
  static int64_t getBlockBytes(int64_t columns) {
    return getScalesOffset(columns) + kRows * 4;
  }
  /// `blocks` of 16 rows, or ShapedType::kDynamic.
  static mlir::MemRefType getType(mlir::MLIRContext *context, int64_t blocks,
                                  int64_t columns) {
    return mlir::MemRefType::get({blocks, getBlockBytes(columns)},
                                 mlir::IntegerType::get(context, 8));
  }
  /// Whether the type is that of tiles of so many columns.
  static bool matches(mlir::MemRefType type, int64_t columns) {
    return isTiled(type) && type.getDimSize(1) == getBlockBytes(columns);
  }
  /// Whether a matrix of this type stands in tiles of bytes.
  static bool isTiled(mlir::MemRefType type) {
    return type.getRank() == 2 && type.getElementType().isInteger(8) &&
           type.getDimSize(1) % kTileBytes == kRows * 4 &&
           type.getLayout().isIdentity();
  }
};

} // namespace weft::program

#endif // WEFT_PROGRAM_LAYOUTS_BYTETILES_H
