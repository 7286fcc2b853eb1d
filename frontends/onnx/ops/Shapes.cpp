//===- Shapes.cpp - Where elements lie ------------------------------------===//

#include "frontends/onnx/Node.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace weft::onnx;

//===----------------------------------------------------------------------===//
// Sizes as values
//===----------------------------------------------------------------------===//

static LogicalResult importShape(Node &n) {
  const Tensor &x = n.input(0);
  auto clamp = [&](int64_t axis) {
    return std::clamp<int64_t>(axis < 0 ? axis + x.rank() : axis, 0, x.rank());
  };
  const int64_t start = clamp(n.getInt("start", 0));
  const int64_t end = std::max(start, clamp(n.getInt("end", x.rank())));
  return n.setOutput(0,
                     n.g.makeKnown(ArrayRef(x.sizes).slice(start, end - start),
                                   {end - start}, n.g.b.getI64Type()));
}

static LogicalResult importSize(Node &n) {
  return n.setOutput(
      0, n.g.makeKnown(getProduct(n.input(0).sizes), {}, n.g.b.getI64Type()));
}

//===----------------------------------------------------------------------===//
// The same elements in the same order
//===----------------------------------------------------------------------===//

static LogicalResult importReshape(Node &n) {
  const Tensor &x = n.input(0);
  FailureOr<Sizes> wanted = n.getKnown(1);
  if (failed(wanted))
    return failure();
  const bool allowsZero = n.getFlag("allowzero");
  Sizes sizes;
  std::optional<size_t> rest;
  for (auto [i, size] : llvm::enumerate(*wanted)) {
    if (size.is(-1)) {
      if (rest)
        return n.fail("expected one size of -1 but got two");
      rest = i;
      sizes.push_back(1);
    } else if (size.is(0) && !allowsZero) {
      if (int64_t(i) >= x.rank())
        return n.fail("size 0 stands for axis " + Twine(i) + " of " +
                      n.g.table.str(x.sizes) + ", which has none");
      sizes.push_back(x.sizes[i]);
    } else {
      sizes.push_back(size);
    }
  }
  const Size all = getProduct(x.sizes);
  if (rest) {
    auto quotient = Size::divideExactly(all, getProduct(sizes));
    if (!quotient || getProduct(sizes).is(0))
      return n.fail("cannot tell what -1 stands for: " +
                    n.g.table.str(x.sizes) + " as " + n.g.table.str(*wanted));
    sizes[*rest] = *quotient;
  }
  for (const Size &size : sizes)
    if (auto number = size.asNumber(); number && *number < 0)
      return n.fail("expected sizes of at least 0 but got " +
                    n.g.table.str(sizes));
  if (getProduct(sizes) != all)
    return n.fail("expected as many elements as in " + n.g.table.str(x.sizes) +
                  " but got " + n.g.table.str(sizes));
  return n.setOutput(0, n.g.reshape(x, sizes));
}

static LogicalResult importFlatten(Node &n) {
  const Tensor &x = n.input(0);
  int64_t axis = n.getInt("axis", 1);
  if (axis < 0)
    axis += x.rank();
  if (axis < 0 || axis > x.rank())
    return n.fail("expected an axis up to " + Twine(x.rank()) + " but got " +
                  Twine(axis));
  Sizes sizes{getProduct(ArrayRef(x.sizes).take_front(axis)),
              getProduct(ArrayRef(x.sizes).drop_front(axis))};
  return n.setOutput(0, n.g.reshape(x, sizes));
}

static LogicalResult importSqueeze(Node &n) {
  const Tensor &x = n.input(0);
  auto axes = n.getAxes(1, x.rank());
  if (failed(axes))
    return failure();
  SmallVector<int64_t> dropped;
  if (*axes) {
    dropped = **axes;
  } else {
    for (int64_t axis = 0; axis < x.rank(); ++axis)
      if (x.sizes[axis].is(1))
        dropped.push_back(axis);
  }
  for (int64_t axis : dropped)
    if (!x.sizes[axis].is(1))
      return n.fail("expected axis " + Twine(axis) + " of size 1 but got " +
                    n.g.table.str(x.sizes));
  return n.setOutput(0, n.g.dropAxes(x, dropped));
}

static LogicalResult importUnsqueeze(Node &n) {
  const Tensor &x = n.input(0);
  std::optional<std::vector<int64_t>> axes = n.getInts("axes");
  if (!axes && n.hasInput(1)) {
    FailureOr<std::vector<int64_t>> numbers = n.getNumbers(1);
    if (failed(numbers))
      return failure();
    axes = *numbers;
  }
  if (!axes)
    return n.fail("expected axes but got none");
  auto checked = n.checkAxes(*axes, x.rank() + int64_t(axes->size()));
  if (failed(checked))
    return failure();
  llvm::sort(*checked);
  return n.setOutput(0, n.g.insertAxes(x, *checked));
}

static LogicalResult importIdentity(Node &n) {
  return n.setOutput(0, n.input(0));
}

/// Without training nothing is dropped.
static LogicalResult importDropout(Node &n) {
  n.ignore({"seed", "ratio"});
  if (n.hasInput(2)) {
    FailureOr<double> training = n.getNumber(2);
    if (failed(training))
      return failure();
    if (*training != 0)
      return n.fail("training is not supported");
  }
  const Tensor &x = n.input(0);
  if (n.wantsOutput(1))
    (void)n.setOutput(1, n.g.makeSplat(1, n.g.b.getI1Type(), x.sizes));
  return n.setOutput(0, x);
}

//===----------------------------------------------------------------------===//
// Another order, repeated elements
//===----------------------------------------------------------------------===//

static LogicalResult importTranspose(Node &n) {
  const Tensor &x = n.input(0);
  SmallVector<int64_t> permutation;
  if (auto given = n.getInts("perm")) {
    auto checked = n.checkAxes(*given, x.rank());
    if (failed(checked))
      return failure();
    if (int64_t(checked->size()) != x.rank())
      return n.fail("expected " + Twine(x.rank()) + " axes in perm but got " +
                    Twine(checked->size()));
    permutation = *checked;
  } else {
    for (int64_t axis = x.rank(); axis-- > 0;)
      permutation.push_back(axis);
  }
  return n.setOutput(0, n.g.transpose(x, permutation));
}

static LogicalResult importExpand(Node &n) {
  const Tensor &x = n.input(0);
  FailureOr<Sizes> wanted = n.getKnown(1);
  if (failed(wanted))
    return failure();
  Tensor shape;
  shape.sizes = *wanted;
  FailureOr<Sizes> sizes = n.g.getBroadcastSizes({x, shape});
  if (failed(sizes))
    return failure();
  return n.setOutput(0, n.g.broadcast(x, *sizes));
}

static LogicalResult importTile(Node &n) {
  const Tensor &x = n.input(0);
  FailureOr<Sizes> repeats = n.getKnown(1);
  if (failed(repeats))
    return failure();
  if (int64_t(repeats->size()) != x.rank())
    return n.fail("expected " + Twine(x.rank()) + " repeats but got " +
                  Twine(repeats->size()));
  // Each axis as two: which repeat, which element.
  SmallVector<int64_t> added;
  Sizes wide, sizes;
  for (int64_t axis = 0; axis < x.rank(); ++axis) {
    added.push_back(2 * axis);
    wide.append({(*repeats)[axis], x.sizes[axis]});
    sizes.push_back((*repeats)[axis] * x.sizes[axis]);
  }
  Tensor repeated = n.g.broadcast(n.g.insertAxes(x, added), wide);
  Tensor whole = n.g.wrap(n.g.dense(repeated), wide);
  return n.setOutput(0, n.g.reshape(whole, sizes));
}

static LogicalResult importConcat(Node &n) {
  std::vector<Tensor> inputs = n.getInputs();
  FailureOr<int64_t> axis = n.checkAxis(n.getInt("axis", 0), inputs[0].rank());
  if (failed(axis))
    return failure();
  Sizes known;
  bool allKnown = true, areColumns = *axis == inputs[0].rank() - 1;
  for (unsigned i = 0; i < inputs.size(); ++i) {
    const Tensor &x = inputs[i];
    if (x.element != inputs[0].element || x.rank() != inputs[0].rank())
      return n.fail("expected inputs of one type and rank but got " +
                    n.g.table.str(inputs[0].sizes) + " of " +
                    getTypeName(inputs[0].element) + " and " +
                    n.g.table.str(x.sizes) + " of " + getTypeName(x.element));
    for (int64_t a = 0; a < x.rank(); ++a)
      if (a != *axis && x.sizes[a] != inputs[0].sizes[a])
        return n.fail("expected one size on axis " + Twine(a) + " but got " +
                      n.g.table.str(inputs[0].sizes) + " and " +
                      n.g.table.str(x.sizes));
    allKnown &= x.known && x.rank() == 1;
    if (allKnown)
      llvm::append_range(known, *x.known);
    areColumns &= x.sizes[*axis].is(1);
  }
  if (allKnown)
    return n.setOutput(
        0, n.g.makeKnown(known, {int64_t(known.size())}, inputs[0].element));
  Tensor result = n.g.concat(inputs, *axis);
  if (areColumns)
    result.columns = std::make_shared<std::vector<Tensor>>(inputs);
  return n.setOutput(0, result);
}

//===----------------------------------------------------------------------===//
// Blocks
//===----------------------------------------------------------------------===//

/// Splits axes into pairs, permutes, joins.
static LogicalResult importDepthToSpace(Node &n) {
  const Tensor &x = n.input(0);
  if (failed(n.expectRank(0, 4, 4)))
    return failure();
  const int64_t block = n.getInt("blocksize", 0);
  const std::string mode = n.getString("mode", "DCR");
  auto depth = block > 0 && block < (1 << 20)
                   ? Size::divideExactly(x.sizes[1], block * block)
                   : std::nullopt;
  if (!depth || (mode != "DCR" && mode != "CRD"))
    return n.fail("expected channels that " + Twine(block) +
                  " squared divides, mode DCR or CRD, but got " +
                  n.g.table.str(x.sizes) + " and " + mode);
  const bool isDcr = mode == "DCR";
  Sizes split =
      isDcr ? Sizes{x.sizes[0], block, block, *depth, x.sizes[2], x.sizes[3]}
            : Sizes{x.sizes[0], *depth, block, block, x.sizes[2], x.sizes[3]};
  SmallVector<int64_t> order = isDcr ? SmallVector<int64_t>{0, 3, 4, 1, 5, 2}
                                     : SmallVector<int64_t>{0, 1, 4, 2, 5, 3};
  Tensor y = n.g.transpose(n.g.reshape(x, split), order);
  return n.setOutput(0, n.g.reshape(y, {x.sizes[0], *depth, x.sizes[2] * block,
                                        x.sizes[3] * block}));
}

static LogicalResult importSpaceToDepth(Node &n) {
  const Tensor &x = n.input(0);
  if (failed(n.expectRank(0, 4, 4)))
    return failure();
  const int64_t block = n.getInt("blocksize", 0);
  const bool isRight = block > 0 && block < (1 << 20);
  auto rows = isRight ? Size::divideExactly(x.sizes[2], block) : std::nullopt;
  auto columns =
      isRight ? Size::divideExactly(x.sizes[3], block) : std::nullopt;
  if (!rows || !columns)
    return n.fail("expected rows and columns that blocksize divides but got " +
                  n.g.table.str(x.sizes) + " and " + Twine(block));
  Tensor y =
      n.g.reshape(x, {x.sizes[0], x.sizes[1], *rows, block, *columns, block});
  const std::string mode = n.getString("mode", "DCR");
  if (mode != "DCR" && mode != "CRD")
    return n.fail("expected mode DCR or CRD but got \"" + mode + "\"");
  // Which axis of the new depth is outermost: the place in a block, or the
  // channel.
  y = n.g.transpose(y, mode == "DCR" ? ArrayRef<int64_t>{0, 3, 5, 1, 2, 4}
                                     : ArrayRef<int64_t>{0, 1, 3, 5, 2, 4});
  return n.setOutput(
      0, n.g.reshape(y, {x.sizes[0], x.sizes[1] * Size(block * block), *rows,
                         *columns}));
}

OperatorGroup weft::onnx::getShapeOperators() {
  static const Operator operators[] = {
      {"Concat", 1, kManyInputs, 4, importConcat},
      {"DepthToSpace", 1, 1, 1, importDepthToSpace},
      {"Dropout", 1, 3, 7, importDropout},
      {"Expand", 2, 2, 8, importExpand},
      {"Flatten", 1, 1, 1, importFlatten},
      {"Identity", 1, 1, 1, importIdentity},
      {"Reshape", 2, 2, 5, importReshape},
      {"Shape", 1, 1, 1, importShape},
      {"Size", 1, 1, 1, importSize},
      {"SpaceToDepth", 1, 1, 1, importSpaceToDepth},
      {"Squeeze", 1, 2, 1, importSqueeze},
      {"Tile", 2, 2, 6, importTile},
      {"Transpose", 1, 1, 1, importTranspose},
      {"Unsqueeze", 1, 2, 1, importUnsqueeze},
  };
  return operators;
}
