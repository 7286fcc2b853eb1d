//===- TileUnit.h - The instructions of a matrix unit -----------*- C++ -*-===//
//
// AMX: eight tiles of 16 rows of 64 bytes. Tiles are named by number in
// intrinsic calls, so that no register of tiles is ever allocated or spilled.
// The runtime asks the system for them when it loads code of such a level; a
// kernel states their shapes at its begin and gives them up at its end.
//
//===----------------------------------------------------------------------===//

#ifndef WEFT_CODEGEN_CPU_LINEAR_TILES_TILEUNIT_H
#define WEFT_CODEGEN_CPU_LINEAR_TILES_TILEUNIT_H

#include "compiler/codegen/cpu/KernelBuilder.h"

namespace weft::cpu {

/// The address of a buffer that begins where its memory does, as an index.
mlir::Value getAddress(KernelBuilder &b, mlir::Value buffer);

class TileUnit {
public:
  using Value = mlir::Value;
  static constexpr int64_t kTiles = 8, kRows = 16, kRowBytes = 64;

  explicit TileUnit(KernelBuilder &b) : b(b) {}

  /// Gives all tiles their full shape; zeros them.
  void configure();
  void release();

  void zero(int64_t tile);
  /// Rows `stride` bytes apart from `address` on.
  void load(int64_t tile, Value address, int64_t stride = kRowBytes);
  /// The same for what is not read again soon: it pushes nothing out of the
  /// first cache.
  void stream(int64_t tile, Value address, int64_t stride = kRowBytes);
  void store(int64_t tile, Value address, int64_t stride);
  /// f32 `sums` += pairs of bf16.
  void multiplyBf16(int64_t sums, int64_t rows, int64_t columns);
  /// i32 `sums` += four neighbouring i8.
  void multiplyBytes(int64_t sums, int64_t rows, int64_t columns);
  /// `vector`, made between the instructions of the unit before and after:
  /// LLVM would move what is needed late past all of them.
  Value order(Value vector);
  /// Fetches the line into the second cache.
  void prefetch(Value address);

private:
  Value pointer(Value address);
  Value number(int64_t tile) { return b.integer(tile, b.getI8Type()); }
  void call(llvm::StringRef name, mlir::ValueRange operands);

  KernelBuilder &b;
};

} // namespace weft::cpu

#endif // WEFT_CODEGEN_CPU_LINEAR_TILES_TILEUNIT_H
