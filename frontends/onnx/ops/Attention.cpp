//===- Attention.cpp - Attention of operator sets 23 to 25 ----------------===//
//
// The operator is one `weft.attention`: heads are seen as an axis behind the
// tokens, the cache is put before the keys, causality and windows are masks,
// the mask tensor and the soft cap go into the score region. A model that asks
// for the scores as well gets them as tensors, by the operator's definition.
//
//===----------------------------------------------------------------------===//

#include "frontends/onnx/Node.h"

#include "dialects/weft/ops/WeftOps.h"
#include "frontends/common/Activations.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace weft;
using namespace weft::onnx;

namespace {
constexpr double kMinusInfinity = -std::numeric_limits<double>::infinity();

/// One node, its inputs as batch x heads x tokens x channels.
class Attention {
public:
  explicit Attention(Node &n) : n(n), g(n.g) {}

  LogicalResult read();
  LogicalResult build();

private:
  FailureOr<Tensor> splitHeads(unsigned i, const char *attribute);
  LogicalResult readCache();
  LogicalResult readMask();
  LogicalResult checkShapes();

  /// Tokens of the sequence before the first query; not for `lengths`.
  Size getOffset() const { return hasPast ? pastLength : Size(0); }
  /// Whether what is allowed differs between sequences of the batch.
  bool isPerBatch() const { return lengths && (isCausal || hasWindow()); }
  bool hasWindow() const { return left >= 0 || right >= 0; }

  MaskAttrInterface getMask();
  Tensor buildFused();
  /// A score with soft cap, mask tensor and what is not allowed by the batch.
  Value finishScore(BodyBuilder &b, Value score, Value batch, Value head,
                    Value position, Value key);
  Value isAllowed(BodyBuilder &b, Value batch, Value position, Value key);
  FailureOr<Tensor> buildByDefinition();
  LogicalResult setResult(const Tensor &y);

  Node &n;
  GraphBuilder &g;
  Tensor query, key, value;
  std::optional<Tensor> mask, lengths;
  Value maskBase, lengthsBase;
  AffineMap maskMap;
  Size
      maskedKeys; // what the mask tensor is about; keys after them are not seen
  Size pastLength;
  bool hasPast = false, isFlat = false, isCausal = false;
  double scale = 0, cap = 0;
  int64_t left = -1, right = -1, mode = 0;
};
} // namespace

//===----------------------------------------------------------------------===//
// Inputs
//===----------------------------------------------------------------------===//

/// batch x tokens x (heads * channels), or with heads as an axis of their own.
FailureOr<Tensor> Attention::splitHeads(unsigned i, const char *attribute) {
  const Tensor &x = n.input(i);
  if (failed(n.expect(i, "float")) || failed(n.expectRank(i, 3, 4)))
    return failure();
  if (x.rank() == 4)
    return x;
  const int64_t heads = n.getInt(attribute, 0);
  auto channels =
      heads > 0 ? Size::divideExactly(x.sizes[2], heads) : std::nullopt;
  if (!channels)
    return n.fail("expected attribute " + Twine(attribute) +
                  " to be a divisor of " + g.table.str(x.sizes[2]) +
                  " but got " + Twine(heads));
  Tensor split = g.reshape(x, {x.sizes[0], x.sizes[1], heads, *channels});
  return g.transpose(split, {0, 2, 1, 3});
}

LogicalResult Attention::readCache() {
  if (n.hasInput(4) != n.hasInput(5))
    return n.fail("expected past_key and past_value together");
  hasPast = n.hasInput(4);
  if (!hasPast)
    return success();
  for (unsigned i : {4, 5}) {
    Tensor &fresh = i == 4 ? key : value;
    const Tensor &past = n.input(i);
    Sizes expected = fresh.sizes;
    if (past.rank() == 4)
      expected[2] = past.sizes[2];
    if (past.sizes != expected || past.element != fresh.element)
      return n.fail("expected a cache like " + g.table.str(fresh.sizes) +
                    " but got " + g.table.str(past.sizes));
    if (i == 5 && past.sizes[2] != pastLength)
      return n.fail("expected caches of one length but got " +
                    g.table.str(pastLength) + " and " +
                    g.table.str(past.sizes[2]));
    pastLength = past.sizes[2];
    fresh = g.concat({past, fresh}, 2);
  }
  return success();
}

LogicalResult Attention::readMask() {
  if (n.hasInput(6)) {
    if (hasPast)
      return n.fail("expected either a cache or nonpad_kv_seqlen but got both");
    lengths = n.input(6);
    if (!lengths->isInteger() || lengths->sizes != Sizes{query.sizes[0]})
      return n.fail("expected a length for each of " +
                    g.table.str(query.sizes[0]) + " sequences but got " +
                    g.table.str(lengths->sizes));
  }
  if (!n.hasInput(3))
    return success();
  mask = n.input(3);
  if (!mask->isBool() && mask->element != query.element)
    return n.fail("expected a mask of bool or " + getTypeName(query.element) +
                  " but got " + getTypeName(mask->element));
  const Size keys = key.sizes[2];
  Sizes full{query.sizes[0], query.sizes[1], query.sizes[2], keys};
  if (mask->rank() < 1 || mask->rank() > 4)
    return n.fail("expected a mask of rank 1 to 4 but got " +
                  g.table.str(mask->sizes));
  // A shorter mask does not allow the keys after it.
  maskedKeys = mask->sizes.back();
  full[3] = maskedKeys;
  for (int64_t axis = 0; axis < mask->rank(); ++axis) {
    const Size &own = mask->sizes[mask->rank() - 1 - axis];
    if (!own.is(1) && own != full[3 - axis])
      return n.fail("expected a mask like " + g.table.str(full) + " but got " +
                    g.table.str(mask->sizes));
  }
  if (auto own = maskedKeys.asNumber(), all = keys.asNumber();
      maskedKeys != keys && (!own || !all || *own > *all))
    return n.fail("expected a mask of at most " + g.table.str(keys) +
                  " keys but got " + g.table.str(maskedKeys));
  Tensor seen = g.withBase(g.broadcast(*mask, full));
  maskBase = seen.base;
  maskMap = seen.map;
  return success();
}

LogicalResult Attention::checkShapes() {
  for (const Tensor *each : {&key, &value})
    if (each->element != query.element || each->sizes[0] != query.sizes[0] ||
        each->sizes[2] != key.sizes[2] || each->sizes[1] != key.sizes[1])
      return n.fail("expected query, key and value that go together but got " +
                    g.table.str(query.sizes) + ", " + g.table.str(key.sizes) +
                    " and " + g.table.str(value.sizes));
  if (query.sizes[3] != key.sizes[3])
    return n.fail("expected query and key of as many channels but got " +
                  g.table.str(query.sizes) + " and " + g.table.str(key.sizes));
  auto heads = n.getStaticSize(query.sizes[1], "the number of query heads");
  auto keyHeads = n.getStaticSize(key.sizes[1], "the number of key heads");
  if (failed(heads) || failed(keyHeads) ||
      failed(n.getStaticSize(query.sizes[3], "the number of channels")) ||
      failed(n.getStaticSize(value.sizes[3], "the number of channels")))
    return failure();
  if (*keyHeads <= 0 || *heads % *keyHeads != 0)
    return n.fail("expected a multiple of the " + Twine(*keyHeads) +
                  " key heads as query heads but got " + Twine(*heads));
  return success();
}

LogicalResult Attention::read() {
  isFlat = n.input(0).rank() == 3;
  auto q = splitHeads(0, "q_num_heads"), k = splitHeads(1, "kv_num_heads"),
       v = splitHeads(2, "kv_num_heads");
  if (failed(q) || failed(k) || failed(v))
    return failure();
  if (n.input(1).rank() != n.input(0).rank() ||
      n.input(2).rank() != n.input(0).rank())
    return n.fail("expected query, key and value of one rank");
  if (!isFlat) // Where they are given they say what the shapes say.
    for (auto [name, x] :
         {std::pair<const char *, Tensor *>{"q_num_heads", &*q},
          {"kv_num_heads", &*k}})
      if (int64_t heads = n.getInt(name, 0); heads && !x->sizes[1].is(heads))
        return n.fail("expected " + g.table.str(x->sizes[1]) +
                      " as attribute " + name + " but got " + Twine(heads));
  query = *q;
  key = *k;
  value = *v;
  isCausal = n.getFlag("is_causal");
  cap = n.getFloat("softcap", 0);
  mode = n.getInt("qk_matmul_output_mode", 0);
  left = n.getInt("left_window_size", -1);
  right = n.getInt("right_window_size", -1);
  if (mode < 0 || mode > 3 || left < -1 || right < -1 || cap < 0)
    return n.fail("expected qk_matmul_output_mode from 0 to 3, windows of at "
                  "least -1 and a softcap of at least 0");
  // Scores are f32 whatever the inputs; that is as precise as asked for.
  const int64_t precision = n.getInt("softmax_precision", 1);
  if (precision != 1 && precision != 10 && precision != 16)
    return n.fail("expected softmax_precision float, float16 or bfloat16 but "
                  "got " +
                  formats::getOnnxTypeName(int32_t(precision)));
  if (failed(readCache()) || failed(checkShapes()) || failed(readMask()))
    return failure();
  auto channels = query.sizes[3].asNumber();
  scale = n.has("scale") ? n.getFloat("scale", 0)
                         : 1.0 / std::sqrt(double(*channels));
  if (lengths)
    lengthsBase = g.dense(*lengths);
  return success();
}

//===----------------------------------------------------------------------===//
// Scores
//===----------------------------------------------------------------------===//

/// What positions alone allow, the first query being at the offset.
MaskAttrInterface Attention::getMask() {
  MLIRContext *context = g.b.getContext();
  SmallVector<MaskAttrInterface> masks;
  if (isPerBatch())
    return nullptr;
  if (isCausal)
    masks.push_back(CausalAttr::get(context));
  if (hasWindow()) {
    AffineExpr distance = g.b.getAffineDimExpr(2);
    SmallVector<AffineExpr> exprs;
    if (left >= 0)
      exprs.push_back(left - distance);
    if (right >= 0)
      exprs.push_back(right + distance);
    masks.push_back(WhereAttr::get(
        context, AffineMapAttr::get(AffineMap::get(3, 0, exprs, context))));
  }
  if (masks.empty())
    return nullptr;
  return masks.size() == 1 ? masks[0] : AndAttr::get(context, masks);
}

/// Whether causality and window, shifted by the length of the sequence, allow a
/// pair; `position` counts queries from 0.
Value Attention::isAllowed(BodyBuilder &b, Value batch, Value position,
                           Value keyAt) {
  Value length = arith::IndexCastOp::create(
      b, b.getIndexType(), tensor::ExtractOp::create(b, lengthsBase, batch));
  Value queries = g.table.buildValue(query.sizes[2]);
  Value shifted = arith::AddIOp::create(
      b, position, arith::SubIOp::create(b, length, queries));
  Value distance = arith::SubIOp::create(b, shifted, keyAt);
  Value allowed = buildNumber(b, b.getI1Type(), 1);
  auto require = [&](arith::CmpIPredicate predicate, int64_t bound) {
    Value holds = arith::CmpIOp::create(
        b, predicate, distance, arith::ConstantIndexOp::create(b, bound));
    allowed = arith::AndIOp::create(b, allowed, holds);
  };
  if (isCausal)
    require(arith::CmpIPredicate::sge, 0);
  if (left >= 0)
    require(arith::CmpIPredicate::sle, left);
  if (right >= 0)
    require(arith::CmpIPredicate::sge, -right);
  return allowed;
}

Value Attention::finishScore(BodyBuilder &b, Value score, Value batch,
                             Value head, Value position, Value keyAt) {
  Type f32 = b.getF32Type();
  if (cap > 0)
    score = buildCap(b, score, cap);
  Value lowest = buildNumber(b, f32, kMinusInfinity);
  if (maskBase) {
    Value places[] = {batch, head, position, keyAt};
    Value isInside;
    if (maskedKeys != key.sizes[2]) {
      Value count = g.table.buildValue(maskedKeys);
      isInside =
          arith::CmpIOp::create(b, arith::CmpIPredicate::ult, keyAt, count);
      places[3] = arith::SelectOp::create(b, isInside, keyAt,
                                          arith::ConstantIndexOp::create(b, 0));
    }
    SmallVector<Value> place;
    for (AffineExpr expr : maskMap.getResults())
      if (auto dim = dyn_cast<AffineDimExpr>(expr))
        place.push_back(places[dim.getPosition()]);
      else
        place.push_back(arith::ConstantIndexOp::create(b, 0));
    Value element = tensor::ExtractOp::create(b, maskBase, place);
    if (mask->isBool())
      score = arith::SelectOp::create(b, element, score, lowest);
    else
      score = arith::AddFOp::create(b, score, buildCast(b, element, f32));
    if (isInside)
      score = arith::SelectOp::create(b, isInside, score, lowest);
  }
  if (isPerBatch())
    score = arith::SelectOp::create(b, isAllowed(b, batch, position, keyAt),
                                    score, lowest);
  return score;
}

//===----------------------------------------------------------------------===//
// The op
//===----------------------------------------------------------------------===//

Tensor Attention::buildFused() {
  Type f32 = g.b.getF32Type();
  auto getTokens = [&](const Tensor &x) {
    return g.dense(g.transpose(g.cast(x, f32), {0, 2, 1, 3}));
  };
  // Keys from the length of each sequence on are padding.
  Value valid;
  if (lengths) {
    Type i64 = g.b.getI64Type();
    Tensor isValid =
        g.fromIndices({key.sizes[0], key.sizes[2]}, i64,
                      [&](BodyBuilder &b, ValueRange at) -> Value {
                        Value length = arith::IndexCastOp::create(
                            b, b.getIndexType(),
                            tensor::ExtractOp::create(b, lengthsBase, at[0]));
                        Value below = arith::CmpIOp::create(
                            b, arith::CmpIPredicate::slt, at[1], length);
                        return buildCast(b, below, i64);
                      });
    valid = isValid.base;
  }
  Sizes sizes{query.sizes[0], query.sizes[2], query.sizes[1], value.sizes[3]};
  const bool isShifted = getMask() && !getOffset().is(0);
  Value position = isShifted ? g.table.buildValue(getOffset()) : Value();
  auto op = AttentionOp::create(
      g.b, getTensorType(sizes, f32), /*lse=*/Type(), getTokens(query),
      getTokens(key), getTokens(value), valid, position,
      /*key_position=*/Value(), SoftmaxAttr::get(g.b.getContext()), getMask(),
      g.b.getF32FloatAttr(static_cast<float>(scale)));
  if (cap > 0 || maskBase || isPerBatch()) {
    OpBuilder::InsertionGuard guard(g.b);
    SmallVector<Type> types(5, g.b.getIndexType()); // batch, head, i, j
    types[0] = f32;
    Block *block = g.b.createBlock(&op.getScore(), {}, types,
                                   SmallVector<Location>(5, g.b.getLoc()));
    Value row = block->getArgument(3);
    if (position) // rows of the mask tensor count from the first query
      row = arith::SubIOp::create(g.b, row, position);
    Value score =
        finishScore(g.b, block->getArgument(0), block->getArgument(1),
                    block->getArgument(2), row, block->getArgument(4));
    weft::YieldOp::create(g.b, score);
  }
  return g.cast(g.wrap(op.getOut(), sizes), query.element);
}

//===----------------------------------------------------------------------===//
// The definition, where scores are a result
//===----------------------------------------------------------------------===//

FailureOr<Tensor> Attention::buildByDefinition() {
  Type f32 = g.b.getF32Type(), i1 = g.b.getI1Type();
  const int64_t group = *query.sizes[1].asNumber() / *key.sizes[1].asNumber();
  // Loops: batch, head, query, key, channel.
  const Sizes all{query.sizes[0], query.sizes[1], query.sizes[2], key.sizes[2],
                  query.sizes[3]};
  auto getKeyMap = [&](ArrayRef<AffineExpr> tail) {
    SmallVector<AffineExpr> exprs{g.b.getAffineDimExpr(0),
                                  g.b.getAffineDimExpr(1).floorDiv(group)};
    llvm::append_range(exprs, tail);
    return AffineMap::get(5, 0, exprs, g.b.getContext());
  };
  AffineExpr keyLoop = g.b.getAffineDimExpr(3), last = g.b.getAffineDimExpr(4);
  // Dense, so that each loop runs along an axis of an input.
  auto whole = [&](const Tensor &x) { return g.wrap(g.dense(x), x.sizes); };
  Tensor products =
      g.contract(all, {0, 1, 2, 3}, {whole(query), whole(key)},
                 {g.mapOf(5, {0, 1, 2, 4}), getKeyMap({keyLoop, last})}, f32);
  Tensor scores = g.unary(products, f32, [&](BodyBuilder &b, ValueRange args) {
    return buildScale(b, args[0], scale);
  });
  Tensor capped = scores;
  if (cap > 0)
    capped = g.unary(scores, f32, [&](BodyBuilder &b, ValueRange args) {
      return buildCap(b, args[0], cap);
    });

  // What may be added to each score, -infinity where a pair is not allowed.
  MaskAttrInterface positions = getMask();
  Value offset = g.table.buildValue(getOffset());
  const double ownCap = cap;
  cap = 0; // is in the scores already
  Tensor bias = g.fromIndices(
      ArrayRef(all).drop_back(), f32, [&](BodyBuilder &b, ValueRange at) {
        Value result =
            finishScore(b, buildNumber(b, f32, 0), at[0], at[1], at[2], at[3]);
        Value allowed = buildNumber(b, i1, 1);
        if (positions) {
          Value i = arith::AddIOp::create(b, at[2], offset);
          Value distance = arith::SubIOp::create(b, i, at[3]);
          allowed = positions.buildAllowed(b, i, at[3], distance);
        }
        if (lengths) {
          Value length = arith::IndexCastOp::create(
              b, b.getIndexType(),
              tensor::ExtractOp::create(b, lengthsBase, at[0]));
          Value below = arith::CmpIOp::create(b, arith::CmpIPredicate::slt,
                                              at[3], length);
          allowed = arith::AndIOp::create(b, allowed, below);
        }
        return arith::SelectOp::create(b, allowed, result,
                                       buildNumber(b, f32, kMinusInfinity))
            .getResult();
      });
  cap = ownCap;
  FailureOr<Tensor> biased = g.pointwise(
      {capped, bias}, f32, [](BodyBuilder &b, ValueRange args) -> Value {
        return arith::AddFOp::create(b, args[0], args[1]);
      });
  if (failed(biased))
    return failure();

  // Softmax of rows, zeros where no key is allowed.
  auto getMax = [&](const Tensor &x) {
    Tensor max =
        g.reduceAxes(x, 3, f32, makeNumber(f32, kMinusInfinity),
                     [](BodyBuilder &b, ValueRange args) -> Value {
                       return arith::MaximumFOp::create(b, args[1], args[0]);
                     });
    return g.insertAxes(max, 3);
  };
  FailureOr<Tensor> weights = g.pointwise(
      {*biased, getMax(*biased), getMax(bias)}, f32,
      [](BodyBuilder &b, ValueRange args) -> Value {
        Value lowest = buildNumber(b, args[0].getType(), kMinusInfinity);
        Value isEmpty = arith::CmpFOp::create(b, arith::CmpFPredicate::OEQ,
                                              args[2], lowest);
        Value shifted = arith::SubFOp::create(b, args[0], args[1]);
        Value weight = math::ExpOp::create(b, shifted);
        return arith::SelectOp::create(
            b, isEmpty, buildNumber(b, weight.getType(), 0), weight);
      });
  if (failed(weights))
    return failure();
  Tensor sums =
      g.reduceAxes(*weights, 3, f32, makeNumber(f32, 0),
                   [](BodyBuilder &b, ValueRange args) -> Value {
                     return arith::AddFOp::create(b, args[1], args[0]);
                   });
  FailureOr<Tensor> shares =
      g.pointwise({*weights, g.insertAxes(sums, 3)}, f32,
                  [](BodyBuilder &b, ValueRange args) -> Value {
                    Value zero = buildNumber(b, args[1].getType(), 0);
                    Value isZero = arith::CmpFOp::create(
                        b, arith::CmpFPredicate::OEQ, args[1], zero);
                    Value share = arith::DivFOp::create(b, args[0], args[1]);
                    return arith::SelectOp::create(b, isZero, zero, share);
                  });
  if (failed(shares))
    return failure();
  const Tensor &result = mode == 0   ? scores
                         : mode == 1 ? capped
                         : mode == 2 ? *biased
                                     : *shares;
  (void)n.setOutput(3, g.cast(result, query.element));
  Sizes loops = all;
  loops[4] = value.sizes[3];
  return g.contract(loops, {0, 1, 2, 4}, {*shares, whole(value)},
                    {g.mapOf(5, {0, 1, 2, 3}), getKeyMap({keyLoop, last})},
                    query.element);
}

//===----------------------------------------------------------------------===//
// Outputs
//===----------------------------------------------------------------------===//

LogicalResult Attention::build() {
  (void)n.setOutput(1, key);
  (void)n.setOutput(2, value);
  if (!n.wantsOutput(3))
    return setResult(g.transpose(buildFused(), {0, 2, 1, 3}));
  FailureOr<Tensor> y = buildByDefinition();
  if (failed(y))
    return failure();
  return setResult(*y);
}

/// batch x heads x tokens x channels as the inputs were.
LogicalResult Attention::setResult(const Tensor &y) {
  if (!isFlat)
    return n.setOutput(0, y);
  Tensor tokens = g.transpose(y, {0, 2, 1, 3});
  return n.setOutput(0, g.flatten(tokens, 2, 4));
}

static LogicalResult importAttention(Node &n) {
  Attention attention(n);
  if (failed(attention.read()))
    return failure();
  return attention.build();
}

OperatorGroup weft::onnx::getAttentionOperators() {
  static const Operator operators[] = {
      {"Attention", 3, 7, 23, importAttention},
  };
  return operators;
}
