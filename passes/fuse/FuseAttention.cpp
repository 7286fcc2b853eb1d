//===- FuseAttention.cpp - Products and a softmax become attention --------===//
//
// Graphs of other frameworks write attention as two products of tensors with a
// softmax of the last axis between them:
//
//   scores[b, h, i, j] = sum_c q[b, i, h, c] k[b, j, h, c]
//   out[b, h, i, d]    = sum_j softmax_j(f(scores))[b, h, i, j] v[b, j, h, d]
//
// with the axes of each operand in any order. What is done to a score in f
// (scale, bias, mask) is the score region of the op; a tensor that f reads, and
// that is computed from batch and key alone, is computed for those alone.
//
//===----------------------------------------------------------------------===//

#include "dialects/weft/ops/WeftOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "mlir/Transforms/RegionUtils.h"
#include "passes/Passes.h"

namespace weft {
#define GEN_PASS_DEF_FUSEATTENTIONPASS
#include "passes/Passes.h.inc"
} // namespace weft

using namespace mlir;
using namespace weft;

namespace {

/// Axes of scores.
enum Axis : unsigned { Batch, Head, Query, Key };

/// A sum of products of elements of two tensors in f32, from zero.
struct Contraction {
  linalg::GenericOp op;
  Value inputs[2];
  AffineMap maps[2], out;
  unsigned reduced = 0;
  float factors[2] = {1.0f, 1.0f};
  bool skipsNotANumber[2] = {false, false};
};

/// What is known of an attention before it is built.
struct Match {
  Value query, key, value;
  AffineMap queryMap, keyMap, valueMap, outMap;
  /// Loops of the products: of scores (b, h, i, j, c), of values
  /// (b, h, i, j, d).
  unsigned scoreLoops[5], valueLoops[5];
  linalg::GenericOp score; // null: scores as they are
  unsigned scoreInput = 0; // the one of `score` that is the product
  float scale = 1.0f;
};

} // namespace

static bool isF32(Value value) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  return type && type.getElementType().isF32();
}

/// The constant that the scalar is, if it is a float.
static std::optional<double> getConstant(Value value) {
  FloatAttr attr;
  if (!matchPattern(value, m_Constant(&attr)))
    return std::nullopt;
  return attr.getValueAsDouble();
}

static bool isZeroFilled(Value value) {
  auto fill = value.getDefiningOp<linalg::FillOp>();
  return fill && getConstant(fill.getInputs()[0]) == 0.0;
}

/// The value before a choice that puts zero where it is no number; null if it
/// is no such choice. Attention gives rows of such weights zeros.
static Value getBeforeNotANumber(Value value) {
  auto select = value.getDefiningOp<arith::SelectOp>();
  if (!select || getConstant(select.getTrueValue()) != 0.0)
    return nullptr;
  Value x = select.getFalseValue();
  auto is = select.getCondition().getDefiningOp<arith::CmpFOp>();
  const bool asks = is && is.getPredicate() == arith::CmpFPredicate::UNO &&
                    is.getLhs() == x && is.getRhs() == x;
  return asks ? x : nullptr;
}

/// The value before constant factors, which go into `scale`.
static Value skipFactors(Value value, float &scale) {
  while (auto product = value.getDefiningOp<arith::MulFOp>()) {
    if (auto factor = getConstant(product.getRhs())) {
      scale *= float(*factor);
      value = product.getLhs();
    } else if (auto factor = getConstant(product.getLhs())) {
      scale *= float(*factor);
      value = product.getRhs();
    } else {
      break;
    }
  }
  return value;
}

/// Whether the body is out + x * y, x and y with factors, or zero where they
/// are no number.
static bool matchBody(Contraction &result) {
  Block &body = *result.op.getBody();
  auto yield = cast<linalg::YieldOp>(body.getTerminator());
  auto add = yield.getOperand(0).getDefiningOp<arith::AddFOp>();
  Value out = body.getArgument(2);
  if (!add || (add.getLhs() != out && add.getRhs() != out))
    return false;
  Value other = add.getLhs() == out ? add.getRhs() : add.getLhs();
  auto product = other.getDefiningOp<arith::MulFOp>();
  if (!product)
    return false;
  unsigned seen = 0;
  for (Value factor : {product.getLhs(), product.getRhs()}) {
    float scale = 1.0f;
    Value value = skipFactors(factor, scale);
    Value number = getBeforeNotANumber(value);
    auto argument = dyn_cast<BlockArgument>(number ? number : value);
    if (!argument || argument.getOwner() != &body ||
        argument.getArgNumber() >= 2)
      return false;
    result.factors[argument.getArgNumber()] = scale;
    result.skipsNotANumber[argument.getArgNumber()] = bool(number);
    seen |= 1u << argument.getArgNumber();
  }
  return seen == 3;
}

/// Two rank-4 tensors over four parallel loops and one reduction.
static std::optional<Contraction> matchContraction(linalg::GenericOp op) {
  if (!op || op.getNumDpsInputs() != 2 || op.getNumDpsInits() != 1 ||
      op.getNumResults() != 1 || op.getNumLoops() != 5 ||
      op.getNumReductionLoops() != 1 || !isF32(op.getResult(0)) ||
      !isZeroFilled(op.getDpsInits()[0]))
    return std::nullopt;
  Contraction result;
  result.op = op;
  result.out = op.getIndexingMapsArray().back();
  if (!matchBody(result))
    return std::nullopt;
  for (unsigned i : {0u, 1u}) {
    result.inputs[i] = op.getDpsInputOperand(i)->get();
    result.maps[i] = op.getMatchingIndexingMap(op.getDpsInputOperand(i));
    if (!isF32(result.inputs[i]) || result.maps[i].getNumResults() != 4 ||
        !result.maps[i].isProjectedPermutation())
      return std::nullopt;
  }
  if (!result.out.isProjectedPermutation() || result.out.getNumResults() != 4)
    return std::nullopt;
  for (auto [loop, kind] : llvm::enumerate(op.getIteratorTypesArray()))
    if (kind == utils::IteratorType::reduction)
      result.reduced = loop;
  return result;
}

static bool isElementwise(linalg::GenericOp op) {
  return op.getNumDpsInits() == 1 && op.getNumResults() == 1 &&
         op.getNumParallelLoops() == op.getNumLoops() &&
         !op.payloadUsesValueFromOperand(op.getDpsInitOperand(0)) &&
         op.getIndexingMapsArray().back().isIdentity();
}

/// The tensor before a nest that puts zeros where a number is none; the tensor
/// itself otherwise.
static Value skipNotANumber(Value value) {
  auto op = value.getDefiningOp<linalg::GenericOp>();
  if (!op || !value.hasOneUse() || !isElementwise(op) ||
      op.getNumDpsInputs() != 1 ||
      !op.getIndexingMapsArray().front().isIdentity())
    return value;
  Value before =
      getBeforeNotANumber(op.getBody()->getTerminator()->getOperand(0));
  return before == op.getBody()->getArgument(0)
             ? op.getDpsInputOperand(0)->get()
             : value;
}

/// The tensor that is multiplied by a constant, which goes into `scale`.
static Value takeScale(Value value, float &scale) {
  auto op = value.getDefiningOp<linalg::GenericOp>();
  if (!op || !isElementwise(op) || op.getNumDpsInputs() != 1 ||
      !op.getIndexingMapsArray().front().isIdentity())
    return value;
  float factors = 1.0f;
  Value before =
      skipFactors(op.getBody()->getTerminator()->getOperand(0), factors);
  if (before != op.getBody()->getArgument(0))
    return value;
  scale *= factors;
  return op.getDpsInputOperand(0)->get();
}

//===----------------------------------------------------------------------===//
// Matching
//===----------------------------------------------------------------------===//

/// The softmax of the last axis whose result is one input of the product, and
/// which input that is.
static std::pair<linalg::SoftmaxOp, unsigned>
findSoftmax(const Contraction &product) {
  for (unsigned i : {0u, 1u}) {
    Value weights = skipNotANumber(product.inputs[i]);
    auto softmax = weights.getDefiningOp<linalg::SoftmaxOp>();
    if (softmax && softmax.getDimension() == 3 && weights.hasOneUse() &&
        product.inputs[i].hasOneUse())
      return {softmax, i};
  }
  return {nullptr, 0};
}

/// Finds the product of queries and keys that a nest does something to.
static std::optional<Contraction> findScores(Value value, Match &match) {
  if (!value.hasOneUse())
    return std::nullopt;
  auto op = value.getDefiningOp<linalg::GenericOp>();
  if (auto product = matchContraction(op))
    return product;
  if (!op || !isElementwise(op) || op.getNumLoops() != 4)
    return std::nullopt;
  for (Operation &inner : op.getBody()->without_terminator())
    if (inner.getNumRegions() || !isMemoryEffectFree(&inner))
      return std::nullopt;
  for (OpOperand *input : op.getDpsInputOperands()) {
    auto product =
        matchContraction(input->get().getDefiningOp<linalg::GenericOp>());
    if (!product || !input->get().hasOneUse() ||
        !op.getMatchingIndexingMap(input).isIdentity())
      continue;
    match.score = op;
    match.scoreInput = input->getOperandNumber();
    return product;
  }
  return std::nullopt;
}

/// Whether the map reads exactly these loops.
static bool readsLoops(AffineMap map, ArrayRef<unsigned> loops) {
  return llvm::all_of(loops,
                      [&](unsigned loop) { return map.isFunctionOfDim(loop); });
}

static std::optional<Match> match(linalg::GenericOp op) {
  std::optional<Contraction> values = matchContraction(op);
  if (!values)
    return std::nullopt;
  auto [softmax, which] = findSoftmax(*values);
  if (!softmax)
    return std::nullopt;
  Match match;
  AffineMap weights = values->maps[which];
  for (unsigned axis : {Batch, Head, Query, Key})
    match.valueLoops[axis] = weights.getDimPosition(axis);
  if (match.valueLoops[Key] != values->reduced ||
      values->factors[0] * values->factors[1] != 1.0f ||
      values->skipsNotANumber[1 - which])
    return std::nullopt;
  match.value = values->inputs[1 - which];
  match.valueMap = values->maps[1 - which];
  match.outMap = values->out;
  for (unsigned loop = 0; loop < 5; ++loop)
    if (!llvm::is_contained(ArrayRef(match.valueLoops).take_front(4), loop))
      match.valueLoops[4] = loop;
  const unsigned *v = match.valueLoops;
  if (!readsLoops(match.valueMap, {v[Batch], v[Head], v[Key], v[4]}) ||
      !readsLoops(match.outMap, {v[Batch], v[Head], v[Query], v[4]}))
    return std::nullopt;

  std::optional<Contraction> scores = findScores(softmax.getInput(), match);
  if (!scores || scores->skipsNotANumber[0] || scores->skipsNotANumber[1])
    return std::nullopt;
  match.scale = scores->factors[0] * scores->factors[1];
  for (unsigned axis : {Batch, Head, Query, Key})
    match.scoreLoops[axis] = scores->out.getDimPosition(axis);
  match.scoreLoops[4] = scores->reduced;
  const unsigned *s = match.scoreLoops;
  const unsigned q = scores->maps[0].isFunctionOfDim(s[Query]) ? 0 : 1;
  match.queryMap = scores->maps[q];
  match.keyMap = scores->maps[1 - q];
  if (!readsLoops(match.queryMap, {s[Batch], s[Head], s[Query], s[4]}) ||
      !readsLoops(match.keyMap, {s[Batch], s[Head], s[Key], s[4]}))
    return std::nullopt;
  match.query = takeScale(scores->inputs[q], match.scale);
  match.key = takeScale(scores->inputs[1 - q], match.scale);
  return match;
}

//===----------------------------------------------------------------------===//
// Building
//===----------------------------------------------------------------------===//

/// The tensor with the axes that run along `loops`, in that order.
static Value permute(ImplicitLocOpBuilder &b, Value value, AffineMap map,
                     ArrayRef<unsigned> loops) {
  SmallVector<int64_t> permutation;
  for (unsigned loop : loops)
    permutation.push_back(
        *map.getResultPosition(getAffineDimExpr(loop, b.getContext())));
  if (llvm::is_sorted(permutation))
    return value;
  SmallVector<OpFoldResult> sizes,
      old = tensor::getMixedSizes(b, b.getLoc(), value);
  for (int64_t axis : permutation)
    sizes.push_back(old[axis]);
  Value empty = tensor::EmptyOp::create(b, sizes, b.getF32Type());
  return linalg::TransposeOp::create(b, value, empty, permutation)
      ->getResult(0);
}

/// A tensor read by the score, as it is read: by which of its axes.
struct ScoreOperand {
  Value tensor;
  AffineMap map; // of (b, h, i, j)
};

/// Whether a nest over some axes gives the same along those of `map` that are
/// not batch and key: its inputs and its body do not know them.
static bool isKeyed(linalg::GenericOp op, ArrayRef<int64_t> others) {
  auto knows = [&](unsigned loop) { return llvm::is_contained(others, loop); };
  for (OpOperand *input : op.getDpsInputOperands())
    for (int64_t loop : others)
      if (op.getMatchingIndexingMap(input).isFunctionOfDim(unsigned(loop)))
        return false;
  for (Operation &inner : op.getBody()->without_terminator()) {
    auto index = dyn_cast<linalg::IndexOp>(inner);
    if (inner.getNumRegions() || (index && knows(index.getDim())))
      return false;
  }
  return true;
}

/// A tensor over queries and heads that only batch and key decide, over those
/// alone.
static ScoreOperand reduceToKeys(ImplicitLocOpBuilder &b,
                                 ScoreOperand operand) {
  auto op = operand.tensor.getDefiningOp<linalg::GenericOp>();
  if (!op || !isElementwise(op) ||
      operand.map.getNumResults() != op.getNumLoops())
    return operand;
  // Loops of the nest by what the score reads along them.
  SmallVector<int64_t> kept, others;
  SmallVector<AffineExpr> keptExprs;
  for (auto [loop, expr] : llvm::enumerate(operand.map.getResults())) {
    auto dim = dyn_cast<AffineDimExpr>(expr);
    if (dim && (dim.getPosition() == Batch || dim.getPosition() == Key)) {
      kept.push_back(loop);
      keptExprs.push_back(expr);
    } else {
      others.push_back(loop);
    }
  }
  const bool isSmall = llvm::all_of(others, [&](int64_t loop) {
    return isa<AffineConstantExpr>(operand.map.getResult(loop));
  });
  if (isSmall || !isKeyed(op, others))
    return operand;

  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointAfter(op);
  const unsigned loops = kept.size();
  SmallVector<AffineExpr> renumbered(op.getNumLoops(),
                                     b.getAffineConstantExpr(0));
  SmallVector<OpFoldResult> sizes;
  for (auto [to, from] : llvm::enumerate(kept)) {
    renumbered[from] = b.getAffineDimExpr(to);
    sizes.push_back(
        tensor::getMixedSize(b, b.getLoc(), op.getDpsInits()[0], from));
  }
  SmallVector<AffineMap> maps;
  for (AffineMap map : op.getIndexingMapsArray())
    maps.push_back(map.replaceDimsAndSymbols(renumbered, {}, loops, 0));
  maps.back() = b.getMultiDimIdentityMap(loops);
  Type element =
      cast<RankedTensorType>(operand.tensor.getType()).getElementType();
  Value empty = tensor::EmptyOp::create(b, sizes, element);
  auto nest = linalg::GenericOp::create(
      b, empty.getType(), op.getInputs(), empty, maps,
      SmallVector<utils::IteratorType>(loops, utils::IteratorType::parallel));
  IRMapping mapping;
  op.getRegion().cloneInto(&nest.getRegion(), mapping);
  nest.walk([&](linalg::IndexOp index) {
    index.setDim(llvm::find(kept, int64_t(index.getDim())) - kept.begin());
  });
  return {nest.getResult(0), AffineMap::get(4, 0, keptExprs, b.getContext())};
}

/// Moves factors of the score, which is `value`, into `scale`.
static void takeFactors(Value value, Value score, float &scale) {
  while (value.hasOneUse()) {
    Operation *user = *value.user_begin();
    const bool isLeft =
        user->getNumOperands() == 2 && user->getOperand(0) == value;
    auto factor = user->getNumOperands() == 2
                      ? getConstant(user->getOperand(isLeft ? 1 : 0))
                      : std::nullopt;
    if (!factor)
      break;
    if (isa<arith::MulFOp>(user))
      scale *= float(*factor);
    else if (isa<arith::DivFOp>(user) && isLeft && *factor != 0)
      scale /= float(*factor);
    else
      break;
    value = user->getResult(0);
  }
  value.replaceAllUsesWith(score);
}

/// Builds what the nest does to a score.
static void buildScore(ImplicitLocOpBuilder &b, AttentionOp op,
                       const Match &match, float &scale) {
  linalg::GenericOp nest = match.score;
  std::vector<ScoreOperand> operands;
  for (OpOperand *input : nest.getDpsInputOperands())
    operands.push_back(
        reduceToKeys(b, {input->get(), nest.getMatchingIndexingMap(input)}));

  OpBuilder::InsertionGuard guard(b);
  SmallVector<Type> types(5, b.getIndexType());
  types[0] = b.getF32Type();
  Block *block = b.createBlock(&op.getScore(), {}, types,
                               SmallVector<Location>(5, b.getLoc()));
  ValueRange places = block->getArguments().drop_front();
  // Stands for the score until its factors are gone.
  Value start = arith::ConstantOp::create(b, b.getF32FloatAttr(0.0f));
  Value product = arith::NegFOp::create(b, start);
  IRMapping mapping;
  for (auto [i, operand] : llvm::enumerate(operands)) {
    if (i == match.scoreInput) {
      mapping.map(nest.getBody()->getArgument(i), product);
      continue;
    }
    SmallVector<Value> at;
    for (AffineExpr expr : operand.map.getResults())
      if (auto dim = dyn_cast<AffineDimExpr>(expr))
        at.push_back(places[dim.getPosition()]);
      else
        at.push_back(arith::ConstantIndexOp::create(
            b, cast<AffineConstantExpr>(expr).getValue()));
    mapping.map(nest.getBody()->getArgument(i),
                tensor::ExtractOp::create(b, operand.tensor, at).getResult());
  }
  for (Operation &inner : nest.getBody()->without_terminator())
    if (auto index = dyn_cast<linalg::IndexOp>(inner))
      mapping.map(index.getResult(), places[index.getDim()]);
    else
      b.clone(inner, mapping);
  weft::YieldOp::create(b, mapping.lookupOrDefault(
                               nest.getBody()->getTerminator()->getOperand(0)));
  takeFactors(product, block->getArgument(0), scale);
}

/// Whether the score's region can hold what the nest reads.
static bool canBuildScore(linalg::GenericOp nest) {
  if (!nest)
    return true;
  for (AffineMap map : nest.getIndexingMapsArray())
    for (AffineExpr expr : map.getResults())
      if (!isa<AffineDimExpr, AffineConstantExpr>(expr))
        return false;
  return true;
}

namespace {

struct FuseProducts : public OpRewritePattern<linalg::GenericOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(linalg::GenericOp op,
                                PatternRewriter &rewriter) const override {
    std::optional<Match> found = match(op);
    if (!found || !canBuildScore(found->score))
      return rewriter.notifyMatchFailure(op, "it is no product of weights");
    auto isStatic = [](Value value, AffineMap map, unsigned loop) {
      auto dim = getAffineDimExpr(loop, map.getContext());
      return !cast<RankedTensorType>(value.getType())
                  .isDynamicDim(*map.getResultPosition(dim));
    };
    const unsigned *s = found->scoreLoops, *v = found->valueLoops;
    if (!isStatic(found->query, found->queryMap, s[Head]) ||
        !isStatic(found->query, found->queryMap, s[4]) ||
        !isStatic(found->value, found->valueMap, v[4]))
      return rewriter.notifyMatchFailure(op, "heads or channels are dynamic");

    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    Value query = permute(b, found->query, found->queryMap,
                          {s[Batch], s[Query], s[Head], s[4]});
    Value key = permute(b, found->key, found->keyMap,
                        {s[Batch], s[Key], s[Head], s[4]});
    Value value = permute(b, found->value, found->valueMap,
                          {v[Batch], v[Key], v[Head], v[4]});
    SmallVector<int64_t> shape(
        cast<RankedTensorType>(query.getType()).getShape());
    shape[3] = cast<RankedTensorType>(value.getType()).getDimSize(3);
    auto type = RankedTensorType::get(shape, b.getF32Type());
    auto attention = AttentionOp::create(
        b, type, /*lse=*/Type(), query, key, value, /*valid=*/Value(),
        /*position=*/Value(), /*key_position=*/Value(),
        SoftmaxAttr::get(b.getContext()), /*mask=*/nullptr,
        b.getF32FloatAttr(found->scale));
    float scale = found->scale;
    if (found->score)
      buildScore(b, attention, *found, scale);
    attention.setScaleAttr(b.getF32FloatAttr(scale));

    // From batch, query, head, channel to the order of the product.
    AffineMap own = AffineMap::get(
        5, 0,
        {b.getAffineDimExpr(v[Batch]), b.getAffineDimExpr(v[Query]),
         b.getAffineDimExpr(v[Head]), b.getAffineDimExpr(v[4])},
        b.getContext());
    SmallVector<unsigned> order;
    for (unsigned axis = 0; axis < 4; ++axis)
      order.push_back(found->outMap.getDimPosition(axis));
    Value result = permute(b, attention.getOut(), own, order);
    if (result.getType() != op.getResult(0).getType())
      result = tensor::CastOp::create(b, op.getResult(0).getType(), result);
    rewriter.replaceOp(op, result);
    return success();
  }
};

struct FuseAttentionPass
    : public weft::impl::FuseAttentionPassBase<FuseAttentionPass> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<FuseProducts>(&getContext());
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};

} // namespace
