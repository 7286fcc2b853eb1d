//===- Scan.cpp - Kernels of family scan ----------------------------------===//
//
// Columns of the state are in lanes, tokens one after the other. Up to 16 rows
// the state stays in registers; more rows lie in scratch, which L1 holds:
//
//   S[r] = decay S[r] - left[r] sum_r' right[r'] S[r'] + write[r]
//   out = sum_r query[r] S[r]
//
//===----------------------------------------------------------------------===//

#include "compiler/codegen/cpu/ElementRegion.h"
#include "compiler/codegen/cpu/KernelEmitter.h"
#include "dialects/weft/kinds/Kinds.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace weft;
using namespace weft::cpu;

namespace {

using Index = KernelBuilder::Index;
using Values = KernelBuilder::Values;

class ScanEmitter {
public:
  ScanEmitter(KernelBuilder &b, TransitionAttrInterface transition,
              int64_t heads, int64_t rows, int64_t columns)
      : b(b), transition(transition), gates(transition.getGates()),
        heads(heads), rows(rows), columns(columns), inRegisters(rows <= 16) {
    if (!inRegisters)
      scratch = b.scratch({rows, b.lanes()}, b.getF32Type());
  }

  void emitTask(Value task, int64_t columnsPerTask);
  LogicalResult getStatus() const { return status; }

private:
  Value initial() { return b.buffer(3 + gates.size()); }
  Value out() { return b.buffer(4 + gates.size()); }
  Value final() { return b.buffer(5 + gates.size()); }

  /// The columns [column, column + lanes), from the first token to the last.
  void emitColumns(Value column, Value mask);
  /// Moves a state in registers on by a token and stores what it gives.
  Values emitToken(Value token, ValueRange state);
  /// The same for a state in scratch.
  void emitTokenInScratch(Value token);
  void storeOut(Value token, Value sum);

  Values loadGates(Value token, Index row);
  Value loadRow(unsigned operand, Value token, Index row) {
    return b.loadBroadcast(b.buffer(operand), {batch, token, head, row});
  }
  /// The row after the token, but for the correction's share `sums`.
  Value moveRow(Value token, Index row, Value old, Value sums);
  Value getRight(Value token, Index row);

  KernelBuilder &b;
  TransitionAttrInterface transition;
  SmallVector<GateAxes> gates;
  int64_t heads, rows, columns;
  bool inRegisters;
  Value scratch;
  Value batch, head, column, mask, value;
  LogicalResult status = success();
};

} // namespace

void ScanEmitter::emitTask(Value task, int64_t columnsPerTask) {
  int64_t blocks = llvm::divideCeil(columns, columnsPerTask);
  Value batchHead = b.div(task, blocks);
  head = b.rem(batchHead, heads);
  batch = b.div(batchHead, heads);
  Value from = b.mul(b.rem(task, blocks), columnsPerTask);
  Value to = b.min(b.add(from, columnsPerTask), columns);
  int64_t lanes = b.lanes();
  // Whole vectors of the task, then what is left of it.
  Value even = b.add(from, b.mul(b.div(b.sub(to, from), lanes), lanes));
  b.loop(from, even, lanes, [&](Value c) { emitColumns(c, {}); });
  if (columns % lanes || columnsPerTask % lanes)
    b.when(b.less(even, to),
           [&] { emitColumns(even, b.tailMask(b.sub(to, even))); });
}

void ScanEmitter::emitColumns(Value atColumn, Value atMask) {
  column = atColumn, mask = atMask;
  auto loadInitial = [&](Index row) {
    return b.load(initial(), {batch, head, row, column}, mask);
  };
  Value tokens = b.scalar(1);
  if (inRegisters) {
    Values state;
    for (int64_t r = 0; r < rows; ++r)
      state.push_back(loadInitial(r));
    state = b.loop(0, tokens, 1, state, [&](Value token, ValueRange old) {
      return emitToken(token, old);
    });
    for (int64_t r = 0; r < rows; ++r)
      b.store(state[r], final(), {batch, head, r, column}, mask);
    return;
  }
  b.loop(0, rows, 1,
         [&](Value r) { b.store(loadInitial(r), scratch, {r, 0}); });
  b.loop(0, tokens, 1, [&](Value token) { emitTokenInScratch(token); });
  b.loop(0, rows, 1, [&](Value r) {
    b.store(b.load(scratch, {r, 0}), final(), {batch, head, r, column}, mask);
  });
}

Values ScanEmitter::loadGates(Value token, Index row) {
  Values values;
  for (auto [i, axes] : llvm::enumerate(gates)) {
    SmallVector<Index> at;
    if (axes.time)
      at.append({batch, token});
    at.push_back(head);
    if (axes.row)
      at.push_back(row);
    if (axes.column)
      at.push_back(column);
    Value buffer = b.buffer(3 + i);
    values.push_back(axes.column ? b.load(buffer, at, mask)
                                 : b.loadBroadcast(buffer, at));
  }
  return values;
}

Value ScanEmitter::getRight(Value token, Index row) {
  return transition
      .buildCorrection(b, loadGates(token, row), loadRow(1, token, row))
      .right;
}

Value ScanEmitter::moveRow(Value token, Index row, Value old, Value sums) {
  Values gateValues = loadGates(token, row);
  Value key = loadRow(1, token, row);
  Value write = transition.buildWrite(b, gateValues, key, value);
  Value decay = transition.buildDecay(b, gateValues);
  Value next = decay ? b.fma(decay, old, write) : b.addf(old, write);
  if (!sums)
    return next;
  Value left = transition.buildCorrection(b, gateValues, key).left;
  return b.fma(arith::NegFOp::create(b, left), sums, next);
}

void ScanEmitter::storeOut(Value token, Value sum) {
  Region &region = b.getKernel().getElement();
  if (!region.empty()) {
    FailureOr<Value> built =
        buildElement(b, region, LaneValue::varying(sum), b.lanes(), mask);
    if (failed(built))
      status = failure();
    else
      sum = *built;
  }
  b.store(sum, out(), {batch, token, head, column}, mask);
}

Values ScanEmitter::emitToken(Value token, ValueRange state) {
  value = b.load(b.buffer(2), {batch, token, head, column}, mask);
  // Two sums each, which do not wait for one another.
  Value sums[2] = {b.splat(0.0), b.splat(0.0)}, correction;
  if (transition.hasCorrection()) {
    Value parts[2] = {b.splat(0.0), b.splat(0.0)};
    for (int64_t r = 0; r < rows; ++r)
      parts[r % 2] = b.fma(getRight(token, r), state[r], parts[r % 2]);
    correction = b.addf(parts[0], parts[1]);
  }
  Values next;
  for (int64_t r = 0; r < rows; ++r) {
    next.push_back(moveRow(token, r, state[r], correction));
    sums[r % 2] = b.fma(loadRow(0, token, r), next.back(), sums[r % 2]);
  }
  storeOut(token, b.addf(sums[0], sums[1]));
  return next;
}

void ScanEmitter::emitTokenInScratch(Value token) {
  value = b.load(b.buffer(2), {batch, token, head, column}, mask);
  int64_t unroll = rows % 4 ? (rows % 2 ? 1 : 2) : 4;
  auto sumRows = [&](function_ref<Value(Value row, Value sum)> add) {
    Values sums(unroll, b.splat(0.0));
    sums = b.loop(0, rows, unroll, sums, [&](Value row, ValueRange old) {
      Values next;
      for (int64_t u = 0; u < unroll; ++u)
        next.push_back(add(b.add(row, u), old[u]));
      return next;
    });
    Value total = sums[0];
    for (Value sum : ArrayRef(sums).drop_front())
      total = b.addf(total, sum);
    return total;
  };
  Value correction;
  if (transition.hasCorrection())
    correction = sumRows([&](Value row, Value sum) {
      return b.fma(getRight(token, row), b.load(scratch, {row, 0}), sum);
    });
  Value total = sumRows([&](Value row, Value sum) {
    Value next = moveRow(token, row, b.load(scratch, {row, 0}), correction);
    b.store(next, scratch, {row, 0});
    return b.fma(loadRow(0, token, row), next, sum);
  });
  storeOut(token, total);
}

static LogicalResult emitScan(program::KernelOp kernel, KernelBuilder &b) {
  auto transition = b.get<TransitionAttrInterface>("transition");
  if (!transition)
    return kernel.emitOpError("expected a transition in 'transition'");
  FailureOr<int64_t> heads = b.requireInt("h"), rows = b.requireInt("r"),
                     columns = b.requireInt("c"),
                     perTask = b.requireInt("columns_per_task");
  if (failed(heads) || failed(rows) || failed(columns) || failed(perTask))
    return failure();
  unsigned operands = transition.getGates().size() + 6;
  if (b.getNumBuffers() != operands)
    return kernel.emitOpError()
           << "expected " << operands << " operands for its transition but got "
           << b.getNumBuffers();
  Region &region = kernel.getElement();
  if (!region.empty() && region.getNumArguments() != 1)
    return kernel.emitOpError("expected an element region of the result alone");
  b.getFunction()->setAttr("program.aliased", b.getUnitAttr());
  ScanEmitter emitter(b, transition, *heads, *rows, *columns);
  b.forTasks([&](Value task) { emitter.emitTask(task, *perTask); });
  return emitter.getStatus();
}

static RegisterKernelEmitter scan("scan", emitScan);
