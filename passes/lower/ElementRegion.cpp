//===- ElementRegion.cpp - Element-wise bodies of kernels -----------------===//

#include "passes/lower/ElementRegion.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Transforms/RegionUtils.h"

using namespace mlir;
using namespace weft;

ElementRegion::ElementRegion(Region &region) : region(&region) {
  SetVector<Value> outside;
  getUsedValuesDefinedAbove(region, region, outside);
  for (Value value : outside)
    take(value);
}

void ElementRegion::take(Value value) {
  if (isa<RankedTensorType>(value.getType())) {
    tensors.insert(value);
    return;
  }
  Operation *op = value.getDefiningOp();
  if (value.getType().isIndex() && !matchPattern(value, m_Constant()) &&
      !(op && isa<tensor::ExtractOp, arith::IndexCastOp>(op))) {
    indices.insert(value);
    return;
  }
  if (!op || op->getNumRegions() != 0 || !isMemoryEffectFree(op)) {
    foreign = value;
    return;
  }
  for (Value operand : op->getOperands())
    take(operand);
  sunk.insert(op);
}

SmallVector<Value> ElementRegion::cloneBody(OpBuilder &b,
                                            IRMapping &mapping) const {
  auto add = [&](Operation *op) {
    if (auto number = dyn_cast<linalg::IndexOp>(op)) {
      mapping.map(number.getResult(),
                  program::IndexOp::create(b, op->getLoc(), b.getIndexType(),
                                           number.getDim()));
      return;
    }
    auto extract = dyn_cast<tensor::ExtractOp>(op);
    if (!extract) {
      b.clone(*op, mapping);
      return;
    }
    SmallVector<Value> at;
    for (Value position : extract.getIndices())
      at.push_back(mapping.lookupOrDefault(position));
    Value buffer = mapping.lookup(extract.getTensor());
    mapping.map(extract.getResult(),
                memref::LoadOp::create(b, op->getLoc(), buffer, at));
  };
  for (Operation *op : sunk)
    add(op);
  for (Operation &op : region->front().without_terminator())
    add(&op);
  SmallVector<Value> results;
  for (Value result : region->front().getTerminator()->getOperands())
    results.push_back(mapping.lookupOrDefault(result));
  return results;
}

SmallVector<Value> ElementRegion::inlineAt(OpBuilder &b, ValueRange arguments,
                                           ValueRange buffers,
                                           ValueRange numbers) const {
  IRMapping mapping;
  mapping.map(indices.getArrayRef(), numbers);
  mapping.map(region->getArguments(), arguments);
  mapping.map(tensors.getArrayRef(), buffers);
  return cloneBody(b, mapping);
}

void ElementRegion::build(OpBuilder &b, Region &target, TypeRange types,
                          TypeRange buffers, bool isGeneric) const {
  SmallVector<Type> all(types);
  llvm::append_range(all, buffers);
  all.append(indices.size(), b.getIndexType());
  Location loc = region->getLoc();
  Block *block =
      b.createBlock(&target, {}, all, SmallVector<Location>(all.size(), loc));
  auto args = block->getArguments();
  IRMapping mapping;
  for (auto [i, arg] : llvm::enumerate(region->getArguments()))
    mapping.map(arg, args[i]);
  for (auto [i, tensor] : llvm::enumerate(tensors))
    mapping.map(tensor, args[types.size() + i]);
  for (auto [i, value] : llvm::enumerate(indices))
    mapping.map(value, args[types.size() + buffers.size() + i]);

  SmallVector<Value> results = cloneBody(b, mapping);
  if (isGeneric)
    program::YieldOp::create(b, loc, results);
  else
    weft::YieldOp::create(b, loc, results[0]);
}
