//===- TileWeights.cpp - Weights of attention on a matrix unit ------------===//
//
// Both halves of a row of weights become pairs of bf16 in registers. An
// exponential is made as bf16 at once: a score in octaves, times 256, is the
// exponent and eight bits of a mantissa as if 2^f were 1 + f. Both are joined
// before a table by the upper bits of f sets the mantissa right, for 32
// weights at once, whose halving rounds to the seven bits of bf16.
//
// Such weights refer to what was known before the batch. Numbers that do not
// fit, for scores far above it, not a number, or before the first key, set
// bits that those which fit do not have: then maxima of the batch are taken
// and all its weights are made again, as the normaliser says, of the scores
// that are still there.
//
//===----------------------------------------------------------------------===//

#include "compiler/codegen/cpu/VectorBlocks.h"
#include "compiler/codegen/cpu/attention/tiles/TileAttention.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace weft;
using namespace weft::cpu;

using Values = KernelBuilder::Values;

//===----------------------------------------------------------------------===//
// Exponentials as words of bf16
//===----------------------------------------------------------------------===//

/// Parts of an octave in a word, of which a bf16 has half, and the exponent of
/// 1.
static constexpr int64_t kParts = 256, kBias = 127;
/// Words are less by this, so that what the table adds is not negative.
static constexpr int64_t kShift = kParts / 8;
/// Octaves between a maximum and the reference: a weight reaches 2, so scores
/// may grow by one more.
static constexpr int64_t kSlack = 16;
/// 1.5 * 2^23: numbers added to it stand in the lower bits as integers.
static constexpr int64_t kMagic = 3 << 22;
static constexpr int32_t kMagicBits = 0x4b400000, kWordBits = 0x7fff;
/// References to which words are exact.
static constexpr double kMostReference = 1 << 14;

static constexpr double kPartsPerUnit = kParts / M_LN2;

/// For each 32nd of an octave, of words that are less by kShift, the mean of
/// 2^f - 1 - f in parts; half a part less, as a mean of words is rounded up.
static DenseElementsAttr getMantissas(VectorType words) {
  constexpr int64_t kEntries = 32, kSamples = kParts / kEntries;
  SmallVector<int16_t> table;
  for (int64_t entry = 0; entry < kEntries; ++entry) {
    double sum = 0;
    for (int64_t i = 0; i < kSamples; ++i) {
      double f = (entry * kSamples + i + kShift) % kParts / double(kParts);
      sum += std::exp2(f) - 1 - f;
    }
    table.push_back(std::lround(kParts * sum / kSamples - 0.5) + kShift);
  }
  return DenseElementsAttr::get(words, ArrayRef<int16_t>(table));
}

/// What a score in parts is added to, for its word; infinite where there is no
/// reference or where words would not be exact.
Value TileAttentionEmitter::buildWordOffset(Value reference) {
  Value offset = b.fma(reference, b.splat(-kPartsPerUnit),
                       b.splat(kMagic + kParts * kBias - kShift));
  Value near = arith::CmpFOp::create(b, arith::CmpFPredicate::OLT,
                                     math::AbsFOp::create(b, reference),
                                     b.splat(kMostReference));
  return arith::SelectOp::create(
      b, near, offset, b.splat(std::numeric_limits<double>::infinity()));
}

/// The word of each score, in the lower bits; lanes outside `pairs`, and less
/// than the least, have zero.
static Value buildWord(KernelBuilder &b, Value score, Value offset,
                       Value pairs) {
  Value zero = b.splat(kMagic);
  Value word = b.fma(score, b.splat(kPartsPerUnit), offset);
  // Not a number stays.
  Value below = arith::CmpFOp::create(b, arith::CmpFPredicate::OGT, zero, word);
  word = arith::SelectOp::create(b, below, zero, word);
  if (pairs)
    word = arith::SelectOp::create(b, pairs, word, zero);
  return arith::BitcastOp::create(b, b.vectorType(b.getI32Type()), word);
}

/// Words of two rows as pairs of bf16, a vector of i32.
static Value joinWords(KernelBuilder &b, Value even, Value odd, Value table) {
  VectorType wide = cast<VectorType>(even.getType());
  VectorType narrow = cast<VectorType>(table.getType());
  Value high = arith::ShLIOp::create(b, odd, b.integer(16, wide));
  // even & 0xffff | high, which LLVM would make a slower shuffle of.
  Value joined = b.intrinsic(
      "llvm.x86.avx512.pternlog.d.512", wide,
      {even, high, b.integer(0xffff, wide), b.integer(0xec, b.getI32Type())});
  Value words = vector::BitCastOp::create(b, narrow, joined);
  // The table is looked up by the lower five bits.
  Value entries = arith::ShRUIOp::create(b, words, b.integer(3, narrow));
  Value added =
      b.intrinsic("llvm.x86.avx512.permvar.hi.512", narrow, {table, entries});
  VectorType sums = narrow.clone(b.getI32Type());
  auto extend = [&](Value x) { return arith::ExtUIOp::create(b, sums, x); };
  Value sum = arith::AddIOp::create(b, extend(words), extend(added));
  sum = arith::AddIOp::create(b, sum, b.integer(1, sums));
  Value mean = arith::TruncIOp::create(
      b, narrow, arith::ShRUIOp::create(b, sum, b.integer(1, sums)));
  return vector::BitCastOp::create(b, wide, mean);
}

/// All bits of the words of each half are carried.
Values TileAttentionEmitter::weighWordRow(QueryBlock block, Value slot,
                                          Value query, bool isPartial,
                                          ValueRange carried) {
  VectorType narrow = b.vectorType(b.getIntegerType(16), 2 * lanes);
  Value table = arith::ConstantOp::create(b, getMantissas(narrow));
  Value row = b.add(getScoreRow(slot), query), words[2];
  Value offset = b.loadBroadcast(offsets, {query});
  Values next(carried);
  for (int64_t half = 0; half < 2; ++half) {
    Value score = b.load(scores, {block.number, row, half * lanes});
    words[half] = buildWord(
        b, score, offset, isPartial ? loadAllowed(block, row, half) : Value());
    next[half] = arith::OrIOp::create(b, next[half], words[half]);
  }
  b.store(joinWords(b, words[0], words[1], table), weights, {slot, query, 0});
  next[1] = unit.order(next[1]);
  return next;
}

/// The weights of a tile. Meanwhile the scores of the next one are stored, and
/// the unit multiplies the keys of the one after it.
Values TileAttentionEmitter::emitWordTile(QueryBlock block, Value slot,
                                          Value count, ValueRange carried) {
  constexpr int64_t kUnroll = 8;
  Value next = b.add(slot, 1), following = b.add(slot, 2);
  auto weighLast = [&](bool isPartial) {
    b.when(b.less(next, count), [&] { take(getScoreStores(block, next)); });
    return b.loop(0, width, kUnroll, carried, [&](Value query, ValueRange old) {
      Values bits(old);
      for (int64_t u = 0; u < kUnroll; ++u)
        bits = weighWordRow(block, slot, b.add(query, u), isPartial, bits);
      return bits;
    });
  };
  auto weighBesideUnit = [&](bool isPartial) {
    SmallVector<Step> list = getScoreStores(block, next);
    list.append(getProducts(block, following));
    Values bits(carried);
    int64_t done = 0, all = list.size();
    for (int64_t query = 0; query < width; ++query) {
      bits = weighWordRow(block, slot, b.index(query), isPartial, bits);
      for (; done < std::min(all, all * (query + 1) / (width - 2)); ++done)
        list[done]();
    }
    return bits;
  };
  return forPartial(block, slot, [&](bool isPartial) {
    return b.select(
        b.less(following, count), [&] { return weighBesideUnit(isPartial); },
        [&] { return weighLast(isPartial); });
  });
}

void TileAttentionEmitter::storeWordOffset(int64_t vector, Value reference) {
  b.store(buildWordOffset(reference), offsets, {vector * lanes});
}

/// Weights under references that are known before them; gives whether all of
/// them fit.
Value TileAttentionEmitter::emitWordBatch(QueryBlock block, Value count) {
  for (int64_t n = 0; n < tiling.vectors; ++n)
    storeWordOffset(n, b.load(maxima, {block.number, n * lanes}));
  makeScores(block, b.index(0));
  b.when(b.less(1, count), [&] { take(getProducts(block, b.index(1))); });
  finishScores(block, b.index(0));

  VectorType words = b.vectorType(b.getI32Type());
  Values carried(2, b.integer(0, words));
  // Not more at a time than a tile takes: they would have to wait.
  constexpr int64_t kMostRows = 4;
  Value rows = b.min(b.ceilDiv(width, count), kMostRows);
  carried = b.loop(0, count, 1, carried, [&](Value slot, ValueRange old) {
    startReferences(block, slot);
    Values bits = emitWordTile(block, slot, count, old);
    b.when(b.less(b.add(slot, 1), count),
           [&] { finishScores(block, b.add(slot, 1)); });
    Value row = b.mul(slot, rows);
    fetchRows(block, row, b.min(b.add(row, rows), width));
    return bits;
  });
  Value bits = carried[0];
  for (Value other : ArrayRef(carried).drop_front())
    bits = arith::OrIOp::create(b, bits, other);
  Value high = arith::AndIOp::create(
      b, bits, b.integer(~(kMagicBits | kWordBits), words));
  Value unfit = arith::CmpIOp::create(b, arith::CmpIPredicate::ne, high,
                                      b.integer(0, words));
  Value any = vector::ReductionOp::create(b, vector::CombiningKind::OR, unfit);
  return arith::XOrIOp::create(b, any, b.integer(1, any.getType()));
}

//===----------------------------------------------------------------------===//
// Weights as the normaliser says
//===----------------------------------------------------------------------===//

Values TileAttentionEmitter::emitTileMaxima(QueryBlock block, Value slot,
                                            ValueRange found) {
  Value lowest = a.normaliser.buildInit(b, b.vectorType()).max;
  auto getLargest = [&](int64_t query, bool isPartial) {
    Value row = b.add(getScoreRow(slot), query), largest = lowest;
    for (int64_t half = 0; half < 2; ++half)
      largest = a.buildMaximum(
          b, largest, b.load(scores, {block.number, row, half * lanes}),
          isPartial ? loadAllowed(block, row, half) : Value());
    return Values{largest};
  };
  auto larger = [&](Value x, Value y) {
    return a.buildMaximum(b, x, y, Value());
  };
  return forPartial(block, slot, [&](bool isPartial) {
    Values next;
    for (int64_t n = 0; n < tiling.vectors; ++n) {
      Values largest = reduceRows(
          b,
          [&](int64_t row) { return getLargest(n * lanes + row, isPartial); },
          larger);
      next.push_back(larger(found[n], largest[0]));
    }
    return next;
  });
}

/// The references that follow from maxima of the batch. That of an exponential
/// is a whole number of octaves, so that what was summed up is scaled exactly.
Values TileAttentionEmitter::raiseReferences(QueryBlock block,
                                             ValueRange found) {
  Values raised;
  for (int64_t n = 0; n < tiling.vectors; ++n) {
    Value old = b.load(maxima, {block.number, n * lanes}), next = found[n];
    if (usesWords) {
      Value octaves = math::CeilOp::create(b, b.mulf(next, b.splat(1 / M_LN2)));
      next = b.mulf(b.addf(octaves, b.splat(kSlack)), b.splat(M_LN2));
    }
    // Where no key was allowed the old one stays.
    Value lowest = a.normaliser.buildInit(b, b.vectorType()).max;
    Value above = arith::AndIOp::create(
        b, arith::CmpFOp::create(b, arith::CmpFPredicate::OGT, next, old),
        arith::CmpFOp::create(b, arith::CmpFPredicate::OGT, found[n], lowest));
    raised.push_back(arith::SelectOp::create(b, above, next, old));
  }
  return raised;
}

/// Numbers that are not negative as pairs of bf16, to the nearest.
static Value buildPairs(KernelBuilder &b, Value even, Value odd) {
  VectorType words = b.vectorType(b.getI32Type());
  auto round = [&](Value x) -> Value {
    return arith::AddIOp::create(b, arith::BitcastOp::create(b, words, x),
                                 b.integer(0x8000, words));
  };
  Value low = arith::ShRUIOp::create(b, round(even), b.integer(16, words));
  Value high = arith::AndIOp::create(b, round(odd),
                                     b.integer(int32_t(0xffff0000), words));
  return arith::OrIOp::create(b, low, high);
}

void TileAttentionEmitter::addToSums(QueryBlock block, int64_t vector,
                                     ValueRange parts) {
  Values added = reduceRows(
      b, [&](int64_t row) { return Values{parts[row]}; },
      [&](Value x, Value y) { return b.addf(x, y); });
  Value sum = b.load(sums, {block.number, vector * lanes});
  b.store(b.addf(sum, added[0]), sums, {block.number, vector * lanes});
}

void TileAttentionEmitter::emitTileWeights(QueryBlock block, Value slot,
                                           bool isPartial) {
  Value zero = b.splat(0.0);
  b.loop(0, width, 1, [&](Value query) {
    Value row = b.add(getScoreRow(slot), query), both[2], sum;
    Value reference =
        a.hasMaximum() ? b.loadBroadcast(offsets, {query}) : Value();
    if (sumsTerms())
      sum = b.load(parts, {query, 0});
    for (int64_t half = 0; half < 2; ++half) {
      Value score = b.load(scores, {block.number, row, half * lanes});
      both[half] = a.buildWeight(b, score, reference);
      if (isPartial)
        both[half] = arith::SelectOp::create(b, loadAllowed(block, row, half),
                                             both[half], zero);
      if (sum)
        sum = b.addf(sum, a.normaliser.buildTerm(b, both[half]));
    }
    if (sum)
      b.store(sum, parts, {query, 0});
    b.store(buildPairs(b, both[0], both[1]), weights, {slot, query, 0});
  });
}

/// Maxima of all tiles of a batch.
Values TileAttentionEmitter::emitMaxima(QueryBlock block, Value count) {
  Values init(tiling.vectors, a.normaliser.buildInit(b, b.vectorType()).max);
  return b.loop(0, count, 1, init, [&](Value slot, ValueRange old) {
    makeScores(block, slot);
    finishScores(block, slot);
    return emitTileMaxima(block, slot, old);
  });
}

void TileAttentionEmitter::emitBatchWeights(QueryBlock block, Value count) {
  if (a.hasMaximum()) {
    Values raised = raiseReferences(block, emitMaxima(block, count));
    Values references = emitReferences(block, raised);
    for (int64_t n = 0; n < tiling.vectors; ++n)
      b.store(references[n], offsets, {n * lanes});
  }
  if (sumsTerms())
    b.loop(0, width, 1,
           [&](Value query) { b.store(b.splat(0.0), parts, {query, 0}); });
  b.loop(0, count, 1, [&](Value slot) {
    makeScores(block, slot);
    finishScores(block, slot);
    forPartial(block, slot, [&](bool isPartial) {
      emitTileWeights(block, slot, isPartial);
      return Values();
    });
  });
  if (!sumsTerms())
    return;
  for (int64_t n = 0; n < tiling.vectors; ++n) {
    Values rows;
    for (int64_t r = 0; r < lanes; ++r)
      rows.push_back(b.load(parts, {n * lanes + r, 0}));
    addToSums(block, n, rows);
  }
}

/// Queries without a reference have one near the scores of the tile.
void TileAttentionEmitter::startReferences(QueryBlock block, Value slot) {
  Value lowest = a.normaliser.buildInit(b, b.vectorType()).max, any;
  Values old, missing;
  for (int64_t n = 0; n < tiling.vectors; ++n) {
    old.push_back(b.load(maxima, {block.number, n * lanes}));
    missing.push_back(
        arith::CmpFOp::create(b, arith::CmpFPredicate::OLE, old[n], lowest));
    any = any ? arith::OrIOp::create(b, any, missing[n]) : missing[n];
  }
  any = vector::ReductionOp::create(b, vector::CombiningKind::OR, any);
  b.when(any, [&] {
    Values found(tiling.vectors, lowest);
    found = raiseReferences(block, emitTileMaxima(block, slot, found));
    for (int64_t n = 0; n < tiling.vectors; ++n) {
      Value next = arith::SelectOp::create(b, missing[n], found[n], old[n]);
      b.store(next, maxima, {block.number, n * lanes});
      storeWordOffset(n, next);
    }
  });
}

void TileAttentionEmitter::emitWeights(QueryBlock block, Value count,
                                       ValueRange) {
  if (!usesWords)
    return emitBatchWeights(block, count);
  b.when(
      emitWordBatch(block, count), [] {},
      [&] { emitBatchWeights(block, count); });
}
