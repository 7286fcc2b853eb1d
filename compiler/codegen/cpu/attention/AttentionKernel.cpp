//===- AttentionKernel.cpp - What attention kernels share -----------------===//

#include "compiler/codegen/cpu/attention/AttentionKernel.h"
#include "compiler/codegen/cpu/attention/tiles/PackedKeys.h"
#include "dialects/weft/kinds/Builders.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace weft;
using namespace weft::cpu;

FailureOr<AttentionKernel> AttentionKernel::read(KernelBuilder &b) {
  AttentionKernel a;
  program::KernelOp kernel = b.getKernel();
  a.normaliser = b.get<NormaliserAttrInterface>("normaliser");
  if (!a.normaliser)
    return kernel.emitOpError("expected a normaliser in 'normaliser'");
  a.mask = b.get<MaskAttrInterface>("mask");
  FailureOr<int64_t> h = b.requireInt("h"), g = b.requireInt("g"),
                     d = b.requireInt("d"), e = b.requireInt("e");
  if (failed(h) || failed(g) || failed(d) || failed(e))
    return failure();
  if (*g <= 0 || *h % *g)
    return kernel.emitOpError() << "expected heads in groups of equal size but "
                                   "got "
                                << *h << " heads and " << *g << " key heads";
  a.heads = *h, a.keyHeads = *g, a.channels = *d, a.valueChannels = *e;
  a.scale = b.getFloat("scale", 1 / std::sqrt(double(*d)));
  a.stride = b.getInt("stride", 1);
  a.hasLse = b.has("lse");
  if (a.hasLse && !a.hasMaximum())
    return kernel.emitOpError(
        "expected a normaliser with a maximum and a sum for 'lse'");

  a.hasMass = b.has("mass"), a.hasAllowed = b.has("allowed");
  a.hasPost = b.has("post"), a.hasNumbers = b.has("numbers");

  bool hasValid = b.has("valid"), hasSegments = b.has("segments");
  unsigned inputs = 3 + hasValid + 2 * hasSegments;
  unsigned outputs = 1 + a.hasLse + a.hasMass;
  if (b.getNumBuffers() < inputs + outputs || kernel.getScalars() < 5)
    return kernel.emitOpError()
           << "expected at least " << inputs + outputs
           << " operands and at least 5 scalars but got " << b.getNumBuffers()
           << " and " << kernel.getScalars();
  a.query = b.buffer(0), a.key = b.buffer(1), a.value = b.buffer(2);
  a.isPacked = b.has("packed");
  auto rowOf = [&](int64_t channels) {
    return a.isPacked ? getPackedChannels(channels) : channels;
  };
  FailureOr<StoredRow> keyRows = StoredRow::read(b, 1, rowOf(*d)),
                       valueRows = StoredRow::read(b, 2, rowOf(*e));
  if (failed(keyRows) || failed(valueRows))
    return failure();
  a.keyRows = *keyRows, a.valueRows = *valueRows;
  if (hasValid)
    a.valid = b.buffer(3);
  if (hasSegments) {
    a.querySegments = b.buffer(inputs - 2);
    a.keySegments = b.buffer(inputs - 1);
  }
  a.firstOutput = b.getNumBuffers() - outputs;
  for (unsigned i = inputs; i < a.firstOutput; ++i)
    a.extras.push_back(b.buffer(i));
  a.batches = b.scalar(0), a.queries = b.scalar(1), a.keys = b.scalar(2);
  a.firstQuery = b.scalar(3), a.firstKey = b.scalar(4);
  for (unsigned i = 5; i < kernel.getScalars(); ++i)
    a.indices.push_back(b.scalar(i));
  return a;
}

/// Sets `flags` on the ops `Op` that `build` builds.
template <typename Op, typename Build>
static auto buildFlagged(KernelBuilder &b, arith::FastMathFlags flags,
                         Build build) {
  Block *block = b.getInsertionBlock();
  Operation *last = b.getInsertionPoint() == block->begin()
                        ? nullptr
                        : &*std::prev(b.getInsertionPoint());
  auto value = build();
  auto from = last ? std::next(last->getIterator()) : block->begin();
  for (Operation &op : llvm::make_range(from, b.getInsertionPoint()))
    if (auto found = dyn_cast<Op>(op))
      found.setFastmath(flags);
  return value;
}

/// `lane` moved by `first`.
static LaneValue shift(KernelBuilder &b, LaneValue lane, Value first) {
  if (!lane.getScalar()) {
    Value by = LaneValue::uniform(first).getVector(b, b.lanes());
    return LaneValue::varying(
        arith::AddIOp::create(b, lane.getVector(b, b.lanes()), by));
  }
  Value moved = b.add(lane.getScalar(), first);
  return lane.isUniform() ? LaneValue::uniform(moved)
                          : LaneValue::consecutive(moved);
}

//===----------------------------------------------------------------------===//
// Pairs
//===----------------------------------------------------------------------===//

LaneValue AttentionKernel::buildSegment(KernelBuilder &b, Value segments,
                                        Value batch, LaneValue at,
                                        Value inside) const {
  if (at.isUniform())
    return LaneValue::uniform(arith::IndexCastOp::create(
        b, b.getIndexType(), b.loadScalar(segments, {batch, at.getScalar()})));
  Value starts;
  if (at.getScalar()) {
    starts = b.load(segments, {batch, at.getScalar()}, inside);
  } else {
    VectorType type = b.vectorType(b.getI64Type());
    Value all = inside ? inside : b.integer(1, b.vectorType(b.getI1Type()));
    starts = vector::GatherOp::create(
        b, type, segments, ValueRange{batch, b.index(0)},
        at.getVector(b, b.lanes()), all, b.integer(0, type));
  }
  return LaneValue::varying(
      arith::TruncIOp::create(b, b.vectorType(b.getI32Type()), starts));
}

LaneValue AttentionKernel::buildPosition(KernelBuilder &b, LaneValue at,
                                         Value first, Value segments,
                                         HeadPlace place, Value inside) const {
  LaneValue moved = shift(b, at, first);
  if (!segments)
    return moved;
  LaneValue start = buildSegment(b, segments, place.batch, at, inside);
  if (start.isUniform())
    return LaneValue::uniform(b.sub(moved.getScalar(), start.getScalar()));
  return LaneValue::varying(arith::SubIOp::create(
      b, moved.getVector(b, b.lanes()), start.getVector(b, b.lanes())));
}

FailureOr<Value> AttentionKernel::buildRegion(KernelBuilder &b, Result result,
                                              Value score, Value weight,
                                              HeadPlace place, Pairs pairs,
                                              Value inside) const {
  SmallVector<LaneValue> arguments{
      LaneValue::varying(score), LaneValue::uniform(place.batch),
      LaneValue::uniform(place.head),
      buildPosition(b, pairs.query, firstQuery, querySegments, place, inside),
      buildPosition(b, pairs.key, firstKey, keySegments, place, inside)};
  if (hasNumbers)
    arguments.append({pairs.query, pairs.key});
  if (hasPost)
    arguments.push_back(LaneValue::varying(weight));
  for (Value extra : extras)
    arguments.push_back(LaneValue::uniform(extra));
  for (Value number : indices)
    arguments.push_back(LaneValue::uniform(number));
  FailureOr<SmallVector<LaneValue>> results = buildElements(
      b, b.getKernel().getElement(), arguments, b.lanes(), inside);
  if (failed(results))
    return failure();
  size_t at = result == kPosted ? 1 + hasAllowed : size_t(result);
  return (*results)[at].getVector(b, b.lanes());
}

FailureOr<Value> AttentionKernel::buildScore(KernelBuilder &b, Value score,
                                             HeadPlace place, Pairs pairs,
                                             Value inside) const {
  if (b.getKernel().getElement().empty())
    return score;
  auto build = [&] {
    return buildRegion(b, kScore, score, score, place, pairs, inside);
  };
  // What a few ulp of it are is less than what the product is off by.
  return buildFlagged<math::TanhOp>(b, arith::FastMathFlags::afn, build);
}

FailureOr<Value> AttentionKernel::buildPosted(KernelBuilder &b, Value weight,
                                              HeadPlace place, Pairs pairs,
                                              Value inside) const {
  if (!hasPost)
    return weight;
  return buildRegion(b, kPosted, weight, weight, place, pairs, inside);
}

FailureOr<Value> AttentionKernel::buildAllowed(KernelBuilder &b,
                                               HeadPlace place, Pairs pairs,
                                               Value inside) const {
  Value allowed;
  auto also = [&](Value other) {
    allowed = allowed ? arith::AndIOp::create(b, allowed, other) : other;
  };
  auto inLanes = [&](LaneValue value) { return value.getVector(b, b.lanes()); };
  if (mask) {
    LaneValue i =
        buildPosition(b, pairs.query, firstQuery, querySegments, place, inside);
    LaneValue j =
        buildPosition(b, pairs.key, firstKey, keySegments, place, inside);
    // Where one of the two is the same in all lanes and it is the query, the
    // distance runs down.
    Value distance;
    if (j.isUniform() && i.isConsecutive())
      distance =
          inLanes(LaneValue::consecutive(b.sub(i.getScalar(), j.getScalar())));
    else
      distance = arith::SubIOp::create(b, inLanes(i), inLanes(j));
    also(mask.buildAllowed(b, inLanes(i), inLanes(j), distance));
  }
  if (querySegments) {
    LaneValue query =
        buildSegment(b, querySegments, place.batch, pairs.query, inside);
    LaneValue key =
        buildSegment(b, keySegments, place.batch, pairs.key, inside);
    also(arith::CmpIOp::create(b, arith::CmpIPredicate::eq, inLanes(query),
                               inLanes(key)));
  }
  if (hasAllowed) {
    FailureOr<Value> byRegion = buildRegion(b, kAllowed, b.splat(0.0),
                                            b.splat(0.0), place, pairs, inside);
    if (failed(byRegion))
      return failure();
    also(*byRegion);
  }
  return allowed;
}

SmallVector<KernelBuilder::Index>
AttentionKernel::getKeyRow(KernelBuilder &b, HeadPlace place, Value key) const {
  if (isPacked)
    return {place.batch, place.keyHead, b.div(key, kPackedKeys),
            b.rem(key, kPackedKeys)};
  return {place.batch, key, place.keyHead};
}

Value AttentionKernel::buildValid(KernelBuilder &b, Value batch,
                                  Value key) const {
  Value loaded = b.loadScalar(valid, {batch, key});
  if (loaded.getType().isInteger(1))
    return loaded;
  return arith::CmpIOp::create(b, arith::CmpIPredicate::ne, loaded,
                               b.integer(0, loaded.getType()));
}

TileRelation AttentionKernel::buildRelation(KernelBuilder &b, Value i,
                                            Value iEnd, Value j,
                                            Value jEnd) const {
  auto range = [&](Value from, Value to, Value first) {
    Value start = b.add(from, first);
    return PositionRange{start, b.add(b.sub(to, 1), first)};
  };
  PositionRange query = range(i, iEnd, firstQuery),
                key = range(j, jEnd, firstKey);
  PositionRange distance{b.sub(query.first, key.last),
                         b.sub(query.last, key.first)};
  // Within one sequence distances are the same, wherever it begins.
  if (querySegments)
    return buildTileRelation(b, mask, std::nullopt, std::nullopt, distance);
  return buildTileRelation(b, mask, query, key, distance);
}

//===----------------------------------------------------------------------===//
// Keys one by one
//===----------------------------------------------------------------------===//

Value AttentionKernel::buildValidLanes(KernelBuilder &b, Value batch,
                                       LaneValue key, Value inside) const {
  Type element = cast<MemRefType>(valid.getType()).getElementType();
  if (key.isConsecutive() && !element.isInteger(1)) {
    VectorType type = b.vectorType(element);
    Value loaded = b.load(valid, {batch, key.getScalar()}, inside, type);
    return arith::CmpIOp::create(b, arith::CmpIPredicate::ne, loaded,
                                 b.integer(0, type));
  }
  // In memory an i1 is a byte, which vectors of i1 are not made of.
  Value lanesOfKeys = b.integer(0, b.vectorType(b.getI1Type()));
  Value numbers = key.getVector(b, b.lanes());
  for (int64_t r = 0; r < b.lanes(); ++r) {
    Value at = arith::IndexCastOp::create(
        b, b.getIndexType(), vector::ExtractOp::create(b, numbers, r));
    at = b.min(at, b.sub(keys, 1));
    lanesOfKeys =
        vector::InsertOp::create(b, buildValid(b, batch, at), lanesOfKeys, r);
  }
  return lanesOfKeys;
}

bool AttentionKernel::listsKeys() const {
  if (hasAllowed)
    return true;
  if (!mask)
    return false;
  Location loc = UnknownLoc::get(mask.getContext());
  OwningOpRef<ModuleOp> scratch = ModuleOp::create(loc);
  Block *body = scratch->getBody();
  SmallVector<Type> types(3, IndexType::get(mask.getContext()));
  body->addArguments(types, SmallVector<Location>(3, loc));
  auto inner = ImplicitLocOpBuilder::atBlockEnd(loc, body);
  mask.buildAllowed(inner, body->getArgument(0), body->getArgument(1),
                    body->getArgument(2));
  // A remainder of blocks stays the same for a tile, one of positions does not.
  return llvm::any_of(*body, [](Operation &op) {
    return isa<arith::RemSIOp, arith::RemUIOp>(op) &&
           !isa_and_present<arith::DivSIOp, arith::DivUIOp,
                            arith::FloorDivSIOp>(
               op.getOperand(0).getDefiningOp());
  });
}

TileRelation AttentionKernel::buildKeyRelation(
    KernelBuilder &b, HeadPlace place, Value query, Value lastQuery,
    LaneValue key, std::optional<PositionRange> sequences, Value inside) const {
  auto spread = [&](Value index) {
    return LaneValue::uniform(index).getVector(b, b.lanes());
  };
  auto one = [&](Value vector) { return PositionRange{vector, vector, 0}; };
  Value keysOfLanes = key.getVector(b, b.lanes());
  PositionRange i{spread(b.add(query, firstQuery)),
                  spread(b.add(lastQuery, firstQuery)), stride};
  PositionRange j = one(b.add(keysOfLanes, spread(firstKey)));
  PositionRange distance{b.sub(i.first, j.first), b.sub(i.last, j.last),
                         stride};
  VectorType flags = b.vectorType(b.getI1Type());
  TileRelation all{b.integer(1, flags), b.integer(1, flags)};
  auto also = [&](TileRelation other) {
    all = {b.createOrFold<arith::AndIOp>(all.any, other.any),
           b.createOrFold<arith::AndIOp>(all.all, other.all)};
  };
  // Within one sequence distances are the same, wherever it begins.
  if (mask && sequences)
    also(buildTileRelation(b, mask, std::nullopt, std::nullopt, distance));
  else if (mask)
    also(buildTileRelation(b, mask, i, j, distance));
  if (hasAllowed) {
    SmallVector<std::pair<unsigned, PositionRange>> known{
        {1, one(spread(place.batch))}, {2, one(spread(place.head))}};
    if (!sequences) {
      known.push_back({3, i});
      known.push_back({4, j});
    }
    if (hasNumbers) {
      known.push_back({5, {spread(query), spread(lastQuery), stride}});
      known.push_back({6, one(keysOfLanes)});
    }
    also(buildRegionRelation(b, b.getKernel().getElement(), kAllowed, known));
  }
  if (sequences) {
    Value start = buildSegment(b, keySegments, place.batch, key, inside)
                      .getVector(b, b.lanes());
    auto compare = [&](arith::CmpIPredicate how, Value x, Value y) -> Value {
      return arith::CmpIOp::create(b, how, x, y);
    };
    Value first = spread(sequences->first), last = spread(sequences->last);
    Value same = compare(arith::CmpIPredicate::eq, first, last);
    also({arith::AndIOp::create(
              b, compare(arith::CmpIPredicate::sle, first, start),
              compare(arith::CmpIPredicate::sle, start, last)),
          arith::AndIOp::create(
              b, same, compare(arith::CmpIPredicate::eq, first, start))});
  }
  if (valid) {
    Value lanesOfKeys = buildValidLanes(b, place.batch, key, inside);
    also({lanesOfKeys, lanesOfKeys});
  }
  return all;
}

//===----------------------------------------------------------------------===//
// Weights
//===----------------------------------------------------------------------===//

Value AttentionKernel::buildWeight(KernelBuilder &b, Value score,
                                   Value reference) const {
  auto build = [&] { return normaliser.buildWeight(b, score, reference); };
  if (!reference)
    return build();
  // Under a maximum an exponential does not overflow, and a few ulp of it are
  // less than what the score is off by.
  return buildFlagged<math::ExpOp>(
      b,
      arith::FastMathFlags::afn | arith::FastMathFlags::ninf |
          (isPacked ? arith::FastMathFlags::arcp : arith::FastMathFlags::none),
      build);
}

Value AttentionKernel::buildMaximum(KernelBuilder &b, Value maximum,
                                    Value score, Value pairs) {
  Value above =
      arith::CmpFOp::create(b, arith::CmpFPredicate::OGT, score, maximum);
  if (pairs)
    above = arith::AndIOp::create(b, above, pairs);
  return arith::SelectOp::create(b, above, score, maximum);
}

Value AttentionKernel::buildReference(KernelBuilder &b, Value maximum) const {
  NormaliserAttrInterface kind = normaliser;
  Value lowest = kind.buildInit(b, maximum.getType()).max;
  Value empty =
      arith::CmpFOp::create(b, arith::CmpFPredicate::OEQ, maximum, lowest);
  return arith::SelectOp::create(b, empty, buildFloat(b, maximum.getType(), 0),
                                 maximum);
}

//===----------------------------------------------------------------------===//
// Finish
//===----------------------------------------------------------------------===//

static bool dependsOn(Value value, Value source) {
  if (value == source)
    return true;
  Operation *op = value.getDefiningOp();
  return op && llvm::any_of(op->getOperands(), [&](Value operand) {
           return dependsOn(operand, source);
         });
}

/// Whether `value` is `acc` times something that does not depend on it.
static bool isScaled(Value value, Value acc) {
  if (value == acc || matchPattern(value, m_AnyZeroFloat()))
    return true;
  Operation *op = value.getDefiningOp();
  if (!op)
    return false;
  auto fixed = [&](unsigned i) { return !dependsOn(op->getOperand(i), acc); };
  auto scaled = [&](unsigned i) { return isScaled(op->getOperand(i), acc); };
  if (isa<arith::DivFOp>(op))
    return scaled(0) && fixed(1);
  if (isa<arith::MulFOp>(op))
    return (scaled(0) && fixed(1)) || (fixed(0) && scaled(1));
  if (isa<arith::SelectOp>(op))
    return fixed(0) && scaled(1) && scaled(2);
  return false;
}

namespace {
/// A place to look at what a normaliser builds of two numbers.
struct Trial {
  explicit Trial(KernelBuilder &b)
      : module(ModuleOp::create(b.getLoc())),
        builder(b.getLoc(), b.getContext()) {
    Block *body = module->getBody();
    Type f32 = b.getF32Type();
    body->addArguments({f32, f32}, {b.getLoc(), b.getLoc()});
    builder.setInsertionPointToEnd(body);
  }
  Value get(unsigned number) { return module->getBody()->getArgument(number); }

  OwningOpRef<ModuleOp> module;
  ImplicitLocOpBuilder builder;
};
} // namespace

bool AttentionKernel::weighsByExp(KernelBuilder &b) const {
  if (!hasMaximum())
    return false;
  Trial trial(b);
  Value score = trial.get(0), maximum = trial.get(1);
  Value weight = normaliser.buildWeight(trial.builder, score, maximum);
  auto exp = weight.getDefiningOp<math::ExpOp>();
  auto apart =
      exp ? exp.getOperand().getDefiningOp<arith::SubFOp>() : arith::SubFOp();
  return apart && apart.getLhs() == score && apart.getRhs() == maximum &&
         normaliser.buildTerm(trial.builder, weight) == weight;
}

Value AttentionKernel::buildFinishFactor(KernelBuilder &b, Value sum) const {
  Trial trial(b);
  Value acc = trial.get(0);
  Value finished =
      normaliser.buildFinish(trial.builder, acc, sum ? trial.get(1) : Value());
  if (!isScaled(finished, acc))
    return nullptr;
  return normaliser.buildFinish(b, b.splat(1.0), sum);
}

Value AttentionKernel::buildFinish(KernelBuilder &b, Value acc, Value sum,
                                   Value factor) const {
  return factor ? b.mulf(acc, factor) : normaliser.buildFinish(b, acc, sum);
}
