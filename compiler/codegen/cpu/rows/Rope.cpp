//===- Rope.cpp - Kernels of families rope_table and rope -----------------===//
//
// The table is made in f64, where position times frequency keeps its digits.
// The rotation reads both channels of a pair before it writes them, so that it
// may work in place. Where the result is stored otherwise than in f32, a token
// is rotated in scratch first.
//
//===----------------------------------------------------------------------===//

#include "compiler/codegen/cpu/KernelEmitter.h"
#include "compiler/codegen/cpu/math/Elementary.h"
#include "compiler/codegen/cpu/rows/StoredRow.h"
#include "dialects/weft/kinds/Kinds.h"

using namespace mlir;
using namespace weft;
using namespace weft::cpu;

using Index = KernelBuilder::Index;

//===----------------------------------------------------------------------===//
// rope_table
//===----------------------------------------------------------------------===//

static LogicalResult emitRopeTable(program::KernelOp, KernelBuilder &b) {
  FailureOr<int64_t> pairs = b.requireInt("r");
  if (failed(pairs))
    return failure();
  int64_t lanes = b.lanes() / 2; // of f64
  VectorType wide = b.vectorType(b.getF64Type(), lanes);
  VectorType narrow = b.vectorType(b.getF32Type(), lanes);
  Value magnitude = b.real(b.getFloat("magnitude", 1.0), wide);

  b.forTasks([&](Value token) {
    Value position = arith::IndexCastOp::create(b, b.getI64Type(),
                                                b.add(token, b.scalar(1)));
    position = arith::SIToFPOp::create(b, b.getF64Type(), position);
    position = b.broadcast(position, wide);
    auto emitVector = [&](Value r, Value mask) {
      Value angle = b.mulf(position, b.load(b.buffer(0), {r}, mask, wide));
      Value parts[] = {buildCos(b, angle), buildSin(b, angle)};
      for (auto [i, part] : llvm::enumerate(parts)) {
        Value scaled =
            arith::TruncFOp::create(b, narrow, b.mulf(part, magnitude));
        b.store(scaled, b.buffer(1), {token, int64_t(i), r}, mask);
      }
    };
    int64_t even = *pairs - *pairs % lanes;
    b.loop(0, even, lanes, [&](Value r) { emitVector(r, {}); });
    if (even < *pairs)
      emitVector(b.index(even), b.tailMask(*pairs - even, lanes));
  });
  return success();
}

//===----------------------------------------------------------------------===//
// rope
//===----------------------------------------------------------------------===//

namespace {

class RopeEmitter {
public:
  RopeEmitter(KernelBuilder &b, RopePairing pairing, int64_t heads,
              int64_t channels, int64_t pairs, StoredRow row)
      : b(b), pairing(pairing), heads(heads), channels(channels), pairs(pairs),
        row(row), out(b.buffer(2)) {
    if (!row.isPlain())
      out = b.scratch({1, 1, heads, channels}, b.getF32Type());
  }

  void emitToken(Value batch, Value token);

private:
  /// Where a number of the result goes, in `out`.
  SmallVector<Index> at(Value batch, Value token, Value head, Index channel) {
    if (row.isPlain())
      return {batch, token, head, channel};
    return {0, 0, head, channel};
  }
  /// Rotates the pairs [r, r + lanes) of every head of a token.
  void emitHalf(Value batch, Value token, Value r, Value mask);
  void emitAdjacent(Value batch, Value token, Value r);
  void emitAdjacentPair(Value batch, Value token, Value r);
  void copyRest(Value batch, Value token);
  std::pair<Value, Value> rotate(Value x, Value y, Value cos, Value sin);

  KernelBuilder &b;
  RopePairing pairing;
  int64_t heads, channels, pairs;
  StoredRow row;
  Value out; ///< f32: the result, or a token of it in scratch.
};

} // namespace

std::pair<Value, Value> RopeEmitter::rotate(Value x, Value y, Value cos,
                                            Value sin) {
  Value minus = arith::NegFOp::create(b, b.mulf(y, sin));
  return {b.fma(x, cos, minus), b.fma(x, sin, b.mulf(y, cos))};
}

void RopeEmitter::emitHalf(Value batch, Value token, Value r, Value mask) {
  Value cos = b.load(b.buffer(1), {token, 0, r}, mask);
  Value sin = b.load(b.buffer(1), {token, 1, r}, mask);
  b.loop(0, heads, 1, [&](Value head) {
    Value x = b.load(b.buffer(0), {batch, token, head, r}, mask);
    Value y = b.load(b.buffer(0), {batch, token, head, b.add(r, pairs)}, mask);
    auto [first, second] = rotate(x, y, cos, sin);
    b.store(first, out, at(batch, token, head, r), mask);
    b.store(second, out, at(batch, token, head, b.add(r, pairs)), mask);
  });
}

void RopeEmitter::emitAdjacent(Value batch, Value token, Value r) {
  Value cos = b.load(b.buffer(1), {token, 0, r});
  Value sin = b.load(b.buffer(1), {token, 1, r});
  int64_t lanes = b.lanes();
  SmallVector<int64_t> even, odd, low, high;
  for (int64_t i = 0; i < lanes; ++i) {
    even.push_back(2 * i);
    odd.push_back(2 * i + 1);
    low.push_back(i / 2 + (i % 2) * lanes);
    high.push_back((i + lanes) / 2 + (i % 2) * lanes);
  }
  Value channel = b.mul(r, 2), next = b.add(channel, lanes);
  b.loop(0, heads, 1, [&](Value head) {
    Value low2 = b.load(b.buffer(0), {batch, token, head, channel});
    Value high2 = b.load(b.buffer(0), {batch, token, head, next});
    auto [first, second] = rotate(b.shuffle(low2, high2, even),
                                  b.shuffle(low2, high2, odd), cos, sin);
    b.store(b.shuffle(first, second, low), out,
            at(batch, token, head, channel));
    b.store(b.shuffle(first, second, high), out, at(batch, token, head, next));
  });
}

void RopeEmitter::emitAdjacentPair(Value batch, Value token, Value r) {
  Value cos = b.loadScalar(b.buffer(1), {token, 0, r});
  Value sin = b.loadScalar(b.buffer(1), {token, 1, r});
  Value channel = b.mul(r, 2), next = b.add(channel, 1);
  b.loop(0, heads, 1, [&](Value head) {
    Value x = b.loadScalar(b.buffer(0), {batch, token, head, channel});
    Value y = b.loadScalar(b.buffer(0), {batch, token, head, next});
    auto [first, second] = rotate(x, y, cos, sin);
    b.storeScalar(first, out, at(batch, token, head, channel));
    b.storeScalar(second, out, at(batch, token, head, next));
  });
}

void RopeEmitter::copyRest(Value batch, Value token) {
  int64_t lanes = b.lanes();
  b.loop(0, heads, 1, [&](Value head) {
    for (int64_t c = 2 * pairs; c < channels; c += lanes) {
      Value mask = c + lanes <= channels ? Value() : b.tailMask(channels - c);
      b.store(b.load(b.buffer(0), {batch, token, head, c}, mask), out,
              at(batch, token, head, c), mask);
    }
  });
}

void RopeEmitter::emitToken(Value batch, Value token) {
  int64_t lanes = b.lanes(), even = pairs - pairs % lanes;
  if (pairing == RopePairing::Half) {
    b.loop(0, even, lanes, [&](Value r) { emitHalf(batch, token, r, {}); });
    if (even < pairs)
      emitHalf(batch, token, b.index(even), b.tailMask(pairs - even));
  } else {
    b.loop(0, even, lanes, [&](Value r) { emitAdjacent(batch, token, r); });
    b.loop(even, pairs, 1, [&](Value r) { emitAdjacentPair(batch, token, r); });
  }
  if (2 * pairs < channels)
    copyRest(batch, token);
  if (!row.isPlain())
    b.loop(0, heads, 1, [&](Value head) {
      row.store(b, out, {0, 0, head}, b.buffer(2), {batch, token, head});
    });
}

static LogicalResult emitRope(program::KernelOp kernel, KernelBuilder &b) {
  auto pairing = b.get<RopePairingAttr>("pairing");
  if (!pairing)
    return kernel.emitOpError("expected a rope pairing in 'pairing'");
  FailureOr<int64_t> heads = b.requireInt("h"), channels = b.requireInt("d"),
                     pairs = b.requireInt("r");
  if (failed(heads) || failed(channels) || failed(pairs))
    return failure();
  FailureOr<StoredRow> row = StoredRow::read(b, 2, *channels);
  if (failed(row))
    return failure();
  b.getFunction()->setAttr("program.aliased", b.getUnitAttr());
  RopeEmitter emitter(b, pairing.getValue(), *heads, *channels, *pairs, *row);
  b.forTasks([&](Value task) {
    Value tokens = b.scalar(1);
    emitter.emitToken(b.div(task, tokens), b.rem(task, tokens));
  });
  return success();
}

static RegisterKernelEmitter ropeTable("rope_table", emitRopeTable);
static RegisterKernelEmitter rope("rope", emitRope);
