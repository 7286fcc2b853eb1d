//===- Buffer.h - Strided buffers that tensors become -----------*- C++ -*-===//

#ifndef WEFT_PASSES_LOWER_BUFFER_H
#define WEFT_PASSES_LOWER_BUFFER_H

#include "mlir/Dialect/Utils/ReshapeOpsUtils.h"
#include "mlir/IR/BuiltinTypes.h"
#include "passes/lower/IndexBuilder.h"

namespace weft {

/// Where the elements of a tensor lie: from `offset` elements after the begin
/// of `root` on, `strides` elements apart.
struct Buffer {
  mlir::Value root; // An alloc, a port, a state or a parameter; contiguous.
  IndexExpr offset;
  IndexExprs sizes, strides;

  mlir::Type getElementType() const {
    return llvm::cast<mlir::MemRefType>(root.getType()).getElementType();
  }
  int64_t getRank() const { return sizes.size(); }
};

/// Makes buffers of other shapes on the elements of buffers, without a copy.
class Views {
public:
  Views(mlir::ImplicitLocOpBuilder &b, IndexBuilder &index)
      : b(b), index(index) {}

  /// The contiguous buffer of `sizes` that `root` is.
  Buffer whole(mlir::Value root, llvm::ArrayRef<IndexExpr> sizes);

  /// Joins axes; nothing where their elements do not lie evenly.
  std::optional<Buffer>
  collapse(const Buffer &buffer,
           llvm::ArrayRef<mlir::ReassociationIndices> groups);

  /// Splits axes into `sizes`.
  Buffer expand(const Buffer &buffer,
                llvm::ArrayRef<mlir::ReassociationIndices> groups,
                llvm::ArrayRef<IndexExpr> sizes);

  Buffer slice(const Buffer &buffer, llvm::ArrayRef<IndexExpr> offsets,
               llvm::ArrayRef<IndexExpr> sizes,
               llvm::ArrayRef<IndexExpr> strides);

  /// Leaves out axes of size 1, for which `dropped` is set.
  Buffer dropAxes(const Buffer &buffer, const llvm::SmallBitVector &dropped);

  /// Puts axes of size 1 back where `added` is set.
  Buffer addAxes(const Buffer &buffer, const llvm::SmallBitVector &added);

  /// Axis i of the result is axis `permutation[i]` of the buffer.
  Buffer permute(const Buffer &buffer, llvm::ArrayRef<int64_t> permutation);

  /// Whether the elements lie one after the other in row-major order, from axis
  /// `first` on.
  bool isContiguous(const Buffer &buffer, int64_t first = 0);

  /// Whether two buffers are the same elements in the same shape.
  bool isSame(const Buffer &lhs, const Buffer &rhs);

  /// The buffer as a memref, as launches take it.
  mlir::Value materialize(const Buffer &buffer);
  mlir::MemRefType getType(const Buffer &buffer);

private:
  IndexExprs getContiguousStrides(llvm::ArrayRef<IndexExpr> sizes);

  mlir::ImplicitLocOpBuilder &b;
  IndexBuilder &index;
  llvm::DenseMap<mlir::Value, IndexExprs> rootSizes;
};

} // namespace weft

#endif // WEFT_PASSES_LOWER_BUFFER_H
