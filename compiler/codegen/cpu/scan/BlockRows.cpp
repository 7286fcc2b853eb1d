//===- BlockRows.cpp - What tokens bring, with rows in lanes --------------===//

#include "compiler/codegen/cpu/scan/BlockScan.h"
#include "dialects/weft/kinds/Builders.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace weft;
using namespace weft::cpu;

//===----------------------------------------------------------------------===//
// Features and gates
//===----------------------------------------------------------------------===//

KernelBuilder::Values
BlockScan::forRows(Values carried,
                   function_ref<Values(const Rows &, Values)> body) {
  SmallVector<int64_t> degrees{1};
  if (kernel.features)
    degrees = kernel.features.getDegrees();
  int64_t channels = kernel.channels, whole = channels / b.lanes() * b.lanes();
  int64_t first = 0;
  for (auto [part, degree] : llvm::enumerate(degrees)) {
    unsigned number = part;
    if (degree == 0) {
      carried = body({b.index(first), b.tailMask(1), number, 0, 0}, carried);
      first += 1;
      continue;
    }
    // The channels in lanes, for each channel of a pair.
    auto forLanes = [&](Index from, Index pair, Values carried) {
      carried = b.loop(
          0, whole, b.lanes(), carried, [&](Value channel, ValueRange old) {
            return body({b.add(from, channel), {}, number, pair, channel},
                        Values(old));
          });
      if (whole == channels)
        return carried;
      return body({b.add(from, whole), b.tailMask(channels - whole), number,
                   pair, whole},
                  carried);
    };
    if (degree == 1) {
      carried = forLanes(first, 0, carried);
      first += channels;
      continue;
    }
    carried = b.loop(0, channels, 1, carried, [&](Value pair, ValueRange old) {
      return forLanes(b.add(b.mul(pair, channels), first), pair, Values(old));
    });
    first += channels * channels;
  }
  return carried;
}

Value BlockScan::loadFeature(Value buffer, Value token, const Rows &rows) {
  auto load = [&] {
    return b.load(buffer, {batch, token, head, rows.channel}, rows.mask);
  };
  if (!kernel.features)
    return load();
  int64_t degree = kernel.features.getDegrees()[rows.part];
  Values channels;
  if (degree == 2)
    channels.push_back(
        b.loadBroadcast(buffer, {batch, token, head, rows.pair}));
  if (degree > 0)
    channels.push_back(load());
  Value feature =
      kernel.features.buildFeature(b, rows.part, b.vectorType(), channels);
  if (!rows.mask)
    return feature;
  return arith::SelectOp::create(b, rows.mask, feature, b.splat(0.0));
}

KernelBuilder::Values BlockScan::loadGates(Value token, const Rows &rows) {
  Values values;
  for (auto [i, axes] : llvm::enumerate(kernel.gates)) {
    SmallVector<Index> at;
    if (axes.time)
      at.append({batch, token});
    at.push_back(head);
    Value buffer = b.buffer(kernel.firstGate + i);
    if (axes.row) {
      at.push_back(rows.row);
      values.push_back(b.load(buffer, at, rows.mask));
    } else {
      values.push_back(b.loadBroadcast(buffer, at));
    }
  }
  return values;
}

//===----------------------------------------------------------------------===//
// Products over the rows
//===----------------------------------------------------------------------===//

int64_t BlockScan::countDots(const Block &block) const {
  int64_t t = block.tokens, count = 0;
  if (block.reads && block.moves)
    count += updatesPerToken() * t * (t + 1) / 2;
  if (block.moves && corrects())
    count += updatesPerToken() * t * (t - 1) / 2;
  if (kernel.hasSum && block.reads)
    count += t;
  if (kernel.hasSum && block.moves && corrects())
    count += t;
  return count;
}

void BlockScan::addDot(Values &sums, Dot kind, int64_t token, int64_t update,
                       Value a, Value c) {
  int64_t place = dotPlaces.try_emplace({kind, token, update}, dotPlaces.size())
                      .first->second;
  sums[place] = b.fma(a, c, sums[place]);
}

Value BlockScan::loadDot(Dot kind, int64_t token, int64_t update) {
  return b.loadScalar(dots, {dotPlaces.at({kind, token, update})});
}

void BlockScan::prepare(const Block &block) {
  dotPlaces.clear();
  Values zeros(countDots(block), b.splat(0.0));
  Values totals = forRows(zeros, [&](const Rows &rows, Values sums) {
    return prepareRows(block, rows, std::move(sums));
  });
  for (auto [place, total] : llvm::enumerate(totals))
    b.storeScalar(b.reduceAdd(total), dots, {int64_t(place)});
  if (kernel.hasSum)
    solveSum(block);
}

KernelBuilder::Values BlockScan::prepareRows(const Block &block,
                                             const Rows &rows, Values sums) {
  int64_t tokens = block.tokens;
  Value old = kernel.hasSum ? loadSum(rows.row, rows.mask) : Value();
  auto keepRow = [&](Value vector, Value buffer, int64_t at) {
    b.store(vector, buffer, {at, rows.row}, rows.mask);
  };
  Values queries(tokens), diagonals(tokens), rights(tokens), factors;
  factors.resize(block.moves ? updatesPerToken() * tokens : 0);
  for (int64_t t = 0; t < tokens; ++t) {
    Value token = b.add(block.token, t);
    if (block.reads)
      queries[t] = loadFeature(kernel.query, token, rows);
    if (!block.moves)
      continue;
    Value key = loadFeature(kernel.key, token, rows);
    Values gates = loadGates(token, rows);
    diagonals[t] = kernel.transition.buildDecay(b, gates);
    factors[t] = kernel.transition.buildWrite(b, gates, key, b.splat(1.0));
    if (!corrects())
      continue;
    RankOne correction = kernel.transition.buildCorrection(b, gates, key);
    rights[t] = correction.right;
    if (updatesPerToken() == 2)
      factors[tokens + t] = arith::NegFOp::create(b, correction.left);
  }

  // What the tokens read of the state before the block.
  Value product; // P_t; null: one.
  auto times = [&](Value vector) {
    return product ? b.mulf(product, vector) : vector;
  };
  for (int64_t t = 0; t < tokens; ++t) {
    if (rights[t]) {
      Value row = times(rights[t]);
      keepRow(row, seen, t);
      if (old)
        addDot(sums, Dot::SeenSum, t, 0, row, old);
    }
    if (diagonals[t])
      product = times(diagonals[t]);
    if (queries[t]) {
      Value row = times(queries[t]);
      keepRow(row, reads, t);
      if (old)
        addDot(sums, Dot::ReadsSum, t, 0, row, old);
    }
  }
  decays = bool(product);
  if (product)
    b.store(product, keep, {rows.row}, rows.mask);

  // What they read of one another, and what is left of each at the end.
  for (auto [u, first] : llvm::enumerate(factors)) {
    int64_t update = u;
    Value factor = first;
    for (int64_t t = getTokenOf(update, block); t < tokens; ++t) {
      if (t != getTokenOf(update, block)) {
        if (rights[t])
          addDot(sums, Dot::Seen, t, update, rights[t], factor);
        if (diagonals[t])
          factor = b.mulf(diagonals[t], factor);
      }
      if (queries[t])
        addDot(sums, Dot::Reads, t, update, queries[t], factor);
    }
    keepRow(factor, pushes, update);
  }
  return sums;
}

//===----------------------------------------------------------------------===//
// The sum of the weights: a column of ones, with rows in lanes
//===----------------------------------------------------------------------===//

Value BlockScan::loadSum(Index row, Value mask) {
  if (kernel.isOneToken)
    return b.load(kernel.initialSum, {batch, head, row}, mask);
  return b.load(sum, {row}, mask);
}

void BlockScan::storeSum(Value vector, Index row, Value mask) {
  if (kernel.isOneToken)
    b.store(vector, kernel.finalSum, {batch, head, row}, mask);
  else
    b.store(vector, sum, {row}, mask);
}

void BlockScan::solveSum(const Block &block) {
  int64_t tokens = block.tokens;
  int64_t count = block.moves ? updatesPerToken() * tokens : 0;
  Values written(count, b.real(1.0)); // By each update.
  auto add = [&](Value total, Dot kind, int64_t t, bool withOwn) {
    for (int64_t u = 0; u < count; ++u)
      if (getTokenOf(u, block) < t + withOwn)
        total = b.fma(loadDot(kind, t, u), written[u], total);
    return total;
  };
  for (int64_t t = 0; t < tokens; ++t) {
    if (block.moves && corrects()) {
      Value read = add(loadDot(Dot::SeenSum, t, 0), Dot::Seen, t, false);
      if (updatesPerToken() == 2)
        written[tokens + t] = read;
      else
        written[t] = b.subf(b.real(1.0), read);
    }
    if (block.reads)
      b.storeScalar(add(loadDot(Dot::ReadsSum, t, 0), Dot::Reads, t, true),
                    sums, {t});
  }
  if (!block.moves)
    return;

  Values factors;
  for (Value value : written)
    factors.push_back(b.broadcast(value));
  auto move = [&](Index row, Value mask) {
    Value next = loadSum(row, mask);
    if (decays)
      next = b.mulf(b.load(keep, {row}, mask), next);
    for (int64_t u = 0; u < count; ++u)
      next = b.fma(b.load(pushes, {u, row}, mask), factors[u], next);
    storeSum(next, row, mask);
  };
  int64_t whole = kernel.rows / b.lanes() * b.lanes();
  b.loop(0, whole, b.lanes(), [&](Value row) { move(row, {}); });
  if (whole != kernel.rows)
    move(whole, b.tailMask(kernel.rows - whole));
}
