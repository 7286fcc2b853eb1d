//===- Embed.cpp - The family embed ---------------------------------------===//
//
// A task copies one row of the table. Rows lie contiguous; in panels a row is
// one lane of its panel, so a number (or a word of codes) is taken from each
// step of `width` numbers. An id outside the table gives zeros.
//
//===----------------------------------------------------------------------===//

#include "compiler/codegen/cpu/KernelEmitter.h"
#include "compiler/codegen/cpu/linear/Panels.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace weft;
using namespace weft::cpu;

namespace {
class EmbedEmitter {
public:
  explicit EmbedEmitter(KernelBuilder &b) : b(b) {}
  LogicalResult emit();

private:
  LogicalResult check();
  void forColumns(function_ref<Value(Value column, Value mask)> number);
  void emitRow(Value row);
  void emitNumbersOfPanel(Panel &panel, Value lane);
  void emitCodesOfPanel(Panel &panel, Value lane);

  KernelBuilder &b;
  program::RowsAttr rows;
  program::PanelsAttr panels;
  int64_t numRows = 0, columns = 0;
  Value task;
};
} // namespace

LogicalResult EmbedEmitter::check() {
  FailureOr<int64_t> r = b.requireInt("rows"), c = b.requireInt("c");
  if (failed(r) || failed(c))
    return failure();
  numRows = *r;
  columns = *c;
  rows = b.get<program::RowsAttr>("layout");
  panels = b.get<program::PanelsAttr>("layout");
  auto error = [&] { return b.getKernel().emitOpError(); };
  if (panels && (panels.getRows() < numRows || panels.getColumns() != columns))
    return error() << "expected a table of " << numRows << " by " << columns
                   << " but got " << panels;
  if (panels)
    return checkPanels(b, panels, 1);
  if (!rows)
    return error() << "expected a layout of rows or panels for the table";
  RankedTensorType type = rows.getType();
  if (type.getRank() != 2 || type.getDimSize(0) < numRows ||
      type.getDimSize(1) != columns || !isa<FloatType>(type.getElementType()))
    return error() << "expected a table of " << numRows << " by " << columns
                   << " floats but got " << type;
  return success();
}

/// Stores `number` for vectors of columns of the task's row.
void EmbedEmitter::forColumns(function_ref<Value(Value, Value)> number) {
  int64_t lanes = b.lanes(), whole = columns / lanes * lanes;
  b.loop(0, whole, lanes,
         [&](Value c) { b.store(number(c, {}), b.buffer(2), {task, c}); });
  if (whole == columns)
    return;
  Value mask = b.tailMask(columns - whole);
  b.store(number(b.index(whole), mask), b.buffer(2), {task, whole}, mask);
}

void EmbedEmitter::emitRow(Value row) {
  if (rows) {
    auto type = MemRefType::get(rows.getType().getShape(),
                                rows.getType().getElementType());
    Value table = b.view(b.buffer(1), 0, type);
    forColumns([&](Value c, Value mask) {
      return toF32(b, b.load(table, {row, c}, mask));
    });
    return;
  }
  Panel panel(b, b.buffer(1), panels, b.div(row, panels.getWidth()));
  Value lane = b.rem(row, panels.getWidth());
  if (panels.getScheme())
    emitCodesOfPanel(panel, lane);
  else
    emitNumbersOfPanel(panel, lane);
}

void EmbedEmitter::emitNumbersOfPanel(Panel &panel, Value lane) {
  b.loop(0, columns, 1, [&](Value c) {
    Value number = toF32(b, b.loadScalar(panel.numbers, {c, lane}));
    b.storeScalar(number, b.buffer(2), {task, c});
  });
}

void EmbedEmitter::emitCodesOfPanel(Panel &panel, Value lane) {
  SchemeAttrInterface scheme = panels.getScheme();
  int64_t group = scheme.getGroupSize(), inWord = getCodesPerWord(panels);
  VectorType i32 = b.vectorType(b.getI32Type(), inWord);
  VectorType f32 = b.vectorType(b.getF32Type(), inWord);
  SmallVector<int32_t> shifts;
  for (int64_t k = 0; k < inWord; ++k)
    shifts.push_back(getCodeShift(panels, k));
  Value shift = arith::ConstantOp::create(
      b, DenseElementsAttr::get(i32, ArrayRef<int32_t>(shifts)));
  Value low = b.integer((1 << panels.getCodeBits()) - 1, i32);
  Value zero = b.integer(panels.getZeroCode(), i32);

  b.loop(0, columns / group, 1, [&](Value g) {
    auto ofGroup = [&](Value part) {
      return b.broadcast(toF32(b, b.loadScalar(part, {g, lane})), f32);
    };
    Value scale = ofGroup(panel.scales);
    Value minimum = panel.minima ? ofGroup(panel.minima) : Value();
    b.loop(0, group / inWord, 1, [&](Value i) {
      Value at = b.add(b.mul(g, group / inWord), i);
      Value word = b.broadcast(b.loadScalar(panel.codes, {at, lane}), i32);
      Value code =
          arith::AndIOp::create(b, arith::ShRUIOp::create(b, word, shift), low);
      code = arith::SubIOp::create(b, code, zero);
      Value number = b.mulf(scale, arith::SIToFPOp::create(b, f32, code));
      if (minimum)
        number = b.addf(number, minimum);
      b.store(number, b.buffer(2), {task, b.mul(at, inWord)});
    });
  });
}

LogicalResult EmbedEmitter::emit() {
  if (failed(check()))
    return failure();
  b.forTasks([&](Value t) {
    task = t;
    Value id = b.loadScalar(b.buffer(0), {task});
    // Unsigned, so that an id below zero is outside as well.
    Value inside = arith::CmpIOp::create(b, arith::CmpIPredicate::ult, id,
                                         b.integer(numRows, id.getType()));
    b.when(
        inside,
        [&] { emitRow(arith::IndexCastOp::create(b, b.getIndexType(), id)); },
        [&] { forColumns([&](Value, Value) { return b.splat(0); }); });
  });
  return success();
}

static LogicalResult emitEmbed(program::KernelOp, KernelBuilder &b) {
  return EmbedEmitter(b).emit();
}
static RegisterKernelEmitter embed("embed", emitEmbed);
