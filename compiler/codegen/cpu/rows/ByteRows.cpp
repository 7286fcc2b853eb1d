//===- ByteRows.cpp - Rows rounded to bytes -------------------------------===//

#include "compiler/codegen/cpu/rows/ByteRows.h"
#include "dialects/program/layouts/ByteTiles.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;
using namespace weft;
using namespace weft::cpu;
using program::ByteTiles;

using Values = SmallVector<Value>;

/// Numbers below count as zeros, so that 127 / max is finite.
static constexpr double kLeast = 0x1p-100;
/// Added to a number below 2^22, its sum's low bits are the nearest integer.
static constexpr double kToInteger = 0x1.8p23;

//===----------------------------------------------------------------------===//
// Rounding
//===----------------------------------------------------------------------===//

ByteRounding::ByteRounding(KernelBuilder &b, Value most) {
  Type type = most.getType();
  Value isThere = arith::CmpFOp::create(b, arith::CmpFPredicate::OGE, most,
                                        b.real(kLeast, type));
  factor = arith::SelectOp::create(b, isThere, b.divf(b.real(127, type), most),
                                   b.real(0, type));
  scale = b.mulf(most, b.real(1.0f / 127, type));
}

Value cpu::getMagnitudes(KernelBuilder &b, Value numbers) {
  VectorType i32 = b.vectorType(b.getI32Type());
  return arith::AndIOp::create(b, vector::BitCastOp::create(b, i32, numbers),
                               b.integer(0x7FFFFFFF, i32));
}

Value cpu::roundToBytes(KernelBuilder &b, Value numbers, Value factor,
                        int64_t zeroCode) {
  Value code = b.fma(numbers, factor, b.splat(kToInteger + double(zeroCode)));
  code = vector::BitCastOp::create(b, b.vectorType(b.getI32Type()), code);
  return arith::TruncIOp::create(b, b.vectorType(b.getI8Type()), code);
}

/// Calls `body(k, mask, values)` for each vector of a row.
static Values forVectors(KernelBuilder &b, const NumberSpan &row,
                         ValueRange init,
                         function_ref<Values(Value, Value, ValueRange)> body) {
  int64_t rest = row.count % b.lanes();
  Value end = b.add(row.first, row.count - rest);
  Values values =
      b.loop(row.first, end, b.lanes(), init,
             [&](Value k, ValueRange in) { return body(k, {}, in); });
  return rest ? body(end, b.tailMask(rest), values) : values;
}

/// The largest magnitude.
static Value emitMost(KernelBuilder &b, const NumberSpan &row) {
  auto add = [&](Value k, Value mask, ValueRange in) {
    return Values{
        arith::MaxSIOp::create(b, in[0], getMagnitudes(b, row.load(k, mask)))};
  };
  Value none = b.integer(0, b.vectorType(b.getI32Type()));
  Value most = forVectors(b, row, {none}, add)[0];
  Value bits =
      vector::ReductionOp::create(b, vector::CombiningKind::MAXSI, most);
  return arith::BitcastOp::create(b, b.getF32Type(), bits);
}

Value cpu::emitByteRow(KernelBuilder &b, const NumberSpan &row,
                       int64_t zeroCode, StoreCodes store) {
  ByteRounding rounding(b, emitMost(b, row));
  Value factor = b.broadcast(rounding.factor);
  forVectors(b, row, {}, [&](Value k, Value mask, ValueRange) {
    store(roundToBytes(b, row.load(k, mask), factor, zeroCode), k);
    return Values();
  });
  return rounding.scale;
}

//===----------------------------------------------------------------------===//
// Tiles
//===----------------------------------------------------------------------===//

SmallVector<KernelBuilder::Index> ByteTileRows::at(Value row, Value k) {
  Value tile = b.mul(b.div(k, ByteTiles::kColumns), ByteTiles::kTileBytes);
  Value inTile = b.add(b.mul(b.rem(row, ByteTiles::kRows), ByteTiles::kColumns),
                       b.rem(k, ByteTiles::kColumns));
  return {b.div(row, ByteTiles::kRows), b.add(tile, inTile)};
}

Value ByteTileRows::getScales(Value row) {
  Value bytes = memref::CollapseShapeOp::create(
      b, buffer, SmallVector<ReassociationIndices>{{0, 1}});
  Value block =
      b.mul(b.div(row, ByteTiles::kRows), ByteTiles::getBlockBytes(columns));
  return b.view(bytes, b.add(block, ByteTiles::getScalesOffset(columns)),
                MemRefType::get({ByteTiles::kRows}, b.getF32Type()));
}

Value ByteTileRows::getScale(Value row) {
  return b.loadBroadcast(getScales(row), {b.rem(row, ByteTiles::kRows)});
}

void ByteTileRows::store(Value row, function_ref<Value(Value, Value)> load) {
  auto store = [&](Value codes, Value k) {
    b.store(codes, buffer, at(row, k));
  };
  Value scale = emitByteRow(b, {0, columns, load}, /*zeroCode=*/0, store);
  b.storeScalar(scale, getScales(row), {b.rem(row, ByteTiles::kRows)});
  Value zeros = b.integer(0, b.vectorType(b.getI8Type()));
  int64_t end = llvm::alignTo(columns, ByteTiles::kColumns);
  for (int64_t k = llvm::alignTo(columns, b.lanes()); k < end; k += b.lanes())
    store(zeros, b.index(k));
}

Value ByteTileRows::load(Value row, int64_t zeroCode, StoreCodes store) {
  VectorType i8 = b.vectorType(b.getI8Type());
  b.loop(0, columns, b.lanes(), [&](Value k) {
    Value codes = b.load(buffer, at(row, k), {}, i8);
    if (zeroCode)
      codes = arith::AddIOp::create(b, codes, b.integer(int8_t(zeroCode), i8));
    store(codes, k);
  });
  return b.loadScalar(getScales(row), {b.rem(row, ByteTiles::kRows)});
}
