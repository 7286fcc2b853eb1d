//===- Embed.cpp - The family embed ---------------------------------------===//
//
// A task copies one row of the table. Rows lie contiguous; in panels a row is
// one lane of its panel, so a number (or a word of codes) is taken from each
// step of `width` numbers. An id outside the table gives zeros.
//
//===----------------------------------------------------------------------===//

#include "compiler/codegen/cpu/KernelEmitter.h"
#include "compiler/codegen/cpu/linear/GroupScales.h"
#include "dialects/program/layouts/BlockPanels.h"
#include "dialects/program/layouts/Tiles.h"
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
  Value readCodes(Panel &panel, Value word, Value lane);
  void emitTilesOfPanel(Value panel, Value lane);

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
  Value lane = b.rem(row, panels.getWidth());
  if (program::hasTiles(panels))
    return emitTilesOfPanel(b.div(row, panels.getWidth()), lane);
  Panel panel(b, b.buffer(1), panels, b.div(row, panels.getWidth()));
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

/// The numbers of word `word` of codes of a lane, less the zero code.
Value EmbedEmitter::readCodes(Panel &panel, Value word, Value lane) {
  int64_t inWord = getCodesPerWord(panels), high = getHighBits(panels);
  VectorType i32 = b.vectorType(b.getI32Type(), inWord);
  auto read = [&](Value part, Value row, Value shift, int64_t bits) -> Value {
    Value all = b.broadcast(b.loadScalar(part, {row, lane}), i32);
    all = arith::ShRUIOp::create(b, all, shift);
    return arith::AndIOp::create(b, all, b.integer((1 << bits) - 1, i32));
  };
  SmallVector<int32_t> low, above;
  for (int64_t k = 0; k < inWord; ++k) {
    low.push_back(getCodeShift(panels, k));
    above.push_back(8 * (k % 4) + k / 4 * high);
  }
  auto constant = [&](ArrayRef<int32_t> values) -> Value {
    return arith::ConstantOp::create(b, DenseElementsAttr::get(i32, values));
  };
  Value code = read(panel.codes, word, constant(low), panels.getCodeBits());
  if (high) { // two quads of k a word of codes
    int64_t words = 4 / high;
    Value first = arith::IndexCastOp::create(
        b, b.getI32Type(), b.mul(b.rem(word, words), 2 * high));
    Value shift =
        arith::AddIOp::create(b, constant(above), b.broadcast(first, i32));
    Value bits = read(panel.highBits, b.div(word, words), shift, high);
    bits = arith::ShLIOp::create(b, bits, b.integer(4, i32));
    code = arith::OrIOp::create(b, code, bits);
  }
  code = arith::SubIOp::create(b, code, b.integer(panels.getZeroCode(), i32));
  return arith::SIToFPOp::create(b, b.vectorType(b.getF32Type(), inWord), code);
}

/// A number is the sum of its parts, or a code times the scale of its row.
void EmbedEmitter::emitTilesOfPanel(Value panel, Value lane) {
  auto facts = *program::TileLayout::find(panels);
  constexpr int64_t kOutputs = program::TileLayout::kOutputs;
  auto type =
      MemRefType::get({panels.getWidth() / kOutputs, facts.steps, facts.parts,
                       facts.inputs / facts.pack, kOutputs, facts.pack},
                      facts.part);
  Value tiles = b.view(b.buffer(1), b.mul(panel, panels.getPanelBytes()), type);
  auto read = [&](Value c, int64_t part) {
    Value inTile = b.rem(c, facts.inputs);
    return b.loadScalar(tiles,
                        {b.div(lane, kOutputs), b.div(c, facts.inputs), part,
                         b.div(inTile, facts.pack), b.rem(lane, kOutputs),
                         b.rem(inTile, facts.pack)});
  };
  Value scale;
  if (facts.isScaled())
    scale = b.loadScalar(
        b.view(b.buffer(1),
               b.add(b.mul(panel, panels.getPanelBytes()),
                     getTileScalesOffset(panels)),
               MemRefType::get({panels.getWidth()}, b.getF32Type())),
        {lane});
  b.loop(0, columns, 1, [&](Value c) {
    Value number;
    if (scale)
      number =
          b.mulf(arith::SIToFPOp::create(b, b.getF32Type(), read(c, 0)), scale);
    for (int64_t part = 0; !scale && part < facts.parts; ++part) {
      Value next = toF32(b, read(c, part));
      number = number ? b.addf(number, next) : next;
    }
    b.storeScalar(number, b.buffer(2), {task, c});
  });
}

/// Groups of a block are unrolled, as each has its place in the scale codes.
void EmbedEmitter::emitCodesOfPanel(Panel &panel, Value lane) {
  SchemeAttrInterface scheme = panels.getScheme();
  int64_t group = scheme.getGroupSize(), size = scheme.getBlockSize();
  int64_t inWord = getCodesPerWord(panels), words = getScaleCodeWords(panels);
  VectorType f32 = b.vectorType(b.getF32Type(), inWord);
  b.loop(0, columns / size, 1, [&](Value block) {
    SmallVector<Value> scaleCodes;
    for (int64_t i = 0; i < words; ++i)
      scaleCodes.push_back(b.loadScalar(panel.scaleCodes,
                                        {b.add(b.mul(block, words), i), lane}));
    auto ofGroup = [&](Value part, int64_t g, bool isMinimum) {
      Value unit = toF32(b, b.loadScalar(part, {block, lane}));
      if (words)
        unit = b.mulf(isMinimum ? b.mulf(unit, b.real(-1)) : unit,
                      readScaleCode(b, panels, scaleCodes, g, isMinimum));
      return b.broadcast(unit, f32);
    };
    for (int64_t g = 0; g < size / group; ++g) {
      Value scale = ofGroup(panel.scales, g, false);
      Value minimum = panel.minima ? ofGroup(panel.minima, g, true) : Value();
      Value first = b.add(b.mul(block, size / inWord), g * group / inWord);
      b.loop(first, b.add(first, group / inWord), 1, [&](Value word) {
        Value number = b.mulf(scale, readCodes(panel, word, lane));
        if (minimum)
          number = b.addf(number, minimum);
        b.store(number, b.buffer(2), {task, b.mul(word, inWord)});
      });
    }
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
