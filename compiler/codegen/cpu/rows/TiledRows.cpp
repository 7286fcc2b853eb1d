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

SmallVector<KernelBuilder::Index> RowOutput::at(Index row, Index column) {
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
  auto write = [&] { b.store(rounded, buffer, at(row, column)); };
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
    b.store(zeros, buffer, at(row, column));
}

void cpu::emitWidenTiles(KernelBuilder &b, Value tiles, Value first,
                         Value count, Value target) {
  int64_t steps = cast<MemRefType>(tiles.getType()).getDimSize(1);
  VectorType narrow = b.vectorType(b.getBF16Type());
  b.loop(0, count, 1, [&](Value r) {
    Value row = b.add(first, r);
    Value block = b.div(row, RowTiles::kRows);
    Value inBlock = b.rem(row, RowTiles::kRows);
    b.loop(0, steps, 1, [&](Value step) {
      for (int64_t c = 0; c < RowTiles::kColumns; c += b.lanes()) {
        Value numbers = b.load(tiles, {block, step, inBlock, c}, {}, narrow);
        b.store(arith::ExtFOp::create(b, b.vectorType(), numbers), target,
                {r, b.add(b.mul(step, RowTiles::kColumns), c)});
      }
    });
  });
}
