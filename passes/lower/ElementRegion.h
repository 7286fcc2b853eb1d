//===- ElementRegion.h - Element-wise bodies of kernels ---------*- C++ -*-===//

#ifndef WEFT_PASSES_LOWER_ELEMENTREGION_H
#define WEFT_PASSES_LOWER_ELEMENTREGION_H

#include "passes/lower/FunctionLowering.h"

namespace weft {

/// The body of an op, with all that it uses from outside: scalars are computed
/// in the body, tensors that it extracts from become buffers of the kernel,
/// indices become scalars of the launch.
class ElementRegion {
public:
  /// Looks at `region` of an op of the model.
  explicit ElementRegion(mlir::Region &region);

  /// Tensors that the body extracts from, and indices that it takes from
  /// outside.
  llvm::ArrayRef<mlir::Value> getTensors() const {
    return tensors.getArrayRef();
  }
  llvm::ArrayRef<mlir::Value> getIndices() const {
    return indices.getArrayRef();
  }
  /// A value from outside that a kernel cannot be given; null if there is none.
  mlir::Value getForeign() const { return foreign; }

  /// Fills `target`: arguments of `types`, then a memref for each of `buffers`,
  /// which are the tensors above, then the indices. It ends in `program.yield`
  /// if `isGeneric`, else in `weft.yield`.
  void build(mlir::OpBuilder &b, mlir::Region &target, mlir::TypeRange types,
             mlir::TypeRange buffers, bool isGeneric) const;

  /// Puts the body at the insertion point of `b`, on `arguments`, `buffers` and
  /// `numbers` in place of the region's arguments and of the tensors and
  /// indices above, and returns what it yields.
  llvm::SmallVector<mlir::Value> inlineAt(mlir::OpBuilder &b,
                                          mlir::ValueRange arguments,
                                          mlir::ValueRange buffers,
                                          mlir::ValueRange numbers) const;

private:
  llvm::SmallVector<mlir::Value> cloneBody(mlir::OpBuilder &b,
                                           mlir::IRMapping &mapping) const;
  void take(mlir::Value value);

  mlir::Region *region;
  llvm::SetVector<mlir::Value> tensors, indices;
  /// Ops outside that are computed in the body, each after what it needs.
  llvm::SetVector<mlir::Operation *> sunk;
  mlir::Value foreign;
};

} // namespace weft

#endif // WEFT_PASSES_LOWER_ELEMENTREGION_H
