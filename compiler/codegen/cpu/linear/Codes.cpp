//===- Codes.cpp - Packed codes as vectors of f32 -------------------------===//

#include "compiler/codegen/cpu/linear/Codes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace weft;
using namespace weft::cpu;

CodeReader::CodeReader(KernelBuilder &b, program::PanelsAttr layout)
    : b(b), codeBits(layout.getCodeBits()),
      perWord(cpu::getCodesPerWord(layout)), zeroCode(layout.getZeroCode()),
      useTable(codeBits == 4 && b.getLevel().has("avx512f")), layout(layout) {
  if (!useTable)
    return;
  SmallVector<float> numbers;
  for (int64_t code = 0; code < 16; ++code)
    numbers.push_back(code - zeroCode);
  table = arith::ConstantOp::create(
      b, DenseElementsAttr::get(b.vectorType(), ArrayRef<float>(numbers)));
}

Value CodeReader::lookUp(Value words, int64_t shift) {
  Value index = words;
  if (shift)
    index = arith::ShRUIOp::create(b, words, b.integer(shift, words.getType()));
  return b.intrinsic("llvm.x86.avx512.permvar.sf.512", b.vectorType(),
                     {table, index});
}

/// Appends the f32 of each byte of a word, lowest first.
void CodeReader::readBytes(Value words, SmallVectorImpl<Value> &codes) {
  int64_t lanes = b.lanes();
  VectorType bytes = b.vectorType(b.getI8Type(), 4 * lanes);
  Value split = vector::BitCastOp::create(b, bytes, words);
  if (zeroCode)
    split = arith::SubIOp::create(b, split, b.integer(int8_t(zeroCode), bytes));
  Value zeros = b.integer(0, bytes);
  for (int64_t t = 0; t < 4; ++t) {
    SmallVector<int64_t> order;
    for (int64_t lane = 0; lane < lanes; ++lane)
      order.append({4 * lanes, 4 * lanes, 4 * lanes, 4 * lane + t});
    Value top = vector::BitCastOp::create(b, b.vectorType(b.getI32Type()),
                                          b.shuffle(split, zeros, order));
    codes.push_back(arith::SIToFPOp::create(b, b.vectorType(), top));
  }
}

SmallVector<Value> CodeReader::read(Value words) {
  SmallVector<Value> codes;
  if (useTable) {
    for (int64_t k = 0; k < perWord; ++k)
      codes.push_back(lookUp(words, getCodeShift(layout, k)));
    return codes;
  }
  if (codeBits == 8) {
    readBytes(words, codes);
    return codes;
  }
  Value low = b.integer(0x0F0F0F0F, words.getType());
  readBytes(arith::AndIOp::create(b, words, low), codes);
  Value high = arith::ShRUIOp::create(b, words, b.integer(4, words.getType()));
  readBytes(arith::AndIOp::create(b, high, low), codes);
  return codes;
}

Value cpu::loadGroup(KernelBuilder &b, Value part, Value group,
                     KernelBuilder::Index column, double factor) {
  Value value = toF32(b, b.load(part, {group, column}));
  return factor == 1 ? value : b.mulf(value, b.splat(factor));
}
