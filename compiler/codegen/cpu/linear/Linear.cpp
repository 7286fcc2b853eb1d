//===- Linear.cpp - The family linear -------------------------------------===//
//
// A task is a block of rows and some panels of outputs. Few rows are multiplied
// straight from packed codes (GEMV: bound by reading weights). Otherwise parts
// of a panel become f32 once a task, in scratch, unless they are so already,
// and register tiles run over the rows. With precision int8 weights in blocks
// are multiplied as bytes, for few rows in registers and for many in scratch.
//
//===----------------------------------------------------------------------===//

#include "compiler/codegen/cpu/KernelEmitter.h"
#include "compiler/codegen/cpu/linear/groups/GroupPart.h"
#include "compiler/codegen/cpu/linear/tiles/ByteProduct.h"
#include "compiler/codegen/cpu/linear/tiles/TileKernel.h"
#include "compiler/codegen/cpu/rows/TiledRows.h"
#include "dialects/program/layouts/RowTiles.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace weft;
using namespace weft::cpu;

namespace {
class LinearEmitter {
public:
  LinearEmitter(KernelBuilder &b, LinearKernel &kernel)
      : b(b), kernel(kernel) {}
  LogicalResult emit();

private:
  Value getLastPanel();
  void forPanels(Value group, function_ref<void(Value)> body);
  LogicalResult emitFewRowsTask(Value task, int64_t rows, Value firstRow);
  LogicalResult emitTilesTask(Value task);
  LogicalResult emitPanel(Value panel, const RowBlock &rows);
  LogicalResult emitPart(TileWork &work);
  LogicalResult emitFewOrManyRowsTask(Value task);
  LogicalResult emitRowsOfTurn(Value task, Value first, Value rows);
  LogicalResult emitTileUnitTasks();
  LogicalResult emitCodeTasks();
  LogicalResult emitGroupTasks();
  void createWidened(int64_t rows);
  void createReadyBlock();
  void makeReady(RowBlock &block, Value number);

  KernelBuilder &b;
  LinearKernel &kernel;
  Value scratch; ///< f32 of a part of a panel.
  Value tileMemory;
  SmallVector<Value> sums;       ///< Of groups of the input, for few rows.
  Value readyBlock;              ///< Number of the row block that is ready.
  std::optional<RowCodes> codes; ///< Of rows, for weights in groups of bytes;
  std::optional<GroupScratch> groupScratch;
  bool hasFewRows = false; ///< and whether tiles unpack for themselves.
};
} // namespace

void LinearEmitter::createReadyBlock() {
  readyBlock = b.scratch({1}, b.getIndexType());
  b.storeScalar(b.index(-1), readyBlock, {0});
}

/// Lets rows that stand in tiles become f32 in scratch, `rows` at a time.
void LinearEmitter::createWidened(int64_t rows) {
  if (!kernel.hasTiledInput(b))
    return;
  int64_t columns = llvm::alignTo(kernel.k, program::RowTiles::kColumns);
  kernel.widened = b.scratch({rows, columns}, b.getF32Type());
  createReadyBlock();
}

/// Widens or rounds the rows of a block, unless they are so from the task
/// before.
void LinearEmitter::makeReady(RowBlock &block, Value number) {
  if (!readyBlock)
    return;
  b.when(
      b.equal(b.loadScalar(readyBlock, {0}), number), [] {},
      [&] {
        if (codes)
          codes->fill(block);
        else
          emitWidenTiles(b, b.buffer(0), block.row, block.count,
                         kernel.widened);
        b.storeScalar(number, readyBlock, {0});
      });
  block.inputRow = b.index(0);
}

/// Of the call, where it has one row block.
Value LinearEmitter::getLastPanel() {
  return b.sub(b.min(b.mul(b.end(), kernel.panelsPerTask), kernel.panels), 1);
}

void LinearEmitter::forPanels(Value group, function_ref<void(Value)> body) {
  Value first = b.mul(group, kernel.panelsPerTask);
  Value last = b.min(b.add(first, kernel.panelsPerTask), kernel.panels);
  b.loop(first, last, 1, body);
}

LogicalResult LinearEmitter::emitFewRowsTask(Value task, int64_t rows,
                                             Value firstRow) {
  RowBlock block = {firstRow, b.index(rows), rows, {}};
  makeReady(block, firstRow);
  emitGroupSums(b, kernel, block, sums);
  Value last = getLastPanel();
  LogicalResult result = success();
  forPanels(task, [&](Value panel) {
    if (failed(emitFewRows(b, kernel, {block, panel, last, sums})))
      result = failure();
  });
  return result;
}

/// A product of a panel and a part of K.
LogicalResult LinearEmitter::emitPart(TileWork &work) {
  if (kernel.hasGroups()) {
    GroupPart part(b, kernel, *groupScratch, *codes, work, getLastPanel(),
                   hasFewRows);
    part.prepare();
    work.groups = &part;
    return emitTiles(b, kernel, work);
  }
  program::PanelsAttr layout = kernel.layouts[work.product];
  if (layout.getStorage().isF32()) {
    work.weights =
        Panel(b, kernel.weight(b, work.product), layout, work.panel).numbers;
    work.firstRow = work.range.first;
  } else {
    emitDequantize(b, kernel, work.product, work.panel, work.range, scratch);
    work.weights = scratch;
    work.firstRow = b.index(0);
  }
  return emitTiles(b, kernel, work);
}

LogicalResult LinearEmitter::emitPanel(Value panel, const RowBlock &rows) {
  LogicalResult result = success();
  int64_t part = kernel.getPartOfK();
  for (unsigned p = 0; p < kernel.getNumProducts(); ++p)
    b.loop(0, kernel.k, part, [&](Value from) {
      TileWork work;
      work.product = p;
      work.panel = panel;
      work.range = {from, b.min(b.sub(kernel.k, from), part)};
      work.rows = rows;
      work.memory = tileMemory;
      if (part < kernel.k) {
        work.isFirst = b.equal(from, 0);
        work.isLast = b.less(kernel.k - part - 1, from);
      }
      if (failed(emitPart(work)))
        result = failure();
    });
  return result;
}

/// Blocks of rows are as even as can be; panels come first, so that the input
/// stays in the cache.
LogicalResult LinearEmitter::emitTilesTask(Value task) {
  int64_t fixed = kernel.getStaticRows(b);
  Value rows = fixed < 0 ? b.scalar(0) : b.index(fixed);
  Value perBlock = b.ceilDiv(rows, b.ceilDiv(rows, kernel.rowsPerTask));
  int64_t groups = llvm::divideCeil(kernel.panels, kernel.panelsPerTask);
  Value number = b.div(task, groups), row = b.mul(number, perBlock);
  Value count = b.min(b.sub(rows, row), perBlock);
  bool isStatic = fixed >= 0 && fixed <= kernel.rowsPerTask;
  RowBlock block = {row, count, isStatic ? fixed : -1, {}};
  makeReady(block, number);
  LogicalResult result = success();
  forPanels(b.rem(task, groups), [&](Value panel) {
    if (failed(emitPanel(panel, block)))
      result = failure();
  });
  return result;
}

/// A launch of few rows, found at run time, must not pay for panels in f32; up
/// to twice as many as registers hold are taken in two turns.
LogicalResult LinearEmitter::emitFewOrManyRowsTask(Value task) {
  int64_t few = getMaxFewRows(b, kernel);
  Value count = b.scalar(0);
  Value isMany = b.less(2 * few, count), isTwo = b.less(few, count);
  Value turns = b.choose(isTwo, b.choose(isMany, 1, 2), 1);
  Value perTurn = b.choose(isMany, 0, b.ceilDiv(count, turns));
  LogicalResult result = success();
  b.loop(0, turns, 1, [&](Value turn) {
    Value first = b.mul(turn, perTurn);
    Value rows = b.min(perTurn, b.sub(count, first));
    if (failed(emitRowsOfTurn(task, first, rows)))
      result = failure();
  });
  return result;
}

/// `rows` rows, if they are not 0 and few, else all of them.
LogicalResult LinearEmitter::emitRowsOfTurn(Value task, Value first,
                                            Value rows) {
  SmallVector<int64_t> cases;
  for (int64_t count = 1; count <= getMaxFewRows(b, kernel); ++count)
    cases.push_back(count);
  auto choose =
      scf::IndexSwitchOp::create(b, TypeRange(), rows, cases, cases.size());
  LogicalResult result = success();
  auto fill = [&](Region &region, function_ref<LogicalResult()> body) {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(&region.emplaceBlock());
    if (failed(body()))
      result = failure();
    scf::YieldOp::create(b);
  };
  for (size_t i = 0; i < cases.size(); ++i)
    fill(choose.getCaseRegions()[i],
         [&] { return emitFewRowsTask(task, cases[i], first); });
  fill(choose.getDefaultRegion(), [&] { return emitTilesTask(task); });
  return result;
}

/// One row, if so found at run time, is bound by reading weights.
LogicalResult LinearEmitter::emitTileUnitTasks() {
  if (kernel.getStaticRows(b) >= 0)
    return emitTileTasks(b, kernel);
  createWidened(1);
  sums = createGroupSums(b, kernel, 1);
  LogicalResult one = success(), many = success();
  b.when(
      b.equal(b.scalar(0), 1),
      [&] {
        b.forTasks(
            [&](Value task) { one = emitFewRowsTask(task, 1, b.index(0)); });
      },
      [&] { many = emitTileTasks(b, kernel); });
  return success(succeeded(one) && succeeded(many));
}

/// Weights of codes: products of integers, at every level.
LogicalResult LinearEmitter::emitCodeTasks() {
  int64_t rows = kernel.getStaticRows(b);
  if (!usesTileUnit(b, kernel) || rows == 1)
    return emitByteTasks(b, kernel, rows);
  if (rows > 0)
    return emitTileTasks(b, kernel);
  LogicalResult one = success(), many = success();
  b.when(
      b.equal(b.scalar(0), 1), [&] { one = emitByteTasks(b, kernel, 1); },
      [&] { many = emitTileTasks(b, kernel); });
  return success(succeeded(one) && succeeded(many));
}

/// Tiles of rows up to which each unpacks codes for itself.
static constexpr int64_t kFewTiles = 4;

/// Weights of codes in groups: the same at every level.
LogicalResult LinearEmitter::emitGroupTasks() {
  int64_t rows = kernel.getStaticRows(b),
          few = kFewTiles * getMaxTileRows(b, kernel);
  int64_t most =
      rows < 0 ? kernel.rowsPerTask : std::min(rows, kernel.rowsPerTask);
  tileMemory = createTileMemory(b, kernel);
  groupScratch.emplace(b, kernel);
  codes.emplace(b, kernel, most);
  createReadyBlock();
  LogicalResult result = success();
  auto emitTasks = [&](bool isFew) {
    hasFewRows = isFew;
    b.forTasks([&](Value task) {
      if (failed(emitTilesTask(task)))
        result = failure();
    });
  };
  if (rows >= 0)
    emitTasks(rows <= few);
  else
    b.when(
        b.less(b.scalar(0), few + 1), [&] { emitTasks(true); },
        [&] { emitTasks(false); });
  return result;
}

LogicalResult LinearEmitter::emit() {
  if (kernel.hasCodes())
    return emitCodeTasks();
  if (kernel.hasGroups())
    return emitGroupTasks();
  int64_t rows = kernel.getStaticRows(b), few = getMaxFewRows(b, kernel);
  bool isFew = rows > 0 && rows <= few;
  bool isEither = rows < 0 && few && !kernel.isPlain();
  if (!isFew && usesTileUnit(b, kernel))
    return emitTileUnitTasks();
  createWidened(isFew ? rows : kernel.rowsPerTask);
  if (!isFew) {
    tileMemory = createTileMemory(b, kernel);
    if (!kernel.isPlain())
      scratch = b.scratch({kernel.getPartOfK(), kernel.width}, b.getF32Type());
  }
  if (isFew || isEither)
    sums = createGroupSums(b, kernel, isFew ? rows : few);
  LogicalResult result = success();
  b.forTasks([&](Value task) {
    result = isFew      ? emitFewRowsTask(task, rows, b.index(0))
             : isEither ? emitFewOrManyRowsTask(task)
                        : emitTilesTask(task);
  });
  return result;
}

static LogicalResult emitLinear(program::KernelOp, KernelBuilder &b) {
  FailureOr<LinearKernel> kernel = LinearKernel::create(b);
  if (failed(kernel))
    return failure();
  return LinearEmitter(b, *kernel).emit();
}
static RegisterKernelEmitter linear("linear", emitLinear);
