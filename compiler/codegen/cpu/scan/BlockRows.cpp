//===- BlockRows.cpp - What tokens bring, with rows in lanes --------------===//

#include "compiler/codegen/cpu/scan/BlockScan.h"
#include "dialects/weft/kinds/Builders.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace weft;
using namespace weft::cpu;

//===----------------------------------------------------------------------===//
// Products over the rows
//===----------------------------------------------------------------------===//

KernelBuilder::Values
BlockScan::forVectors(Values carried,
                      function_ref<Values(Index, Value, Values)> body) {
  int64_t whole = kernel.rows / b.lanes() * b.lanes();
  carried =
      b.loop(0, whole, b.lanes(), carried, [&](Value row, ValueRange old) {
        return body(row, {}, Values(old));
      });
  if (whole != kernel.rows)
    carried = body(whole, b.tailMask(kernel.rows - whole), carried);
  return carried;
}

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

void BlockScan::addDot(Values &totals, Dot kind, int64_t token, int64_t update,
                       Value a, Value c) {
  int64_t place = dotPlaces.try_emplace({kind, token, update}, dotPlaces.size())
                      .first->second;
  totals[place] = b.fma(a, c, totals[place]);
}

void BlockScan::storeDots(Dot kind, Index tile, Index group, Values totals) {
  b.store(sumLanes(b, std::move(totals)), getDots(kind), {tile, group, 0});
}

void BlockScan::storeDots(const Block &block, Value tile, Values totals) {
  int64_t tokens = block.tokens;
  for (Dot kind : {Dot::Reads, Dot::Seen}) {
    if (!block.moves || !(kind == Dot::Reads ? block.reads : corrects()))
      continue;
    for (int64_t group = 0; group < updatesPerToken(); ++group) {
      Values dots;
      for (int64_t t = 0; t < tokens; ++t)
        for (int64_t u = group * tokens; u < (group + 1) * tokens; ++u) {
          auto place = dotPlaces.find({kind, t, u});
          dots.push_back(place == dotPlaces.end() ? b.splat(0.0)
                                                  : totals[place->second]);
        }
      storeDots(kind, tile, b.add(b.mul(tile, updatesPerToken()), group), dots);
    }
  }
  for (Dot kind : {Dot::ReadsSum, Dot::SeenSum})
    for (int64_t t = 0; t < tokens; ++t)
      if (auto place = dotPlaces.find({kind, t, 0}); place != dotPlaces.end())
        b.storeScalar(b.reduceAdd(totals[place->second]), sums,
                      {kind == Dot::SeenSum, b.add(b.mul(tile, tokens), t)});
}

Value BlockScan::loadDot(Dot kind, int64_t token, int64_t update,
                         const Block &block) {
  return b.loadScalar(
      getDots(kind),
      {0, update / block.tokens, token * block.tokens + update % block.tokens});
}

//===----------------------------------------------------------------------===//
// Tiles
//===----------------------------------------------------------------------===//

void BlockScan::prepare(const Block &block) {
  if (block.isTile()) {
    prepareTile(block, b.index(0));
    if (kernel.hasSum && corrects())
      solveSum(block);
    return;
  }
  b.loop(0, block.tiles, 1, [&](Value tile) {
    prepareTile(block, tile);
    if (block.moves && corrects())
      readTiles(block, tile, Dot::Seen);
    if (block.moves && block.reads)
      readTiles(block, tile, Dot::Reads);
    if (decays)
      joinTiles(block, tile);
  });
}

void BlockScan::prepareTile(const Block &block, Value tile) {
  dotPlaces.clear();
  Values zeros(countDots(block), b.splat(0.0));
  Values totals = scanRows.forEach(zeros, [&](const Rows &rows, Values dots) {
    return prepareRows(block, tile, rows, std::move(dots));
  });
  storeDots(block, tile, totals);
}

KernelBuilder::Values BlockScan::prepareRows(const Block &block, Value tile,
                                             const Rows &rows, Values dots) {
  int64_t tokens = block.tokens, count = updatesPerToken() * tokens;
  Value old = kernel.hasSum ? loadSum(rows.row, rows.mask) : Value();
  Value first = b.mul(tile, tokens), firstUpdate = b.mul(tile, count);
  auto keepRow = [&](Value vector, Value buffer, Index at) {
    b.store(vector, buffer, {at, rows.row}, rows.mask);
  };
  Values queried(tokens), diagonals(tokens), rights(tokens), factors;
  factors.resize(block.moves ? count : 0);
  for (int64_t t = 0; t < tokens; ++t) {
    Value token = b.add(block.token, b.add(first, t));
    if (block.reads)
      queried[t] = scanRows.loadFeature(kernel.query, token, rows);
    if (!block.moves)
      continue;
    Value key = scanRows.loadFeature(kernel.key, token, rows);
    Values gates = scanRows.loadGates(token, rows);
    diagonals[t] = kernel.transition.buildDecay(b, gates);
    factors[t] = kernel.transition.buildWrite(b, gates, key, b.splat(1.0));
    if (!corrects())
      continue;
    RankOne correction = kernel.transition.buildCorrection(b, gates, key);
    rights[t] = correction.right;
    if (updatesPerToken() == 2)
      factors[tokens + t] = arith::NegFOp::create(b, correction.left);
  }

  // What the tokens read of the state before the tile.
  Value product; // P_t; null: one.
  auto times = [&](Value vector) {
    return product ? b.mulf(product, vector) : vector;
  };
  for (int64_t t = 0; t < tokens; ++t) {
    if (rights[t]) {
      Value row = times(rights[t]);
      keepRow(row, seen, b.add(first, t));
      if (old)
        addDot(dots, Dot::SeenSum, t, 0, row, old);
    }
    if (diagonals[t])
      product = times(diagonals[t]);
    if (queried[t]) {
      Value row = times(queried[t]);
      keepRow(row, queries, b.add(first, t));
      if (old && corrects())
        addDot(dots, Dot::ReadsSum, t, 0, row, old);
    }
  }
  decays = bool(product);
  if (product)
    b.store(product, block.isTile() ? keep : tileKeep, {rows.row}, rows.mask);

  // What they read of one another, and what is left of each at the end.
  for (auto [u, start] : llvm::enumerate(factors)) {
    int64_t update = u, own = update % tokens;
    Value factor = start;
    for (int64_t t = own; t < tokens; ++t) {
      if (t != own) {
        if (rights[t])
          addDot(dots, Dot::Seen, t, update, rights[t], factor);
        if (diagonals[t])
          factor = b.mulf(diagonals[t], factor);
      }
      if (queried[t])
        addDot(dots, Dot::Reads, t, update, queried[t], factor);
    }
    keepRow(factor, pushes, b.add(firstUpdate, update));
  }

  // The sum of the weights is a column of ones, whose rows are in lanes here:
  // it goes on token by token.
  if (!old || corrects())
    return dots;
  for (int64_t t = 0; t < tokens; ++t) {
    if (block.moves)
      old = diagonals[t] ? b.fma(diagonals[t], old, factors[t])
                         : b.addf(old, factors[t]);
    if (block.reads)
      addDot(dots, Dot::ReadsSum, t, 0, queried[t], old);
  }
  if (block.moves)
    storeSum(old, rows.row, rows.mask);
  return dots;
}

void BlockScan::readTiles(const Block &block, Value tile, Dot kind) {
  int64_t tokens = block.tokens;
  Value rows = kind == Dot::Reads ? queries : seen;
  Value first = b.mul(tile, tokens);
  b.loop(0, b.mul(tile, updatesPerToken()), 1, [&](Value group) {
    Value firstUpdate = b.mul(group, tokens);
    Values zeros(tokens * tokens, b.splat(0.0));
    Values dots = forVectors(zeros, [&](Index row, Value mask, Values totals) {
      Values factors;
      for (int64_t u = 0; u < tokens; ++u)
        factors.push_back(b.load(pushes, {b.add(firstUpdate, u), row}, mask));
      for (int64_t t = 0; t < tokens; ++t) {
        Value own = b.load(rows, {b.add(first, t), row}, mask);
        for (int64_t u = 0; u < tokens; ++u) {
          Value &total = totals[t * tokens + u];
          total = b.fma(own, factors[u], total);
        }
      }
      return totals;
    });
    storeDots(kind, tile, group, dots);
  });
}

void BlockScan::joinTiles(const Block &block, Value tile) {
  int64_t tokens = block.tokens;
  auto scale = [&](Value buffer, Value at, Index row, Value factor,
                   Value mask) {
    b.store(b.mulf(b.load(buffer, {at, row}, mask), factor), buffer, {at, row},
            mask);
  };
  auto forTokens = [&](Index from, Index to, function_ref<void(Value)> body) {
    b.loop(from, to, 1, [&](Value at) { body(at); });
  };
  Value first = b.mul(tile, tokens);
  forVectors({}, [&](Index row, Value mask, const Values &) {
    Value own = b.load(tileKeep, {row}, mask);
    forTokens(0, b.mul(first, updatesPerToken()),
              [&](Value update) { scale(pushes, update, row, own, mask); });
    b.when(
        b.equal(tile, 0), [&] { b.store(own, keep, {row}, mask); },
        [&] {
          Value before = b.load(keep, {row}, mask);
          forTokens(first, b.add(first, tokens), [&](Value token) {
            if (block.reads)
              scale(queries, token, row, before, mask);
            if (corrects())
              scale(seen, token, row, before, mask);
          });
          b.store(b.mulf(before, own), keep, {row}, mask);
        });
    return Values();
  });
}

//===----------------------------------------------------------------------===//
// The sum of the weights, with corrections: a column of ones
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
  auto add = [&](Value total, Dot kind, int64_t t) {
    for (int64_t u = 0; u < count; ++u)
      if (reads(kind, t, u, block))
        total = b.fma(loadDot(kind, t, u, block), written[u], total);
    return total;
  };
  for (int64_t t = 0; t < tokens; ++t) {
    if (block.moves) {
      Value read = add(b.loadScalar(sums, {1, t}), Dot::Seen, t);
      if (updatesPerToken() == 2)
        written[tokens + t] = read;
      else
        written[t] = b.subf(b.real(1.0), read);
    }
    if (block.reads)
      b.storeScalar(add(b.loadScalar(sums, {0, t}), Dot::Reads, t), sums,
                    {0, t});
  }
  if (!block.moves)
    return;

  Values factors;
  for (Value value : written)
    factors.push_back(b.broadcast(value));
  forVectors({}, [&](Index row, Value mask, const Values &) {
    Value next = loadSum(row, mask);
    if (decays)
      next = b.mulf(b.load(keep, {row}, mask), next);
    for (int64_t u = 0; u < count; ++u)
      next = b.fma(b.load(pushes, {u, row}, mask), factors[u], next);
    storeSum(next, row, mask);
    return Values();
  });
}
