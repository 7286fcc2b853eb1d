//===- Windows.cpp - Windows that move over axes, and pools ---------------===//

#include "frontends/onnx/ops/Windows.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace weft::onnx;

//===----------------------------------------------------------------------===//
// Windows
//===----------------------------------------------------------------------===//

FailureOr<SmallVector<int64_t>> weft::onnx::readSteps(Node &n, StringRef name,
                                                      int64_t rank) {
  SmallVector<int64_t> steps(rank, 1);
  if (auto given = n.getInts(name))
    steps.assign(given->begin(), given->end());
  if (int64_t(steps.size()) != rank ||
      llvm::any_of(steps, [](int64_t step) { return step < 1; }))
    return n.fail("expected a positive number for each of " + Twine(rank) +
                  " axes in attribute " + name);
  return steps;
}

/// Pads so that there are as many places as steps in the axis.
static LogicalResult padSame(Node &n, Window &window, ArrayRef<Size> spatial,
                             bool isUpper) {
  for (int64_t axis = 0; axis < window.rank(); ++axis) {
    FailureOr<int64_t> size = n.getStaticSize(spatial[axis], "an axis");
    if (failed(size))
      return failure();
    const int64_t stride = window.strides[axis];
    const int64_t places = (*size + stride - 1) / stride;
    const int64_t all = std::max<int64_t>(
        (places - 1) * stride + window.getExtent(axis) - *size, 0);
    const int64_t less = all / 2;
    window.before.push_back(isUpper ? less : all - less);
    window.after.push_back(isUpper ? all - less : less);
  }
  return success();
}

/// Places by rounding up: the last window begins inside, or before the end.
static LogicalResult roundUp(Node &n, Window &window, ArrayRef<Size> spatial) {
  for (int64_t axis = 0; axis < window.rank(); ++axis) {
    FailureOr<int64_t> size = n.getStaticSize(spatial[axis], "an axis");
    FailureOr<int64_t> before = n.getStaticSize(window.before[axis], "a pad");
    FailureOr<int64_t> after = n.getStaticSize(window.after[axis], "a pad");
    if (failed(size) || failed(before) || failed(after))
      return failure();
    const int64_t stride = window.strides[axis];
    const int64_t extent = window.getExtent(axis);
    const int64_t rest = *size + *before + *after - extent;
    int64_t places = rest < 0 ? 0 : (rest + stride - 1) / stride + 1;
    if (places > 0 && (places - 1) * stride >= *size + *before)
      --places;
    window.sizes.push_back(places);
    window.after[axis] =
        std::max(*after, (places - 1) * stride + extent - *size - *before);
  }
  return success();
}

static LogicalResult roundDown(Node &n, Window &window,
                               ArrayRef<Size> spatial) {
  for (int64_t axis = 0; axis < window.rank(); ++axis) {
    Size rest = spatial[axis] + window.before[axis] + window.after[axis] -
                Size(window.getExtent(axis));
    if (auto number = rest.asNumber(); number && *number < 0)
      return n.fail("expected axes that are no smaller than the window but "
                    "got " +
                    n.g.table.str(spatial));
    const int64_t stride = window.strides[axis];
    window.sizes.push_back(
        (stride == 1 ? rest : n.g.table.apply(SizeOp::FloorDiv, rest, stride)) +
        Size(1));
  }
  return success();
}

FailureOr<Window> weft::onnx::readWindow(Node &n, ArrayRef<Size> spatial,
                                         ArrayRef<int64_t> kernel) {
  Window window;
  window.kernel.assign(kernel.begin(), kernel.end());
  const int64_t rank = window.rank();
  if (rank != int64_t(spatial.size()) || rank == 0 ||
      llvm::any_of(kernel, [](int64_t size) { return size < 1; }))
    return n.fail("expected a window of " + Twine(spatial.size()) +
                  " axes but got " + Twine(rank));
  auto strides = readSteps(n, "strides", rank);
  auto dilations = readSteps(n, "dilations", rank);
  if (failed(strides) || failed(dilations))
    return failure();
  window.strides = *strides, window.dilations = *dilations;

  const std::string mode = n.getString("auto_pad", "NOTSET");
  const bool isCeil = n.getFlag("ceil_mode");
  std::optional<std::vector<int64_t>> pads = n.getInts("pads");
  if (mode == "SAME_UPPER" || mode == "SAME_LOWER") {
    if (failed(padSame(n, window, spatial, mode == "SAME_UPPER")))
      return failure();
  } else if (mode == "VALID" || (mode == "NOTSET" && !pads)) {
    window.before.assign(rank, Size(0));
    window.after = window.before;
  } else if (mode == "NOTSET") {
    if (int64_t(pads->size()) != 2 * rank ||
        llvm::any_of(*pads, [](int64_t size) { return size < 0; }))
      return n.fail("expected two pads for each of " + Twine(rank) +
                    " axes, none negative");
    window.before.assign(pads->begin(), pads->begin() + rank);
    window.after.assign(pads->begin() + rank, pads->end());
  } else {
    return n.fail("auto_pad \"" + mode + "\" is not supported");
  }
  window.asked = window.after;
  if (failed(isCeil ? roundUp(n, window, spatial)
                    : roundDown(n, window, spatial)))
    return failure();
  return window;
}

Tensor weft::onnx::pad(GraphBuilder &g, const Tensor &x, ArrayRef<Size> before,
                       ArrayRef<Size> after, TypedAttr fill) {
  auto isZero = [](const Size &size) { return size.is(0); };
  if (llvm::all_of(before, isZero) && llvm::all_of(after, isZero))
    return x;
  const int64_t outer = x.rank() - int64_t(before.size());
  Sizes sizes = x.sizes;
  SmallVector<Value> offsets, lengths;
  for (auto [axis, first] : llvm::enumerate(before)) {
    Size &size = sizes[outer + axis];
    lengths.push_back(g.table.buildValue(size));
    offsets.push_back(g.table.buildValue(first));
    size = size + first + after[axis];
  }
  Value base = g.dense(x);
  return g.fromIndices(
      sizes, x.element, [&](BodyBuilder &b, ValueRange at) -> Value {
        SmallVector<Value> place(at);
        Value isInside = buildNumber(b, b.getI1Type(), 1);
        Value zero = arith::ConstantIndexOp::create(b, 0);
        for (auto [axis, offset] : llvm::enumerate(offsets)) {
          Value moved = arith::SubIOp::create(b, at[outer + axis], offset);
          // As unsigned numbers, what is below 0 is above all.
          Value below = arith::CmpIOp::create(b, arith::CmpIPredicate::ult,
                                              moved, lengths[axis]);
          isInside = arith::AndIOp::create(b, isInside, below);
          place[outer + axis] = arith::SelectOp::create(b, below, moved, zero);
        }
        Value element = tensor::ExtractOp::create(b, base, place);
        Value other = arith::ConstantOp::create(b, fill);
        return arith::SelectOp::create(b, isInside, element, other);
      });
}

WindowLoops::WindowLoops(GraphBuilder &g, ArrayRef<Size> outer,
                         const Window &window)
    : loops(outer) {
  const int64_t first = int64_t(outer.size()), rank = window.rank();
  Sizes elements(window.kernel.begin(), window.kernel.end());
  llvm::append_range(loops, window.sizes);
  llvm::append_range(loops, elements);
  SmallVector<AffineExpr> places;
  SmallVector<int64_t> ofTaps;
  for (int64_t loop = 0; loop < first + rank; ++loop)
    kept.push_back(loop);
  for (int64_t loop = 0; loop < first; ++loop)
    places.push_back(g.b.getAffineDimExpr(loop));
  for (int64_t axis = 0; axis < rank; ++axis) {
    const int64_t element = first + rank + axis;
    ofTaps.push_back(element);
    places.push_back(g.b.getAffineDimExpr(first + axis) * window.strides[axis] +
                     g.b.getAffineDimExpr(element) * window.dilations[axis]);
  }
  input = AffineMap::get(loops.size(), 0, places, g.b.getContext());
  result = g.mapOf(loops.size(), kept);
  tapMap = g.mapOf(loops.size(), ofTaps);
  taps = g.makeSplat(1, g.b.getF32Type(), elements);
}

//===----------------------------------------------------------------------===//
// Pools
//===----------------------------------------------------------------------===//

static FailureOr<Window> readPool(Node &n) {
  const Tensor &x = n.input(0);
  if (failed(n.expectRank(0, 3, 5)))
    return failure();
  auto kernel = n.getInts("kernel_shape");
  if (!kernel)
    return n.fail("expected attribute kernel_shape but got none");
  return readWindow(n, ArrayRef(x.sizes).drop_front(2), *kernel);
}

static ArrayRef<Size> getOuter(const Tensor &x) {
  return ArrayRef(x.sizes).take_front(2);
}

static Value buildSum(BodyBuilder &b, Value sum, Value x) {
  return arith::AddFOp::create(b, sum, x);
}

static LogicalResult importAveragePool(Node &n) {
  const Tensor &x = n.input(0);
  FailureOr<Window> window = readPool(n);
  const bool counts = n.getFlag("count_include_pad");
  if (failed(window) || failed(n.expect(0, "float")))
    return failure();
  GraphBuilder &g = n.g;
  Type f32 = g.b.getF32Type();
  auto sum = [&](const Tensor &padded, const WindowLoops &loops) {
    return g.reduce(loops.loops, loops.kept, {padded, loops.taps},
                    {loops.input, loops.tapMap}, f32, makeNumber(f32, 0),
                    [](BodyBuilder &b, ValueRange args) {
                      return buildSum(b, args[2], args[0]);
                    });
  };
  Tensor padded =
      pad(g, x, window->before, window->after, makeNumber(x.element, 0));
  // How many elements of each window there are, or were asked for.
  Sizes spatial(ArrayRef(x.sizes).drop_front(2)), none(window->rank(), Size(0));
  Sizes before = window->before, after = window->after;
  if (counts)
    for (int64_t axis = 0; axis < window->rank(); ++axis) {
      spatial[axis] = spatial[axis] + before[axis] + window->asked[axis];
      after[axis] = after[axis] - window->asked[axis];
    }
  Tensor ones = g.makeSplat(1, f32, spatial);
  Tensor there =
      pad(g, ones, counts ? none : before, after, makeNumber(f32, 0));
  Tensor number = sum(there, WindowLoops(g, {}, *window));
  Tensor total = sum(padded, WindowLoops(g, getOuter(x), *window));
  return n.finish(g.pointwise(
      {total, number}, x.element, [](BodyBuilder &b, ValueRange args) -> Value {
        return arith::DivFOp::create(b, args[0], args[1]);
      }));
}

/// The least number of a type.
static TypedAttr getLeast(Type type) {
  if (isa<FloatType>(type))
    return makeNumber(type, -std::numeric_limits<double>::infinity());
  return IntegerAttr::get(
      type, APInt::getSignedMinValue(type.getIntOrFloatBitWidth()));
}

/// Where the first greatest element of each window stands in the tensor.
static Tensor findGreatest(Node &n, const Tensor &padded, const Tensor &best,
                           const Window &window, bool isColumnMajor) {
  GraphBuilder &g = n.g;
  const Tensor &x = n.input(0);
  const int64_t rank = window.rank();
  WindowLoops loops(g, getOuter(x), window);
  SmallVector<Value> sizes, before;
  for (const Size &size : x.sizes)
    sizes.push_back(g.table.buildValue(size));
  for (const Size &size : window.before)
    before.push_back(g.table.buildValue(size));
  Type i64 = g.b.getI64Type();
  auto none = IntegerAttr::get(i64, std::numeric_limits<int64_t>::max());
  return g.reduce(
      loops.loops, loops.kept, {padded, best, loops.taps},
      {loops.input, loops.result, loops.tapMap}, i64, none,
      [&](BodyBuilder &b, ValueRange args) -> Value {
        auto index = [&](int64_t loop) -> Value {
          return linalg::IndexOp::create(b, loop);
        };
        auto scale = [&](Value value, int64_t by) -> Value {
          return arith::MulIOp::create(b, value,
                                       arith::ConstantIndexOp::create(b, by));
        };
        auto join = [&](Value flat, int64_t axis, Value at) -> Value {
          return arith::AddIOp::create(
              b, arith::MulIOp::create(b, flat, sizes[axis]), at);
        };
        Value flat = join(index(0), 1, index(1));
        for (int64_t i = 0; i < rank; ++i) {
          const int64_t axis = isColumnMajor ? rank - 1 - i : i;
          Value at = arith::AddIOp::create(
              b, scale(index(2 + axis), window.strides[axis]),
              scale(index(2 + rank + axis), window.dilations[axis]));
          at = arith::SubIOp::create(b, at, before[axis]);
          flat = join(flat, 2 + axis, at);
        }
        Value isBest = isa<FloatType>(args[0].getType())
                           ? arith::CmpFOp::create(b, arith::CmpFPredicate::OEQ,
                                                   args[0], args[1])
                                 .getResult()
                           : arith::CmpIOp::create(b, arith::CmpIPredicate::eq,
                                                   args[0], args[1])
                                 .getResult();
        Value place = arith::IndexCastOp::create(b, i64, flat);
        Value other = arith::ConstantOp::create(b, none);
        Value here = arith::SelectOp::create(b, isBest, place, other);
        return arith::MinSIOp::create(b, args[3], here);
      });
}

static LogicalResult importMaxPool(Node &n) {
  const Tensor &x = n.input(0);
  FailureOr<Window> window = readPool(n);
  const bool isColumnMajor = n.getInt("storage_order", 0) == 1;
  if (failed(window) || failed(n.expect(0, "number")))
    return failure();
  GraphBuilder &g = n.g;
  Tensor padded = pad(g, x, window->before, window->after, getLeast(x.element));
  WindowLoops loops(g, getOuter(x), *window);
  Tensor best =
      g.reduce(loops.loops, loops.kept, {padded, loops.taps},
               {loops.input, loops.tapMap}, x.element,
               getLeast(getComputeType(x.element)),
               [](BodyBuilder &b, ValueRange args) -> Value {
                 if (isa<FloatType>(args[0].getType()))
                   return arith::MaximumFOp::create(b, args[2], args[0]);
                 return arith::MaxSIOp::create(b, args[2], args[0]);
               });
  if (n.wantsOutput(1))
    (void)n.setOutput(1, findGreatest(n, padded, best, *window, isColumnMajor));
  return n.setOutput(0, best);
}

/// |x|^p.
static Value buildPower(BodyBuilder &b, Value x, double p) {
  Value size = math::AbsFOp::create(b, x);
  if (p == 1)
    return size;
  if (p == 2)
    return arith::MulFOp::create(b, size, size);
  return math::PowFOp::create(b, size, buildNumber(b, size.getType(), p));
}

static Value buildRoot(BodyBuilder &b, Value x, double p) {
  return p == 2 ? math::SqrtOp::create(b, x).getResult()
                : buildPower(b, x, 1 / p);
}

static LogicalResult importLpPool(Node &n) {
  const Tensor &x = n.input(0);
  FailureOr<Window> window = readPool(n);
  const int64_t p = n.getInt("p", 2);
  if (failed(window) || failed(n.expect(0, "float")))
    return failure();
  if (p < 1)
    return n.fail("expected a positive p but got " + Twine(p));
  GraphBuilder &g = n.g;
  Type f32 = g.b.getF32Type();
  Tensor padded =
      pad(g, x, window->before, window->after, makeNumber(x.element, 0));
  WindowLoops loops(g, getOuter(x), *window);
  Tensor sum =
      g.reduce(loops.loops, loops.kept, {padded, loops.taps},
               {loops.input, loops.tapMap}, f32, makeNumber(f32, 0),
               [&](BodyBuilder &b, ValueRange args) {
                 return buildSum(b, args[2], buildPower(b, args[0], double(p)));
               });
  return n.setOutput(
      0, g.unary(sum, x.element, [&](BodyBuilder &b, ValueRange args) {
        return buildRoot(b, args[0], double(p));
      }));
}

/// One number for all places of a channel.
static LogicalResult importGlobalPool(Node &n, bool isMax, double p) {
  const Tensor &x = n.input(0);
  if (failed(n.expect(0, "float")) || failed(n.expectRank(0, 3, 8)))
    return failure();
  GraphBuilder &g = n.g;
  Type f32 = g.b.getF32Type();
  auto axes = llvm::to_vector_of<int64_t>(llvm::seq<int64_t>(2, x.rank()));
  Value count = g.table.buildValue(getProduct(ArrayRef(x.sizes).drop_front(2)));
  Tensor pooled = g.reduceAxes(
      x, axes, f32, isMax ? getLeast(f32) : makeNumber(f32, 0),
      [&](BodyBuilder &b, ValueRange args) -> Value {
        if (isMax)
          return arith::MaximumFOp::create(b, args[1], args[0]);
        return buildSum(b, args[1], p ? buildPower(b, args[0], p) : args[0]);
      });
  Tensor result =
      g.unary(pooled, x.element, [&](BodyBuilder &b, ValueRange args) -> Value {
        if (isMax)
          return args[0];
        if (p)
          return buildRoot(b, args[0], p);
        Value number = arith::IndexCastOp::create(b, b.getI64Type(), count);
        return arith::DivFOp::create(b, args[0], buildCast(b, number, f32));
      });
  return n.setOutput(0, g.insertAxes(result, axes));
}

static LogicalResult importGlobalAveragePool(Node &n) {
  return importGlobalPool(n, false, 0);
}
static LogicalResult importGlobalMaxPool(Node &n) {
  return importGlobalPool(n, true, 0);
}
static LogicalResult importGlobalLpPool(Node &n) {
  return importGlobalPool(n, false,
                          double(std::max<int64_t>(n.getInt("p", 2), 1)));
}

/// x / (bias + alpha / size * sum of squares of `size` channels)^beta.
static LogicalResult importLrn(Node &n) {
  const Tensor &x = n.input(0);
  const int64_t size = n.getInt("size", 0);
  const double alpha = n.getFloat("alpha", 1e-4),
               beta = n.getFloat("beta", .75), bias = n.getFloat("bias", 1);
  if (failed(n.expect(0, "float")) || failed(n.expectRank(0, 3, 8)))
    return failure();
  if (size < 1)
    return n.fail("expected a positive size but got " + Twine(size));
  GraphBuilder &g = n.g;
  Type f32 = g.b.getF32Type();
  // The channels as the last axis, over which the window moves.
  SmallVector<int64_t> order{0}, back;
  for (int64_t axis = 2; axis < x.rank(); ++axis)
    order.push_back(axis);
  order.push_back(1);
  back = {0, x.rank() - 1};
  for (int64_t axis = 1; axis + 1 < x.rank(); ++axis)
    back.push_back(axis);
  Tensor channels = g.transpose(x, order);
  Window window;
  window.kernel = {size}, window.strides = window.dilations = {1};
  window.before = {Size((size - 1) / 2)};
  window.after = {Size(size - 1 - (size - 1) / 2)};
  window.sizes = {x.sizes[1]};
  Tensor padded =
      pad(g, channels, window.before, window.after, makeNumber(x.element, 0));
  WindowLoops loops(g, ArrayRef(channels.sizes).drop_back(), window);
  Tensor sum =
      g.reduce(loops.loops, loops.kept, {padded, loops.taps},
               {loops.input, loops.tapMap}, f32, makeNumber(f32, 0),
               [&](BodyBuilder &b, ValueRange args) {
                 return buildSum(b, args[2], buildPower(b, args[0], 2));
               });
  return n.finish(g.pointwise(
      {x, g.transpose(sum, back)}, x.element,
      [&](BodyBuilder &b, ValueRange args) -> Value {
        Value share = arith::MulFOp::create(
            b, args[1], buildNumber(b, f32, alpha / double(size)));
        Value base = arith::AddFOp::create(b, share, buildNumber(b, f32, bias));
        Value power = math::PowFOp::create(b, base, buildNumber(b, f32, beta));
        return arith::DivFOp::create(b, args[0], power);
      }));
}

OperatorGroup weft::onnx::getWindowOperators() {
  static const Operator operators[] = {
      {"AveragePool", 1, 1, 7, importAveragePool},
      {"GlobalAveragePool", 1, 1, 1, importGlobalAveragePool},
      {"GlobalLpPool", 1, 1, 2, importGlobalLpPool},
      {"GlobalMaxPool", 1, 1, 1, importGlobalMaxPool},
      {"LRN", 1, 1, 1, importLrn},
      {"LpPool", 1, 1, 2, importLpPool},
      {"MaxPool", 1, 1, 1, importMaxPool},
  };
  return operators;
}
