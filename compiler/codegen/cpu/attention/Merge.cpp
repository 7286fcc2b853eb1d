//===- Merge.cpp - Kernels of family attention_merge ----------------------===//
//
// Joins what attention_decode left of each slice, first slice first, by the law
// of normalisers with a maximum: weight(s, new) = weight(s, old) * weight(old,
// new).
//
//===----------------------------------------------------------------------===//

#include "compiler/codegen/cpu/KernelEmitter.h"
#include "compiler/codegen/cpu/math/Elementary.h"
#include "dialects/weft/kinds/Builders.h"
#include "dialects/weft/kinds/Kinds.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace weft;
using namespace weft::cpu;

namespace {

using Values = KernelBuilder::Values;

class MergeEmitter {
public:
  MergeEmitter(KernelBuilder &b, NormaliserAttrInterface normaliser,
               int64_t heads, int64_t channels)
      : b(b), normaliser(normaliser), heads(heads), channels(channels) {}

  void emitTask(Value task);

private:
  Value loadState(Value slice, int64_t at) {
    return b.loadScalar(b.buffer(0),
                        {batch, token, head, slice, channels + at});
  }
  bool hasMaximum() {
    return normaliser.getStateKind() == RowStateKind::MaxSum;
  }
  /// The largest maximum of a slice.
  Value emitMaximum();
  void emitChunks(int64_t from, int64_t count, Value reference, Value sum);

  KernelBuilder &b;
  NormaliserAttrInterface normaliser;
  int64_t heads, channels;
  Value batch, token, head;
};

} // namespace

Value MergeEmitter::emitMaximum() {
  Value init = normaliser.buildInit(b, b.getF32Type()).max;
  return b.loop(0, b.scalar(2), 1, init, [&](Value slice, ValueRange old) {
    Value next = loadState(slice, 0);
    Value above =
        arith::CmpFOp::create(b, arith::CmpFPredicate::OGT, next, old[0]);
    return Values{arith::SelectOp::create(b, above, next, old[0])};
  })[0];
}

void MergeEmitter::emitTask(Value task) {
  head = b.rem(task, heads);
  Value row = b.div(task, heads);
  token = b.rem(row, b.scalar(1));
  batch = b.div(row, b.scalar(1));

  Value maximum, reference, sum;
  if (hasMaximum()) {
    maximum = emitMaximum();
    Value empty =
        arith::CmpFOp::create(b, arith::CmpFPredicate::OEQ, maximum,
                              normaliser.buildInit(b, b.getF32Type()).max);
    reference = arith::SelectOp::create(b, empty, b.real(0.0), maximum);
  }
  if (normaliser.getStateKind() != RowStateKind::None)
    sum = b.loop(
        0, b.scalar(2), 1, b.real(0.0), [&](Value slice, ValueRange old) {
          Value part = loadState(slice, 1);
          if (reference)
            part = b.mulf(part, normaliser.buildWeight(b, loadState(slice, 0),
                                                       reference));
          return Values{b.addf(old[0], part)};
        })[0];

  constexpr int64_t kTile = 8;
  int64_t chunks = llvm::divideCeil(channels, b.lanes());
  for (int64_t from = 0; from < chunks; from += kTile)
    emitChunks(from, std::min(kTile, chunks - from), reference, sum);
  if (b.has("lse"))
    b.storeScalar(b.addf(maximum, buildLog(b, sum)), b.buffer(2),
                  {batch, head, token});
}

void MergeEmitter::emitChunks(int64_t from, int64_t count, Value reference,
                              Value sum) {
  int64_t lanes = b.lanes();
  auto mask = [&](int64_t c) {
    int64_t left = channels - (from + c) * lanes;
    return left < lanes ? b.tailMask(left) : Value();
  };
  Values acc(count, b.splat(0.0));
  acc = b.loop(0, b.scalar(2), 1, acc, [&](Value slice, ValueRange old) {
    Value factor;
    if (reference)
      factor = b.broadcast(
          normaliser.buildWeight(b, loadState(slice, 0), reference));
    Values next;
    for (int64_t c = 0; c < count; ++c) {
      Value part =
          b.load(b.buffer(0), {batch, token, head, slice, (from + c) * lanes},
                 mask(c));
      next.push_back(factor ? b.fma(part, factor, old[c])
                            : b.addf(part, old[c]));
    }
    return next;
  });
  Value total = sum ? b.broadcast(sum) : Value();
  for (int64_t c = 0; c < count; ++c)
    b.store(normaliser.buildFinish(b, acc[c], total), b.buffer(1),
            {batch, token, head, (from + c) * lanes}, mask(c));
}

static LogicalResult emitMerge(program::KernelOp kernel, KernelBuilder &b) {
  auto normaliser = b.get<NormaliserAttrInterface>("normaliser");
  if (!normaliser)
    return kernel.emitOpError("expected a normaliser in 'normaliser'");
  FailureOr<int64_t> heads = b.requireInt("h"), channels = b.requireInt("e");
  if (failed(heads) || failed(channels))
    return failure();
  if (b.has("lse") && normaliser.getStateKind() != RowStateKind::MaxSum)
    return kernel.emitOpError(
        "expected a normaliser with a maximum and a sum for 'lse'");
  MergeEmitter emitter(b, normaliser, *heads, *channels);
  b.forTasks([&](Value task) { emitter.emitTask(task); });
  return success();
}

static RegisterKernelEmitter merge("attention_merge", emitMerge);
