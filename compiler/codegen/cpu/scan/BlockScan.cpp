//===- BlockScan.cpp - Products with the state, columns in lanes ----------===//

#include "compiler/codegen/cpu/scan/BlockScan.h"
#include "compiler/codegen/cpu/ElementRegion.h"
#include "dialects/weft/kinds/Builders.h"

using namespace mlir;
using namespace weft;
using namespace weft::cpu;

/// Vectors of columns that share what is read of a row.
static constexpr int64_t kVectors = 4;

static int64_t roundUp(int64_t count, int64_t multiple) {
  return llvm::divideCeil(count, multiple) * multiple;
}

BlockScan::BlockScan(KernelBuilder &b, const ScanKernel &kernel)
    : b(b), kernel(kernel) {
  // Four vectors of sums for each token stay in half the registers. A state
  // that is only written to needs none.
  tokensPerBlock = b.getLevel().registers >= 32 ? 4 : 2;
  tokensPerMove = corrects() ? tokensPerBlock : 8;
  int64_t most = std::max(tokensPerBlock, tokensPerMove);
  int64_t rows = roundUp(kernel.rows, b.lanes());
  Type type = b.getF32Type();
  auto make = [&](ArrayRef<int64_t> shape) { return b.scratch(shape, type); };
  if (!kernel.isOneToken)
    state = make(
        {kernel.rows, roundUp(kernel.columnsPerTask, kVectors * b.lanes())});
  reads = make({tokensPerBlock, rows});
  pushes = make({most * updatesPerToken(), rows});
  keep = make({rows});
  dots = make({4 * most * most});
  if (corrects()) {
    seen = make({most, rows});
    updates = make({most, kVectors * b.lanes()});
  }
  if (kernel.hasSum) {
    sum = make({rows});
    sums = make({most});
  }
}

//===----------------------------------------------------------------------===//
// Tasks
//===----------------------------------------------------------------------===//

LogicalResult BlockScan::emitTask(Value task) {
  int64_t perTask = kernel.columnsPerTask;
  int64_t blocks = llvm::divideCeil(kernel.columns, perTask);
  Value batchHead = b.div(task, blocks);
  head = b.rem(batchHead, kernel.heads);
  batch = b.div(batchHead, kernel.heads);
  firstColumn = b.mul(b.rem(task, blocks), perTask);
  columnCount = b.min(perTask, b.sub(kernel.columns, firstColumn));
  if (kernel.isOneToken) {
    emitBlock({b.index(0), 1, /*reads=*/true, /*moves=*/true});
    return status;
  }
  copyState(/*isIn=*/true);
  copySum(/*isIn=*/true);
  if (kernel.bidirectional) {
    emitBlocks(tokensPerMove, /*reads=*/false, /*moves=*/true);
    emitBlocks(tokensPerBlock, /*reads=*/true, /*moves=*/false);
  } else {
    emitBlocks(tokensPerBlock, /*reads=*/true, /*moves=*/true);
  }
  copyState(/*isIn=*/false);
  copySum(/*isIn=*/false);
  return status;
}

void BlockScan::emitBlocks(int64_t tokens, bool reads, bool moves) {
  Value all = b.scalar(1);
  Value even = b.mul(b.div(all, tokens), tokens);
  b.loop(0, even, tokens,
         [&](Value t) { emitBlock({t, tokens, reads, moves}); });
  b.loop(even, all, 1, [&](Value t) { emitBlock({t, 1, reads, moves}); });
}

void BlockScan::emitBlock(const Block &block) {
  prepare(block);
  forColumns([&](const Columns &columns) { emitColumns(block, columns); });
}

void BlockScan::forColumns(function_ref<void(const Columns &)> body) {
  int64_t lanes = b.lanes(), group = kVectors * lanes;
  bool isKnown = kernel.columnsPerTask >= kernel.columns;
  // Whole groups, then what is left: known, or a vector at a time.
  if (isKnown) {
    int64_t whole = kernel.columns / group * group;
    int64_t vectors = (kernel.columns - whole) / lanes;
    int64_t tail = kernel.columns % lanes;
    if (whole == group)
      body({b.index(0), {}, kVectors});
    else if (whole)
      b.loop(0, whole, group, [&](Value c) { body({c, {}, kVectors}); });
    if (vectors)
      body({b.index(whole), {}, vectors});
    if (tail)
      body({b.index(kernel.columns - tail), b.tailMask(tail), 1});
    return;
  }
  Value whole = b.mul(b.div(columnCount, group), group);
  b.loop(0, whole, group, [&](Value c) { body({c, {}, kVectors}); });
  Value vectors = b.mul(b.div(columnCount, lanes), lanes);
  b.loop(whole, vectors, lanes, [&](Value c) { body({c, {}, 1}); });
  if (kernel.columns % lanes || kernel.columnsPerTask % lanes)
    b.when(b.less(vectors, columnCount), [&] {
      body({vectors, b.tailMask(b.sub(columnCount, vectors)), 1});
    });
}

//===----------------------------------------------------------------------===//
// State
//===----------------------------------------------------------------------===//

Value BlockScan::loadState(const Columns &columns, Index row, int64_t v) {
  if (kernel.isOneToken)
    return b.load(kernel.initial, {batch, head, row, columnOf(columns, v)},
                  columns.mask);
  return b.load(state, {row, b.add(columns.column, v * b.lanes())});
}

void BlockScan::storeState(Value vector, const Columns &columns, Index row,
                           int64_t v) {
  if (kernel.isOneToken)
    b.store(vector, kernel.final, {batch, head, row, columnOf(columns, v)},
            columns.mask);
  else
    b.store(vector, state, {row, b.add(columns.column, v * b.lanes())});
}

void BlockScan::copyState(bool isIn) {
  b.loop(0, kernel.rows, 1, [&](Value row) {
    forColumns([&](const Columns &columns) {
      for (int64_t v = 0; v < columns.vectors; ++v) {
        SmallVector<Index> at{batch, head, row, columnOf(columns, v)};
        if (isIn)
          storeState(b.load(kernel.initial, at, columns.mask), columns, row, v);
        else
          b.store(loadState(columns, row, v), kernel.final, at, columns.mask);
      }
    });
  });
}

void BlockScan::copySum(bool isIn) {
  if (!kernel.hasSum)
    return;
  auto copy = [&](Index row, Value mask) {
    SmallVector<Index> at{batch, head, row};
    if (isIn)
      b.store(b.load(kernel.initialSum, at, mask), sum, {row}, mask);
    else
      b.store(b.load(sum, {row}, mask), kernel.finalSum, at, mask);
  };
  int64_t whole = kernel.rows / b.lanes() * b.lanes();
  b.loop(0, whole, b.lanes(), [&](Value row) { copy(row, {}); });
  if (whole != kernel.rows)
    copy(whole, b.tailMask(kernel.rows - whole));
}

//===----------------------------------------------------------------------===//
// A block on a few vectors of columns
//===----------------------------------------------------------------------===//

void BlockScan::emitColumns(const Block &block, const Columns &columns) {
  if (block.moves && corrects())
    solveCorrections(block, columns);
  Values outs = moveRows(block, columns);
  if (block.reads)
    storeOuts(block, columns, outs);
}

Value BlockScan::loadUpdate(const Block &block, const Columns &columns,
                            int64_t update, int64_t v) {
  bool isCorrection = corrects() && (kernel.transition.isWriteCorrected() ||
                                     update >= block.tokens);
  int64_t token = getTokenOf(update, block);
  if (isCorrection)
    return b.load(updates, {token, v * b.lanes()});
  return b.load(kernel.value,
                {batch, b.add(block.token, token), head, columnOf(columns, v)},
                columns.mask);
}

void BlockScan::solveCorrections(const Block &block, const Columns &columns) {
  int64_t tokens = block.tokens, vectors = columns.vectors;
  Values zeros(tokens * vectors, b.splat(0.0));
  Values read =
      b.loop(0, kernel.rows, 1, zeros, [&](Value row, ValueRange old) {
        Values next(old), lines;
        for (int64_t v = 0; v < vectors; ++v)
          lines.push_back(loadState(columns, row, v));
        for (int64_t t = 0; t < tokens; ++t) {
          Value factor = b.loadBroadcast(seen, {t, row});
          for (int64_t v = 0; v < vectors; ++v) {
            Value &sum = next[t * vectors + v];
            sum = b.fma(factor, lines[v], sum);
          }
        }
        return next;
      });
  for (int64_t t = 0; t < tokens; ++t) {
    MutableArrayRef<Value> own =
        MutableArrayRef(read).slice(t * vectors, vectors);
    for (int64_t u = 0; u < updatesPerToken() * tokens; ++u) {
      if (getTokenOf(u, block) >= t)
        continue;
      Value factor = b.broadcast(loadDot(Dot::Seen, t, u));
      for (int64_t v = 0; v < vectors; ++v)
        own[v] = b.fma(factor, loadUpdate(block, columns, u, v), own[v]);
    }
    for (int64_t v = 0; v < vectors; ++v) {
      Value update = own[v];
      if (kernel.transition.isWriteCorrected())
        update = b.subf(
            b.load(kernel.value,
                   {batch, b.add(block.token, t), head, columnOf(columns, v)},
                   columns.mask),
            update);
      b.store(update, updates, {t, v * b.lanes()});
    }
  }
}

KernelBuilder::Values BlockScan::moveRows(const Block &block,
                                          const Columns &columns) {
  int64_t tokens = block.tokens, vectors = columns.vectors;
  int64_t count = block.moves ? updatesPerToken() * tokens : 0;
  // Two rows share what is loaded of the updates where registers are free.
  int64_t unroll = !block.reads && kernel.rows % 2 == 0 ? 2 : 1;
  Values zeros(block.reads ? tokens * vectors : 0, b.splat(0.0));
  auto emitRows = [&](Value first, Values outs) {
    Values lines;
    for (int64_t i = 0; i < unroll; ++i)
      for (int64_t v = 0; v < vectors; ++v)
        lines.push_back(loadState(columns, b.add(first, i), v));
    for (int64_t t = 0; block.reads && t < tokens; ++t) {
      Value factor = b.loadBroadcast(reads, {t, first});
      for (int64_t v = 0; v < vectors; ++v)
        outs[t * vectors + v] = b.fma(factor, lines[v], outs[t * vectors + v]);
    }
    if (!block.moves)
      return outs;
    if (decays)
      for (auto [i, line] : llvm::enumerate(lines)) {
        Value row = b.add(first, int64_t(i) / vectors);
        line = b.mulf(b.loadBroadcast(keep, {row}), line);
      }
    for (int64_t u = 0; u < count; ++u) {
      Values factors;
      for (int64_t i = 0; i < unroll; ++i)
        factors.push_back(b.loadBroadcast(pushes, {u, b.add(first, i)}));
      for (int64_t v = 0; v < vectors; ++v) {
        Value update = loadUpdate(block, columns, u, v);
        for (int64_t i = 0; i < unroll; ++i) {
          Value &line = lines[i * vectors + v];
          line = b.fma(factors[i], update, line);
        }
      }
    }
    for (auto [i, line] : llvm::enumerate(lines))
      storeState(line, columns, b.add(first, int64_t(i) / vectors),
                 i % vectors);
    return outs;
  };
  return b.loop(0, kernel.rows, unroll, zeros, [&](Value row, ValueRange old) {
    return emitRows(row, Values(old));
  });
}

void BlockScan::storeOuts(const Block &block, const Columns &columns,
                          Values outs) {
  int64_t tokens = block.tokens, vectors = columns.vectors;
  int64_t count = block.moves ? updatesPerToken() * tokens : 0;
  Region &region = b.getKernel().getElement();
  for (int64_t t = 0; t < tokens; ++t) {
    MutableArrayRef<Value> own =
        MutableArrayRef(outs).slice(t * vectors, vectors);
    for (int64_t u = 0; u < count; ++u) {
      if (getTokenOf(u, block) > t)
        continue;
      Value factor = b.broadcast(loadDot(Dot::Reads, t, u));
      for (int64_t v = 0; v < vectors; ++v)
        own[v] = b.fma(factor, loadUpdate(block, columns, u, v), own[v]);
    }
    Value total, quotient;
    if (kernel.hasSum) {
      total = b.loadBroadcast(sums, {t});
      if (region.empty())
        quotient = buildDivOrZero(b, b.splat(1.0), total);
    }
    for (int64_t v = 0; v < vectors; ++v) {
      Value result = quotient ? b.mulf(own[v], quotient) : own[v];
      if (!region.empty()) {
        SmallVector<LaneValue> args{LaneValue::varying(result)};
        if (kernel.hasSum)
          args.push_back(LaneValue::varying(total));
        FailureOr<Value> built =
            buildElement(b, region, args, b.lanes(), columns.mask);
        if (failed(built))
          status = failure();
        else
          result = *built;
      }
      b.store(result, kernel.out,
              {batch, b.add(block.token, t), head, columnOf(columns, v)},
              columns.mask);
    }
  }
}
