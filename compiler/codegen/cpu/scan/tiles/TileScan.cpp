//===- TileScan.cpp - Tasks and chunks on a matrix unit -------------------===//
//
// Tasks of a call take turns chunk by chunk, as many as have their states in
// the second cache: heads of a token lie side by side, and what one head's rows
// bring of a page is near when the next needs it.
//
//===----------------------------------------------------------------------===//

#include "compiler/codegen/cpu/scan/tiles/TileScan.h"
#include "compiler/codegen/cpu/VectorBlocks.h"

using namespace mlir;
using namespace weft;
using namespace weft::cpu;

/// Bytes of states that stay in the second cache beside the tokens.
static constexpr int64_t kStateBytes = 1 << 19;

/// Whether rows of `buffer` are found by numbers that are known here, which
/// a matrix unit needs: elements stand one after the other.
static bool hasKnownStrides(Value buffer) {
  auto type = cast<MemRefType>(buffer.getType());
  return type.getLayout().isIdentity() &&
         llvm::none_of(type.getShape().drop_front(2), ShapedType::isDynamic);
}

TileScan::TileScan(KernelBuilder &b, const ScanKernel &kernel)
    : b(b), kernel(kernel), scanRows(b, kernel), unit(b), tasksAtOnce(1) {
  int64_t perTask = std::min(kernel.columns, kernel.columnsPerTask);
  rows = llvm::alignTo(kernel.rows, kNumbers);
  columns = llvm::alignTo(perTask, kNumbers);
  Values ones(kernel.gates.size(), b.splat(1.0));
  decays = bool(kernel.transition.buildDecay(b, ones));
  decaysByRow = decays && llvm::any_of(kernel.gates,
                                       [](GateAxes gate) { return gate.row; });
  bool isWhole = columns == perTask && kernel.columns % perTask == 0;
  isInPlace = isWhole && rows == kernel.rows && hasKnownStrides(kernel.final);
  hasDirectOuts = isWhole && !kernel.hasSum && hasKnownStrides(kernel.out) &&
                  b.getKernel().getElement().empty();
  if (isInPlace)
    tasksAtOnce =
        std::clamp<int64_t>(kStateBytes / (rows * columns * 4), 1, 64);
  makeScratch();
}

TileScan::Factor TileScan::makeFactor(int64_t tiles, int64_t steps,
                                      int64_t count) {
  Value buffer = b.scratch(
      {count * kernel.parts, tiles, steps, kTile, kNumbers}, b.getBF16Type());
  return {buffer, tiles, steps, /*first=*/{}};
}

void TileScan::makeScratch() {
  auto make = [&](ArrayRef<int64_t> shape) {
    return b.scratch(shape, b.getF32Type());
  };
  int64_t steps = rows / kNumbers;
  reads = makeFactor(kTiles, steps);
  updates = makeFactor(kTiles, steps);
  pushes = makeFactor(rows / kTile, 1);
  values = makeFactor(columns / kTile, 1);
  states = makeFactor(columns / kTile, steps, tasksAtOnce);
  weights = makeFactor(kTiles, 1);
  queries = decays ? makeFactor(kTiles, steps) : reads;
  sums = make({2 * kChunk, kChunk});
  if (decays && !decaysByRow) {
    triangle = make({kChunk, kChunk});
    decay = make({kChunk + 1});
  }
  if (corrects()) {
    seen = makeFactor(kTiles, steps);
    rights = decays ? makeFactor(kTiles, steps) : seen;
    seenPairs = make({kChunk, kChunk});
    solved = make({kChunk, columns});
  }
  for (Value &rowsOf : staged)
    rowsOf = make({kChunk, rows});
  stagedValues = make({kChunk, columns});
  if (decaysByRow) {
    stagedDecays = make({kChunk, rows});
    tileKeep = make({kTiles, rows});
  }
  outs = make({kChunk, columns});
  if (!isInPlace)
    state = make({rows, columns});
  if (kernel.hasSum) {
    totals = make({kChunk});
    if (!isInPlace)
      sum = make({rows});
  }
}

/// What is never written but may meet zeros must be finite.
void TileScan::initialise() {
  Value zero = b.broadcast(buildHiddenZero(b));
  auto clear = [&](Value buffer) {
    ArrayRef<int64_t> shape = cast<MemRefType>(buffer.getType()).getShape();
    b.loop(0, shape[0], 1, [&](Value i) {
      b.loop(0, shape[1], kTile,
             [&](Value j) { b.store(zero, buffer, {i, j}); });
    });
  };
  if (rows != kernel.rows) {
    for (Value rowsOf : staged)
      clear(rowsOf);
    if (stagedDecays)
      clear(stagedDecays);
  }
  if (columns != kernel.columnsPerTask)
    clear(stagedValues);
  if (state)
    clear(state);
  if (sum)
    b.loop(0, rows, kTile, [&](Value r) { b.store(zero, sum, {r}); });
  if (decay)
    b.storeScalar(b.real(1.0), decay, {0});
}

//===----------------------------------------------------------------------===//
// Tasks
//===----------------------------------------------------------------------===//

LogicalResult TileScan::emit() {
  unit.configure();
  initialise();
  b.loop(b.begin(), b.end(), tasksAtOnce, [&](Value first) {
    emitTasks(first, b.min(b.add(first, tasksAtOnce), b.end()));
  });
  unit.release();
  return status;
}

void TileScan::select(Value task, Value first) {
  states.first = b.mul(b.sub(task, first), kernel.parts);
  const ScanTask own = getScanTask(b, kernel, task);
  batch = own.batch, head = own.head;
  firstColumn = own.firstColumn, columnCount = own.columnCount;
  scanRows.select(batch, head);
}

void TileScan::emitTasks(Value first, Value last) {
  auto copyStates = [&](bool isIn) {
    b.loop(first, last, 1, [&](Value task) {
      select(task, first);
      copyState(isIn);
      if (isIn)
        roundState();
    });
  };
  copyStates(/*isIn=*/true);
  if (kernel.bidirectional) {
    emitPass(first, last, /*reads=*/false, /*moves=*/true);
    emitPass(first, last, /*reads=*/true, /*moves=*/false);
  } else {
    emitPass(first, last, /*reads=*/true, /*moves=*/true);
  }
  if (!isInPlace)
    copyStates(/*isIn=*/false);
}

void TileScan::emitPass(Value first, Value last, bool reads, bool moves) {
  Value all = b.scalar(1), even = b.mul(b.div(all, kChunk), kChunk);
  auto emit = [&](Value token, Value count) {
    b.loop(first, last, 1, [&](Value task) {
      select(task, first);
      selectNext(task, first, last, token);
      emitChunk({token, count, reads, moves});
    });
  };
  b.loop(0, even, kChunk, [&](Value token) { emit(token, {}); });
  b.when(b.less(even, all), [&] { emit(even, b.sub(all, even)); });
}

void TileScan::emitChunk(const Chunk &chunk) {
  bool solves = chunk.moves && corrects();
  if (isStaged(chunk))
    stage(chunk);
  if (chunk.moves && decays)
    decaysByRow ? moveToBorders(chunk) : prepareTriangle(chunk);
  prepareFactors(chunk);
  // Tiles are read well after they were stored: they wait for all of their rows
  // to have left the store buffer.
  if (chunk.moves && !solves)
    roundValues([&](Index token, Index column) {
      return getValue(chunk, token, column);
    });
  if (chunk.reads && chunk.moves)
    multiplyPairs(queries, sums);
  if (solves) {
    multiplyPairs(rights, seenPairs);
    seeState();
    decaySeen();
    solve(chunk);
    roundValues([&](Index token, Index column) {
      return b.load(solved, {token, column});
    });
  }
  if (chunk.reads) {
    weigh(chunk);
    readState(chunk);
  }
  if (!chunk.moves)
    return;
  moveState();
  if (kernel.hasSum)
    moveSum(chunk);
}

void TileScan::copyState(bool isIn) {
  using Place = SmallVector<Index>;
  // Vectors of a row handed in or on, and of the same in scratch.
  auto copyRow = [&](Value initial, Value final, Value near, Place row,
                     Place nearRow, Index first, Index count, int64_t most) {
    b.loop(0, most, kTile, [&](Value c) {
      Place at(row), nearAt(nearRow);
      at.push_back(b.add(first, c));
      nearAt.push_back(c);
      Value mask = isInPlace ? Value() : b.tailMask(b.sub(count, c));
      if (isInPlace)
        b.store(b.load(initial, at), final, at);
      else if (isIn)
        b.store(b.load(initial, at, mask), near, nearAt);
      else
        b.store(b.load(near, nearAt), final, at, mask);
    });
  };
  b.loop(0, kernel.rows, 1, [&](Value row) {
    copyRow(kernel.initial, kernel.final, state, {batch, head, row}, {row},
            firstColumn, columnCount, columns);
  });
  if (kernel.hasSum)
    copyRow(kernel.initialSum, kernel.finalSum, sum, {batch, head}, {}, 0,
            kernel.rows, rows);
}
