//===- Dequantize.cpp - A part of a panel as f32 in scratch ---------------===//

#include "compiler/codegen/cpu/linear/Codes.h"
#include "compiler/codegen/cpu/linear/GroupScales.h"
#include "compiler/codegen/cpu/linear/tiles/TileKernel.h"

using namespace mlir;
using namespace weft;
using namespace weft::cpu;

namespace {
class Dequantizer {
public:
  Dequantizer(KernelBuilder &b, const LinearKernel &kernel, unsigned product,
              Value number, const ColumnRange &range, Value target)
      : b(b), kernel(kernel), layout(kernel.layouts[product]),
        panel(b, kernel.weight(b, product), layout, number), range(range),
        target(target) {}

  void emit() { layout.getScheme() ? emitBlocks() : emitNumbers(); }

private:
  void emitNumbers();
  void emitBlocks();
  void emitUnit(CodeReader &reader, GroupScales &scales, Value group,
                Value unit);

  KernelBuilder &b;
  const LinearKernel &kernel;
  program::PanelsAttr layout;
  Panel panel;
  ColumnRange range;
  Value target;
};
} // namespace

void Dequantizer::emitNumbers() {
  b.loop(0, range.count, 1, [&](Value k) {
    Value from = b.add(range.first, k);
    for (int64_t v = 0; v < kernel.getVectors(b); ++v) {
      int64_t column = v * b.lanes();
      b.store(toF32(b, b.load(panel.numbers, {from, column})), target,
              {k, column});
    }
  });
}

void Dequantizer::emitUnit(CodeReader &reader, GroupScales &scales, Value group,
                           Value unit) {
  Value row = b.sub(b.mul(unit, reader.getUnit()), range.first);
  for (int64_t v = 0; v < kernel.getVectors(b); ++v) {
    int64_t column = v * b.lanes();
    Value scale = scales.getScale(group, column);
    Value minimum = scales.getMinimum(group, column);
    CodeReader::Words words = reader.load(panel, unit, column);
    for (int64_t k = 0; k < reader.getUnit(); k += 4)
      for (auto [t, code] : llvm::enumerate(reader.read(words, k / 4))) {
        Value number =
            minimum ? b.fma(scale, code, minimum) : b.mulf(scale, code);
        b.store(number, target, {b.add(row, k + int64_t(t)), column});
      }
  }
}

void Dequantizer::emitBlocks() {
  CodeReader reader(b, layout);
  GroupScales scales(b, panel, layout, 1 / reader.getFactor(),
                     kernel.scaleScratch);
  int64_t size = layout.getScheme().getGroupSize();
  int64_t units = size / reader.getUnit();
  scales.forGroups(range.first, b.add(range.first, range.count), {},
                   [&](Value group, ValueRange) {
                     Value first = b.mul(group, units);
                     b.loop(first, b.add(first, units), 1, [&](Value unit) {
                       emitUnit(reader, scales, group, unit);
                     });
                     return SmallVector<Value>();
                   });
}

void cpu::emitDequantize(KernelBuilder &b, const LinearKernel &kernel,
                         unsigned product, Value number,
                         const ColumnRange &range, Value target) {
  if (program::hasTiles(kernel.layouts[product]))
    return emitNumbersOfTiles(b, kernel, product, number, range, target);
  Dequantizer(b, kernel, product, number, range, target).emit();
}
