//===- PairRegion.cpp - The regions of attention as one -------------------===//

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "passes/lower/attention/Attention.h"

using namespace mlir;
using namespace weft;

PairRegion::PairRegion(AttentionOp op, FunctionLowering &f) : loc(op.getLoc()) {
  if (op.getScore().empty() && op.getAllowed().empty() && op.getPost().empty())
    return;
  auto takeData = [&](ValueRange tensors, bool byQuery) {
    for (Value tensor : tensors) {
      auto type = cast<RankedTensorType>(tensor.getType());
      bool byHead = type.getDimSize(2) != 1;
      Buffer buffer = f.getContiguous(tensor);
      if (!byHead) {
        llvm::SmallBitVector dropped(3);
        dropped.set(2);
        buffer = f.views.dropAxes(buffer, dropped);
      }
      buffers.push_back(f.views.materialize(buffer));
      data.push_back({byQuery, byHead});
    }
  };
  takeData(op.getRows(), /*byQuery=*/true);
  takeData(op.getColumns(), /*byQuery=*/false);
  score = take(op.getScore(), f);
  allowed = take(op.getAllowed(), f);
  post = take(op.getPost(), f);
}

std::optional<ElementRegion> PairRegion::take(Region &region,
                                              FunctionLowering &f) {
  begins.push_back(buffers.size());
  if (region.empty())
    return std::nullopt;
  ElementRegion body(region);
  for (Value tensor : body.getTensors())
    buffers.push_back(f.views.materialize(f.getContiguous(tensor)));
  indices.insert(body.getIndices().begin(), body.getIndices().end());
  return body;
}

void PairRegion::build(OpBuilder &b, Region &region) const {
  SmallVector<Type> types(5, b.getIndexType());
  types[0] = b.getF32Type();
  if (needsNumbers())
    types.append(2, b.getIndexType());
  size_t weight = types.size();
  if (post)
    types.push_back(b.getF32Type());
  size_t first = types.size();
  llvm::append_range(types, ValueRange(buffers).getTypes());
  types.append(indices.size(), b.getIndexType());
  Block *block = b.createBlock(&region, {}, types,
                               SmallVector<Location>(types.size(), loc));
  auto args = block->getArguments();

  SmallVector<Value> numbers; // Of the query, then of the key.
  for (auto [i, kind] : llvm::enumerate(data)) {
    SmallVector<Value> at{args[1], args[kind.byQuery ? 5 : 6]};
    if (kind.byHead)
      at.push_back(args[2]);
    numbers.push_back(memref::LoadOp::create(b, loc, args[first + i], at));
  }
  auto inlined = [&](const ElementRegion &body, size_t number,
                     SmallVector<Value> arguments) {
    llvm::append_range(arguments, numbers);
    auto own = args.slice(first + begins[number], body.getTensors().size());
    SmallVector<Value> outside;
    for (Value index : body.getIndices()) {
      auto at = llvm::find(indices, index) - indices.begin();
      outside.push_back(args[first + buffers.size() + at]);
    }
    return body.inlineAt(b, arguments, own, outside)[0];
  };
  SmallVector<Value> place{args[1], args[2], args[3], args[4]};
  auto at = [&](Value value) {
    SmallVector<Value> arguments{value};
    llvm::append_range(arguments, place);
    return arguments;
  };
  SmallVector<Value> results{args[0]};
  if (score)
    results[0] = inlined(*score, 0, at(args[0]));
  if (allowed) {
    SmallVector<Value> arguments = place;
    arguments.push_back(arith::SubIOp::create(b, loc, args[3], args[4]));
    results.push_back(inlined(*allowed, 1, arguments));
  }
  if (post)
    results.push_back(inlined(*post, 2, at(args[weight])));
  if (results.size() == 1)
    weft::YieldOp::create(b, loc, results[0]);
  else
    program::YieldOp::create(b, loc, results);
}
