//===- ByteDot.cpp - Sums of products of four bytes at a time -------------===//

#include "compiler/codegen/cpu/linear/ByteDot.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace weft;
using namespace weft::cpu;

static VectorType getPairs(KernelBuilder &b) {
  return b.vectorType(b.getI16Type(), 2 * b.lanes());
}

/// Products of neighbouring i16, two in each lane of i32, added up.
static Value multiplyPairs(KernelBuilder &b, Value x, Value y) {
  StringRef name = b.lanes() == 16 ? "llvm.x86.avx512.pmaddw.d.512"
                                   : "llvm.x86.avx2.pmadd.wd";
  return b.intrinsic(name, b.vectorType(b.getI32Type()), {x, y});
}

static Value toBytes(KernelBuilder &b, Value words) {
  VectorType bytes = b.vectorType(b.getI8Type(), 4 * b.lanes());
  return vector::BitCastOp::create(b, bytes, words);
}

ByteDot::Operand ByteDot::prepareUnsigned(Value bytes) {
  if (isOne)
    return {bytes};
  VectorType i16 = getPairs(b);
  Value pairs = vector::BitCastOp::create(b, i16, bytes);
  return {arith::AndIOp::create(b, pairs, b.integer(255, i16)),
          arith::ShRUIOp::create(b, pairs, b.integer(8, i16))};
}

ByteDot::Operand ByteDot::prepareSigned(Value bytes) {
  if (isOne)
    return {bytes};
  VectorType i16 = getPairs(b);
  Value pairs = vector::BitCastOp::create(b, i16, bytes);
  Value eight = b.integer(8, i16);
  Value even = arith::ShLIOp::create(b, pairs, eight);
  return {arith::ShRSIOp::create(b, even, eight),
          arith::ShRSIOp::create(b, pairs, eight)};
}

Value ByteDot::add(Value sums, const Operand &unsignedBytes,
                   const Operand &signedBytes) {
  if (isOne)
    return b.intrinsic(
        "llvm.x86.avx512.vpdpbusd.512", b.vectorType(b.getI32Type()),
        {sums, toBytes(b, unsignedBytes[0]), toBytes(b, signedBytes[0])});
  for (int64_t i = 0; i < 2; ++i)
    sums = arith::AddIOp::create(
        b, sums, multiplyPairs(b, unsignedBytes[i], signedBytes[i]));
  return sums;
}

// A sum of two products is at most 2 * 127 * most.
GroupDot::GroupDot(KernelBuilder &b, int64_t most)
    : b(b), dot(b),
      mostNarrow(dot.hasInstruction() ? 0 : 32767 / (2 * 127 * most)) {}

GroupDot::Operand GroupDot::prepareUnsigned(Value bytes) {
  return mostNarrow ? Operand{toBytes(b, bytes)} : dot.prepareUnsigned(bytes);
}

GroupDot::Operand GroupDot::prepareSigned(Value bytes) {
  return mostNarrow ? Operand{toBytes(b, bytes)} : dot.prepareSigned(bytes);
}

void GroupDot::add(Sum &sum, const Operand &unsignedBytes,
                   const Operand &signedBytes) {
  if (!mostNarrow) {
    sum.wide = dot.add(sum.wide, unsignedBytes, signedBytes);
    return;
  }
  StringRef name = b.lanes() == 16 ? "llvm.x86.avx512.pmaddubs.w.512"
                                   : "llvm.x86.avx2.pmadd.ub.sw";
  Value pairs =
      b.intrinsic(name, getPairs(b), {unsignedBytes[0], signedBytes[0]});
  sum.narrow = sum.narrow ? arith::AddIOp::create(b, sum.narrow, pairs) : pairs;
  if (++sum.count == mostNarrow)
    finish(sum);
}

Value GroupDot::finish(Sum &sum) {
  if (sum.narrow) {
    Value pairs = multiplyPairs(b, sum.narrow, b.integer(1, getPairs(b)));
    sum.wide = arith::AddIOp::create(b, sum.wide, pairs);
    sum.narrow = {};
    sum.count = 0;
  }
  return sum.wide;
}
