//===- Recurrence.cpp - LinearAttention, CausalConvWithState --------------===//

#include "frontends/onnx/Node.h"

#include "dialects/weft/ops/WeftOps.h"
#include "frontends/common/Activations.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace weft;
using namespace weft::onnx;

namespace {

/// One LinearAttention as `weft.scan`, heads as an axis behind the tokens.
/// Where several query heads share a state each has a copy of it.
class LinearAttention {
public:
  explicit LinearAttention(Node &n) : n(n), g(n.g), f32(g.b.getF32Type()) {}

  LogicalResult read();
  LogicalResult build();

private:
  FailureOr<Tensor> splitHeads(unsigned i, int64_t heads);
  /// An input of a number for each of the key heads, or for each and row.
  FailureOr<Tensor> readGate(unsigned i, StringRef what, bool hasRows);
  /// Each key head once for each query head that reads it.
  Tensor repeat(const Tensor &x, int64_t axis);

  Node &n;
  GraphBuilder &g;
  Type f32;
  int64_t heads = 0, keyHeads = 0;
  bool isGated = false, isDelta = false;
  double scale = 0;
  Tensor query, key, value;
  SmallVector<Value> gates;
  TransitionAttrInterface transition;
};

} // namespace

FailureOr<Tensor> LinearAttention::splitHeads(unsigned i, int64_t count) {
  const Tensor &x = n.input(i);
  if (failed(n.expect(i, "float")) || failed(n.expectRank(i, 3, 3)))
    return failure();
  auto channels = Size::divideExactly(x.sizes[2], count);
  if (!channels || !channels->asNumber())
    return n.fail("expected " + Twine(count) + " heads to divide " +
                  g.table.str(x.sizes));
  return g.reshape(g.cast(x, f32), {x.sizes[0], x.sizes[1], count, *channels});
}

Tensor LinearAttention::repeat(const Tensor &x, int64_t axis) {
  const int64_t group = heads / keyHeads;
  if (group == 1)
    return x;
  Sizes wide = x.sizes, sizes = x.sizes;
  wide.insert(wide.begin() + axis + 1, Size(group));
  sizes[axis] = heads;
  Tensor repeated = g.broadcast(g.insertAxes(x, axis + 1), wide);
  return g.reshape(g.wrap(g.dense(repeated), wide), sizes);
}

FailureOr<Tensor> LinearAttention::readGate(unsigned i, StringRef what,
                                            bool hasRows) {
  if (!n.hasInput(i))
    return n.fail("expected " + what + " for this update_rule but got none");
  const Tensor &x = n.input(i);
  const Sizes perHead{query.sizes[0], query.sizes[1], keyHeads};
  Sizes shared = perHead, perRow = perHead;
  shared[2] = 1;
  perRow[2] = key.sizes[3] * Size(keyHeads);
  if (x.isFloat() && x.sizes == perHead)
    return g.cast(x, f32);
  if (x.isFloat() && !hasRows && x.sizes == shared)
    return g.broadcast(g.cast(x, f32), perHead);
  if (x.isFloat() && hasRows && x.sizes == perRow) {
    Sizes split = perHead;
    split.push_back(key.sizes[3]);
    return g.reshape(g.cast(x, f32), split);
  }
  return n.fail("expected " + what + " of floats for each of " +
                Twine(keyHeads) + " heads but got " + g.table.str(x.sizes));
}

LogicalResult LinearAttention::read() {
  n.ignore({"chunk_size"}); // how it is computed, not what
  heads = n.getInt("q_num_heads", 0);
  keyHeads = n.getInt("kv_num_heads", 0);
  const std::string rule = n.getString("update_rule", "gated_delta");
  isGated = rule == "gated" || rule == "gated_delta";
  isDelta = rule == "delta" || rule == "gated_delta";
  if (heads <= 0 || keyHeads <= 0 || heads % keyHeads != 0)
    return n.fail("expected q_num_heads to be a multiple of kv_num_heads but "
                  "got " +
                  Twine(heads) + " and " + Twine(keyHeads));
  if (!isGated && !isDelta && rule != "linear")
    return n.fail("expected update_rule linear, gated, delta or gated_delta "
                  "but got \"" +
                  rule + "\"");
  if ((n.hasInput(4) && !isGated) || (n.hasInput(5) && !isDelta))
    return n.fail("expected no decay or beta for update_rule " + rule);
  auto q = splitHeads(0, heads), k = splitHeads(1, keyHeads),
       v = splitHeads(2, keyHeads);
  if (failed(q) || failed(k) || failed(v))
    return failure();
  query = *q;
  key = *k;
  value = *v;
  if (query.sizes[0] != key.sizes[0] || query.sizes[1] != key.sizes[1] ||
      query.sizes[3] != key.sizes[3] || query.sizes[0] != value.sizes[0] ||
      query.sizes[1] != value.sizes[1])
    return n.fail("expected query, key and value that go together but got " +
                  g.table.str(query.sizes) + ", " + g.table.str(key.sizes) +
                  " and " + g.table.str(value.sizes));
  scale = n.getFloat("scale", 0);
  if (scale == 0)
    scale = 1.0 / std::sqrt(double(*query.sizes[3].asNumber()));

  MLIRContext *context = g.b.getContext();
  transition = AccumulateAttr::get(context);
  if (isGated) {
    FailureOr<Tensor> decay = readGate(4, "decay", /*hasRows=*/true);
    if (failed(decay))
      return failure();
    Tensor factor = g.unary(*decay, f32, [](BodyBuilder &b, ValueRange args) {
      return math::ExpOp::create(b, args[0]).getResult();
    });
    const bool isVector = factor.rank() == 4;
    transition = DecayAttr::get(context, isVector ? DecayAxes::Vector
                                                  : DecayAxes::Scalar);
    if (isDelta && !isVector) // takes one for each row
      factor = g.broadcast(
          g.insertAxes(factor, 3),
          {factor.sizes[0], factor.sizes[1], keyHeads, key.sizes[3]});
    gates.push_back(g.dense(repeat(factor, 2)));
  }
  if (isDelta) {
    FailureOr<Tensor> beta = readGate(5, "beta", /*hasRows=*/false);
    if (failed(beta))
      return failure();
    transition = isGated ? TransitionAttrInterface(GatedDeltaAttr::get(context))
                         : DeltaAttr::get(context);
    gates.push_back(g.dense(repeat(*beta, 2)));
  }
  return success();
}

LogicalResult LinearAttention::build() {
  Sizes state{query.sizes[0], keyHeads, key.sizes[3], value.sizes[3]};
  Value initial;
  Type stateType = n.input(0).element;
  if (n.hasInput(3)) {
    const Tensor &past = n.input(3);
    if (!past.isFloat() || past.sizes != state)
      return n.fail("expected a past state of floats " + g.table.str(state) +
                    " but got " + g.table.str(past.sizes));
    stateType = past.element;
    initial = g.dense(repeat(g.cast(past, f32), 1));
  }
  Tensor scaled = g.unary(query, f32, [&](BodyBuilder &b, ValueRange args) {
    return buildScale(b, args[0], scale);
  });
  Sizes out{query.sizes[0], query.sizes[1], heads, value.sizes[3]};
  Sizes all = state;
  all[1] = heads;
  auto scan = ScanOp::create(
      g.b, getTensorType(out, f32), getTensorType(all, f32),
      /*final_sum=*/Type(), g.dense(scaled), g.dense(repeat(key, 2)),
      g.dense(repeat(value, 2)), gates, initial, /*initial_sum=*/Value(),
      transition, /*features=*/FeatureMapAttrInterface());
  Tensor y = g.flatten(g.wrap(scan.getOut(), out), 2, 4);
  Tensor final = g.wrap(scan.getFinal(), all);
  if (heads != keyHeads) // one of the copies
    final =
        g.slice(final, Sizes(4, Size(0)), state, {1, heads / keyHeads, 1, 1});
  (void)n.setOutput(1, g.cast(final, stateType));
  return n.setOutput(0, g.cast(y, n.input(0).element));
}

static LogicalResult importLinearAttention(Node &n) {
  LinearAttention attention(n);
  if (failed(attention.read()))
    return failure();
  return attention.build();
}

/// out[b, c, t] = activation(bias[c] + sum_j weight[c, 0, j] x[b, c, t + j]),
/// where x is the past state, or zeros, and the input after it.
static LogicalResult importCausalConv(Node &n) {
  GraphBuilder &g = n.g;
  const Tensor &x = n.input(0), &weight = n.input(1);
  const std::string activation = n.getString("activation", "none");
  if (failed(n.expect(0, "float")) || failed(n.expectSameType(0, 1)) ||
      failed(n.expectRank(0, 3, 3)) || failed(n.expectRank(1, 3, 3)))
    return failure();
  if (activation != "none" && activation != "silu" && activation != "swish")
    return n.fail("expected activation none, silu or swish but got \"" +
                  activation + "\"");
  const Size taps = weight.sizes[2], kept = taps - Size(1);
  if (weight.sizes[0] != x.sizes[1] || !weight.sizes[1].is(1) ||
      !taps.asNumber() || taps.is(0))
    return n.fail("expected weights of one row for each of " +
                  g.table.str(x.sizes[1]) + " channels but got " +
                  g.table.str(weight.sizes));
  const Sizes state{x.sizes[0], x.sizes[1], kept};
  Tensor past = g.makeSplat(0, x.element, state);
  if (n.hasInput(3)) {
    past = n.input(3);
    if (past.sizes != state || past.element != x.element)
      return n.fail("expected a past state " + g.table.str(state) +
                    " but got " + g.table.str(past.sizes));
  }
  Tensor padded = g.concat({past, x}, 2);
  AffineExpr place = g.b.getAffineDimExpr(2) + g.b.getAffineDimExpr(3);
  AffineMap read = AffineMap::get(
      4, 0, {g.b.getAffineDimExpr(0), g.b.getAffineDimExpr(1), place},
      g.b.getContext());
  Tensor y = g.contract(
      {x.sizes[0], x.sizes[1], x.sizes[2], taps}, {0, 1, 2},
      {g.wrap(g.dense(padded), padded.sizes),
       g.wrap(g.dense(g.dropAxes(weight, 1)), {weight.sizes[0], taps})},
      {read, g.mapOf(4, {1, 3})}, g.b.getF32Type());
  std::vector<Tensor> inputs{y};
  if (n.hasInput(2)) {
    if (n.input(2).sizes != Sizes{x.sizes[1]} || !n.input(2).isFloat())
      return n.fail("expected a bias for each of " + g.table.str(x.sizes[1]) +
                    " channels but got " + g.table.str(n.input(2).sizes));
    inputs.push_back(g.insertAxes(n.input(2), 1));
  }
  (void)n.setOutput(
      1, g.slice(padded, {Size(0), Size(0), x.sizes[2]}, state, {1, 1, 1}));
  return n.finish(g.pointwise(
      inputs, x.element, [&](BodyBuilder &b, ValueRange args) -> Value {
        Value sum = args[0];
        if (args.size() == 2)
          sum = arith::AddFOp::create(b, sum, args[1]);
        return activation == "none" ? sum
                                    : buildActivation(b, Activation::Silu, sum);
      }));
}

OperatorGroup weft::onnx::getRecurrenceOperators() {
  static const Operator operators[] = {
      {"CausalConvWithState", 2, 4, 27, importCausalConv},
      {"LinearAttention", 3, 6, 27, importLinearAttention},
  };
  return operators;
}
