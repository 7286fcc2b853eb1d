//===- Convolutions.cpp - Products with windows ---------------------------===//
//
// With weights that are parameters a convolution is a linear layer: each window
// is a row. Others, and those of several groups, are sums over the window.
//
//===----------------------------------------------------------------------===//

#include "frontends/onnx/ops/Windows.h"

#include "dialects/weft/ops/WeftOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace weft;
using namespace weft::onnx;

static FailureOr<Tensor> addBias(Node &n, const Tensor &y) {
  if (!n.hasInput(2))
    return y;
  if (failed(n.expectSameType(0, 2)) || n.input(2).sizes != Sizes{y.sizes[1]})
    return n.fail("expected a bias for each of " + n.g.table.str(y.sizes[1]) +
                  " channels but got " + n.g.table.str(n.input(2).sizes));
  auto added = llvm::to_vector_of<int64_t>(llvm::seq<int64_t>(1, y.rank() - 1));
  return n.g.pointwise({y, n.g.insertAxes(n.input(2), added)}, y.element,
                       [](BodyBuilder &b, ValueRange args) -> Value {
                         return arith::AddFOp::create(b, args[0], args[1]);
                       });
}

/// The sizes of the last axes of the weights.
static FailureOr<SmallVector<int64_t>> readKernel(Node &n) {
  if (failed(n.expect(0, "float")) || failed(n.expectSameType(0, 1)) ||
      failed(n.expectRank(0, 3, 5)) ||
      failed(n.expectRank(1, n.input(0).rank(), n.input(0).rank())))
    return failure();
  n.ignore({"kernel_shape"}); // It is that of the weights.
  SmallVector<int64_t> kernel;
  for (const Size &size : ArrayRef(n.input(1).sizes).drop_front(2)) {
    FailureOr<int64_t> number = n.getStaticSize(size, "a size of the window");
    if (failed(number))
      return failure();
    kernel.push_back(*number);
  }
  return kernel;
}

/// Windows as rows times weights, outputs x elements of a window.
static Tensor buildRows(Node &n, const Tensor &padded, const Window &window) {
  GraphBuilder &g = n.g;
  const int64_t rank = window.rank();
  const Size channels = padded.sizes[1];
  Sizes sizes{padded.sizes[0]};
  llvm::append_range(sizes, window.sizes);
  sizes.push_back(channels);
  sizes.append(window.kernel.begin(), window.kernel.end());
  Value base = g.dense(padded);
  Tensor unfolded = g.fromIndices(
      sizes, padded.element, [&](BodyBuilder &b, ValueRange at) -> Value {
        auto scale = [&](Value value, int64_t by) -> Value {
          return arith::MulIOp::create(b, value,
                                       arith::ConstantIndexOp::create(b, by));
        };
        SmallVector<Value> place{at[0], at[1 + rank]};
        for (int64_t axis = 0; axis < rank; ++axis)
          place.push_back(arith::AddIOp::create(
              b, scale(at[1 + axis], window.strides[axis]),
              scale(at[2 + rank + axis], window.dilations[axis])));
        return tensor::ExtractOp::create(b, base, place);
      });
  const Size places = getProduct(window.sizes);
  const Size elements = getProduct(ArrayRef(sizes).drop_front(1 + rank));
  const Size outputs = n.input(1).sizes[0];
  Tensor rows = g.reshape(unfolded, {padded.sizes[0], places, elements});
  Tensor weights = g.reshape(n.input(1), {outputs, elements});
  Sizes result{padded.sizes[0], places, outputs};
  Value y = LinearOp::create(g.b, getTensorType(result, padded.element),
                             g.dense(rows), g.dense(weights), ValueRange());
  Sizes whole{padded.sizes[0], outputs};
  llvm::append_range(whole, window.sizes);
  return g.reshape(g.transpose(g.wrap(y, result), {0, 2, 1}), whole);
}

/// Sums over windows. `padded` is batch x channels x ..., `weights` groups x
/// outputs of a group x channels of a group x window.
static Tensor buildSums(Node &n, const Tensor &padded, const Tensor &weights,
                        const Window &window) {
  GraphBuilder &g = n.g;
  const Size groups = weights.sizes[0], outputs = weights.sizes[1],
             channels = weights.sizes[2];
  const int64_t rank = window.rank();
  Sizes split{padded.sizes[0], groups, channels};
  llvm::append_range(split, ArrayRef(padded.sizes).drop_front(2));
  // Batch, group, output, places, channel, element of the window.
  Sizes loops{padded.sizes[0], groups, outputs};
  llvm::append_range(loops, window.sizes);
  loops.push_back(channels);
  loops.append(window.kernel.begin(), window.kernel.end());
  auto kept = llvm::to_vector_of<int64_t>(llvm::seq<int64_t>(0, 3 + rank));
  SmallVector<AffineExpr> places{g.b.getAffineDimExpr(0),
                                 g.b.getAffineDimExpr(1),
                                 g.b.getAffineDimExpr(3 + rank)};
  SmallVector<int64_t> ofWeights{1, 2, 3 + rank};
  for (int64_t axis = 0; axis < rank; ++axis) {
    places.push_back(g.b.getAffineDimExpr(3 + axis) * window.strides[axis] +
                     g.b.getAffineDimExpr(4 + rank + axis) *
                         window.dilations[axis]);
    ofWeights.push_back(4 + rank + axis);
  }
  Tensor sums =
      g.contract(loops, kept, {g.reshape(padded, split), weights},
                 {AffineMap::get(loops.size(), 0, places, g.b.getContext()),
                  g.mapOf(loops.size(), ofWeights)},
                 padded.element);
  Sizes whole{padded.sizes[0], groups * outputs};
  llvm::append_range(whole, window.sizes);
  return g.reshape(sums, whole);
}

/// How many channels a group has of `all`.
static FailureOr<Size> readGroups(Node &n, const Size &all, int64_t &groups) {
  groups = n.getInt("group", 1);
  auto each = groups > 0 ? Size::divideExactly(all, groups) : std::nullopt;
  if (!each)
    return n.fail("expected a group that divides " + n.g.table.str(all) +
                  " channels but got " + Twine(groups));
  return *each;
}

static LogicalResult importConv(Node &n) {
  auto kernel = readKernel(n);
  if (failed(kernel))
    return failure();
  const Tensor &x = n.input(0), &weights = n.input(1);
  FailureOr<Window> window =
      readWindow(n, ArrayRef(x.sizes).drop_front(2), *kernel);
  int64_t groups = 1;
  FailureOr<Size> outputs = readGroups(n, weights.sizes[0], groups);
  if (failed(window) || failed(outputs))
    return failure();
  if (x.sizes[1] != weights.sizes[1] * Size(groups))
    return n.fail("expected weights for " + n.g.table.str(x.sizes[1]) +
                  " channels in " + Twine(groups) + " groups but got " +
                  n.g.table.str(weights.sizes));
  Tensor padded =
      pad(n.g, x, window->before, window->after, makeNumber(x.element, 0));
  const bool isLinear = groups == 1 && x.element.isF32() &&
                        weights.isParameter && !weights.literal &&
                        !x.isParameter && weights.sizes[0].asNumber() &&
                        weights.sizes[1].asNumber();
  if (isLinear)
    return n.finish(addBias(n, buildRows(n, padded, *window)));
  Sizes split{groups, *outputs};
  llvm::append_range(split, ArrayRef(weights.sizes).drop_front(1));
  return n.finish(
      addBias(n, buildSums(n, padded, n.g.reshape(weights, split), *window)));
}

//===----------------------------------------------------------------------===//
// Transposed convolution
//===----------------------------------------------------------------------===//

namespace {
/// Where results of a transposed convolution begin, and how many there are.
struct Spread {
  SmallVector<int64_t> strides, before, sizes;
};
} // namespace

static FailureOr<Spread> readSpread(Node &n, const Window &window,
                                    ArrayRef<int64_t> spatial) {
  const int64_t rank = window.rank();
  Spread spread;
  spread.strides = window.strides;
  auto getList = [&](StringRef name, int64_t count) {
    auto given = n.getInts(name);
    return given && int64_t(given->size()) == count
               ? *given
               : std::vector<int64_t>(count, 0);
  };
  const std::string mode = n.getString("auto_pad", "NOTSET");
  std::vector<int64_t> extra = getList("output_padding", rank);
  std::vector<int64_t> pads = getList("pads", 2 * rank);
  auto shape = n.getInts("output_shape");
  if (shape && int64_t(shape->size()) != rank)
    return n.fail("expected an output_shape of " + Twine(rank) +
                  " axes but got " + Twine(shape->size()));
  const bool isSame = mode == "SAME_UPPER" || mode == "SAME_LOWER";
  for (int64_t axis = 0; axis < rank; ++axis) {
    const int64_t stride = window.strides[axis];
    const int64_t all =
        stride * (spatial[axis] - 1) + extra[axis] + window.getExtent(axis);
    if (!shape && !isSame) {
      const bool pad = mode == "NOTSET";
      spread.before.push_back(pad ? pads[axis] : 0);
      spread.sizes.push_back(all - (pad ? pads[axis] + pads[rank + axis] : 0));
      continue;
    }
    spread.sizes.push_back(shape ? (*shape)[axis] : spatial[axis] * stride);
    const int64_t cut = std::max<int64_t>(all - spread.sizes.back(), 0);
    spread.before.push_back(mode == "SAME_UPPER" ? cut / 2 : cut - cut / 2);
  }
  if (llvm::any_of(spread.sizes, [](int64_t size) { return size < 1; }))
    return n.fail("expected results of at least one element in each axis");
  return spread;
}

/// The input with its elements apart, so that a plain convolution by the
/// turned window gives the result.
static Tensor spreadOut(Node &n, const Window &window, const Spread &spread,
                        ArrayRef<int64_t> spatial) {
  const Tensor &x = n.input(0);
  Sizes sizes(ArrayRef(x.sizes).take_front(2));
  for (int64_t axis = 0; axis < window.rank(); ++axis)
    sizes.push_back(spread.sizes[axis] + window.getExtent(axis) - 1);
  Value base = n.g.dense(x);
  return n.g.fromIndices(
      sizes, x.element, [&](BodyBuilder &b, ValueRange at) -> Value {
        auto constant = [&](int64_t value) -> Value {
          return arith::ConstantIndexOp::create(b, value);
        };
        SmallVector<Value> place(at.take_front(2));
        Value isThere = buildNumber(b, b.getI1Type(), 1), zero = constant(0);
        auto require = [&](arith::CmpIPredicate predicate, Value x, Value y) {
          isThere = arith::AndIOp::create(
              b, isThere, arith::CmpIOp::create(b, predicate, x, y));
        };
        for (int64_t axis = 0; axis < window.rank(); ++axis) {
          const int64_t shift =
              spread.before[axis] - window.getExtent(axis) + 1;
          Value stride = constant(spread.strides[axis]);
          Value from = arith::AddIOp::create(b, at[2 + axis], constant(shift));
          require(arith::CmpIPredicate::sge, from, zero);
          Value safe = arith::MaxSIOp::create(b, from, zero);
          Value own = arith::DivUIOp::create(b, safe, stride);
          require(arith::CmpIPredicate::eq,
                  arith::MulIOp::create(b, own, stride), safe);
          require(arith::CmpIPredicate::slt, own, constant(spatial[axis]));
          place.push_back(arith::MinSIOp::create(
              b, own, constant(std::max<int64_t>(spatial[axis] - 1, 0))));
        }
        Value element = tensor::ExtractOp::create(b, base, place);
        return arith::SelectOp::create(b, isThere, element,
                                       buildNumber(b, element.getType(), 0));
      });
}

/// Weights, channels x outputs of a group x window, as groups x outputs x
/// channels x window, which is turned around.
static Tensor turnWeights(Node &n, int64_t groups, const Size &channels,
                          const Window &window) {
  const Tensor &weights = n.input(1);
  Sizes sizes{groups, weights.sizes[1], channels};
  sizes.append(window.kernel.begin(), window.kernel.end());
  Value base = n.g.dense(weights);
  Value each = n.g.table.buildValue(channels);
  return n.g.fromIndices(
      sizes, weights.element, [&](BodyBuilder &b, ValueRange at) -> Value {
        Value channel = arith::AddIOp::create(
            b, arith::MulIOp::create(b, at[0], each), at[2]);
        SmallVector<Value> place{channel, at[1]};
        for (int64_t axis = 0; axis < window.rank(); ++axis)
          place.push_back(arith::SubIOp::create(
              b, arith::ConstantIndexOp::create(b, window.kernel[axis] - 1),
              at[3 + axis]));
        return tensor::ExtractOp::create(b, base, place);
      });
}

static LogicalResult importConvTranspose(Node &n) {
  auto kernel = readKernel(n);
  if (failed(kernel))
    return failure();
  const Tensor &x = n.input(0);
  Window window;
  window.kernel = *kernel;
  auto strides = readSteps(n, "strides", window.rank());
  auto dilations = readSteps(n, "dilations", window.rank());
  int64_t groups = 1;
  FailureOr<Size> channels = readGroups(n, x.sizes[1], groups);
  if (failed(strides) || failed(dilations) || failed(channels))
    return failure();
  if (x.sizes[1] != n.input(1).sizes[0])
    return n.fail("expected weights for " + n.g.table.str(x.sizes[1]) +
                  " channels but got " + n.g.table.str(n.input(1).sizes));
  window.strides = *strides, window.dilations = *dilations;
  SmallVector<int64_t> spatial;
  for (const Size &size : ArrayRef(x.sizes).drop_front(2)) {
    FailureOr<int64_t> number = n.getStaticSize(size, "an axis");
    if (failed(number))
      return failure();
    spatial.push_back(*number);
  }
  FailureOr<Spread> spread = readSpread(n, window, spatial);
  if (failed(spread))
    return failure();
  Tensor apart = spreadOut(n, window, *spread, spatial);
  window.strides.assign(window.rank(), 1);
  window.sizes.assign(spread->sizes.begin(), spread->sizes.end());
  return n.finish(
      addBias(n, buildSums(n, apart, turnWeights(n, groups, *channels, window),
                           window)));
}

OperatorGroup weft::onnx::getConvolutionOperators() {
  static const Operator operators[] = {
      {"Conv", 2, 3, 1, importConv},
      {"ConvTranspose", 2, 3, 1, importConvTranspose},
  };
  return operators;
}
