//===- Linear.cpp - The family linear -------------------------------------===//
//
// A task is a block of rows and some panels of outputs. Few rows, known when
// the kernel is made, are multiplied straight from packed codes (GEMV: bound by
// reading weights). Otherwise a panel becomes f32 once a task, in scratch,
// unless it is so already, and register tiles run over the rows.
//
//===----------------------------------------------------------------------===//

#include "compiler/codegen/cpu/KernelEmitter.h"
#include "compiler/codegen/cpu/linear/LinearKernel.h"

using namespace mlir;
using namespace weft;
using namespace weft::cpu;

using Values = SmallVector<Value>;

namespace {
class LinearEmitter {
public:
  LinearEmitter(KernelBuilder &b, LinearKernel &kernel)
      : b(b), kernel(kernel) {}
  LogicalResult emit();

private:
  void forPanels(Value task, Value rowBlocks, function_ref<void(Value)> body);
  LogicalResult emitFewRowsTask(Value task, int64_t rows);
  LogicalResult emitTilesTask(Value task);
  LogicalResult emitOneOrManyRowsTask(Value task);
  bool hasBlocks() const;
  Values getPanelsAsF32(Value panel);

  KernelBuilder &b;
  LinearKernel &kernel;
  Values scratch; ///< f32 of a panel of each product that needs it.
  Value tileMemory;
};
} // namespace

void LinearEmitter::forPanels(Value task, Value rowBlocks,
                              function_ref<void(Value)> body) {
  Value first = b.mul(b.div(task, rowBlocks), kernel.panelsPerTask);
  Value last = b.min(b.add(first, kernel.panelsPerTask), kernel.panels);
  b.loop(first, last, 1, body);
}

LogicalResult LinearEmitter::emitFewRowsTask(Value task, int64_t rows) {
  SmallVector<Value> sums = emitGroupSums(b, kernel, rows);
  LogicalResult result = success();
  forPanels(task, b.index(1), [&](Value panel) {
    if (failed(emitFewRows(b, kernel, panel, rows, sums)))
      result = failure();
  });
  return result;
}

/// The panel of each product, [K][width] of f32.
Values LinearEmitter::getPanelsAsF32(Value number) {
  Values panels;
  for (unsigned p = 0; p < kernel.getNumProducts(); ++p) {
    if (kernel.layouts[p].getStorage().isF32()) {
      panels.push_back(
          Panel(b, kernel.weight(b, p), kernel.layouts[p], number).numbers);
      continue;
    }
    emitDequantize(b, kernel, p, number, scratch[p]);
    panels.push_back(scratch[p]);
  }
  return panels;
}

LogicalResult LinearEmitter::emitTilesTask(Value task) {
  int64_t fixed = kernel.getStaticRows(b);
  Value rows = fixed < 0 ? b.scalar(0) : b.index(fixed);
  Value rowBlocks = b.ceilDiv(rows, kernel.rowsPerTask);
  Value row = b.mul(b.rem(task, rowBlocks), kernel.rowsPerTask);
  Value count = b.min(b.sub(rows, row), kernel.rowsPerTask);
  bool isStatic = fixed >= 0 && fixed <= kernel.rowsPerTask;
  RowBlock block = {row, count, isStatic ? fixed : -1};
  LogicalResult result = success();
  forPanels(task, rowBlocks, [&](Value panel) {
    Values panels = getPanelsAsF32(panel);
    if (failed(emitTiles(b, kernel, panels, panel, block, tileMemory)))
      result = failure();
  });
  return result;
}

/// A launch of one row, found at run time, must not pay for a panel in f32.
LogicalResult LinearEmitter::emitOneOrManyRowsTask(Value task) {
  LogicalResult one = success(), many = success();
  b.when(
      b.equal(b.scalar(0), 1), [&] { one = emitFewRowsTask(task, 1); },
      [&] { many = emitTilesTask(task); });
  return success(succeeded(one) && succeeded(many));
}

bool LinearEmitter::hasBlocks() const {
  return llvm::any_of(kernel.layouts, [](program::PanelsAttr layout) {
    return bool(layout.getScheme());
  });
}

LogicalResult LinearEmitter::emit() {
  int64_t rows = kernel.getStaticRows(b);
  bool few = rows > 0 && rows <= kernel.rowsPerTask &&
             rows <= getMaxFewRows(b, kernel);
  if (!few) {
    tileMemory = createTileMemory(b, kernel);
    for (program::PanelsAttr layout : kernel.layouts)
      scratch.push_back(
          layout.getStorage().isF32()
              ? Value()
              : b.scratch({kernel.k, kernel.width}, b.getF32Type()));
  }
  LogicalResult result = success();
  b.forTasks([&](Value task) {
    if (few)
      result = emitFewRowsTask(task, rows);
    else if (rows < 0 && hasBlocks())
      result = emitOneOrManyRowsTask(task);
    else
      result = emitTilesTask(task);
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
