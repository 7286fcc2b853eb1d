//===- DecodeScores.cpp - Products of keys with a query -------------------===//
//
// Keys are f32 in registers, or stay codes of 8 bits where the level multiplies
// pairs of 16 bits: then the query becomes codes of 16 bits under a scale of
// its own, with an error of 2^-16 of its largest number, and sums are exact.
//
//===----------------------------------------------------------------------===//

#include "compiler/codegen/cpu/VectorBlocks.h"
#include "compiler/codegen/cpu/attention/decode/Decode.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace weft;
using namespace weft::cpu;

/// The largest code of a query.
static constexpr double kMaxCode = 32767;

//===----------------------------------------------------------------------===//
// Queries
//===----------------------------------------------------------------------===//

void DecodeEmitter::startQueries(Value token) {
  Value firstHead = b.mul(firstKeyHead, perKeyHead);
  b.loop(0, perKeyHead * keyHeadsPerTask, 1, [&](Value head) {
    for (int64_t c = 0; c < countChunks(a.channels); ++c) {
      Value vector =
          b.load(a.query, {batch, token, b.add(firstHead, head), c * lanes},
                 chunkMask(c, a.channels));
      b.store(b.mulf(vector, b.splat(a.scale)), queries, {head, c * lanes});
    }
    if (hasCodes)
      storeCodes(head);
    if (a.hasMaximum())
      b.store(a.normaliser.buildInit(b, b.vectorType()).max, maxima, {head, 0});
  });
}

/// As rows of a cache: what is tiny is zero, what is not finite makes the
/// scores not a number.
void DecodeEmitter::storeCodes(Value head) {
  int64_t chunks = countChunks(a.channels);
  Value most = b.splat(0.0);
  for (int64_t c = 0; c < chunks; ++c) {
    Value size = math::AbsFOp::create(b, b.load(queries, {head, c * lanes}));
    most = arith::MaximumFOp::create(b, most, size);
  }
  Value maximum =
      vector::ReductionOp::create(b, vector::CombiningKind::MAXIMUMF, most);
  CodeScale scale = buildCodeScale(b, maximum, kMaxCode);
  b.storeScalar(scale.scale, codeScales, {head});
  Value inverse = b.broadcast(scale.inverse);
  VectorType narrow = b.vectorType(b.getI16Type());
  for (int64_t c = 0; c < int64_t(llvm::alignTo(a.channels, kCodes)) / lanes;
       ++c) {
    Value stored = b.integer(0, narrow);
    if (c < chunks) {
      Value nearest = math::RoundEvenOp::create(
          b, b.mulf(b.load(queries, {head, c * lanes}), inverse));
      Value word =
          arith::FPToSIOp::create(b, b.vectorType(b.getI32Type()), nearest);
      stored = arith::TruncIOp::create(b, narrow, word);
    }
    b.store(stored, codes, {head, c * lanes});
  }
}

KernelBuilder::Values DecodeEmitter::loadQueries(Group group) {
  Values loaded;
  int64_t step = hasCodes ? kCodes : lanes;
  VectorType type =
      hasCodes ? b.vectorType(b.getI16Type(), kCodes) : b.vectorType();
  for (int64_t h = 0; h < group.count; ++h)
    for (int64_t c = 0; c < a.channels; c += step)
      loaded.push_back(
          b.load(hasCodes ? codes : queries, {getHead(group, h), c}, {}, type));
  return loaded;
}

//===----------------------------------------------------------------------===//
// Products
//===----------------------------------------------------------------------===//

KernelBuilder::Values DecodeEmitter::emitRow(ArrayRef<Value> queries,
                                             Group group, Value key) {
  int64_t step = hasCodes ? kCodes : lanes;
  int64_t chunks = llvm::divideCeil(a.channels, step);
  VectorType i32 = b.vectorType(b.getI32Type());
  Values sums(group.count);
  prefetchRow(a.key, *a.keyRows, group, key, a.channels);
  for (int64_t c = 0; c < chunks; ++c) {
    int64_t left = a.channels - c * step;
    Value mask = left < step ? b.tailMask(left, step) : Value(), x;
    SmallVector<Index> row{batch, key, group.keyHead};
    if (hasCodes) {
      row.push_back(c * step);
      Value bytes =
          b.load(a.key, row, mask, b.vectorType(b.getI8Type(), kCodes));
      x = arith::ExtSIOp::create(b, b.vectorType(b.getI16Type(), kCodes),
                                 bytes);
    } else {
      x = a.keyRows->load(b, a.key, row, c * step, mask);
    }
    for (int64_t h = 0; h < group.count; ++h) {
      Value q = queries[h * chunks + c];
      if (hasCodes)
        sums[h] = b.intrinsic("llvm.x86.avx512.vpdpwssd.512", i32,
                              {sums[h] ? sums[h] : b.integer(0, i32), x, q});
      else
        sums[h] = sums[h] ? b.fma(x, q, sums[h]) : b.mulf(x, q);
    }
  }
  return sums;
}

KernelBuilder::Values DecodeEmitter::emitProducts(Group group, KeyBlock block) {
  Values queries = loadQueries(group);
  Values products = reduceRows(
      b,
      [&](int64_t row) { return emitRow(queries, group, getKey(block, row)); },
      [&](Value x, Value y) -> Value {
        return hasCodes ? arith::AddIOp::create(b, x, y) : b.addf(x, y);
      });
  if (!a.keyRows->hasScale())
    return products;
  Value rowScales = loadScales(group, block);
  for (int64_t h = 0; h < group.count; ++h) {
    Value scale = rowScales;
    if (hasCodes) {
      products[h] = arith::SIToFPOp::create(b, b.vectorType(), products[h]);
      scale = b.mulf(scale, b.loadBroadcast(codeScales, {getHead(group, h)}));
    }
    products[h] = b.mulf(products[h], scale);
  }
  return products;
}

void DecodeEmitter::emitScores(Group group, KeyBlock block) {
  Values products = emitProducts(group, block);
  Value inside = a.readsLanes() ? buildInside(block) : Value();
  for (int64_t h = 0; h < group.count; ++h) {
    FailureOr<Value> score = a.buildScore(
        b, products[h], getPlace(group, h),
        {LaneValue::uniform(group.token), LaneValue::consecutive(block.key)},
        inside);
    if (failed(score)) {
      status = failure();
      return;
    }
    b.store(*score, scores, {getHead(group, h), b.sub(block.key, keyBegin)});
    if (!a.hasMaximum())
      continue;
    Value old = b.load(maxima, {getHead(group, h), 0});
    Value above =
        arith::CmpFOp::create(b, arith::CmpFPredicate::OGT, *score, old);
    if (Value allowed = buildAllowed(group, h, block))
      above = arith::AndIOp::create(b, above, allowed);
    b.store(arith::SelectOp::create(b, above, *score, old), maxima,
            {getHead(group, h), 0});
  }
}
