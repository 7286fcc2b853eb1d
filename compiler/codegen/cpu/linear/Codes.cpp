//===- Codes.cpp - Packed codes as vectors of f32 -------------------------===//

#include "compiler/codegen/cpu/linear/Codes.h"
#include "dialects/program/layouts/BlockPanels.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace weft;
using namespace weft::cpu;

CodeReader::CodeReader(KernelBuilder &b, program::PanelsAttr layout)
    : b(b), codeBits(layout.getCodeBits()), highBits(getHighBits(layout)),
      zeroCode(layout.getZeroCode()),
      unit(highBits ? 32 / highBits : getCodesPerWord(layout)),
      useTable(codeBits + highBits == 4 && b.getLevel().has("avx512f")) {
  if (!useTable)
    return;
  SmallVector<float> numbers;
  for (int64_t code = 0; code < 16; ++code)
    numbers.push_back(code - zeroCode);
  table = arith::ConstantOp::create(
      b, DenseElementsAttr::get(b.vectorType(), ArrayRef<float>(numbers)));
}

CodeReader::Words CodeReader::load(const Panel &panel, Value number,
                                   KernelBuilder::Index column) {
  Words words;
  int64_t count = unit * codeBits / 32;
  Value first = b.mul(number, count);
  for (int64_t i = 0; i < count; ++i)
    words.codes.push_back(b.load(panel.codes, {b.add(first, i), column}));
  if (highBits)
    words.high = b.load(panel.highBits, {number, column});
  return words;
}

Value CodeReader::shiftRight(Value words, int64_t shift) {
  Type type = words.getType();
  if (shift < 0)
    return arith::ShLIOp::create(b, words, b.integer(-shift, type));
  return shift ? arith::ShRUIOp::create(b, words, b.integer(shift, type))
               : words;
}

Value CodeReader::lookUp(Value words, int64_t shift) {
  return b.intrinsic("llvm.x86.avx512.permvar.sf.512", b.vectorType(),
                     {table, shiftRight(words, shift)});
}

Value CodeReader::readBytes(const Words &words, int64_t quad) {
  if (codeBits == 8)
    return words.codes[quad];
  auto mask = [&](Value words, int64_t byte) -> Value {
    return arith::AndIOp::create(b, words,
                                 b.integer(byte * 0x01010101, words.getType()));
  };
  Value low = mask(shiftRight(words.codes[quad / 2], quad % 2 * 4), 15);
  if (!highBits)
    return low;
  Value high = shiftRight(words.high, highBits * quad - 4);
  return arith::OrIOp::create(b, low, mask(high, ((1 << highBits) - 1) << 4));
}

/// The f32 of each byte of a word, lowest first.
SmallVector<Value, 4> CodeReader::convertBytes(Value words) {
  int64_t lanes = b.lanes();
  VectorType bytes = b.vectorType(b.getI8Type(), 4 * lanes);
  Value split = vector::BitCastOp::create(b, bytes, words);
  if (zeroCode)
    split = arith::SubIOp::create(b, split, b.integer(int8_t(zeroCode), bytes));
  Value zeros = b.integer(0, bytes);
  SmallVector<Value, 4> codes;
  for (int64_t t = 0; t < 4; ++t) {
    SmallVector<int64_t> order;
    for (int64_t lane = 0; lane < lanes; ++lane)
      order.append({4 * lanes, 4 * lanes, 4 * lanes, 4 * lane + t});
    Value top = vector::BitCastOp::create(b, b.vectorType(b.getI32Type()),
                                          b.shuffle(split, zeros, order));
    codes.push_back(arith::SIToFPOp::create(b, b.vectorType(), top));
  }
  return codes;
}

SmallVector<Value, 4> CodeReader::read(const Words &words, int64_t quad) {
  if (!useTable)
    return convertBytes(readBytes(words, quad));
  SmallVector<Value, 4> codes;
  for (int64_t t = 0; t < 4; ++t)
    codes.push_back(lookUp(words.codes[quad / 2], 8 * t + quad % 2 * 4));
  return codes;
}
