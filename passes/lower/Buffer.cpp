//===- Buffer.cpp - Strided buffers that tensors become -------------------===//

#include "passes/lower/Buffer.h"
#include "dialects/program/ops/ProgramOps.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"

using namespace mlir;
using namespace weft;

static bool isOne(IndexExpr expr) { return getConstantIntValue(expr) == 1; }

IndexExprs Views::getContiguousStrides(ArrayRef<IndexExpr> sizes) {
  IndexExprs strides(sizes.size());
  IndexExpr stride = index.constant(1);
  for (size_t i = sizes.size(); i-- > 0;) {
    strides[i] = stride;
    stride = index.mul(stride, sizes[i]);
  }
  return strides;
}

Buffer Views::whole(Value root, ArrayRef<IndexExpr> sizes) {
  rootSizes[root] = IndexExprs(sizes);
  return {root, index.constant(0), IndexExprs(sizes),
          getContiguousStrides(sizes)};
}

std::optional<Buffer> Views::collapse(const Buffer &buffer,
                                      ArrayRef<ReassociationIndices> groups) {
  Buffer result{buffer.root, buffer.offset, {}, {}};
  for (const ReassociationIndices &group : groups) {
    // Axes of size 1 do not matter: their stride is never used.
    IndexExpr size = index.constant(1), stride = index.constant(1);
    bool isFirst = true;
    for (int64_t axis : llvm::reverse(group)) {
      if (isOne(buffer.sizes[axis]))
        continue;
      if (isFirst)
        stride = buffer.strides[axis];
      else if (!index.equal(buffer.strides[axis], index.mul(size, stride)))
        return std::nullopt;
      isFirst = false;
      size = index.mul(buffer.sizes[axis], size);
    }
    result.sizes.push_back(size);
    result.strides.push_back(stride);
  }
  return result;
}

Buffer Views::expand(const Buffer &buffer,
                     ArrayRef<ReassociationIndices> groups,
                     ArrayRef<IndexExpr> sizes) {
  Buffer result{buffer.root, buffer.offset, IndexExprs(sizes),
                IndexExprs(sizes.size(), index.constant(1))};
  for (auto [axis, group] : llvm::enumerate(groups)) {
    IndexExpr stride = buffer.strides[axis];
    for (int64_t inner : llvm::reverse(group)) {
      result.strides[inner] = stride;
      stride = index.mul(sizes[inner], stride);
    }
  }
  return result;
}

Buffer Views::slice(const Buffer &buffer, ArrayRef<IndexExpr> offsets,
                    ArrayRef<IndexExpr> sizes, ArrayRef<IndexExpr> strides) {
  Buffer result{buffer.root, buffer.offset, IndexExprs(sizes), {}};
  for (auto [offset, step, stride] :
       llvm::zip_equal(offsets, strides, buffer.strides)) {
    result.offset = index.add(result.offset, index.mul(offset, stride));
    result.strides.push_back(index.mul(stride, step));
  }
  return result;
}

Buffer Views::dropAxes(const Buffer &buffer,
                       const llvm::SmallBitVector &dropped) {
  Buffer result{buffer.root, buffer.offset, {}, {}};
  for (int64_t axis = 0; axis < buffer.getRank(); ++axis) {
    if (dropped.test(axis))
      continue;
    result.sizes.push_back(buffer.sizes[axis]);
    result.strides.push_back(buffer.strides[axis]);
  }
  return result;
}

Buffer Views::addAxes(const Buffer &buffer, const llvm::SmallBitVector &added) {
  Buffer result{buffer.root, buffer.offset, {}, {}};
  size_t next = 0;
  for (unsigned axis = 0; axis < added.size(); ++axis) {
    bool isNew = added.test(axis);
    result.sizes.push_back(isNew ? index.constant(1) : buffer.sizes[next]);
    result.strides.push_back(isNew ? index.constant(1) : buffer.strides[next]);
    next += !isNew;
  }
  return result;
}

Buffer Views::permute(const Buffer &buffer, ArrayRef<int64_t> permutation) {
  Buffer result{buffer.root, buffer.offset, {}, {}};
  for (int64_t axis : permutation) {
    result.sizes.push_back(buffer.sizes[axis]);
    result.strides.push_back(buffer.strides[axis]);
  }
  return result;
}

bool Views::isContiguous(const Buffer &buffer, int64_t first) {
  IndexExprs strides = getContiguousStrides(buffer.sizes);
  for (int64_t axis = first; axis < buffer.getRank(); ++axis)
    if (!isOne(buffer.sizes[axis]) &&
        !index.equal(buffer.strides[axis], strides[axis]))
      return false;
  return true;
}

bool Views::isSame(const Buffer &lhs, const Buffer &rhs) {
  if (lhs.root != rhs.root || lhs.getRank() != rhs.getRank() ||
      !index.equal(lhs.offset, rhs.offset))
    return false;
  for (int64_t axis = 0; axis < lhs.getRank(); ++axis)
    if (!index.equal(lhs.sizes[axis], rhs.sizes[axis]) ||
        (!isOne(lhs.sizes[axis]) &&
         !index.equal(lhs.strides[axis], rhs.strides[axis])))
      return false;
  return true;
}

/// The number of an attribute, or the mark of what is only known at run time.
static int64_t getStatic(IndexExpr expr) {
  return getConstantIntValue(expr).value_or(ShapedType::kDynamic);
}

MemRefType Views::getType(const Buffer &buffer) {
  auto shape = llvm::map_to_vector(buffer.sizes, getStatic);
  Type element = buffer.getElementType();
  if (isContiguous(buffer))
    return MemRefType::get(shape, element);
  auto strides = llvm::map_to_vector(buffer.strides, getStatic);
  // The stride of an axis of size 1 is free: one that keeps the type simple.
  for (int64_t axis = buffer.getRank(); axis-- > 0;)
    if (isOne(buffer.sizes[axis]))
      strides[axis] = axis + 1 < buffer.getRank() ? strides[axis + 1] : 1;
  return MemRefType::get(
      shape, element,
      StridedLayoutAttr::get(b.getContext(), /*offset=*/0, strides));
}

Value Views::materialize(const Buffer &buffer) {
  MemRefType type = getType(buffer);
  auto strided = dyn_cast<StridedLayoutAttr>(type.getLayout());
  SmallVector<Value> sizes, strides;
  for (auto [axis, size] : llvm::enumerate(buffer.sizes)) {
    if (type.isDynamicDim(axis))
      sizes.push_back(index.value(size));
    if (!strided || !ShapedType::isDynamic(strided.getStrides()[axis]))
      continue;
    int64_t from = axis;
    while (isOne(buffer.sizes[from]))
      ++from;
    strides.push_back(index.value(buffer.strides[from]));
  }
  bool isWhole = type == buffer.root.getType() &&
                 getConstantIntValue(buffer.offset) == 0 &&
                 llvm::all_of(llvm::zip(buffer.sizes, rootSizes[buffer.root]),
                              [&](auto pair) {
                                auto [size, whole] = pair;
                                return index.equal(size, whole);
                              });
  if (isWhole)
    return buffer.root;
  return program::ViewOp::create(b, type, buffer.root,
                                 index.value(buffer.offset), sizes, strides);
}
