//===- Panels.h - Reads weights packed in panels ----------------*- C++ -*-===//

#ifndef WEFT_CODEGEN_CPU_LINEAR_PANELS_H
#define WEFT_CODEGEN_CPU_LINEAR_PANELS_H

#include "compiler/codegen/cpu/KernelBuilder.h"

namespace weft::cpu {

/// One panel of a `#program.panels` buffer: its parts as typed buffers. Of
/// tiles it has none, see tiles/TileKernel.h.
class Panel {
public:
  Panel(KernelBuilder &b, mlir::Value buffer, program::PanelsAttr layout,
        KernelBuilder::Index number);

  /// Numbers `[K][width]`, without a scheme.
  mlir::Value numbers;
  /// Codes `[K / codes a word][width]` of i32, with a scheme.
  mlir::Value codes;
  /// Words of i32 `[K / (32 / high bits)][width]` and `[K / block * words]
  /// [width]`; null where the scheme has none.
  mlir::Value highBits, scaleCodes;
  /// Scales and minima `[K / block][width]` of f16; minima only where there are
  /// some.
  mlir::Value scales, minima;
};

/// Codes in a word of i32.
int64_t getCodesPerWord(program::PanelsAttr layout);

/// How far right the code of number `k` of a word's numbers lies in it.
int64_t getCodeShift(program::PanelsAttr layout, int64_t k);

/// `value` (f32, f16 or bf16, or a vector of them) as f32.
mlir::Value toF32(KernelBuilder &b, mlir::Value value);

/// Checks that a kernel can read `layout`, with an error on the kernel.
mlir::LogicalResult checkPanels(KernelBuilder &b, program::PanelsAttr layout,
                                unsigned buffer);

} // namespace weft::cpu

#endif // WEFT_CODEGEN_CPU_LINEAR_PANELS_H
