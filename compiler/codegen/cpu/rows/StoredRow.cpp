//===- StoredRow.cpp - Rows of numbers as a cache keeps them --------------===//

#include "compiler/codegen/cpu/rows/StoredRow.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace weft;
using namespace weft::cpu;

using Index = KernelBuilder::Index;

/// Bytes behind the codes of a row.
static constexpr int64_t kScaleBytes = 4;
/// The largest code.
static constexpr double kMaxCode = 127;

FailureOr<StoredRow> StoredRow::read(KernelBuilder &b, unsigned buffer,
                                     int64_t channels) {
  MemRefType type = b.bufferType(buffer);
  Type element = type.getElementType();
  int64_t wanted = channels + (element.isInteger(8) ? kScaleBytes : 0);
  if (!element.isF32() && !element.isF16() && !element.isBF16() &&
      !element.isInteger(8))
    return b.getKernel().emitOpError()
           << "expected operand " << buffer
           << " to be of f32, f16, bf16 or i8 but got " << type;
  if (type.getRank() == 0 || type.getShape().back() != wanted)
    return b.getKernel().emitOpError()
           << "expected rows of " << wanted << " for " << channels
           << " channels in operand " << buffer << " but got " << type;
  return StoredRow(element, channels);
}

static SmallVector<Index> join(ArrayRef<Index> at, Index channel) {
  SmallVector<Index> all(at);
  all.push_back(channel);
  return all;
}

//===----------------------------------------------------------------------===//
// Reading
//===----------------------------------------------------------------------===//

Value StoredRow::load(KernelBuilder &b, Value buffer, ArrayRef<Index> at,
                      Index channel, Value mask) const {
  Value vector = b.load(buffer, join(at, channel), mask, b.vectorType(element));
  if (isPlain())
    return vector;
  if (!hasScale())
    return arith::ExtFOp::create(b, b.vectorType(), vector);
  Value codes = arith::ExtSIOp::create(b, b.vectorType(b.getI32Type()), vector);
  return arith::SIToFPOp::create(b, b.vectorType(), codes);
}

Value StoredRow::loadScale(KernelBuilder &b, Value buffer,
                           ArrayRef<Index> at) const {
  Value bytes = b.load(buffer, join(at, channels), {},
                       b.vectorType(element, kScaleBytes));
  Value scale =
      vector::BitCastOp::create(b, b.vectorType(b.getF32Type(), 1), bytes);
  return vector::ExtractOp::create(b, scale, int64_t(0));
}

//===----------------------------------------------------------------------===//
// Writing
//===----------------------------------------------------------------------===//

void StoredRow::forVectors(KernelBuilder &b, Body body) const {
  int64_t lanes = b.lanes(), even = channels - channels % lanes;
  b.loop(0, even, lanes, [&](Value channel) { body(channel, {}); });
  if (even < channels)
    body(even, b.tailMask(channels - even));
}

Value cpu::toBf16(KernelBuilder &b, Value vector) {
  VectorType words = b.vectorType(b.getI32Type());
  auto number = [&](int64_t value) { return b.integer(value, words); };
  Value bits = arith::BitcastOp::create(b, words, vector);
  Value high = arith::ShRUIOp::create(b, bits, number(16));
  // Half of the last place, less one where ties go down to even.
  Value half = arith::AddIOp::create(
      b, arith::AndIOp::create(b, high, number(1)), number(0x7fff));
  Value nearest = arith::ShRUIOp::create(
      b, arith::AddIOp::create(b, bits, half), number(16));
  Value isNan =
      arith::CmpFOp::create(b, arith::CmpFPredicate::UNO, vector, vector);
  Value quiet = arith::OrIOp::create(b, high, number(0x40));
  Value word = arith::SelectOp::create(b, isNan, quiet, nearest);
  Value narrow = arith::TruncIOp::create(b, b.vectorType(b.getI16Type()), word);
  return arith::BitcastOp::create(b, b.vectorType(b.getBF16Type()), narrow);
}

Value StoredRow::narrow(KernelBuilder &b, Value vector) const {
  if (isPlain())
    return vector;
  if (element.isBF16())
    return toBf16(b, vector);
  return arith::TruncFOp::create(b, b.vectorType(element), vector);
}

void StoredRow::store(KernelBuilder &b, Value source, ArrayRef<Index> from,
                      Value target, ArrayRef<Index> to) const {
  if (hasScale())
    return storeCodes(b, source, from, target, to);
  forVectors(b, [&](Index channel, Value mask) {
    Value vector = b.load(source, join(from, channel), mask);
    b.store(narrow(b, vector), target, join(to, channel), mask);
  });
}

CodeScale cpu::buildCodeScale(KernelBuilder &b, Value maximum, double maxCode) {
  // Not a number is not small.
  Value isSmall = arith::CmpFOp::create(b, arith::CmpFPredicate::OLE, maximum,
                                        b.real(1e-30));
  auto unlessSmall = [&](Value value) -> Value {
    return arith::SelectOp::create(b, isSmall, b.real(0.0), value);
  };
  return {unlessSmall(b.mulf(maximum, b.real(1 / maxCode))),
          unlessSmall(b.divf(b.real(maxCode), maximum))};
}

void StoredRow::storeCodes(KernelBuilder &b, Value source, ArrayRef<Index> from,
                           Value target, ArrayRef<Index> to) const {
  auto largest = [&](Value old, Index channel, Value mask) -> Value {
    Value size =
        math::AbsFOp::create(b, b.load(source, join(from, channel), mask));
    return arith::MaximumFOp::create(b, old, size);
  };
  int64_t lanes = b.lanes(), even = channels - channels % lanes;
  Value most =
      b.loop(0, even, lanes, b.splat(0.0), [&](Value channel, ValueRange old) {
        return KernelBuilder::Values{largest(old[0], channel, {})};
      })[0];
  if (even < channels)
    most = largest(most, even, b.tailMask(channels - even));
  Value maximum =
      vector::ReductionOp::create(b, vector::CombiningKind::MAXIMUMF, most);

  auto [scale, oneByScale] = buildCodeScale(b, maximum, kMaxCode);
  Value inverse = b.broadcast(oneByScale);
  forVectors(b, [&](Index channel, Value mask) {
    Value vector = b.load(source, join(from, channel), mask);
    Value nearest = math::RoundEvenOp::create(b, b.mulf(vector, inverse));
    Value word =
        arith::FPToSIOp::create(b, b.vectorType(b.getI32Type()), nearest);
    Value codes = arith::TruncIOp::create(b, b.vectorType(element), word);
    b.store(codes, target, join(to, channel), mask);
  });
  Value bytes = vector::BitCastOp::create(
      b, b.vectorType(element, kScaleBytes),
      b.broadcast(scale, b.vectorType(b.getF32Type(), 1)));
  b.store(bytes, target, join(to, channels));
}
