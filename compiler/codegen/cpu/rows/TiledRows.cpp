//===- TiledRows.cpp - Writes and reads rows that stand in tiles ----------===//

#include "compiler/codegen/cpu/rows/TiledRows.h"
#include "compiler/codegen/cpu/rows/StoredRow.h"
#include "dialects/program/layouts/RowTiles.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace weft;
using namespace weft::cpu;
using program::RowTiles;

RowOutput::RowOutput(KernelBuilder &b, Value buffer, int64_t columns)
    : b(b), buffer(buffer), columns(columns),
      tiled(RowTiles::isTiled(cast<MemRefType>(buffer.getType()))),
      roundsPairs(b.getLevel().has("avx512bf16")) {}

/// Of a number in tiles.
static SmallVector<KernelBuilder::Index>
at(KernelBuilder &b, KernelBuilder::Index row, KernelBuilder::Index column) {
  return {b.div(row, RowTiles::kRows), b.div(column, RowTiles::kColumns),
          b.rem(row, RowTiles::kRows), b.rem(column, RowTiles::kColumns)};
}

void RowOutput::store(Value vector, Index row, Index column, Value mask) {
  if (!tiled)
    return b.store(vector, buffer, {row, column}, mask);
  auto type = cast<VectorType>(vector.getType());
  if (mask)
    vector = arith::SelectOp::create(b, mask, vector, b.real(0, type));
  VectorType narrow = b.vectorType(b.getBF16Type(), type.getNumElements());
  Value rounded = roundsPairs
                      ? Value(arith::TruncFOp::create(b, narrow, vector))
                      : toBf16(b, vector);
  auto write = [&] { b.store(rounded, buffer, at(b, row, column)); };
  // A panel may have vectors beyond the last tile.
  if (mask)
    b.when(b.less(column, int64_t(llvm::alignTo(columns, RowTiles::kColumns))),
           write);
  else
    write();
}

void RowOutput::pad(Index row) {
  if (!tiled)
    return;
  Value zeros = b.real(0, b.vectorType(b.getBF16Type()));
  int64_t end = llvm::alignTo(columns, RowTiles::kColumns);
  for (int64_t column = llvm::alignTo(columns, b.lanes()); column < end;
       column += b.lanes())
    b.store(zeros, buffer, at(b, row, column));
}

Value cpu::loadFromTiles(KernelBuilder &b, Value tiles,
                         KernelBuilder::Index row,
                         KernelBuilder::Index column) {
  Value numbers =
      b.load(tiles, at(b, row, column), {}, b.vectorType(b.getBF16Type()));
  // By their bits: LLVM would move what follows before an extension, to numbers
  // that not every level computes with.
  VectorType words = b.vectorType(b.getI32Type());
  Value bits =
      arith::BitcastOp::create(b, b.vectorType(b.getI16Type()), numbers);
  bits = arith::ShLIOp::create(b, arith::ExtUIOp::create(b, words, bits),
                               b.integer(16, words));
  return arith::BitcastOp::create(b, b.vectorType(), bits);
}

void cpu::emitWidenTiles(KernelBuilder &b, Value tiles, Value first,
                         Value count, Value target) {
  int64_t steps = cast<MemRefType>(tiles.getType()).getDimSize(1);
  b.loop(0, count, 1, [&](Value r) {
    b.loop(0, steps, 1, [&](Value step) {
      for (int64_t c = 0; c < RowTiles::kColumns; c += b.lanes()) {
        Value column = b.add(b.mul(step, RowTiles::kColumns), c);
        b.store(loadFromTiles(b, tiles, b.add(first, r), column), target,
                {r, column});
      }
    });
  });
}
