//===- KernelBuilderVectors.cpp - Memory and vectors ----------------------===//

#include "compiler/codegen/cpu/KernelBuilder.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;
using namespace weft;
using namespace weft::cpu;

static SmallVector<Value> toValues(KernelBuilder &b,
                                   ArrayRef<KernelBuilder::Index> at) {
  SmallVector<Value> values;
  for (const KernelBuilder::Index &i : at)
    values.push_back(b.index(i));
  return values;
}

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

Value KernelBuilder::load(Value buffer, ArrayRef<Index> at, Value mask,
                          VectorType type) {
  Type element = cast<MemRefType>(buffer.getType()).getElementType();
  if (!type)
    type = vectorType(element);
  if (!mask)
    return vector::LoadOp::create(*this, type, buffer, toValues(*this, at));
  Value zero = isa<FloatType>(element) ? real(0, type) : integer(0, type);
  return vector::MaskedLoadOp::create(*this, type, buffer, toValues(*this, at),
                                      mask, zero);
}

void KernelBuilder::store(Value vector, Value buffer, ArrayRef<Index> at,
                          Value mask) {
  if (mask)
    vector::MaskedStoreOp::create(*this, buffer, toValues(*this, at), mask,
                                  vector);
  else
    vector::StoreOp::create(*this, vector, buffer, toValues(*this, at));
}

Value KernelBuilder::loadScalar(Value buffer, ArrayRef<Index> at) {
  return memref::LoadOp::create(*this, buffer, toValues(*this, at));
}

void KernelBuilder::storeScalar(Value value, Value buffer, ArrayRef<Index> at) {
  memref::StoreOp::create(*this, value, buffer, toValues(*this, at));
}

Value KernelBuilder::loadBroadcast(Value buffer, ArrayRef<Index> at) {
  return broadcast(loadScalar(buffer, at));
}

Value KernelBuilder::tailMask(Index count, int64_t lanes) {
  return vector::CreateMaskOp::create(*this, vectorType(getI1Type(), lanes),
                                      ValueRange{index(count)});
}

void KernelBuilder::prefetch(Value buffer, ArrayRef<Index> at,
                             unsigned locality) {
  memref::PrefetchOp::create(*this, buffer, toValues(*this, at),
                             /*isWrite=*/false, locality,
                             /*isDataCache=*/true);
}

Value KernelBuilder::view(Value bytes, Index at, MemRefType type) {
  return memref::ViewOp::create(*this, type, bytes, index(at), ValueRange());
}

//===----------------------------------------------------------------------===//
// Arithmetic
//===----------------------------------------------------------------------===//

Value KernelBuilder::addf(Value a, Value b) {
  return arith::AddFOp::create(*this, a, b);
}
Value KernelBuilder::subf(Value a, Value b) {
  return arith::SubFOp::create(*this, a, b);
}
Value KernelBuilder::mulf(Value a, Value b) {
  return arith::MulFOp::create(*this, a, b);
}
Value KernelBuilder::divf(Value a, Value b) {
  return arith::DivFOp::create(*this, a, b);
}
Value KernelBuilder::maxf(Value a, Value b) {
  return arith::MaxNumFOp::create(*this, a, b);
}
Value KernelBuilder::fma(Value a, Value b, Value c) {
  return math::FmaOp::create(*this, a, b, c);
}

Value KernelBuilder::broadcast(Value scalar, VectorType type) {
  if (!type)
    type = vectorType(scalar.getType());
  return vector::BroadcastOp::create(*this, type, scalar);
}

Value KernelBuilder::shuffle(Value a, Value b, ArrayRef<int64_t> lanes) {
  return vector::ShuffleOp::create(*this, a, b, lanes);
}

Value KernelBuilder::reduce(Value vector,
                            function_ref<Value(Value, Value)> combine) {
  int64_t width = cast<VectorType>(vector.getType()).getNumElements();
  for (; width > 1; width /= 2) {
    SmallVector<int64_t> low, high;
    for (int64_t i = 0; i < width / 2; ++i) {
      low.push_back(i);
      high.push_back(width / 2 + i);
    }
    vector =
        combine(shuffle(vector, vector, low), shuffle(vector, vector, high));
  }
  return vector::ExtractOp::create(*this, vector, int64_t(0));
}

Value KernelBuilder::reduceAdd(Value vector) {
  return reduce(vector, [&](Value a, Value b) { return addf(a, b); });
}

Value KernelBuilder::reduceMax(Value vector) {
  return reduce(vector, [&](Value a, Value b) { return maxf(a, b); });
}

Value KernelBuilder::intrinsic(StringRef name, Type result,
                               ValueRange operands) {
  return LLVM::CallIntrinsicOp::create(*this, result, getStringAttr(name),
                                       operands)
      .getResult(0);
}
