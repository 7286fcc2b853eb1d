//===- GroupPart.cpp - A part of a panel of blocks, as bytes --------------===//

#include "compiler/codegen/cpu/linear/groups/GroupPart.h"
#include "dialects/program/layouts/BlockPanels.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace weft;
using namespace weft::cpu;

using Values = SmallVector<Value>;

static int64_t getGroupSize(program::PanelsAttr layout) {
  return layout.getScheme().getGroupSize();
}

/// The largest code, without its zero code taken away.
static int64_t getMostCode(program::PanelsAttr layout) {
  return (1 << layout.getScheme().getCodeBits()) - 1;
}

GroupScratch::GroupScratch(KernelBuilder &b, const LinearKernel &kernel) {
  int64_t part = kernel.getPartOfK(), groups = 0;
  bool hasMinima = false, unpacks = false;
  for (program::PanelsAttr layout : kernel.layouts) {
    groups = std::max(groups, part / getGroupSize(layout));
    hasMinima |= layout.getScheme().hasMinimum();
    unpacks |= layout.getCodeBits() < 8;
  }
  auto make = [&](int64_t rows, Type type) {
    return b.scratch({rows, kernel.width}, type);
  };
  scales = make(groups, b.getF32Type());
  starts = make(groups, b.getF32Type());
  if (hasMinima)
    minima = make(groups, b.getF32Type());
  if (unpacks)
    bytes = make(part / 4, b.getI32Type());
}

GroupPart::GroupPart(KernelBuilder &b, const LinearKernel &kernel,
                     const GroupScratch &scratch, RowCodes &rows,
                     const TileWork &work, Value lastPanel, bool isFew)
    : b(b), kernel(kernel), scratch(scratch), rows(rows), product(work.product),
      layout(kernel.layouts[product]),
      panel(b, kernel.weight(b, product), layout, work.panel),
      stream(b, kernel.weight(b, product), layout, work.panel, lastPanel),
      range(work.range), isFew(isFew), reader(b, layout),
      dot(b, getMostCode(layout)),
      firstGroup(b.div(range.first, getGroupSize(layout))) {}

bool GroupPart::unpacks() const { return !isFew && layout.getCodeBits() < 8; }

void GroupPart::prepareScales(GroupScales &from, Value group, Value step) {
  for (int64_t v = 0; v < kernel.getVectors(b); ++v) {
    int64_t column = v * b.lanes();
    Value scale = from.getScale(group, column);
    b.store(scale, scratch.scales, {step, column});
    b.store(b.mulf(scale, b.splat(-RowCodes::kStartNumber)), scratch.starts,
            {step, column});
    if (Value minimum = from.getMinimum(group, column))
      b.store(minimum, scratch.minima, {step, column});
  }
}

/// The codes of a group as bytes in scratch.
void GroupPart::unpack(Value group, Value step) {
  int64_t unit = reader.getUnit(), units = getStep() / unit;
  for (int64_t u = 0; u < units; ++u)
    for (int64_t v = 0; v < kernel.getVectors(b); ++v) {
      int64_t column = v * b.lanes();
      CodeReader::Words words =
          reader.load(panel, b.add(b.mul(group, units), u), column);
      for (int64_t quad = 0; quad < unit / 4; ++quad)
        b.store(
            reader.readBytes(words, quad), scratch.bytes,
            {b.add(b.mul(step, getStep() / 4), u * unit / 4 + quad), column});
    }
}

void GroupPart::prepare() {
  GroupScales scales(b, panel, layout, 1, kernel.scaleScratch);
  scales.forGroups(range.first, b.add(range.first, range.count), {},
                   [&](Value group, ValueRange) {
                     Value step = b.sub(group, firstGroup);
                     prepareScales(scales, group, step);
                     if (unpacks())
                       unpack(group, step);
                     return Values();
                   });
}

/// Sums of products of integers over a group.
SmallVector<GroupDot::Sum> GroupPart::multiplyCodes(const Tile &tile,
                                                    Value group, Value step) {
  int64_t unit = reader.getUnit(), units = getStep() / unit;
  int64_t quads = getStep() / 4;
  auto column = [&](int64_t v) { return b.add(tile.column, v * b.lanes()); };
  SmallVector<GroupDot::Sum> sums;
  for (int64_t r = 0; r < tile.height; ++r)
    sums.append(tile.vectors,
                {rows.getStart(product, b.add(tile.row, r), group), {}});
  SmallVector<CodeReader::Words> words(tile.vectors);
  for (int64_t q = 0; q < quads; ++q) {
    int64_t quad = q % (unit / 4);
    SmallVector<GroupDot::Operand> weights;
    for (int64_t v = 0; v < tile.vectors; ++v) {
      if (!unpacks() && quad == 0)
        words[v] = reader.load(
            panel, b.add(b.mul(group, units), q / (unit / 4)), column(v));
      Value bytes =
          unpacks()
              ? b.load(scratch.bytes, {b.add(b.mul(step, quads), q), column(v)})
              : reader.readBytes(words[v], quad);
      weights.push_back(dot.prepareUnsigned(bytes));
    }
    for (int64_t r = 0; r < tile.height; ++r) {
      GroupDot::Operand x = dot.prepareSigned(
          rows.getWord(b.add(tile.row, r), b.add(b.mul(group, quads), q)));
      for (int64_t v = 0; v < tile.vectors; ++v)
        dot.add(sums[r * tile.vectors + v], weights[v], x);
    }
  }
  return sums;
}

void GroupPart::multiplyStep(const Tile &tile, Value step,
                             MutableArrayRef<Value> sums) {
  Value group = b.add(firstGroup, step);
  if (isFew) {
    stream.fetchCodes(group, getStep());
    stream.fetchScales(group);
  }
  SmallVector<GroupDot::Sum> codes = multiplyCodes(tile, group, step);
  Value shared = b.div(b.mul(group, getStep()), RowCodes::kShared);
  Values scales, starts, minima;
  for (int64_t v = 0; v < tile.vectors; ++v) {
    Value column = b.add(tile.column, v * b.lanes());
    auto load = [&](Value from) { return b.load(from, {step, column}); };
    scales.push_back(load(scratch.scales));
    starts.push_back(load(scratch.starts));
    if (panel.minima)
      minima.push_back(load(scratch.minima));
  }
  for (int64_t r = 0; r < tile.height; ++r) {
    Value row = b.add(tile.row, r), rowScale = rows.getScale(row, shared);
    for (int64_t v = 0; v < tile.vectors; ++v) {
      Value number = vector::BitCastOp::create(
          b, b.vectorType(), dot.finish(codes[r * tile.vectors + v]));
      number = b.fma(scales[v], number, starts[v]);
      if (panel.minima)
        number = b.fma(minima[v], rows.getSum(product, row, group), number);
      Value &sum = sums[r * tile.vectors + v];
      sum = b.fma(rowScale, number, sum);
    }
  }
}
