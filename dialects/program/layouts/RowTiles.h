//===- RowTiles.h - Rows as a matrix unit takes them ------------*- C++ -*-===//
//
// A matrix of M rows and C columns as tiles of 16 rows of 64 bytes, so that
// who multiplies it reads them where they are:
//
//   memref<ceil(M / 16) x ceil(C / 32) x 16 x 32 x bf16>
//
// Columns from C on are zeros; rows from M on are anything.
//
//===----------------------------------------------------------------------===//

#ifndef WEFT_PROGRAM_LAYOUTS_ROWTILES_H
#define WEFT_PROGRAM_LAYOUTS_ROWTILES_H

#include "mlir/IR/BuiltinTypes.h"
#include "llvm/Support/MathExtras.h"

namespace weft::program {

struct RowTiles {
  static constexpr int64_t kRows = 16, kColumns = 32;

  /// `blocks` of 16 rows, or ShapedType::kDynamic.
  static mlir::MemRefType getType(mlir::MLIRContext *context, int64_t blocks,
                                  int64_t columns) {
    return mlir::MemRefType::get(
        {blocks, int64_t(llvm::divideCeil(columns, kColumns)), kRows, kColumns},
        mlir::BFloat16Type::get(context));
  }
  /// Whether the type is that of tiles of so many columns.
  static bool matches(mlir::MemRefType type, int64_t columns) {
    return isTiled(type) &&
           type.getDimSize(1) == int64_t(llvm::divideCeil(columns, kColumns));
  }
  /// Whether a matrix of this type stands in tiles.
  static bool isTiled(mlir::MemRefType type) {
    return type.getRank() == 4 && type.getElementType().isBF16() &&
           type.getDimSize(2) == kRows && type.getDimSize(3) == kColumns &&
           type.getLayout().isIdentity();
  }
};

} // namespace weft::program

#endif // WEFT_PROGRAM_LAYOUTS_ROWTILES_H
