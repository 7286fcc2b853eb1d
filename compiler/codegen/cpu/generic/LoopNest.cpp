//===- LoopNest.cpp - Reads and judges the loops of a generic kernel ------===//

#include "compiler/codegen/cpu/generic/LoopNest.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

using namespace mlir;
using namespace weft;
using namespace weft::cpu;

FailureOr<LoopNest> LoopNest::read(program::KernelOp kernel) {
  DictionaryAttr config = kernel.getConfig();
  auto getInt = [&](StringRef name, int64_t otherwise) {
    auto attr = config.getAs<IntegerAttr>(name);
    return attr ? attr.getInt() : otherwise;
  };
  LoopNest nest;
  auto maps = config.getAs<ArrayAttr>("indexing_maps");
  auto iterators = config.getAs<ArrayAttr>("iterator_types");
  if (!maps || !iterators)
    return kernel.emitOpError(
        "expected 'indexing_maps' and 'iterator_types' in the config");
  for (AffineMapAttr map : maps.getAsRange<AffineMapAttr>())
    nest.maps.push_back(map.getValue());
  for (Attribute iterator : iterators)
    nest.iterators.push_back(
        cast<linalg::IteratorTypeAttr>(iterator).getValue());
  nest.inputs = getInt("inputs", 0);
  nest.outputs = getInt("outputs", 1);
  nest.readsOutputs = config.contains("init");
  nest.taskLoop = getInt("task_loop", -1);
  nest.iterationsPerTask = getInt("iterations_per_task", 1);
  if (nest.maps.size() != nest.inputs + nest.outputs)
    return kernel.emitOpError()
           << "expected a map for each of " << nest.inputs << " inputs and "
           << nest.outputs << " outputs but got " << nest.maps.size();
  if (nest.taskLoop >= 0 && !nest.isParallel(nest.taskLoop))
    return kernel.emitOpError()
           << "expected a parallel loop as 'task_loop' but "
              "got loop "
           << nest.taskLoop;
  return nest;
}

LaneAccess LoopNest::getAccess(unsigned operand, MemRefType type,
                               unsigned loop) const {
  AffineMap map = maps[operand];
  if (!map.isFunctionOfDim(loop))
    return LaneAccess::Same;
  for (AffineExpr result : map.getResults().drop_back())
    if (result.isFunctionOfDim(loop))
      return LaneAccess::Scattered;
  AffineExpr last = map.getResults().back();
  AffineExpr rest = simplifyAffineExpr(
      last - getAffineDimExpr(loop, map.getContext()), map.getNumDims(), 0);
  SmallVector<int64_t> strides;
  int64_t offset;
  // A vector of i1 has not the layout of as many i1 in memory.
  bool isContiguous = succeeded(type.getStridesAndOffset(strides, offset)) &&
                      strides.back() == 1 &&
                      !type.getElementType().isInteger(1);
  return isContiguous && !rest.isFunctionOfDim(loop) ? LaneAccess::Consecutive
                                                     : LaneAccess::Scattered;
}

Operation *cpu::getCombiner(const LoopNest &nest, Region &body,
                            unsigned number) {
  Block &block = body.front();
  BlockArgument old = block.getArgument(nest.inputs + number);
  Value next = block.getTerminator()->getOperand(number);
  Operation *op = next.getDefiningOp();
  if (!op || !old.hasOneUse() || !next.hasOneUse() ||
      *old.getUsers().begin() != op || op->getNumOperands() != 2 ||
      !arith::getNeutralElement(op))
    return nullptr;
  // A difference or a quotient has a neutral element on one side only.
  return op->hasTrait<OpTrait::IsCommutative>() ? op : nullptr;
}

/// Whether every op of `body` has a form on vectors.
static bool hasVectorForm(Region &body) {
  for (Operation &op : body.front().without_terminator()) {
    if (isa<program::IndexOp>(op))
      continue;
    if (auto load = dyn_cast<memref::LoadOp>(op)) {
      SmallVector<int64_t> strides;
      int64_t offset;
      MemRefType type = load.getMemRefType();
      if (failed(type.getStridesAndOffset(strides, offset)) ||
          (!strides.empty() && strides.back() != 1) ||
          type.getElementType().isInteger(1))
        return false;
      continue;
    }
    if (op.getNumRegions() || !isMemoryEffectFree(&op))
      return false;
  }
  return true;
}

LaneChoice cpu::chooseLanes(const LoopNest &nest, program::KernelOp kernel,
                            Region &body) {
  if (!hasVectorForm(body))
    return {};
  auto types =
      llvm::to_vector(kernel.getOperandTypes().getAsValueRange<TypeAttr>());
  auto access = [&](unsigned operand, unsigned loop) {
    return nest.getAccess(operand, cast<MemRefType>(types[operand]), loop);
  };
  auto countScattered = [&](unsigned loop) {
    unsigned count = 0;
    for (unsigned i = 0; i < nest.inputs; ++i)
      count += access(i, loop) == LaneAccess::Scattered;
    return count;
  };

  // The fewest scattered inputs win; of equals, a parallel loop.
  LaneChoice best;
  unsigned fewest = ~0u;
  for (unsigned loop = 0; loop < nest.getNumLoops(); ++loop) {
    bool fits = true, combines = true;
    for (unsigned i = 0; i < nest.outputs; ++i) {
      fits &= access(nest.inputs + i, loop) == LaneAccess::Consecutive;
      combines &= getCombiner(nest, body, i) != nullptr;
    }
    bool isParallel = nest.isParallel(loop);
    unsigned scattered = countScattered(loop);
    if ((isParallel ? !fits : !combines) || scattered > fewest ||
        (scattered == fewest && best.kind == LaneChoice::Parallel))
      continue;
    // A sum whose inputs are no neighbours gains nothing from lanes.
    if (!isParallel && scattered)
      continue;
    best = {isParallel ? LaneChoice::Parallel : LaneChoice::Reduction, loop};
    fewest = scattered;
  }
  return best;
}
