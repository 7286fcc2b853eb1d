//===- Weights.cpp - Weights of a batch of tiles --------------------------===//

#include "compiler/codegen/cpu/attention/Attention.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace weft;
using namespace weft::cpu;

using Values = KernelBuilder::Values;

//===----------------------------------------------------------------------===//
// Weights
//===----------------------------------------------------------------------===//

Values AttentionEmitter::keepMaxima(QueryBlock block, ValueRange newMaxima) {
  constexpr double kSlack = 8;
  Values kept;
  for (int64_t n = 0; n < tiling.vectors; ++n) {
    Value old = b.load(maxima, {block.number, n * lanes});
    Value above =
        arith::CmpFOp::create(b, arith::CmpFPredicate::OGT, newMaxima[n],
                              b.addf(old, b.splat(kSlack)));
    kept.push_back(arith::SelectOp::create(b, above, newMaxima[n], old));
  }
  return kept;
}

/// The maxima that weights refer to. Where they grew, what was summed up under
/// the old ones is scaled.
Values AttentionEmitter::emitReferences(QueryBlock block,
                                        ValueRange newMaxima) {
  Values old, references;
  Value grew, lowest = a.normaliser.buildInit(b, b.vectorType()).max;
  for (int64_t n = 0; n < tiling.vectors; ++n) {
    old.push_back(b.load(maxima, {block.number, n * lanes}));
    b.store(newMaxima[n], maxima, {block.number, n * lanes});
    references.push_back(a.buildReference(b, newMaxima[n]));
    // Before the first key there is nothing to scale.
    Value above = arith::AndIOp::create(
        b,
        arith::CmpFOp::create(b, arith::CmpFPredicate::OGT, newMaxima[n],
                              old[n]),
        arith::CmpFOp::create(b, arith::CmpFPredicate::OGT, old[n], lowest));
    grew = grew ? arith::OrIOp::create(b, grew, above) : above;
  }
  Value any = vector::ReductionOp::create(b, vector::CombiningKind::OR, grew);
  b.when(any, [&] {
    Values factors;
    for (int64_t n = 0; n < tiling.vectors; ++n) {
      factors.push_back(a.buildWeight(b, old[n], references[n]));
      Value sum = b.load(sums, {block.number, n * lanes});
      b.store(b.mulf(sum, factors[n]), sums, {block.number, n * lanes});
    }
    scaleResults(block, factors);
  });
  return references;
}

/// `parts` are two sums a vector, taken in turn by the rows.
Values AttentionEmitter::emitWeightTile(QueryBlock block, const Tile &tile,
                                        const Shape &shape,
                                        ValueRange references,
                                        ValueRange parts) {
  Values next(parts);
  Value zero = b.splat(0.0);
  for (int64_t r = 0; r < shape.rows; ++r)
    for (int64_t n = shape.from; n < shape.to; ++n) {
      Value at = b.add(tile.row, r);
      Value pairs = shape.partial ? loadAllowed(block, at, n) : Value();
      auto where = [&](Value value) -> Value {
        return pairs ? arith::SelectOp::create(b, pairs, value, zero) : value;
      };
      Value score = b.load(scores, {block.number, at, n * lanes});
      Value weight = where(a.buildWeight(
          b, score, references.empty() ? Value() : references[n]));
      b.store(weight, scores, {block.number, at, n * lanes});
      if (!a.hasSum())
        continue;
      Value &sum = next[r % 2 * tiling.vectors + n];
      sum = b.addf(sum, where(a.normaliser.buildTerm(b, weight)));
    }
  return next;
}

void AttentionEmitter::emitWeights(QueryBlock block, Value count,
                                   ValueRange newMaxima) {
  Values references;
  if (tracksMaxima)
    references = emitReferences(block, keepMaxima(block, newMaxima));
  else if (a.hasMaximum())
    references = Values(tiling.vectors, b.splat(0.0));
  Values parts(a.hasSum() ? 2 * tiling.vectors : 0, b.splat(0.0));
  parts = b.loop(0, count, 1, parts, [&](Value slot, ValueRange old) {
    Tile tile = getTile(block, slot);
    return forShape(tile.state, [&](const Shape &shape) {
      return emitWeightTile(block, tile, shape, references, old);
    });
  });
  if (a.hasSum())
    for (int64_t n = 0; n < tiling.vectors; ++n) {
      Value sum = b.load(sums, {block.number, n * lanes});
      sum = b.addf(sum, b.addf(parts[n], parts[tiling.vectors + n]));
      b.store(sum, sums, {block.number, n * lanes});
    }
}

//===----------------------------------------------------------------------===//
// Weights that are finished one by one
//===----------------------------------------------------------------------===//

void AttentionEmitter::addMass(const Tile &tile, const Shape &shape, int64_t r,
                               Value weights) {
  Value mass = b.buffer(b.getNumBuffers() - 1);
  Value key = getKey(tile, shape, r);
  Value old = b.loadScalar(mass, {place.batch, place.head, key});
  b.storeScalar(b.addf(old, b.reduceAdd(weights)), mass,
                {place.batch, place.head, key});
}

void AttentionEmitter::emitFinalTile(QueryBlock block, const Tile &tile,
                                     const Shape &shape, ValueRange rowSums,
                                     ValueRange factors) {
  Value zero = b.splat(0.0);
  for (int64_t r = 0; r < shape.rows; ++r) {
    Value at = b.add(tile.row, r), key = getKey(tile, shape, r), total;
    for (int64_t n = shape.from; n < shape.to; ++n) {
      Value pairs = shape.partial ? loadAllowed(block, at, n) : Value();
      auto where = [&](Value value, Value condition) -> Value {
        return condition ? arith::SelectOp::create(b, condition, value, zero)
                         : value;
      };
      Value weight =
          a.buildFinish(b, b.load(scores, {block.number, at, n * lanes}),
                        rowSums.empty() ? Value() : rowSums[n], factors[n]);
      if (a.hasMass) {
        // Lanes past the last query repeat it and do not count.
        Value query = b.add(block.first, n * lanes);
        Value part = where(where(weight, pairs),
                           b.tailMask(b.max(b.sub(queryEnd, query), 0)));
        total = total ? b.addf(total, part) : part;
      }
      FailureOr<Value> posted = a.buildPosted(
          b, weight, place, getPairs(block, n, key), buildInside(block, n));
      if (failed(posted)) {
        status = failure();
        return;
      }
      b.store(where(*posted, pairs), scores, {block.number, at, n * lanes});
    }
    if (total)
      addMass(tile, shape, r, total);
  }
}

void AttentionEmitter::emitFinalWeights(QueryBlock block, Value count) {
  Values rowSums, factors;
  for (int64_t n = 0; n < tiling.vectors; ++n) {
    Value sum = a.hasSum() ? b.load(sums, {block.number, n * lanes}) : Value();
    if (sum)
      rowSums.push_back(sum);
    factors.push_back(a.buildFinishFactor(b, sum));
  }
  b.loop(0, count, 1, [&](Value slot) {
    Tile tile = getTile(block, slot);
    forShape(tile.state, [&](const Shape &shape) {
      emitFinalTile(block, tile, shape, rowSums, factors);
      return Values();
    });
  });
}
