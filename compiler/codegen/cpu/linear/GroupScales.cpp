//===- GroupScales.cpp - Scales and minima of groups as f32 ---------------===//

#include "compiler/codegen/cpu/linear/GroupScales.h"
#include "dialects/program/layouts/BlockPanels.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace weft;
using namespace weft::cpu;

using Values = SmallVector<Value>;

static int64_t getGroupsPerBlock(program::PanelsAttr layout) {
  SchemeAttrInterface scheme = layout.getScheme();
  return scheme.getBlockSize() / scheme.getGroupSize();
}

GroupScales::GroupScales(KernelBuilder &b, const Panel &panel,
                         program::PanelsAttr layout, double factor,
                         Value scratch)
    : b(b), panel(panel), layout(layout), factor(factor),
      groups(getGroupsPerBlock(layout)), scratch(scratch) {}

Value GroupScales::createScratch(KernelBuilder &b,
                                 ArrayRef<program::PanelsAttr> layouts) {
  int64_t groups = 0;
  for (program::PanelsAttr layout : layouts)
    if (layout.getScheme() && getScaleCodeWords(layout))
      groups = std::max(groups, getGroupsPerBlock(layout));
  if (!groups)
    return {};
  return b.scratch({2, groups, layouts[0].getWidth()}, b.getF32Type());
}

/// Six bits lie as in a block: whole ones of the first four groups in the bytes
/// of words 0 (scales) and 1 (minima), the others' low four bits in word 2 and
/// their high bits on top of those bytes.
Value cpu::readScaleCode(KernelBuilder &b, program::PanelsAttr layout,
                         ArrayRef<Value> words, int64_t group, bool isMinimum) {
  Type type = words[0].getType(), result = b.getF32Type();
  if (auto vector = dyn_cast<VectorType>(type))
    result = vector.clone(result);
  auto bits = [&](Value word, int64_t shift, int64_t mask) -> Value {
    Value low = arith::ShRUIOp::create(b, word, b.integer(shift, type));
    return arith::AndIOp::create(b, low, b.integer(mask, type));
  };
  Value code;
  int64_t byte = 8 * (group % 4);
  if (!layout.getScheme().hasMinimum()) { // signed bytes
    code =
        arith::ShLIOp::create(b, words[group / 4], b.integer(24 - byte, type));
    code = arith::ShRSIOp::create(b, code, b.integer(24, type));
  } else if (group < 4) {
    code = bits(words[isMinimum], byte, 63);
  } else {
    code = arith::OrIOp::create(b, bits(words[2], byte + 4 * isMinimum, 15),
                                bits(words[isMinimum], byte + 2, 48));
  }
  return arith::SIToFPOp::create(b, result, code);
}

void GroupScales::decodeColumns(Value block, Value column) {
  int64_t count = getScaleCodeWords(layout);
  Values words;
  for (int64_t i = 0; i < count; ++i)
    words.push_back(
        b.load(panel.scaleCodes, {b.add(b.mul(block, count), i), column}));
  auto part = [&](Value halves, double by, bool isMinimum) {
    Value unit = b.mulf(toF32(b, b.load(halves, {block, column})), b.splat(by));
    for (int64_t g = 0; g < groups; ++g)
      b.store(b.mulf(unit, readScaleCode(b, layout, words, g, isMinimum)),
              scratch, {int64_t(isMinimum), g, column});
  };
  part(panel.scales, factor, false);
  if (panel.minima)
    part(panel.minima, -1, true);
}

void GroupScales::decode(Value block) {
  b.loop(0, layout.getWidth(), b.lanes(),
         [&](Value column) { decodeColumns(block, column); });
}

Values GroupScales::forGroups(KernelBuilder::Index from,
                              KernelBuilder::Index to, ValueRange init,
                              function_ref<Values(Value, ValueRange)> body) {
  int64_t size = layout.getScheme().getBlockSize();
  Value first = b.div(from, size), last = b.div(to, size);
  if (!panel.scaleCodes)
    return b.loop(first, last, 1, init, body);
  return b.loop(first, last, 1, init, [&](Value block, ValueRange in) {
    decode(block);
    firstGroup = b.mul(block, groups);
    return b.loop(firstGroup, b.add(firstGroup, groups), 1, in, body);
  });
}

void GroupScales::select(Value block, Value column) {
  if (!panel.scaleCodes)
    return;
  decodeColumns(block, column);
  firstGroup = b.mul(block, groups);
}

Value GroupScales::getScale(Value group, KernelBuilder::Index column) {
  if (panel.scaleCodes)
    return b.load(scratch, {0, b.sub(group, firstGroup), column});
  Value scale = toF32(b, b.load(panel.scales, {group, column}));
  return factor == 1 ? scale : b.mulf(scale, b.splat(factor));
}

Value GroupScales::getMinimum(Value group, KernelBuilder::Index column) {
  if (!panel.minima)
    return {};
  if (panel.scaleCodes)
    return b.load(scratch, {1, b.sub(group, firstGroup), column});
  return toF32(b, b.load(panel.minima, {group, column}));
}
