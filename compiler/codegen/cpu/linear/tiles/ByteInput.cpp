//===- ByteInput.cpp - Rows rounded to bytes ------------------------------===//

#include "compiler/codegen/cpu/linear/tiles/ByteInput.h"
#include "dialects/program/layouts/Tiles.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace weft;
using namespace weft::cpu;

using Values = SmallVector<Value>;

/// Numbers below count as zeros, so that 127 / max is finite.
static constexpr double kLeast = 0x1p-100;
/// Added to a number below 2^22, its sum's low bits are the nearest integer.
static constexpr double kToInteger = 0x1.8p23;

namespace {
/// Vectors of a span.
struct SpanReader {
  KernelBuilder &b;
  const LinearKernel &kernel;
  const RowSpan &span;

  Value load(Value k, Value mask) {
    return b.load(kernel.input(b), {span.row, k}, mask);
  }
  /// Calls `body(k, mask, values)` for each.
  Values forVectors(ValueRange init,
                    function_ref<Values(Value, Value, ValueRange)> body) {
    int64_t rest = span.count % b.lanes();
    Value end = b.add(span.first, span.count - rest);
    Values values =
        b.loop(span.first, end, b.lanes(), init,
               [&](Value k, ValueRange in) { return body(k, {}, in); });
    return rest ? body(end, b.tailMask(rest), values) : values;
  }
};
} // namespace

/// The largest magnitude. Compared as integers, NaN is the largest.
static Value emitMost(KernelBuilder &b, SpanReader &row) {
  VectorType i32 = b.vectorType(b.getI32Type());
  Value magnitude = b.integer(0x7FFFFFFF, i32);
  auto add = [&](Value k, Value mask, ValueRange in) {
    Value bits = vector::BitCastOp::create(b, i32, row.load(k, mask));
    bits = arith::AndIOp::create(b, bits, magnitude);
    return Values{arith::MaxSIOp::create(b, in[0], bits)};
  };
  Value most = row.forVectors({b.integer(0, i32)}, add)[0];
  Value bits =
      vector::ReductionOp::create(b, vector::CombiningKind::MAXSI, most);
  return arith::BitcastOp::create(b, b.getF32Type(), bits);
}

Value cpu::emitByteRow(KernelBuilder &b, const LinearKernel &kernel,
                       const RowSpan &span, int64_t zeroCode,
                       function_ref<void(Value, Value)> store) {
  SpanReader row = {b, kernel, span};
  Value most = emitMost(b, row);
  Value isThere =
      arith::CmpFOp::create(b, arith::CmpFPredicate::OGE, most, b.real(kLeast));
  Value inverse =
      arith::SelectOp::create(b, isThere, b.divf(b.real(127), most), b.real(0));
  Value factor = b.broadcast(inverse);
  VectorType i32 = b.vectorType(b.getI32Type());
  VectorType i8 = b.vectorType(b.getI8Type());
  row.forVectors({}, [&](Value k, Value mask, ValueRange) {
    Value code = b.fma(row.load(k, mask), factor,
                       b.splat(kToInteger + double(zeroCode)));
    code = vector::BitCastOp::create(b, i32, code);
    store(arith::TruncIOp::create(b, i8, code), k);
    return Values();
  });
  return b.mulf(most, b.real(1.0f / 127));
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
