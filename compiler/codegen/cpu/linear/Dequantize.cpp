//===- Dequantize.cpp - A panel as f32 in scratch -------------------------===//

#include "compiler/codegen/cpu/linear/Codes.h"
#include "compiler/codegen/cpu/linear/LinearKernel.h"

using namespace mlir;
using namespace weft;
using namespace weft::cpu;

static void dequantizeGroup(KernelBuilder &b, const LinearKernel &kernel,
                            CodeReader &reader, const Panel &panel,
                            int64_t groupSize, Value group, Value target) {
  int64_t perWord = reader.getCodesPerWord();
  Value word = b.mul(group, groupSize / perWord);
  for (int64_t v = 0; v < kernel.getVectors(b); ++v) {
    int64_t column = v * b.lanes();
    Value scale =
        loadGroup(b, panel.scales, group, column, 1 / reader.getFactor());
    Value minimum =
        panel.minima ? loadGroup(b, panel.minima, group, column) : Value();
    b.loop(0, groupSize / perWord, 1, [&](Value i) {
      Value at = b.add(word, i);
      SmallVector<Value> codes = reader.read(b.load(panel.codes, {at, column}));
      for (auto [t, code] : llvm::enumerate(codes)) {
        Value number =
            minimum ? b.fma(scale, code, minimum) : b.mulf(scale, code);
        b.store(number, target,
                {b.add(b.mul(at, perWord), int64_t(t)), column});
      }
    });
  }
}

void cpu::emitDequantize(KernelBuilder &b, const LinearKernel &kernel,
                         unsigned product, Value number, Value target) {
  program::PanelsAttr layout = kernel.layouts[product];
  Panel panel(b, kernel.weight(b, product), layout, number);
  if (!layout.getScheme()) {
    b.loop(0, kernel.k, 1, [&](Value k) {
      for (int64_t v = 0; v < kernel.getVectors(b); ++v)
        b.store(toF32(b, b.load(panel.numbers, {k, v * b.lanes()})), target,
                {k, v * b.lanes()});
    });
    return;
  }
  CodeReader reader(b, layout);
  int64_t groupSize = layout.getScheme().getGroupSize();
  b.loop(0, kernel.k / groupSize, 1, [&](Value group) {
    dequantizeGroup(b, kernel, reader, panel, groupSize, group, target);
  });
}
