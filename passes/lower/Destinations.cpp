//===- Destinations.cpp - Results computed where they are wanted ----------===//
//
// A result of the function is computed in the caller's buffer, keys and values
// in the rows of the cache that they take, an input of a concat in its part of
// the result.
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "passes/lower/FunctionLowering.h"

using namespace mlir;
using namespace weft;

std::optional<FunctionLowering::Destination>
FunctionLowering::findDestination(Value tensor, ArrayRef<IndexExpr> sizes) {
  for (OpOperand &use : tensor.getUses()) {
    // Of an op in a loop the place would be another in each turn.
    if (use.getOwner()->getBlock() != tensor.getParentBlock())
      continue;
    if (std::optional<Destination> found = getDestination(use, sizes))
      return found;
  }
  return std::nullopt;
}

/// Sizes of the result of a reshape from those of its source.
static IndexExprs joinSizes(IndexBuilder &index,
                            tensor::CollapseShapeOp collapse,
                            ArrayRef<IndexExpr> sizes) {
  IndexExprs result;
  for (const ReassociationIndices &group : collapse.getReassociationIndices()) {
    IndexExpr size = index.constant(1);
    for (int64_t axis : group)
      size = index.mul(size, sizes[axis]);
    result.push_back(size);
  }
  return result;
}

std::optional<FunctionLowering::Destination>
FunctionLowering::getDestination(OpOperand &use, ArrayRef<IndexExpr> sizes) {
  Operation *user = use.getOwner();
  unsigned number = use.getOperandNumber();

  if (isa<func::ReturnOp>(user)) {
    if (func.getResultAttr(number, "weft.state"))
      return std::nullopt;
    // A result of another size than the caller's buffer is refused at the
    // return.
    Buffer output = outputs.lookup(number);
    for (auto [size, expected] : llvm::zip_equal(sizes, output.sizes))
      if (!index.equal(size, expected))
        return std::nullopt;
    return Destination{output, &use};
  }

  if (isa<scf::YieldOp>(user) && isa<scf::IfOp>(user->getParentOp())) {
    // The result has its buffer before the regions are lowered.
    auto it = buffers.find(user->getParentOp()->getResult(number));
    if (it == buffers.end())
      return std::nullopt;
    for (auto [size, expected] : llvm::zip_equal(sizes, it->second.sizes))
      if (!index.equal(size, expected))
        return std::nullopt;
    return Destination{it->second, &use};
  }

  if (auto append = dyn_cast<AppendOp>(user)) {
    program::StateOp state = getState(append.getState());
    if (!state || number != 0)
      return std::nullopt;
    return Destination{getNewRows(state, sizes), &use};
  }

  if (auto collapse = dyn_cast<tensor::CollapseShapeOp>(user)) {
    auto found = findDestination(collapse.getResult(),
                                 joinSizes(index, collapse, sizes));
    if (found)
      found->buffer = views.expand(found->buffer,
                                   collapse.getReassociationIndices(), sizes);
    return found;
  }

  if (auto expand = dyn_cast<tensor::ExpandShapeOp>(user)) {
    IndexExprs split;
    for (OpFoldResult size : expand.getMixedOutputShape()) {
      auto value = dyn_cast<Value>(size);
      if (value && !canGetIndex(value))
        return std::nullopt;
      split.push_back(value ? getIndex(value) : size);
    }
    auto found = findDestination(expand.getResult(), split);
    if (!found)
      return std::nullopt;
    auto buffer =
        views.collapse(found->buffer, expand.getReassociationIndices());
    if (!buffer)
      return std::nullopt;
    return Destination{*buffer, found->use};
  }

  if (auto slice = dyn_cast<tensor::ExtractSliceOp>(user)) {
    // Only one that leaves out axes of size 1: all elements have a place.
    RankedTensorType type = slice.getSourceType();
    if (!type.hasStaticShape() || slice.getStaticSizes() != type.getShape())
      return std::nullopt;
    llvm::SmallBitVector dropped = slice.getDroppedDims();
    IndexExprs kept;
    for (auto [axis, size] : llvm::enumerate(sizes))
      if (!dropped.test(axis))
        kept.push_back(size);
    auto found = findDestination(slice.getResult(), kept);
    if (found)
      found->buffer = views.addAxes(found->buffer, dropped);
    return found;
  }

  if (auto concat = dyn_cast<tensor::ConcatOp>(user)) {
    // The place is known if the sizes along the axis are.
    int64_t axis = concat.getDim(), begin = 0;
    RankedTensorType type = concat.getResultType();
    if (type.isDynamicDim(axis))
      return std::nullopt;
    for (Value input : concat.getInputs().take_front(number))
      begin += cast<RankedTensorType>(input.getType()).getDimSize(axis);
    IndexExprs whole(sizes), offsets(sizes.size(), index.constant(0));
    whole[axis] = index.constant(type.getDimSize(axis));
    offsets[axis] = index.constant(begin);
    auto it = concats.find(concat.getResult());
    if (it == concats.end()) {
      auto found = findDestination(concat.getResult(), whole);
      if (found)
        inPlace.insert(found->use);
      Buffer buffer = found ? found->buffer
                            : allocateTemporary(type.getElementType(), whole);
      it = concats.try_emplace(concat.getResult(), buffer).first;
    }
    return Destination{views.slice(it->second, offsets, sizes,
                                   IndexExprs(sizes.size(), index.constant(1))),
                       &use};
  }
  return std::nullopt;
}
