//===- Norm.cpp - Kernels of family norm ----------------------------------===//
//
// A row at a time: its sums in four vectors, in fixed order, then the result.
// The row is in L1 when it is read again. The variance of a layer norm is
// summed from the differences to the mean, which does not cancel. Results go to
// rows of f32, to tiles of bf16 or bytes, or to both. To become bytes a row is
// finished in scratch, where its largest magnitude is found.
//
//===----------------------------------------------------------------------===//

#include "compiler/codegen/cpu/KernelEmitter.h"
#include "compiler/codegen/cpu/rows/ByteRows.h"
#include "compiler/codegen/cpu/rows/TaskRows.h"
#include "compiler/codegen/cpu/rows/TiledRows.h"
#include "dialects/program/layouts/ByteTiles.h"
#include "dialects/weft/kinds/Kinds.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace weft;
using namespace weft::cpu;

namespace {

using Index = KernelBuilder::Index;
using Values = KernelBuilder::Values;

class NormEmitter {
public:
  NormEmitter(KernelBuilder &b, NormKind kind, int64_t columns)
      : b(b), kind(kind), columns(columns),
        epsilon(b.getFloat("epsilon", 0.0)) {
    unsigned next = 1;
    if (b.has("scale"))
      scale = b.buffer(next++);
    if (b.has("shift"))
      shift = b.buffer(next++);
    for (; next < b.getNumBuffers(); ++next)
      addOutput(next);
  }

  void emitRow(Value row);

private:
  using Term = function_ref<Value(Value sum, Value x)>;

  /// The sum over the row of what `term` adds, lanes outside left out.
  Value sum(Value row, Term term);
  void addOutput(unsigned buffer);
  void store(Value row, Value mean, Value factor);
  void storeVector(Value row, Value column, Value mask, Value mean,
                   Value factor);

  KernelBuilder &b;
  NormKind kind;
  int64_t columns;
  double epsilon;
  Value scale, shift;
  SmallVector<RowOutput, 2> outs;
  std::optional<ByteTileRows> bytes;
  Value finished; ///< The row that becomes bytes.
};

} // namespace

void NormEmitter::addOutput(unsigned buffer) {
  if (!program::ByteTiles::isTiled(b.bufferType(buffer))) {
    outs.emplace_back(b, b.buffer(buffer), columns);
    return;
  }
  bytes.emplace(b, b.buffer(buffer), columns);
  finished =
      b.scratch({int64_t(llvm::alignTo(columns, b.lanes()))}, b.getF32Type());
}

Value NormEmitter::sum(Value row, Term term) {
  constexpr int64_t kSums = 4;
  int64_t lanes = b.lanes(), step = kSums * lanes;
  int64_t even = columns - columns % step;
  Values sums(kSums, b.splat(0.0));
  sums = b.loop(0, even, step, sums, [&](Value column, ValueRange carried) {
    Values next;
    for (int64_t u = 0; u < kSums; ++u)
      next.push_back(term(
          carried[u], b.load(b.buffer(0), {row, b.add(column, u * lanes)})));
    return next;
  });
  for (int64_t column = even; column < columns; column += lanes) {
    Value &target = sums[(column - even) / lanes];
    bool whole = column + lanes <= columns;
    Value mask = whole ? Value() : b.tailMask(columns - column);
    Value next = term(target, b.load(b.buffer(0), {row, column}, mask));
    target = whole ? next : arith::SelectOp::create(b, mask, next, target);
  }
  Value total = b.addf(b.addf(sums[0], sums[1]), b.addf(sums[2], sums[3]));
  return b.reduceAdd(total);
}

void NormEmitter::storeVector(Value row, Value column, Value mask, Value mean,
                              Value factor) {
  Value x = b.load(b.buffer(0), {row, column}, mask);
  if (mean)
    x = b.subf(x, mean);
  x = b.mulf(x, factor);
  if (scale && shift)
    x = b.fma(x, b.load(scale, {column}, mask), b.load(shift, {column}, mask));
  else if (scale)
    x = b.mulf(x, b.load(scale, {column}, mask));
  else if (shift)
    x = b.addf(x, b.load(shift, {column}, mask));
  for (RowOutput &out : outs)
    out.store(x, row, column, mask);
  if (bytes)
    b.store(x, finished, {column});
}

void NormEmitter::store(Value row, Value mean, Value factor) {
  constexpr int64_t kUnroll = 4;
  int64_t lanes = b.lanes(), step = kUnroll * lanes;
  int64_t even = columns - columns % step;
  b.loop(0, even, step, [&](Value column) {
    for (int64_t u = 0; u < kUnroll; ++u)
      storeVector(row, b.add(column, u * lanes), {}, mean, factor);
  });
  for (int64_t column = even; column < columns; column += lanes) {
    bool whole = column + lanes <= columns;
    storeVector(row, b.index(column),
                whole ? Value() : b.tailMask(columns - column), mean, factor);
  }
  for (RowOutput &out : outs)
    out.pad(row);
  if (bytes)
    bytes->store(
        row, [&](Value k, Value mask) { return b.load(finished, {k}, mask); });
}

void NormEmitter::emitRow(Value row) {
  Value count = b.real(columns);
  Value mean;
  if (kind == NormKind::Layer) {
    Value total = sum(row, [&](Value sum, Value x) { return b.addf(sum, x); });
    mean = b.broadcast(b.divf(total, count));
  }
  Value squares = sum(row, [&](Value sum, Value x) {
    Value centred = mean ? b.subf(x, mean) : x;
    return b.fma(centred, centred, sum);
  });
  if (kind != NormKind::L2)
    squares = b.divf(squares, count);
  Value root = math::SqrtOp::create(b, b.addf(squares, b.real(epsilon)));
  store(row, mean, b.broadcast(b.divf(b.real(1.0), root)));
}

static LogicalResult emitNorm(program::KernelOp kernel, KernelBuilder &b) {
  auto kind = b.get<NormKindAttr>("kind");
  if (!kind)
    return kernel.emitOpError("expected a norm kind in 'kind'");
  FailureOr<int64_t> columns = b.requireInt("c");
  if (failed(columns))
    return failure();
  int64_t rowsPerTask = b.getInt("rows_per_task", 1);
  NormEmitter emitter(b, kind.getValue(), *columns);
  forTaskRows(b, rowsPerTask, [&](Value row) { emitter.emitRow(row); });
  return success();
}

static RegisterKernelEmitter norm("norm", emitNorm);
