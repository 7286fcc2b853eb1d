//===- Views.cpp - Tensors that are others, seen differently --------------===//

#include "frontends/onnx/GraphBuilder.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace weft::onnx;

static Tensor makeView(const Tensor &x, ArrayRef<Size> sizes, AffineMap map) {
  Tensor view;
  view.element = x.element;
  view.sizes = Sizes(sizes);
  view.base = x.base;
  view.map = map;
  view.isParameter = x.isParameter;
  view.isNonNegative = x.isNonNegative;
  if (x.literal && x.literal.isSplat())
    view.literal = x.literal;
  return view;
}

/// The map with its dims replaced; `loops` is their new number.
static AffineMap replaceDims(AffineMap map, ArrayRef<AffineExpr> dims,
                             unsigned loops) {
  return map.replaceDimsAndSymbols(dims, {}, loops, 0);
}

/// The axis of the tensor that runs along axis `i` of the base; -1: none.
static int64_t getAxis(AffineMap map, unsigned i) {
  auto dim = dyn_cast<AffineDimExpr>(map.getResult(i));
  return dim ? int64_t(dim.getPosition()) : -1;
}

/// The tensor's elements in their order, under other sizes, without IR.
static std::optional<Tensor> reshapeKnown(const Tensor &x,
                                          ArrayRef<Size> sizes) {
  if (x.known) {
    Tensor result = x;
    result.base = nullptr;
    result.sizes = Sizes(sizes);
    result.columns = nullptr;
    result.unflattened = nullptr;
    return result;
  }
  if (!x.literal || x.base)
    return std::nullopt;
  Tensor result = x;
  result.sizes = Sizes(sizes);
  DenseElementsAttr literal = x.literal;
  result.literal = literal.reshape(getTensorType(sizes, x.element));
  return result;
}

//===----------------------------------------------------------------------===//
// Order and broadcasting
//===----------------------------------------------------------------------===//

namespace {
/// Consecutive axes on both sides with the same number of elements.
struct Group {
  ReassociationIndices from, to;
};
} // namespace

/// Cuts the axes of two shapes of equal counts into groups of equal counts.
static SmallVector<Group> getGroups(ArrayRef<Size> from, ArrayRef<Size> to) {
  SmallVector<Group> groups;
  size_t i = 0, j = 0;
  while (i < from.size() && j < to.size()) {
    Group group;
    Size x = from[i], y = to[j];
    group.from.push_back(i++);
    group.to.push_back(j++);
    while (x != y) {
      auto a = x.asNumber(), c = y.asNumber();
      const bool takesFrom =
          a && c ? *a < *c : Size::divideExactly(y, x).has_value();
      const bool takesTo =
          a && c ? *c < *a : Size::divideExactly(x, y).has_value();
      if (takesFrom && i < from.size()) {
        x = x * from[i];
        group.from.push_back(i++);
      } else if (takesTo && j < to.size()) {
        y = y * to[j];
        group.to.push_back(j++);
      } else {
        break;
      }
    }
    // What cannot be told apart is one group to the end.
    if (x != y) {
      while (i < from.size())
        group.from.push_back(i++);
      while (j < to.size())
        group.to.push_back(j++);
    }
    groups.push_back(group);
  }
  if (groups.empty())
    return groups;
  while (i < from.size())
    groups.back().from.push_back(i++);
  while (j < to.size())
    groups.back().to.push_back(j++);
  return groups;
}

/// The groups of `from` that joined are `to`; none if it is no mere joining.
static std::optional<SmallVector<Group>> getJoined(ArrayRef<Size> from,
                                                   ArrayRef<Size> to) {
  if (from.size() <= to.size())
    return std::nullopt;
  SmallVector<Group> groups = getGroups(from, to);
  if (groups.size() != to.size())
    return std::nullopt;
  for (const Group &group : groups) {
    Size product = 1;
    for (int64_t axis : group.from)
      product = product * from[axis];
    if (group.to.size() != 1 || product != to[group.to[0]])
      return std::nullopt;
  }
  return groups;
}

Tensor GraphBuilder::transpose(const Tensor &x, ArrayRef<int64_t> permutation) {
  Sizes sizes;
  for (int64_t axis : permutation)
    sizes.push_back(x.sizes[axis]);
  if (x.unflattened && !x.base)
    if (auto groups = getJoined(x.unflattened->sizes, x.sizes)) {
      // Move the axes before they are joined.
      SmallVector<int64_t> whole;
      for (int64_t axis : permutation)
        llvm::append_range(whole, (*groups)[axis].from);
      Tensor result = makeView(x, sizes, AffineMap());
      result.unflattened =
          std::make_shared<Tensor>(transpose(*x.unflattened, whole));
      return result;
    }
  Tensor source = withBase(x);
  SmallVector<AffineExpr> dims(x.rank());
  for (auto [to, from] : llvm::enumerate(permutation))
    dims[from] = b.getAffineDimExpr(to);
  return makeView(source, sizes, replaceDims(source.map, dims, x.rank()));
}

Tensor GraphBuilder::insertAxes(const Tensor &x, ArrayRef<int64_t> axes) {
  const int64_t rank = x.rank() + int64_t(axes.size());
  Sizes sizes;
  SmallVector<AffineExpr> dims;
  for (int64_t axis = 0; axis < rank; ++axis)
    if (llvm::is_contained(axes, axis)) {
      sizes.push_back(1);
    } else {
      sizes.push_back(x.sizes[dims.size()]);
      dims.push_back(b.getAffineDimExpr(axis));
    }
  if (auto known = reshapeKnown(x, sizes))
    return *known;
  Tensor source = withBase(x);
  return makeView(source, sizes, replaceDims(source.map, dims, rank));
}

Tensor GraphBuilder::dropAxes(const Tensor &x, ArrayRef<int64_t> axes) {
  Sizes sizes;
  SmallVector<AffineExpr> dims;
  for (int64_t axis = 0; axis < x.rank(); ++axis)
    if (llvm::is_contained(axes, axis)) {
      dims.push_back(b.getAffineConstantExpr(0));
    } else {
      dims.push_back(b.getAffineDimExpr(sizes.size()));
      sizes.push_back(x.sizes[axis]);
    }
  if (auto known = reshapeKnown(x, sizes))
    return *known;
  Tensor source = withBase(x);
  return makeView(source, sizes, replaceDims(source.map, dims, sizes.size()));
}

Tensor GraphBuilder::broadcast(const Tensor &x, ArrayRef<Size> sizes) {
  if (x.sizes == Sizes(sizes))
    return x;
  Tensor source = withBase(x);
  const int64_t added = int64_t(sizes.size()) - x.rank();
  SmallVector<AffineExpr> dims;
  for (int64_t axis = 0; axis < x.rank(); ++axis)
    dims.push_back(x.sizes[axis].is(1) && !sizes[axis + added].is(1)
                       ? b.getAffineConstantExpr(0)
                       : b.getAffineDimExpr(axis + added));
  return makeView(source, sizes, replaceDims(source.map, dims, sizes.size()));
}

//===----------------------------------------------------------------------===//
// In IR
//===----------------------------------------------------------------------===//

Value GraphBuilder::buildKnown(const Tensor &x) {
  auto type = getTensorType(x.sizes, x.element);
  if (auto numbers = x.getNumbers()) {
    SmallVector<APInt> elements;
    for (int64_t number : *numbers)
      elements.emplace_back(x.element.getIntOrFloatBitWidth(), number,
                            /*isSigned=*/true, /*implicitTrunc=*/true);
    return arith::ConstantOp::create(b, DenseElementsAttr::get(type, elements));
  }
  // Sizes: each element is chosen by its place.
  Sizes flat{int64_t(x.known->size())};
  Tensor line =
      fromIndices(flat, x.element,
                  [&](ImplicitLocOpBuilder &inner, ValueRange at) -> Value {
                    Value chosen = table.buildValue(x.known->front());
                    for (size_t i = 1; i < x.known->size(); ++i) {
                      Value here = arith::CmpIOp::create(
                          inner, arith::CmpIPredicate::eq, at[0],
                          arith::ConstantIndexOp::create(inner, int64_t(i)));
                      chosen = arith::SelectOp::create(
                          inner, here, table.buildValue((*x.known)[i]), chosen);
                    }
                    return arith::IndexCastOp::create(inner, x.element, chosen);
                  });
  return reshape(line, x.sizes).base;
}

Tensor GraphBuilder::withBase(const Tensor &x) {
  if (x.base)
    return x;
  Tensor result = x;
  if (x.unflattened)
    result.base = dense(x);
  else if (x.literal)
    result.base = arith::ConstantOp::create(b, x.literal);
  else
    result.base = buildKnown(x);
  result.map = b.getMultiDimIdentityMap(x.rank());
  return result;
}

Tensor GraphBuilder::copyView(const Tensor &x) {
  return unary(x, x.element,
               [](ImplicitLocOpBuilder &, ValueRange args) { return args[0]; });
}

/// Joins the axes of `value` that are not `kept`, all of size 1, to others.
static Value dropUnits(ImplicitLocOpBuilder &b, Value value,
                       ArrayRef<int64_t> kept) {
  const int64_t rank = cast<RankedTensorType>(value.getType()).getRank();
  if (int64_t(kept.size()) == rank)
    return value;
  SmallVector<ReassociationIndices> groups(kept.size());
  for (int64_t axis = 0, group = 0; !kept.empty() && axis < rank; ++axis) {
    if (group + 1 < int64_t(kept.size()) && axis >= kept[group + 1])
      ++group;
    groups[group].push_back(axis);
  }
  return tensor::CollapseShapeOp::create(b, value, groups);
}

Value GraphBuilder::dense(const Tensor &x) {
  if (x.unflattened && !x.base) {
    // In IR now, under its own sizes.
    Tensor whole = wrap(dense(*x.unflattened), x.unflattened->sizes);
    return reshape(whole, x.sizes).base;
  }
  if (!x.base)
    return withBase(x).base;
  if (x.isWhole())
    return x.base;
  // Axes of the base that the tensor has, in the base's order.
  SmallVector<int64_t> kept, axes;
  for (unsigned i = 0; i < x.map.getNumResults(); ++i)
    if (getAxis(x.map, i) >= 0) {
      kept.push_back(i);
      axes.push_back(getAxis(x.map, i));
    }
  for (int64_t axis = 0; axis < x.rank(); ++axis)
    if (llvm::count(axes, axis) > 1 ||
        (!llvm::is_contained(axes, axis) && !x.sizes[axis].is(1)))
      return copyView(x).base; // A diagonal, or repeated elements.

  Value value = dropUnits(b, x.base, kept);
  SmallVector<int64_t> sorted(axes);
  llvm::sort(sorted);
  if (sorted != axes) {
    SmallVector<int64_t> permutation;
    Sizes sizes;
    for (int64_t axis : sorted) {
      permutation.push_back(llvm::find(axes, axis) - axes.begin());
      sizes.push_back(x.sizes[axis]);
    }
    Value empty = tensor::EmptyOp::create(b, table.build(sizes), x.element);
    value =
        linalg::TransposeOp::create(b, value, empty, permutation)->getResult(0);
  }
  Sizes own;
  for (int64_t axis : sorted)
    own.push_back(x.sizes[axis]);
  Tensor line = wrap(value, own);
  return reshape(line, x.sizes).base;
}

//===----------------------------------------------------------------------===//
// Other sizes
//===----------------------------------------------------------------------===//

Tensor GraphBuilder::reshape(const Tensor &x, ArrayRef<Size> sizes) {
  if (x.sizes == Sizes(sizes))
    return x;
  if (auto known = reshapeKnown(x, sizes))
    return *known;
  const Tensor source = x.unflattened && !x.base ? *x.unflattened : x;
  if (source.sizes == Sizes(sizes))
    return source;
  if (!source.isWhole() && getJoined(source.sizes, sizes)) {
    Tensor result = makeView(source, sizes, AffineMap());
    result.base = nullptr;
    result.literal = nullptr;
    result.unflattened = std::make_shared<Tensor>(source);
    return result;
  }
  if (getProduct(sizes).is(0)) {
    Value empty = tensor::EmptyOp::create(b, table.build(sizes), x.element);
    return wrap(empty, sizes);
  }

  Value value = dense(source);
  SmallVector<Group> groups = getGroups(source.sizes, sizes);
  SmallVector<ReassociationIndices> from, to;
  Sizes joined;
  for (const Group &group : groups) {
    from.push_back(group.from);
    to.push_back(group.to);
    Size product = 1;
    for (int64_t axis : group.from)
      product = product * source.sizes[axis];
    joined.push_back(product);
  }
  if (int64_t(joined.size()) != source.rank())
    value = tensor::CollapseShapeOp::create(b, value, from);
  if (joined.size() != sizes.size())
    value = tensor::ExpandShapeOp::create(b, getTensorType(sizes, x.element),
                                          value, to, table.build(sizes));
  return wrap(value, sizes, x.isParameter);
}

Tensor GraphBuilder::flatten(const Tensor &x, int64_t first, int64_t last) {
  Sizes sizes(ArrayRef(x.sizes).take_front(first));
  sizes.push_back(getProduct(ArrayRef(x.sizes).slice(first, last - first)));
  llvm::append_range(sizes, ArrayRef(x.sizes).drop_front(last));
  return reshape(x, sizes);
}

Tensor GraphBuilder::slice(const Tensor &x, ArrayRef<Size> offsets,
                           ArrayRef<Size> sizes, ArrayRef<int64_t> strides) {
  if (x.sizes == Sizes(sizes) &&
      llvm::all_of(strides, [](int64_t s) { return s == 1; }))
    return x;
  if (getProduct(sizes).is(0)) {
    Value empty = tensor::EmptyOp::create(b, table.build(sizes), x.element);
    return wrap(empty, sizes);
  }
  Tensor source = withBase(x);
  Sizes from, count;
  SmallVector<OpFoldResult> steps;
  for (unsigned i = 0; i < source.map.getNumResults(); ++i) {
    const int64_t axis = getAxis(source.map, i);
    from.push_back(axis < 0 ? Size(0) : offsets[axis]);
    count.push_back(axis < 0 ? Size(1) : sizes[axis]);
    steps.push_back(b.getIndexAttr(axis < 0 ? 1 : strides[axis]));
  }
  source.base = tensor::ExtractSliceOp::create(
      b, getTensorType(count, x.element), source.base, table.build(from),
      table.build(count), steps);
  return makeView(source, sizes, source.map);
}

Tensor GraphBuilder::concat(ArrayRef<Tensor> inputs, int64_t axis) {
  SmallVector<Value> values;
  Sizes sizes = inputs[0].sizes;
  sizes[axis] = 0;
  bool isParameter = true;
  for (const Tensor &input : inputs) {
    sizes[axis] = sizes[axis] + input.sizes[axis];
    isParameter &= input.isParameter;
    if (!getProduct(input.sizes).is(0))
      values.push_back(dense(input));
  }
  if (values.empty())
    values.push_back(dense(inputs[0]));
  Value value = values[0];
  if (values.size() != 1)
    value = tensor::ConcatOp::create(b, getTensorType(sizes, inputs[0].element),
                                     axis, values);
  return wrap(value, sizes, isParameter);
}
