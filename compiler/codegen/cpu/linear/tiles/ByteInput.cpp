//===- ByteInput.cpp - Rows as bytes for products -------------------------===//

#include "compiler/codegen/cpu/linear/tiles/ByteInput.h"
#include "compiler/codegen/cpu/rows/TiledRows.h"
#include "dialects/program/layouts/Tiles.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace weft;
using namespace weft::cpu;

Value cpu::emitByteRow(KernelBuilder &b, const LinearKernel &kernel,
                       const RowSpan &span, int64_t zeroCode,
                       StoreCodes store) {
  if (kernel.hasByteInput(b))
    return ByteTileRows(b, b.buffer(0), kernel.k)
        .load(span.row, zeroCode, store);
  auto load = [&](Value k, Value mask) -> Value {
    if (kernel.hasTiledInput(b))
      return loadFromTiles(b, b.buffer(0), span.row, k);
    return b.load(kernel.input(b), {span.row, k}, mask);
  };
  return emitByteRow(b, {span.first, span.count, load}, zeroCode, store);
}

Value ByteScales::load(Value column, int64_t offset, Type element) {
  program::PanelsAttr layout = kernel.layouts[product];
  Value panel = b.div(column, layout.getWidth());
  Value at = b.add(b.mul(panel, layout.getPanelBytes()), offset);
  Value numbers = b.view(kernel.weight(b, product), at,
                         MemRefType::get({layout.getWidth()}, element));
  return b.load(numbers, {b.rem(column, layout.getWidth())});
}

Value ByteScales::getScales(Value column) {
  return load(column, getTileScalesOffset(kernel.layouts[product]),
              b.getF32Type());
}

Value ByteScales::getSums(Value column) {
  return load(column, getTileSumsOffset(kernel.layouts[product]),
              b.getI32Type());
}

Value ByteScales::apply(Value sums, Value rowScale, Value columnScales) {
  Value number = arith::SIToFPOp::create(b, b.vectorType(), sums);
  return b.mulf(b.mulf(number, rowScale), columnScales);
}
