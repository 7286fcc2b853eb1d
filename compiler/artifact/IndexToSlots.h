//===- IndexToSlots.h - Index values as slots -------------------*- C++ -*-===//

#ifndef WEFT_COMPILER_ARTIFACT_INDEXTOSLOTS_H
#define WEFT_COMPILER_ARTIFACT_INDEXTOSLOTS_H

#include "compiler/artifact/SlotBuilder.h"
#include "mlir/IR/AffineMap.h"
#include "mlir/IR/Value.h"

namespace weft::artifact {

/// Keeps which slot holds each SSA value of type index, i1 or integer.
class IndexToSlots {
public:
  explicit IndexToSlots(SlotBuilder &slots) : slots(slots) {}

  /// Translates an op of `arith` or `affine` that computes on integers. Fails
  /// with an error on the op if the artifact has no instruction for it.
  mlir::LogicalResult translate(mlir::Operation *op);

  void set(mlir::Value value, Slot slot) { slotOf[value] = slot; }
  /// The slot of a value that was translated before.
  Slot get(mlir::Value value) const { return slotOf.lookup(value); }
  llvm::SmallVector<Slot> get(mlir::ValueRange values) const;

  /// The slots of a map's results; dimensions first, then symbols.
  llvm::SmallVector<Slot> apply(mlir::AffineMap map,
                                llvm::ArrayRef<Slot> operands);

private:
  Slot apply(mlir::AffineExpr expr, unsigned dims,
             llvm::ArrayRef<Slot> operands);
  Slot reduce(fb::Opcode op, llvm::ArrayRef<Slot> values);

  SlotBuilder &slots;
  llvm::DenseMap<mlir::Value, Slot> slotOf;
};

} // namespace weft::artifact

#endif // WEFT_COMPILER_ARTIFACT_INDEXTOSLOTS_H
