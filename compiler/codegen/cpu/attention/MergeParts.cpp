//===- MergeParts.cpp - Kernels of family merge ---------------------------===//
//
// Joins attention over parts of the keys by their log-sum-exp. A task has the
// tokens of a head: the shares of the parts are computed with tokens in lanes,
// as the lse lie, then each row is summed up with its channels in lanes.
//
//===----------------------------------------------------------------------===//

#include "compiler/codegen/cpu/KernelEmitter.h"
#include "compiler/codegen/cpu/math/Elementary.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace weft;
using namespace weft::cpu;

namespace {

using Values = KernelBuilder::Values;

class PartsEmitter {
public:
  PartsEmitter(KernelBuilder &b, int64_t parts, int64_t heads, int64_t channels,
               int64_t tokensPerTask)
      : b(b), parts(parts), heads(heads), channels(channels),
        tokensPerTask(tokensPerTask), out(b.buffer(2 * parts)),
        outLse(b.buffer(2 * parts + 1)),
        shares(b.scratch({parts, b.lanes()}, b.getF32Type())) {}

  void emitTask(Value task);

private:
  /// The shares of the tokens [first, first + lanes), and their lse.
  void emitShares(Value first, Value inside);
  void emitRow(Value token, Value lane);

  KernelBuilder &b;
  int64_t parts, heads, channels, tokensPerTask;
  Value out, outLse, shares;
  Value batch, head;
};

} // namespace

void PartsEmitter::emitTask(Value task) {
  Value blocks = b.ceilDiv(b.scalar(1), tokensPerTask);
  Value batchHead = b.div(task, blocks);
  head = b.rem(batchHead, heads);
  batch = b.div(batchHead, heads);
  Value begin = b.mul(b.rem(task, blocks), tokensPerTask);
  Value end = b.min(b.add(begin, tokensPerTask), b.scalar(1));
  b.loop(begin, end, b.lanes(), [&](Value first) {
    Value count = b.min(b.sub(end, first), b.lanes());
    emitShares(first, b.tailMask(count));
    b.loop(0, count, 1, [&](Value lane) { emitRow(b.add(first, lane), lane); });
  });
}

void PartsEmitter::emitShares(Value first, Value inside) {
  Values lses, terms;
  Value lowest = b.splat(-std::numeric_limits<double>::infinity());
  Value maximum, sum, zero = b.splat(0.0);
  for (int64_t p = 0; p < parts; ++p) {
    lses.push_back(b.load(b.buffer(parts + p), {batch, head, first}, inside));
    maximum =
        maximum ? arith::MaximumFOp::create(b, maximum, lses[p]) : lses[p];
  }
  // Without a key in any part all shares are zero.
  Value empty =
      arith::CmpFOp::create(b, arith::CmpFPredicate::OEQ, maximum, lowest);
  for (Value lse : lses) {
    Value share = buildExp(b, b.subf(lse, maximum));
    terms.push_back(arith::SelectOp::create(b, empty, zero, share));
    sum = sum ? b.addf(sum, terms.back()) : terms.back();
  }
  b.store(b.addf(maximum, buildLog(b, sum)), outLse, {batch, head, first},
          inside);
  Value factor =
      arith::SelectOp::create(b, empty, zero, b.divf(b.splat(1.0), sum));
  for (int64_t p = 0; p < parts; ++p)
    b.store(b.mulf(terms[p], factor), shares, {p, 0});
}

void PartsEmitter::emitRow(Value token, Value lane) {
  Values weights;
  for (int64_t p = 0; p < parts; ++p)
    weights.push_back(b.loadBroadcast(shares, {p, lane}));
  auto emitVector = [&](Value channel, Value mask) {
    Value acc;
    for (int64_t p = 0; p < parts; ++p) {
      Value part = b.load(b.buffer(p), {batch, token, head, channel}, mask);
      acc = acc ? b.fma(part, weights[p], acc) : b.mulf(part, weights[p]);
    }
    b.store(acc, out, {batch, token, head, channel}, mask);
  };
  int64_t lanes = b.lanes(), even = channels - channels % lanes;
  b.loop(0, even, lanes, [&](Value channel) { emitVector(channel, Value()); });
  if (even < channels)
    emitVector(b.index(even), b.tailMask(channels - even));
}

static LogicalResult emitMergeParts(program::KernelOp kernel,
                                    KernelBuilder &b) {
  FailureOr<int64_t> parts = b.requireInt("parts"), heads = b.requireInt("h"),
                     channels = b.requireInt("e"),
                     tokensPerTask = b.requireInt("tokens_per_task");
  if (failed(parts) || failed(heads) || failed(channels) ||
      failed(tokensPerTask))
    return failure();
  if (int64_t(b.getNumBuffers()) != 2 * *parts + 2 || kernel.getScalars() != 2)
    return kernel.emitOpError()
           << "expected " << 2 * *parts + 2
           << " operands and 2 scalars but got " << b.getNumBuffers() << " and "
           << kernel.getScalars();
  PartsEmitter emitter(b, *parts, *heads, *channels, *tokensPerTask);
  b.forTasks([&](Value task) { emitter.emitTask(task); });
  return success();
}

static RegisterKernelEmitter mergeParts("merge", emitMergeParts);
