//===- BlocksMask.cpp - A list of blocks of keys for each block -----------===//

#include "dialects/weft/kinds/Builders.h"
#include "dialects/weft/kinds/Kinds.h"

using namespace mlir;
using namespace weft;

LogicalResult
BlocksMaskAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                       int64_t size, ArrayAttr lists) {
  if (size < 1)
    return emitError() << "expected blocks of at least 1 token but got "
                       << size;
  for (Attribute list : lists) {
    auto blocks = dyn_cast<ArrayAttr>(list);
    if (!blocks || !llvm::all_of(blocks, llvm::IsaPred<IntegerAttr>))
      return emitError() << "expected lists of numbers of blocks but got "
                         << list;
  }
  return success();
}

/// Bits of a word: numbers of 32 bits hold them without a sign.
static constexpr int64_t kBits = 31;

/// Of the blocks that a list names, those of word `word`, a bit each.
static int64_t getWord(ArrayAttr list, int64_t word) {
  int64_t bits = 0;
  for (Attribute block : list) {
    int64_t number = cast<IntegerAttr>(block).getInt();
    if (number >= 0 && number / kBits == word)
      bits |= int64_t(1) << number % kBits;
  }
  return bits;
}

static int64_t countWords(ArrayAttr lists) {
  int64_t last = -1;
  for (Attribute list : lists)
    for (Attribute block : cast<ArrayAttr>(list))
      last = std::max(last, cast<IntegerAttr>(block).getInt());
  return last / kBits + 1;
}

// The query's block alone decides on the words, so that they are found once for
// all keys; a key, or a range of them, is looked up in a few operations.
Value BlocksMaskAttr::buildAllowed(ImplicitLocOpBuilder &b, Value i, Value j,
                                   Value) const {
  Type type = i.getType();
  auto number = [&](int64_t value) { return buildIndex(b, type, value); };
  auto equals = [&](Value x, int64_t value) -> Value {
    return arith::CmpIOp::create(b, arith::CmpIPredicate::eq, x, number(value));
  };
  Value query = arith::DivSIOp::create(b, i, number(getSize()));
  Value key = arith::DivSIOp::create(b, j, number(getSize()));
  Value keyWord = arith::DivSIOp::create(b, key, number(kBits));
  Value keyBit = arith::RemSIOp::create(b, key, number(kBits));
  Value allowed = arith::CmpIOp::create(b, arith::CmpIPredicate::slt, query,
                                        number(0)); // Of none.
  for (int64_t word = 0, end = countWords(getLists()); word < end; ++word) {
    Value bits = number(0);
    for (auto [row, list] : llvm::enumerate(getLists()))
      if (int64_t listed = getWord(cast<ArrayAttr>(list), word))
        bits = arith::SelectOp::create(b, equals(query, row), number(listed),
                                       bits);
    Value shifted = arith::ShRUIOp::create(b, bits, keyBit);
    Value bit = arith::AndIOp::create(b, shifted, number(1));
    Value isListed =
        arith::AndIOp::create(b, equals(keyWord, word), equals(bit, 1));
    allowed = arith::OrIOp::create(b, allowed, isListed);
  }
  return allowed;
}
