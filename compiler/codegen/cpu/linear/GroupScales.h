//===- GroupScales.h - Scales and minima of groups as f32 -------*- C++ -*-===//
//
// A group's scale is an f16 of its own, or its block's f16 times a code. Those
// are decoded for a whole block at once, to scratch.
//
//===----------------------------------------------------------------------===//

#ifndef WEFT_CODEGEN_CPU_LINEAR_GROUPSCALES_H
#define WEFT_CODEGEN_CPU_LINEAR_GROUPSCALES_H

#include "compiler/codegen/cpu/linear/Panels.h"

namespace weft::cpu {

/// The code of a scale or minimum of group `group` of a block as f32, out of
/// the block's words of codes: scalars or vectors.
mlir::Value readScaleCode(KernelBuilder &b, program::PanelsAttr layout,
                          mlir::ArrayRef<mlir::Value> words, int64_t group,
                          bool isMinimum);

class GroupScales {
public:
  /// Scales come out multiplied by `factor`, a power of two. `scratch`: of
  /// createScratch().
  GroupScales(KernelBuilder &b, const Panel &panel, program::PanelsAttr layout,
              double factor, mlir::Value scratch);

  /// Room for any of the layouts; null where none has codes of scales.
  static mlir::Value createScratch(KernelBuilder &b,
                                   mlir::ArrayRef<program::PanelsAttr> layouts);

  /// Carries values through the groups of k in [from, to), whole blocks.
  llvm::SmallVector<mlir::Value>
  forGroups(KernelBuilder::Index from, KernelBuilder::Index to,
            mlir::ValueRange init,
            llvm::function_ref<llvm::SmallVector<mlir::Value>(mlir::Value,
                                                              mlir::ValueRange)>
                body);

  /// Instead: gets the groups of block `block` ready, in the vector of columns
  /// from `column` on.
  void select(mlir::Value block, mlir::Value column);

  /// Of the group of the body that runs, or of a block that was selected. There
  /// is a minimum where the scheme has one, else null.
  mlir::Value getScale(mlir::Value group, KernelBuilder::Index column);
  mlir::Value getMinimum(mlir::Value group, KernelBuilder::Index column);

private:
  void decode(mlir::Value block);
  void decodeColumns(mlir::Value block, mlir::Value column);

  KernelBuilder &b;
  const Panel &panel;
  program::PanelsAttr layout;
  double factor;
  int64_t groups; ///< In a block.
  mlir::Value scratch, firstGroup;
};

} // namespace weft::cpu

#endif // WEFT_CODEGEN_CPU_LINEAR_GROUPSCALES_H
