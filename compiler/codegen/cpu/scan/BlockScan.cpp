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
    : b(b), kernel(kernel), scanRows(b, kernel) {
  // Four vectors of sums for each token of a tile, and for each of as many
  // rows, stay in half the registers. Four tiles share what is loaded and
  // stored of the state. The sum of corrected weights is solved for a tile.
  tokensPerTile = b.getLevel().registers >= 32 ? 4 : 2;
  tilesPerBlock = kernel.isOneToken || (kernel.hasSum && corrects()) ? 1 : 4;
  int64_t tokens = tokensPerTile * tilesPerBlock, groups = updatesPerToken();
  int64_t rows = roundUp(kernel.rows, b.lanes());
  int64_t perTile = roundUp(tokensPerTile * tokensPerTile, b.lanes());
  Type type = b.getF32Type();
  auto make = [&](ArrayRef<int64_t> shape) { return b.scratch(shape, type); };
  if (!kernel.isOneToken)
    state = make(
        {kernel.rows, roundUp(kernel.columnsPerTask, kVectors * b.lanes())});
  queries = make({tokens, rows});
  pushes = make({tokens * groups, rows});
  keep = make({rows});
  tileKeep = make({rows});
  updates = make({tokens * groups, kVectors * b.lanes()});
  readDots = make({tilesPerBlock, tilesPerBlock * groups, perTile});
  if (corrects()) {
    seen = make({tokens, rows});
    seenDots = make({tilesPerBlock, tilesPerBlock * groups, perTile});
  }
  if (kernel.hasSum) {
    sum = make({rows});
    sums = make({2, tokens});
  }
}

//===----------------------------------------------------------------------===//
// Tasks
//===----------------------------------------------------------------------===//

LogicalResult BlockScan::emitTask(Value task) {
  const ScanTask own = getScanTask(b, kernel, task);
  batch = own.batch, head = own.head;
  scanRows.select(batch, head);
  firstColumn = own.firstColumn, columnCount = own.columnCount;
  if (kernel.isOneToken) {
    emitBlock({b.index(0), 1, 1, /*reads=*/true, /*moves=*/true});
    return status;
  }
  copyState(/*isIn=*/true);
  copySum(/*isIn=*/true);
  if (kernel.bidirectional) {
    emitBlocks(/*reads=*/false, /*moves=*/true);
    emitBlocks(/*reads=*/true, /*moves=*/false);
  } else {
    emitBlocks(/*reads=*/true, /*moves=*/true);
  }
  copyState(/*isIn=*/false);
  copySum(/*isIn=*/false);
  return status;
}

void BlockScan::emitBlocks(bool reads, bool moves) {
  Value all = b.scalar(1);
  int64_t tokens = tokensPerTile, most = tilesPerBlock * tokens;
  // Whole tiles, then a token at a time.
  Value even = b.mul(b.div(all, tokens), tokens);
  b.loop(0, even, most, [&](Value t) {
    Index tiles = 1;
    if (tilesPerBlock > 1)
      tiles = b.min(b.div(b.sub(even, t), tokens), tilesPerBlock);
    emitBlock({t, tiles, tokens, reads, moves});
  });
  b.loop(even, all, 1, [&](Value t) { emitBlock({t, 1, 1, reads, moves}); });
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
  if (block.moves)
    copyValues(block, columns);
  if (block.tokens == 1) {
    Value tile = b.index(0);
    if (block.moves && corrects())
      solveCorrections(block, tile, columns);
    Values outs = readAndMove(block, columns);
    if (block.reads)
      storeOuts(block, tile, columns, outs);
    return;
  }
  auto emitTile = [&](Value tile) {
    if (block.moves && corrects())
      solveCorrections(block, tile, columns);
    if (block.reads)
      storeOuts(block, tile, columns, readState(block, tile, columns, queries));
  };
  if (block.isTile())
    emitTile(b.index(0));
  else if (block.reads || corrects())
    b.loop(0, block.tiles, 1, emitTile);
  if (block.moves)
    moveState(block, columns);
}

Value BlockScan::loadValue(Index token, const Columns &columns, int64_t v) {
  return b.load(kernel.value, {batch, token, head, columnOf(columns, v)},
                columns.mask);
}

void BlockScan::copyValues(const Block &block, const Columns &columns) {
  if (isCorrection(0, block))
    return;
  // Tokens lie far apart in memory, here side by side.
  int64_t tokens = block.tokens, groups = updatesPerToken();
  b.loop(0, block.tiles, 1, [&](Value tile) {
    for (int64_t t = 0; t < tokens; ++t) {
      Value token = b.add(block.token, b.add(b.mul(tile, tokens), t));
      for (int64_t v = 0; v < columns.vectors; ++v)
        b.store(loadValue(token, columns, v), updates,
                {b.add(b.mul(tile, tokens * groups), t), v * b.lanes()});
    }
  });
}

KernelBuilder::Values BlockScan::readState(const Block &block, Value tile,
                                           const Columns &columns,
                                           Value factors) {
  int64_t tokens = block.tokens, vectors = columns.vectors;
  Values zeros(tokens * vectors, b.splat(0.0));
  Value first = b.mul(tile, tokens);
  return b.loop(0, kernel.rows, 1, zeros, [&](Value row, ValueRange old) {
    Values next(old), lines;
    for (int64_t v = 0; v < vectors; ++v)
      lines.push_back(loadState(columns, row, v));
    for (int64_t t = 0; t < tokens; ++t) {
      Value factor = b.loadBroadcast(factors, {b.add(first, t), row});
      for (int64_t v = 0; v < vectors; ++v) {
        Value &total = next[t * vectors + v];
        total = b.fma(factor, lines[v], total);
      }
    }
    return next;
  });
}

void BlockScan::addOwn(const Block &block, Value tile, const Columns &columns,
                       Dot kind, int64_t token, MutableArrayRef<Value> totals) {
  int64_t tokens = block.tokens, groups = updatesPerToken();
  for (int64_t u = 0; u < tokens * groups; ++u) {
    if (!reads(kind, token, u, block))
      continue;
    Value factor = b.loadBroadcast(
        getDots(kind), {tile, b.add(b.mul(tile, groups), u / tokens),
                        token * tokens + u % tokens});
    for (int64_t v = 0; v < columns.vectors; ++v)
      totals[v] =
          b.fma(factor, loadUpdate(b.add(b.mul(tile, tokens * groups), u), v),
                totals[v]);
  }
}

KernelBuilder::Values BlockScan::addEarlier(const Block &block, Value tile,
                                            const Columns &columns, Dot kind,
                                            Values totals) {
  int64_t tokens = block.tokens, vectors = columns.vectors;
  if (block.isTile())
    return totals;
  return b.loop(
      0, b.mul(tile, updatesPerToken()), 1, totals,
      [&](Value group, ValueRange old) {
        Values next(old);
        for (int64_t u = 0; u < tokens; ++u) {
          Values lines;
          for (int64_t v = 0; v < vectors; ++v)
            lines.push_back(loadUpdate(b.add(b.mul(group, tokens), u), v));
          for (int64_t t = 0; t < tokens; ++t) {
            Value factor =
                b.loadBroadcast(getDots(kind), {tile, group, t * tokens + u});
            for (int64_t v = 0; v < vectors; ++v) {
              Value &total = next[t * vectors + v];
              total = b.fma(factor, lines[v], total);
            }
          }
        }
        return next;
      });
}

void BlockScan::solveCorrections(const Block &block, Value tile,
                                 const Columns &columns) {
  int64_t tokens = block.tokens, vectors = columns.vectors;
  int64_t groups = updatesPerToken();
  Values read = addEarlier(block, tile, columns, Dot::Seen,
                           readState(block, tile, columns, seen));
  for (int64_t t = 0; t < tokens; ++t) {
    MutableArrayRef<Value> own =
        MutableArrayRef(read).slice(t * vectors, vectors);
    addOwn(block, tile, columns, Dot::Seen, t, own);
    Value token = b.add(block.token, b.add(b.mul(tile, tokens), t));
    Value update =
        b.add(b.mul(tile, tokens * groups), (groups - 1) * tokens + t);
    for (int64_t v = 0; v < vectors; ++v) {
      Value written = own[v];
      if (kernel.transition.isWriteCorrected())
        written = b.subf(loadValue(token, columns, v), written);
      b.store(written, updates, {update, v * b.lanes()});
    }
  }
}

void BlockScan::moveState(const Block &block, const Columns &columns) {
  int64_t tokens = block.tokens, vectors = columns.vectors;
  auto moveRows = [&](Value first, int64_t count) {
    Values lines;
    for (int64_t i = 0; i < count; ++i) {
      Value row = b.add(first, i);
      Value kept = decays ? b.loadBroadcast(keep, {row}) : Value();
      for (int64_t v = 0; v < vectors; ++v) {
        Value line = loadState(columns, row, v);
        lines.push_back(kept ? b.mulf(kept, line) : line);
      }
    }
    Index groups = b.mul(block.tiles, updatesPerToken());
    lines = b.loop(0, groups, 1, lines, [&](Value group, ValueRange old) {
      Values next(old);
      for (int64_t u = 0; u < tokens; ++u) {
        Value update = b.add(b.mul(group, tokens), u);
        Values added;
        for (int64_t v = 0; v < vectors; ++v)
          added.push_back(loadUpdate(update, v));
        for (int64_t i = 0; i < count; ++i) {
          Value factor = b.loadBroadcast(pushes, {update, b.add(first, i)});
          for (int64_t v = 0; v < vectors; ++v) {
            Value &line = next[i * vectors + v];
            line = b.fma(factor, added[v], line);
          }
        }
      }
      return next;
    });
    for (auto [i, line] : llvm::enumerate(lines))
      storeState(line, columns, b.add(first, int64_t(i) / vectors),
                 i % vectors);
  };
  // As many rows at a time as tokens of a tile.
  int64_t whole = kernel.rows / tokens * tokens;
  b.loop(0, whole, tokens, [&](Value row) { moveRows(row, tokens); });
  for (int64_t row = whole; row < kernel.rows; ++row)
    moveRows(b.index(row), 1);
}

KernelBuilder::Values BlockScan::readAndMove(const Block &block,
                                             const Columns &columns) {
  int64_t vectors = columns.vectors;
  int64_t count = block.moves ? updatesPerToken() : 0;
  Values zeros(block.reads ? vectors : 0, b.splat(0.0)), added;
  for (int64_t u = 0; u < count; ++u)
    for (int64_t v = 0; v < vectors; ++v)
      added.push_back(loadUpdate(u, v));
  return b.loop(0, kernel.rows, 1, zeros, [&](Value row, ValueRange old) {
    Values outs(old), lines;
    for (int64_t v = 0; v < vectors; ++v)
      lines.push_back(loadState(columns, row, v));
    if (block.reads) {
      Value factor = b.loadBroadcast(queries, {0, row});
      for (int64_t v = 0; v < vectors; ++v)
        outs[v] = b.fma(factor, lines[v], outs[v]);
    }
    if (!block.moves)
      return outs;
    Value kept = decays ? b.loadBroadcast(keep, {row}) : Value();
    for (int64_t v = 0; kept && v < vectors; ++v)
      lines[v] = b.mulf(kept, lines[v]);
    for (int64_t u = 0; u < count; ++u) {
      Value factor = b.loadBroadcast(pushes, {u, row});
      for (int64_t v = 0; v < vectors; ++v)
        lines[v] = b.fma(factor, added[u * vectors + v], lines[v]);
    }
    for (int64_t v = 0; v < vectors; ++v)
      storeState(lines[v], columns, row, v);
    return outs;
  });
}

void BlockScan::storeOuts(const Block &block, Value tile,
                          const Columns &columns, Values outs) {
  int64_t tokens = block.tokens, vectors = columns.vectors;
  if (block.moves)
    outs = addEarlier(block, tile, columns, Dot::Reads, outs);
  Region &region = b.getKernel().getElement();
  Value first = b.mul(tile, tokens);
  for (int64_t t = 0; t < tokens; ++t) {
    MutableArrayRef<Value> own =
        MutableArrayRef(outs).slice(t * vectors, vectors);
    if (block.moves)
      addOwn(block, tile, columns, Dot::Reads, t, own);
    Value token = b.add(first, t);
    Value total, quotient;
    if (kernel.hasSum) {
      total = b.loadBroadcast(sums, {0, token});
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
              {batch, b.add(block.token, token), head, columnOf(columns, v)},
              columns.mask);
    }
  }
}
