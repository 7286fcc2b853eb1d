//===- Scan.cpp - Kernels of family scan ----------------------------------===//
//
// Columns of the state are in lanes, tokens one after the other. Up to 16 rows
// the state of a vector stays in registers for a block of tokens, so that what
// tokens bring is read by whole lines; more rows lie in scratch, which L1
// holds:
//
//   S[r] = decay S[r] - left[r] sum_r' right[r'] S[r'] + write[r]
//   out = sum_r query[r] S[r]
//
//===----------------------------------------------------------------------===//

#include "compiler/codegen/cpu/ElementRegion.h"
#include "compiler/codegen/cpu/KernelEmitter.h"
#include "compiler/codegen/cpu/scan/BlockScan.h"
#include "compiler/codegen/cpu/scan/tiles/TileScan.h"
#include "dialects/weft/kinds/Kinds.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "llvm/ADT/StringSwitch.h"

using namespace mlir;
using namespace weft;
using namespace weft::cpu;

namespace {

using Index = KernelBuilder::Index;
using Values = KernelBuilder::Values;

class ScanEmitter {
public:
  ScanEmitter(KernelBuilder &b, const ScanKernel &scan)
      : b(b), transition(scan.transition), gates(transition.getGates()),
        extras(scan.extras), rows(scan.rows), columns(scan.columns),
        inRegisters(rows <= 16) {
    int64_t waiting =
        inRegisters ? llvm::divideCeil(scan.columnsPerTask, b.lanes()) : 1;
    int64_t width = (inRegisters ? 1 : kVectors) * b.lanes();
    scratch = b.scratch({waiting, rows, width}, b.getF32Type());
  }

  void emitTask(const ScanTask &task, int64_t columnsPerTask);
  LogicalResult getStatus() const { return status; }

private:
  /// Vectors of columns that share what is read of a row.
  static constexpr int64_t kVectors = 4;
  /// Tokens that a vector of columns moves on by before the next one does:
  /// enough to bring its state in and out; few enough that all vectors of a
  /// task read the rows of a block from the first cache.
  static constexpr int64_t kTokensPerBlock = 8;

  /// Tokens from `first` to before `end`.
  struct TokenBlock {
    Value first, end;
    Value isFirst, hasNext; ///< Blocks before and after.
  };

  /// What a token brings for a row; gates are null where they have columns.
  struct Row {
    Value query, key;
    Values gates;
  };

  Value initial() { return b.buffer(3 + gates.size()); }
  Value out() { return b.buffer(4 + gates.size()); }
  Value final() { return b.buffer(5 + gates.size()); }
  Value columnOf(int64_t vector) { return b.add(column, vector * b.lanes()); }

  /// Calls `emit` for groups of `group` vectors of columns, single ones, then
  /// what is left of a task, with a mask.
  void forColumns(const ScanTask &task, int64_t columnsPerTask, int64_t group,
                  function_ref<void(Value column, Value mask, int64_t)> emit);
  /// A vector of columns, whose state is in registers, over some tokens.
  void emitTokens(const TokenBlock &block, Value waiting);
  /// `vectors` vectors of columns, from the first token to the last.
  void emitColumnsInScratch();
  /// Moves a state in registers on by a token and stores what it gives.
  Values emitToken(Value token, ValueRange state);
  /// The same for a state in scratch.
  void emitTokenInScratch(Value token);
  /// The sum over the rows of what `add` adds for row and vector.
  Values
  sumRows(Value token,
          function_ref<Values(Index row, const Row &inputs, Values sums)> add);
  void loadValues(Value token);
  /// Fetches what a token soon to come reads and writes.
  void prefetch(Value token);
  void storeOut(Value token, int64_t vector, Value sum);
  /// The row of a token where batches stand one after the other.
  Value getTokenRow(Value token);

  Value loadGate(unsigned gate, Value token, Index row, Value atColumn);
  Row loadRow(Value token, Index row);
  Values getGates(const Row &inputs, Value token, Index row, int64_t vector);
  /// The row after the token; `sums` is the correction's sum, if there is one.
  Value moveRow(const Row &inputs, Value token, Index row, int64_t vector,
                Value old, Value sums);
  Value getRight(const Row &inputs, Value token, Index row, int64_t vector) {
    return transition
        .buildCorrection(b, getGates(inputs, token, row, vector), inputs.key)
        .right;
  }

  KernelBuilder &b;
  TransitionAttrInterface transition;
  SmallVector<GateAxes> gates;
  SmallVector<Value> extras;
  int64_t rows, columns;
  bool inRegisters;
  Value scratch; // [vector that waits, row, column of the vectors]
  Value batch, head, column, mask;
  int64_t vectors = 1;
  Values values; // A vector each.
  LogicalResult status = success();
};

} // namespace

ScanTask cpu::getScanTask(KernelBuilder &b, const ScanKernel &kernel,
                          Value task) {
  int64_t perTask = kernel.columnsPerTask;
  int64_t blocks = llvm::divideCeil(kernel.columns, perTask);
  Value batchHead = b.div(task, blocks);
  Value first = b.mul(b.rem(task, blocks), perTask);
  return {b.div(batchHead, kernel.heads), b.rem(batchHead, kernel.heads), first,
          b.min(perTask, b.sub(kernel.columns, first))};
}

void ScanEmitter::forColumns(const ScanTask &task, int64_t columnsPerTask,
                             int64_t group,
                             function_ref<void(Value, Value, int64_t)> emit) {
  Value from = task.firstColumn, to = b.add(from, task.columnCount);
  auto forWhole = [&](int64_t count) {
    int64_t step = count * b.lanes();
    Value even = b.add(from, b.mul(b.div(b.sub(to, from), step), step));
    b.loop(from, even, step, [&](Value c) { emit(c, {}, count); });
    from = even;
  };
  if (group > 1)
    forWhole(group);
  forWhole(1);
  if (columns % b.lanes() || columnsPerTask % b.lanes())
    b.when(b.less(from, to),
           [&] { emit(from, b.tailMask(b.sub(to, from)), 1); });
}

void ScanEmitter::emitTask(const ScanTask &task, int64_t columnsPerTask) {
  batch = task.batch, head = task.head;
  auto forAll = [&](int64_t group, function_ref<void()> emit) {
    forColumns(task, columnsPerTask, group,
               [&](Value atColumn, Value atMask, int64_t count) {
                 column = atColumn, mask = atMask, vectors = count;
                 emit();
               });
  };
  if (!inRegisters)
    return forAll(kVectors, [&] { emitColumnsInScratch(); });
  Value tokens = b.scalar(1);
  // Without tokens the state is handed on all the same.
  b.loop(0, b.max(tokens, 1), kTokensPerBlock, [&](Value first) {
    Value end = b.min(b.add(first, kTokensPerBlock), tokens);
    TokenBlock block{first, end, b.less(first, 1), b.less(end, tokens)};
    forAll(1, [&] {
      emitTokens(block, b.div(b.sub(column, task.firstColumn), b.lanes()));
    });
  });
}

void ScanEmitter::emitTokens(const TokenBlock &block, Value waiting) {
  auto forRows = [&](function_ref<Value(int64_t)> get) {
    Values all;
    for (int64_t r = 0; r < rows; ++r)
      all.push_back(get(r));
    return all;
  };
  Values state = b.select(
      block.isFirst,
      [&] {
        return forRows([&](int64_t r) {
          return b.load(initial(), {batch, head, r, column}, mask);
        });
      },
      [&] {
        return forRows(
            [&](int64_t r) { return b.load(scratch, {waiting, r, 0}); });
      });
  state = b.loop(
      block.first, block.end, 1, state,
      [&](Value token, ValueRange old) { return emitToken(token, old); });
  b.when(
      block.hasNext,
      [&] {
        for (int64_t r = 0; r < rows; ++r)
          b.store(state[r], scratch, {waiting, r, 0});
      },
      [&] {
        for (int64_t r = 0; r < rows; ++r)
          b.store(state[r], final(), {batch, head, r, column}, mask);
      });
}

void ScanEmitter::emitColumnsInScratch() {
  Value tokens = b.scalar(1);
  b.loop(0, rows, 1, [&](Value r) {
    for (int64_t v = 0; v < vectors; ++v)
      b.store(b.load(initial(), {batch, head, r, columnOf(v)}, mask), scratch,
              {0, r, v * b.lanes()});
  });
  b.loop(0, tokens, 1, [&](Value token) { emitTokenInScratch(token); });
  b.loop(0, rows, 1, [&](Value r) {
    for (int64_t v = 0; v < vectors; ++v)
      b.store(b.load(scratch, {0, r, v * b.lanes()}), final(),
              {batch, head, r, columnOf(v)}, mask);
  });
}

//===----------------------------------------------------------------------===//
// What a token brings
//===----------------------------------------------------------------------===//

Value ScanEmitter::loadGate(unsigned gate, Value token, Index row,
                            Value atColumn) {
  GateAxes axes = gates[gate];
  SmallVector<Index> at;
  if (axes.time)
    at.append({batch, token});
  at.push_back(head);
  if (axes.row)
    at.push_back(row);
  Value buffer = b.buffer(3 + gate);
  if (!axes.column)
    return b.loadBroadcast(buffer, at);
  at.push_back(atColumn);
  return b.load(buffer, at, mask);
}

ScanEmitter::Row ScanEmitter::loadRow(Value token, Index row) {
  Row inputs{b.loadBroadcast(b.buffer(0), {batch, token, head, row}),
             b.loadBroadcast(b.buffer(1), {batch, token, head, row}),
             {}};
  for (unsigned i = 0; i < gates.size(); ++i)
    inputs.gates.push_back(gates[i].column ? Value()
                                           : loadGate(i, token, row, {}));
  return inputs;
}

Values ScanEmitter::getGates(const Row &inputs, Value token, Index row,
                             int64_t vector) {
  Values all = inputs.gates;
  for (unsigned i = 0; i < gates.size(); ++i)
    if (!all[i])
      all[i] = loadGate(i, token, row, columnOf(vector));
  return all;
}

void ScanEmitter::loadValues(Value token) {
  values.clear();
  for (int64_t v = 0; v < vectors; ++v)
    values.push_back(
        b.load(b.buffer(2), {batch, token, head, columnOf(v)}, mask));
}

void ScanEmitter::prefetch(Value token) {
  // A row of tokens is often as long as a page, over which the hardware does
  // not look ahead.
  Value next = b.min(b.add(token, kTokensPerBlock), b.sub(b.scalar(1), 1));
  auto fetch = [&](Value buffer) {
    b.prefetch(buffer, {batch, next, head, column}, /*locality=*/3);
  };
  fetch(b.buffer(2));
  for (auto [i, axes] : llvm::enumerate(gates))
    if (axes.time && axes.column && !axes.row)
      fetch(b.buffer(3 + i));
  fetch(out());
  for (Value extra : extras)
    if (cast<MemRefType>(extra.getType()).getRank() == 2)
      b.prefetch(extra, {getTokenRow(next), column}, /*locality=*/3);
}

Value ScanEmitter::getTokenRow(Value token) {
  return b.add(b.mul(batch, b.scalar(1)), token);
}

void ScanEmitter::storeOut(Value token, int64_t vector, Value sum) {
  Region &region = b.getKernel().getElement();
  if (!region.empty()) {
    SmallVector<LaneValue> arguments{LaneValue::varying(sum)};
    for (Value extra : extras) {
      SmallVector<Index> at{columnOf(vector)};
      if (cast<MemRefType>(extra.getType()).getRank() == 2)
        at.insert(at.begin(), getTokenRow(token));
      arguments.push_back(LaneValue::varying(b.load(extra, at, mask)));
    }
    FailureOr<Value> built =
        buildElement(b, region, arguments, b.lanes(), mask);
    if (failed(built))
      status = failure();
    else
      sum = *built;
  }
  b.store(sum, out(), {batch, token, head, columnOf(vector)}, mask);
}

//===----------------------------------------------------------------------===//
// Steps
//===----------------------------------------------------------------------===//

Value ScanEmitter::moveRow(const Row &inputs, Value token, Index row,
                           int64_t vector, Value old, Value sums) {
  Values all = getGates(inputs, token, row, vector);
  Value write = transition.buildWrite(b, all, inputs.key, values[vector]);
  if (!transition.isLinear())
    return transition.buildNext(b, all, old, write);
  Value decay = transition.buildDecay(b, all);
  Value next = decay ? b.fma(decay, old, write) : b.addf(old, write);
  if (!sums)
    return next;
  Value left = transition.buildCorrection(b, all, inputs.key).left;
  return b.fma(arith::NegFOp::create(b, left), sums, next);
}

Values ScanEmitter::emitToken(Value token, ValueRange state) {
  prefetch(token);
  loadValues(token);
  // Two sums each, which do not wait for one another.
  Value sums[2] = {b.splat(0.0), b.splat(0.0)}, correction;
  SmallVector<Row> inputs;
  for (int64_t r = 0; r < rows; ++r)
    inputs.push_back(loadRow(token, r));
  if (transition.hasCorrection()) {
    Value parts[2] = {b.splat(0.0), b.splat(0.0)};
    for (int64_t r = 0; r < rows; ++r)
      parts[r % 2] =
          b.fma(getRight(inputs[r], token, r, 0), state[r], parts[r % 2]);
    correction = b.addf(parts[0], parts[1]);
  }
  Values next;
  for (int64_t r = 0; r < rows; ++r) {
    next.push_back(moveRow(inputs[r], token, r, 0, state[r], correction));
    sums[r % 2] = b.fma(inputs[r].query, next.back(), sums[r % 2]);
  }
  storeOut(token, 0, b.addf(sums[0], sums[1]));
  return next;
}

Values ScanEmitter::sumRows(
    Value token,
    function_ref<Values(Index row, const Row &inputs, Values sums)> add) {
  // A few sums at a time: of several vectors, or of every so manieth row.
  int64_t unroll = vectors > 1 ? 1 : rows % 4 ? (rows % 2 ? 1 : 2) : 4;
  Values zeros(unroll * vectors, b.splat(0.0));
  Values sums = b.loop(0, rows, unroll, zeros, [&](Value row, ValueRange old) {
    Values next;
    for (int64_t u = 0; u < unroll; ++u) {
      Value at = b.add(row, u);
      llvm::append_range(next, add(at, loadRow(token, at),
                                   Values(old.slice(u * vectors, vectors))));
    }
    return next;
  });
  Values totals(sums.begin(), sums.begin() + vectors);
  for (int64_t i = vectors; i < int64_t(sums.size()); ++i)
    totals[i % vectors] = b.addf(totals[i % vectors], sums[i]);
  return totals;
}

void ScanEmitter::emitTokenInScratch(Value token) {
  loadValues(token);
  auto loadState = [&](Index row, int64_t v) {
    return b.load(scratch, {0, row, v * b.lanes()});
  };
  Values corrections(vectors);
  if (transition.hasCorrection())
    corrections =
        sumRows(token, [&](Index row, const Row &inputs, Values sums) {
          for (int64_t v = 0; v < vectors; ++v)
            sums[v] = b.fma(getRight(inputs, token, row, v), loadState(row, v),
                            sums[v]);
          return sums;
        });
  Values totals =
      sumRows(token, [&](Index row, const Row &inputs, Values sums) {
        Values next;
        for (int64_t v = 0; v < vectors; ++v)
          next.push_back(moveRow(inputs, token, row, v, loadState(row, v),
                                 corrections[v]));
        for (int64_t v = 0; v < vectors; ++v) {
          b.store(next[v], scratch, {0, row, v * b.lanes()});
          sums[v] = b.fma(inputs.query, next[v], sums[v]);
        }
        return sums;
      });
  for (int64_t v = 0; v < vectors; ++v)
    storeOut(token, v, totals[v]);
}

FailureOr<ScanKernel> ScanKernel::read(KernelBuilder &b) {
  program::KernelOp kernel = b.getKernel();
  ScanKernel scan;
  scan.transition = b.get<TransitionAttrInterface>("transition");
  if (!scan.transition)
    return kernel.emitOpError("expected a transition in 'transition'");
  scan.features = b.get<FeatureMapAttrInterface>("features");
  scan.gates = scan.transition.getGates();
  scan.hasSum = b.has("sum");
  scan.bidirectional = b.has("bidirectional");
  scan.isOneToken = b.has("one_token");
  scan.stateOnly = b.has("state_only");
  auto precision = b.get<StringAttr>("precision");
  scan.parts = StringSwitch<int64_t>(precision ? precision.getValue() : "f32")
                   .Case("f32", 0)
                   .Case("bf16", 1)
                   .Case("split", 2)
                   .Default(-1);
  if (scan.parts < 0)
    return kernel.emitOpError()
           << "expected 'precision' f32, split or bf16 but got " << precision;
  if (scan.stateOnly && !(scan.features && scan.features.isOneHot()))
    return kernel.emitOpError("expected one-hot features beside 'state_only'");
  FailureOr<int64_t> heads = b.requireInt("h"), rows = b.requireInt("r"),
                     columns = b.requireInt("c"),
                     perTask = b.requireInt("columns_per_task");
  if (failed(heads) || failed(rows) || failed(columns) || failed(perTask))
    return failure();
  scan.heads = *heads, scan.rows = *rows, scan.columns = *columns;
  scan.columnsPerTask = *perTask;
  scan.channels = b.getInt("channels", *rows);
  if (scan.features && scan.features.getNumFeatures(scan.channels) != scan.rows)
    return kernel.emitOpError()
           << "expected " << scan.features.getNumFeatures(scan.channels)
           << " rows for features of " << scan.channels << " channels but got "
           << scan.rows;
  if (scan.hasSum && scan.columnsPerTask < scan.columns)
    return kernel.emitOpError("expected a task to have all columns beside a "
                              "sum");
  unsigned operands =
      scan.gates.size() + (scan.hasSum ? 8 : 6) - (scan.stateOnly ? 1 : 0);
  Region &region = kernel.getElement();
  unsigned arguments = scan.hasSum ? 2 : 1;
  unsigned extras = region.empty() || region.getNumArguments() < arguments
                        ? 0
                        : region.getNumArguments() - arguments;
  if (b.getNumBuffers() != operands + extras)
    return kernel.emitOpError()
           << "expected " << operands + extras
           << " operands for its transition and region but got "
           << b.getNumBuffers();
  if (!region.empty() && region.getNumArguments() < arguments)
    return kernel.emitOpError("expected an element region of the result");
  for (unsigned i = operands; i < operands + extras; ++i)
    scan.extras.push_back(b.buffer(i));
  scan.query = b.buffer(0), scan.key = b.buffer(1), scan.value = b.buffer(2);
  unsigned at = scan.firstGate + scan.gates.size();
  auto next = [&] { return b.buffer(at++); };
  scan.initial = next();
  if (scan.hasSum)
    scan.initialSum = next();
  if (!scan.stateOnly)
    scan.out = next();
  scan.final = next();
  if (scan.hasSum)
    scan.finalSum = next();
  return scan;
}

bool ScanKernel::wantsBlocks() const {
  if (!transition.isLinear() ||
      llvm::any_of(gates, [](GateAxes gate) { return gate.column; }))
    return false;
  return hasSum || features || bidirectional || rows > 16;
}

bool ScanKernel::wantsTiles(KernelBuilder &b) const {
  if (!parts || isOneToken || !wantsBlocks() || !b.getLevel().has("amx-bf16") ||
      b.lanes() != 16)
    return false;
  return !transition.hasCorrection() ||
         (transition.isWriteCorrected() && !hasSum);
}

static LogicalResult emitScan(program::KernelOp kernel, KernelBuilder &b) {
  FailureOr<ScanKernel> scan = ScanKernel::read(b);
  if (failed(scan))
    return failure();
  b.getFunction()->setAttr("program.aliased", b.getUnitAttr());
  if (!scan->extras.empty() &&
      (scan->features || scan->wantsBlocks() || scan->heads != 1))
    return kernel.emitOpError("expected one head and gates of columns beside "
                              "an element region of more than the result");
  if (scan->features && scan->features.isOneHot())
    return emitTableScan(b, *scan);
  if (scan->wantsTiles(b))
    return TileScan(b, *scan).emit();
  if (scan->wantsBlocks()) {
    BlockScan blocks(b, *scan);
    LogicalResult status = success();
    b.forTasks([&](Value task) { status = blocks.emitTask(task); });
    return status;
  }
  if (scan->hasSum || scan->features || scan->bidirectional)
    return kernel.emitOpError()
           << "expected no sum, features or both directions beside the gates "
              "of "
           << scan->transition;
  ScanEmitter emitter(b, *scan);
  b.forTasks([&](Value task) {
    emitter.emitTask(getScanTask(b, *scan, task), scan->columnsPerTask);
  });
  return emitter.getStatus();
}

static RegisterKernelEmitter scan("scan", emitScan);
