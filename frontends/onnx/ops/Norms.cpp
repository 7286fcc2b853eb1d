//===- Norms.cpp - Normalisation over axes, softmax -----------------------===//

#include "frontends/onnx/ops/Norms.h"
#include "frontends/onnx/Node.h"

#include "dialects/weft/ops/WeftOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace weft;
using namespace weft::onnx;

static SmallVector<int64_t> getAxesFrom(int64_t first, int64_t rank) {
  SmallVector<int64_t> axes;
  for (int64_t axis = first; axis < rank; ++axis)
    axes.push_back(axis);
  return axes;
}

/// The mean over axes, which stay with size 1; in f32.
static Tensor buildMean(GraphBuilder &g, const Tensor &x,
                        ArrayRef<int64_t> axes) {
  Type f32 = g.b.getF32Type();
  Size count = 1;
  for (int64_t axis : axes)
    count = count * x.sizes[axis];
  Value number = g.table.buildValue(count);
  Tensor sum = g.reduceAxes(x, axes, f32, makeNumber(f32, 0),
                            [](BodyBuilder &b, ValueRange args) -> Value {
                              return arith::AddFOp::create(b, args[1], args[0]);
                            });
  Tensor mean =
      g.unary(sum, f32, [&](BodyBuilder &b, ValueRange args) -> Value {
        Value integer = arith::IndexCastOp::create(b, b.getI64Type(), number);
        return arith::DivFOp::create(b, args[0], buildCast(b, integer, f32));
      });
  return g.insertAxes(mean, axes);
}

static FailureOr<Tensor> subtract(GraphBuilder &g, const Tensor &x,
                                  const Tensor &y) {
  return g.pointwise({x, y}, g.b.getF32Type(),
                     [](BodyBuilder &b, ValueRange args) -> Value {
                       return arith::SubFOp::create(b, args[0], args[1]);
                     });
}

static Tensor square(GraphBuilder &g, const Tensor &x) {
  return g.unary(x, g.b.getF32Type(),
                 [](BodyBuilder &b, ValueRange args) -> Value {
                   return arith::MulFOp::create(b, args[0], args[0]);
                 });
}

namespace {
struct Moments {
  Tensor mean, centred, inverseDeviation;
};
} // namespace

/// Mean, x - mean, and 1 / sqrt(variance + epsilon), over sorted axes.
static FailureOr<Moments> buildMoments(GraphBuilder &g, const Tensor &x,
                                       ArrayRef<int64_t> axes, double epsilon) {
  Tensor mean = buildMean(g, x, axes);
  FailureOr<Tensor> centred = subtract(g, x, mean);
  if (failed(centred))
    return failure();
  Tensor variance = buildMean(g, square(g, *centred), axes);
  Tensor inverse = g.unary(
      variance, g.b.getF32Type(),
      [&](BodyBuilder &b, ValueRange args) -> Value {
        Value sum = arith::AddFOp::create(
            b, args[0], buildNumber(b, args[0].getType(), epsilon));
        Value one = buildNumber(b, sum.getType(), 1);
        return arith::DivFOp::create(b, one, math::SqrtOp::create(b, sum));
      });
  return Moments{mean, *centred, inverse};
}

/// centred * inverse * scale + shift; the last two may be missing.
static FailureOr<Tensor> buildNormed(GraphBuilder &g, const Moments &moments,
                                     const Tensor *scale, const Tensor *shift,
                                     Type type) {
  std::vector<Tensor> inputs{moments.centred, moments.inverseDeviation};
  if (scale)
    inputs.push_back(*scale);
  if (shift)
    inputs.push_back(*shift);
  return g.pointwise(inputs, type,
                     [&](BodyBuilder &b, ValueRange args) -> Value {
                       Value y = arith::MulFOp::create(b, args[0], args[1]);
                       size_t next = 2;
                       if (scale)
                         y = arith::MulFOp::create(b, y, args[next++]);
                       if (shift)
                         y = arith::AddFOp::create(b, y, args[next]);
                       return y;
                     });
}

/// The op for it, over the last axes joined to one; none where it does not fit.
static std::optional<Tensor> buildNormOp(Node &n, const Tensor &x, int64_t axis,
                                         NormKind kind, const Tensor *scale,
                                         const Tensor *shift, double epsilon) {
  GraphBuilder &g = n.g;
  Type f32 = g.b.getF32Type();
  Sizes normed(ArrayRef(x.sizes).drop_front(axis));
  auto count = getProduct(normed).asNumber();
  if (!count || *count == 0 || !std::isfinite(epsilon) || epsilon < 0)
    return std::nullopt;
  for (const Tensor *each : {scale, shift})
    if (each && each->sizes != normed)
      return std::nullopt;
  Tensor rows = g.flatten(g.cast(x, f32), axis, x.rank());
  auto getVector = [&](const Tensor *each) {
    return each ? g.dense(g.flatten(g.cast(*each, f32), 0, each->rank()))
                : Value();
  };
  Value input = g.dense(rows);
  Value y = NormOp::create(g.b, input.getType(),
                           NormKindAttr::get(g.b.getContext(), kind), input,
                           getVector(scale), getVector(shift),
                           g.b.getF32FloatAttr(static_cast<float>(epsilon)));
  return g.cast(g.reshape(g.wrap(y, rows.sizes), x.sizes), x.element);
}

static LogicalResult importLayerNormalization(Node &n) {
  const Tensor &x = n.input(0);
  FailureOr<int64_t> axis = n.checkAxis(n.getInt("axis", -1), x.rank());
  const double epsilon = n.getFloat("epsilon", 1e-5);
  const int64_t stash = n.getInt("stash_type", 1);
  if (failed(axis) || failed(n.expect(0, "float")) ||
      failed(n.expectSameType(0, 1)))
    return failure();
  if (stash != 1)
    return n.fail("expected stash_type 1, float, but got " + Twine(stash));
  const Tensor *scale = &n.input(1);
  const Tensor *shift = n.hasInput(2) ? &n.input(2) : nullptr;
  auto fast = buildNormOp(n, x, *axis, NormKind::Layer, scale, shift, epsilon);
  if (fast)
    (void)n.setOutput(0, *fast);
  if (fast && !n.wantsOutput(1) && !n.wantsOutput(2))
    return success();
  FailureOr<Moments> moments =
      buildMoments(n.g, x, getAxesFrom(*axis, x.rank()), epsilon);
  if (failed(moments))
    return failure();
  if (!fast) {
    FailureOr<Tensor> y = buildNormed(n.g, *moments, scale, shift, x.element);
    if (failed(n.finish(y)))
      return failure();
  }
  (void)n.setOutput(1, moments->mean);
  (void)n.setOutput(2, moments->inverseDeviation);
  return success();
}

static LogicalResult importRmsNormalization(Node &n) {
  const Tensor &x = n.input(0);
  FailureOr<int64_t> axis = n.checkAxis(n.getInt("axis", -1), x.rank());
  const double epsilon = n.getFloat("epsilon", 1e-5);
  const int64_t stash = n.getInt("stash_type", 1);
  if (failed(axis) || failed(n.expect(0, "float")) ||
      failed(n.expect(1, "float")))
    return failure();
  if (stash != 1)
    return n.fail("expected stash_type 1, float, but got " + Twine(stash));
  if (auto fast = buildNormOp(n, x, *axis, NormKind::Rms, &n.input(1), nullptr,
                              epsilon))
    return n.setOutput(0, *fast);
  Moments moments{{}, n.g.cast(x, n.g.b.getF32Type()), {}};
  Tensor meanSquare = buildMean(n.g, square(n.g, moments.centred),
                                getAxesFrom(*axis, x.rank()));
  moments.inverseDeviation = n.g.unary(
      meanSquare, n.g.b.getF32Type(),
      [&](BodyBuilder &b, ValueRange args) -> Value {
        Value sum = arith::AddFOp::create(
            b, args[0], buildNumber(b, args[0].getType(), epsilon));
        return arith::DivFOp::create(b, buildNumber(b, sum.getType(), 1),
                                     math::SqrtOp::create(b, sum));
      });
  return n.finish(buildNormed(n.g, moments, &n.input(1), nullptr, x.element));
}

//===----------------------------------------------------------------------===//
// Norms of images
//===----------------------------------------------------------------------===//

/// A vector of channels beside axis 1 of a tensor of this rank.
static FailureOr<Tensor> getChannels(Node &n, unsigned i, int64_t rank) {
  const Tensor &x = n.input(i);
  if (x.rank() != 1)
    return n.fail("expected a number for each channel as input " + Twine(i) +
                  " but got " + n.g.table.str(x.sizes));
  return n.g.insertAxes(x, getAxesFrom(1, rank - 1));
}

static LogicalResult importBatchNormalization(Node &n) {
  const Tensor &x = n.input(0);
  const double epsilon = n.getFloat("epsilon", 1e-5);
  n.ignore({"momentum"});
  if (n.getFlag("training_mode") || n.wantsOutput(1))
    return n.fail("training is not supported");
  if (n.getInt("spatial", 1) != 1)
    return n.fail("expected attribute spatial to be 1");
  if (failed(n.expect(0, "float")) || failed(n.expectRank(0, 2, 64)))
    return failure();
  std::vector<Tensor> inputs{x};
  for (unsigned i = 1; i < 5; ++i) {
    FailureOr<Tensor> channels = getChannels(n, i, x.rank());
    if (failed(channels))
      return failure();
    inputs.push_back(*channels);
  }
  return n.finish(n.g.pointwise(
      inputs, x.element, [&](BodyBuilder &b, ValueRange args) -> Value {
        Value variance = arith::AddFOp::create(
            b, args[4], buildNumber(b, args[4].getType(), epsilon));
        Value centred = arith::SubFOp::create(b, args[0], args[3]);
        Value y = arith::DivFOp::create(b, centred,
                                        math::SqrtOp::create(b, variance));
        return arith::AddFOp::create(b, arith::MulFOp::create(b, y, args[1]),
                                     args[2]);
      }));
}

static LogicalResult importInstanceNormalization(Node &n) {
  const Tensor &x = n.input(0);
  const double epsilon = n.getFloat("epsilon", 1e-5);
  if (failed(n.expect(0, "float")) || failed(n.expectRank(0, 3, 64)))
    return failure();
  auto scale = getChannels(n, 1, x.rank()), shift = getChannels(n, 2, x.rank());
  if (failed(scale) || failed(shift))
    return failure();
  FailureOr<Moments> moments =
      buildMoments(n.g, x, getAxesFrom(2, x.rank()), epsilon);
  if (failed(moments))
    return failure();
  return n.finish(buildNormed(n.g, *moments, &*scale, &*shift, x.element));
}

static LogicalResult importGroupNormalization(Node &n) {
  const Tensor &x = n.input(0);
  const double epsilon = n.getFloat("epsilon", 1e-5);
  const int64_t groups = n.getInt("num_groups", 0);
  const int64_t stash = n.getInt("stash_type", 1);
  if (failed(n.expect(0, "float")) || failed(n.expectRank(0, 3, 64)))
    return failure();
  auto perGroup =
      groups > 0 ? Size::divideExactly(x.sizes[1], groups) : std::nullopt;
  if (!perGroup || stash != 1 || n.opset < 21)
    return n.fail("expected operator set 21 or later, num_groups that divides "
                  "the channels and stash_type 1 but got " +
                  Twine(n.opset) + ", " + Twine(groups) + " of " +
                  n.g.table.str(x.sizes[1]) + " and " + Twine(stash));
  auto scale = getChannels(n, 1, x.rank()), shift = getChannels(n, 2, x.rank());
  if (failed(scale) || failed(shift))
    return failure();
  Sizes split{x.sizes[0], groups, *perGroup};
  llvm::append_range(split, ArrayRef(x.sizes).drop_front(2));
  Tensor grouped = n.g.reshape(x, split);
  FailureOr<Moments> moments =
      buildMoments(n.g, grouped, getAxesFrom(2, grouped.rank()), epsilon);
  if (failed(moments))
    return failure();
  FailureOr<Tensor> normed =
      buildNormed(n.g, *moments, nullptr, nullptr, n.g.b.getF32Type());
  if (failed(normed))
    return failure();
  Tensor y = n.g.reshape(*normed, x.sizes);
  return n.finish(n.g.pointwise(
      {y, *scale, *shift}, x.element,
      [](BodyBuilder &b, ValueRange args) -> Value {
        return arith::AddFOp::create(
            b, arith::MulFOp::create(b, args[0], args[1]), args[2]);
      }));
}

static LogicalResult importLpNormalization(Node &n) {
  const Tensor &x = n.input(0);
  FailureOr<int64_t> axis = n.checkAxis(n.getInt("axis", -1), x.rank());
  const int64_t p = n.getInt("p", 2);
  if (failed(axis) || failed(n.expect(0, "float")))
    return failure();
  if (p != 1 && p != 2)
    return n.fail("expected p to be 1 or 2 but got " + Twine(p));
  Type f32 = n.g.b.getF32Type();
  Tensor sum = n.g.reduceAxes(
      x, *axis, f32, makeNumber(f32, 0),
      [&](BodyBuilder &b, ValueRange args) -> Value {
        Value term =
            p == 1 ? math::AbsFOp::create(b, args[0]).getResult()
                   : arith::MulFOp::create(b, args[0], args[0]).getResult();
        return arith::AddFOp::create(b, args[1], term);
      });
  return n.finish(n.g.pointwise(
      {x, n.g.insertAxes(sum, *axis)}, x.element,
      [&](BodyBuilder &b, ValueRange args) -> Value {
        Value norm =
            p == 1 ? args[1] : math::SqrtOp::create(b, args[1]).getResult();
        Value zero = buildNumber(b, norm.getType(), 0);
        Value isZero =
            arith::CmpFOp::create(b, arith::CmpFPredicate::OEQ, norm, zero);
        Value y = arith::DivFOp::create(b, args[0], norm);
        return arith::SelectOp::create(b, isZero, zero, y);
      }));
}

//===----------------------------------------------------------------------===//
// Softmax
//===----------------------------------------------------------------------===//

/// Before operator set 13 rows were all axes from `axis` on, as one.
static FailureOr<std::pair<Tensor, int64_t>> getSoftmaxRows(Node &n) {
  const Tensor &x = n.input(0);
  FailureOr<int64_t> axis =
      n.checkAxis(n.getInt("axis", n.opset < 13 ? 1 : -1), x.rank());
  if (failed(axis) || failed(n.expect(0, "float")))
    return failure();
  Tensor rows = n.g.cast(x, n.g.b.getF32Type());
  if (n.opset < 13 && *axis != x.rank() - 1)
    rows = n.g.flatten(rows, *axis, x.rank());
  return std::pair(rows, *axis);
}

static LogicalResult importSoftmax(Node &n) {
  auto rows = getSoftmaxRows(n);
  if (failed(rows))
    return failure();
  auto &[x, axis] = *rows;
  GraphBuilder &g = n.g;
  Value input = g.dense(x);
  Value empty = tensor::EmptyOp::create(g.b, g.table.build(x.sizes), x.element);
  Value y = linalg::SoftmaxOp::create(g.b, empty.getType(), input, empty, axis)
                .getResult()[0];
  Tensor result = g.reshape(g.wrap(y, x.sizes), n.input(0).sizes);
  return n.setOutput(0, g.cast(result, n.input(0).element));
}

FailureOr<Tensor> weft::onnx::buildLogSoftmax(GraphBuilder &g, const Tensor &x,
                                              int64_t axis, Type element) {
  Type f32 = g.b.getF32Type();
  Tensor max = g.reduceAxes(
      x, axis, f32, makeNumber(f32, -std::numeric_limits<double>::infinity()),
      [](BodyBuilder &b, ValueRange args) -> Value {
        return arith::MaximumFOp::create(b, args[1], args[0]);
      });
  FailureOr<Tensor> shifted = subtract(g, x, g.insertAxes(max, axis));
  if (failed(shifted))
    return failure();
  Tensor sum = g.reduceAxes(*shifted, axis, f32, makeNumber(f32, 0),
                            [](BodyBuilder &b, ValueRange args) -> Value {
                              return arith::AddFOp::create(
                                  b, args[1], math::ExpOp::create(b, args[0]));
                            });
  return g.pointwise({*shifted, g.insertAxes(sum, axis)}, element,
                     [](BodyBuilder &b, ValueRange args) -> Value {
                       return arith::SubFOp::create(
                           b, args[0], math::LogOp::create(b, args[1]));
                     });
}

static LogicalResult importLogSoftmax(Node &n) {
  auto rows = getSoftmaxRows(n);
  if (failed(rows))
    return failure();
  FailureOr<Tensor> y =
      buildLogSoftmax(n.g, rows->first, rows->second, n.input(0).element);
  if (failed(y))
    return failure();
  return n.setOutput(0, n.g.reshape(*y, n.input(0).sizes));
}

/// (x - mean) / deviation over axes.
static LogicalResult importMeanVarianceNormalization(Node &n) {
  const Tensor &x = n.input(0);
  std::vector<int64_t> given =
      n.getInts("axes").value_or(std::vector<int64_t>{0, 2, 3});
  auto axes = n.checkAxes(given, x.rank());
  if (failed(axes) || failed(n.expect(0, "float")))
    return failure();
  llvm::sort(*axes);
  FailureOr<Moments> moments = buildMoments(n.g, x, *axes, 1e-18);
  if (failed(moments))
    return failure();
  return n.finish(buildNormed(n.g, *moments, nullptr, nullptr, x.element));
}

OperatorGroup weft::onnx::getNormOperators() {
  static const Operator operators[] = {
      {"BatchNormalization", 5, 5, 9, importBatchNormalization},
      {"GroupNormalization", 3, 3, 18, importGroupNormalization},
      {"InstanceNormalization", 3, 3, 6, importInstanceNormalization},
      {"LayerNormalization", 2, 3, 17, importLayerNormalization},
      {"LogSoftmax", 1, 1, 1, importLogSoftmax},
      {"LpNormalization", 1, 1, 1, importLpNormalization},
      {"MeanVarianceNormalization", 1, 1, 9, importMeanVarianceNormalization},
      {"RMSNormalization", 2, 2, 23, importRmsNormalization},
      {"Softmax", 1, 1, 1, importSoftmax},
  };
  return operators;
}
