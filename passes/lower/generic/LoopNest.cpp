//===- LoopNest.cpp - Kernels of loop nests -------------------------------===//

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "passes/lower/Granularity.h"
#include "passes/lower/generic/Generic.h"

using namespace mlir;
using namespace weft;

/// Whether loops `loop` and `loop + 1` may become one: each map has both, side
/// by side and evenly spaced in the buffer, or neither.
static bool canJoin(FunctionLowering &f, const LoopNest &nest, unsigned loop) {
  for (unsigned i : {loop, loop + 1})
    if (nest.iterators[i] != utils::IteratorType::parallel ||
        nest.indexed.test(i))
      return false;
  for (auto [map, buffer] : llvm::zip_equal(nest.maps, nest.buffers)) {
    if (!map.isFunctionOfDim(loop) && !map.isFunctionOfDim(loop + 1))
      continue;
    AffineExpr outer = getAffineDimExpr(loop, map.getContext());
    AffineExpr inner = getAffineDimExpr(loop + 1, map.getContext());
    auto position = map.getResultPosition(outer);
    if (!position || *position + 1 >= map.getNumResults() ||
        map.getResult(*position + 1) != inner)
      return false;
    for (auto [i, expr] : llvm::enumerate(map.getResults()))
      if (i != *position && i != *position + 1 &&
          (expr.isFunctionOfDim(loop) || expr.isFunctionOfDim(loop + 1)))
        return false;
    if (getConstantIntValue(nest.sizes[loop]) != 1 &&
        getConstantIntValue(nest.sizes[loop + 1]) != 1 &&
        !f.index.equal(buffer.strides[*position],
                       f.index.mul(buffer.sizes[*position + 1],
                                   buffer.strides[*position + 1])))
      return false;
  }
  return true;
}

static void join(FunctionLowering &f, LoopNest &nest, unsigned loop) {
  MLIRContext *context = f.b.getContext();
  // Loop `loop + 1` goes; those after it move down by one.
  SmallVector<AffineExpr> renumbered;
  for (unsigned i = 0; i < nest.sizes.size(); ++i)
    renumbered.push_back(getAffineDimExpr(i > loop ? i - 1 : i, context));
  for (auto [map, buffer] : llvm::zip_equal(nest.maps, nest.buffers)) {
    auto position = map.getResultPosition(getAffineDimExpr(loop, context));
    SmallVector<AffineExpr> exprs(map.getResults());
    if (position) {
      exprs.erase(exprs.begin() + *position + 1);
      SmallVector<ReassociationIndices> groups;
      for (int64_t axis = 0; axis < buffer.getRank(); ++axis)
        if (axis == int64_t(*position) + 1)
          groups.back().push_back(axis);
        else
          groups.push_back({axis});
      buffer = *f.views.collapse(buffer, groups);
    }
    map = AffineMap::get(nest.sizes.size(), 0, exprs, context)
              .replaceDimsAndSymbols(renumbered, {}, nest.sizes.size() - 1, 0);
  }
  nest.sizes[loop] = f.index.mul(nest.sizes[loop], nest.sizes[loop + 1]);
  nest.sizes.erase(nest.sizes.begin() + loop + 1);
  nest.iterators.erase(nest.iterators.begin() + loop + 1);
  llvm::SmallBitVector indexed(nest.sizes.size());
  for (unsigned i = 0; i < nest.sizes.size(); ++i)
    if (nest.indexed.test(i > loop ? i + 1 : i))
      indexed.set(i);
  nest.indexed = indexed;
}

void weft::joinLoops(FunctionLowering &f, LoopNest &nest) {
  // With an indexed loop, numbers in the body would have to move.
  if (nest.indexed.any())
    return;
  for (unsigned loop = 0; loop + 1 < nest.sizes.size();)
    if (canJoin(f, nest, loop))
      join(f, nest, loop);
    else
      ++loop;
}

/// The outermost parallel loop of more than one turn.
static int64_t getTaskLoop(const LoopNest &nest) {
  for (auto [i, size] : llvm::enumerate(nest.sizes))
    if (nest.iterators[i] == utils::IteratorType::parallel &&
        getConstantIntValue(size) != 1)
      return i;
  return -1;
}

/// Turns of the task loop that are worth a task; a size not known is taken
/// as 64.
static int64_t getIterationsPerTask(const LoopNest &nest, int64_t taskLoop) {
  int64_t inner = 1;
  for (auto [i, size] : llvm::enumerate(nest.sizes))
    if (int64_t(i) != taskLoop)
      inner *= getConstantIntValue(size).value_or(64);
  return granularity::getRowsPerTask(inner);
}

void weft::launchNest(FunctionLowering &f, LoopNest nest,
                      ArrayRef<Value> extras, IndexExprs scalars,
                      std::function<void(OpBuilder &, Region &)> body,
                      StringRef label) {
  joinLoops(f, nest);
  Builder attrs(f.b.getContext());
  int64_t taskLoop = getTaskLoop(nest);
  int64_t perTask = getIterationsPerTask(nest, taskLoop);
  SmallVector<Attribute> iterators;
  for (utils::IteratorType iterator : nest.iterators)
    iterators.push_back(
        linalg::IteratorTypeAttr::get(f.b.getContext(), iterator));
  int64_t inputs = nest.buffers.size() - nest.outputs;

  LaunchSpec spec;
  spec.family = "generic";
  spec.config = {
      attrs.getNamedAttr("indexing_maps",
                         attrs.getAffineMapArrayAttr(nest.maps)),
      attrs.getNamedAttr("iterator_types", attrs.getArrayAttr(iterators)),
      attrs.getNamedAttr("inputs", attrs.getI64IntegerAttr(inputs)),
      attrs.getNamedAttr("outputs", attrs.getI64IntegerAttr(nest.outputs)),
      attrs.getNamedAttr("task_loop", attrs.getI64IntegerAttr(taskLoop)),
      attrs.getNamedAttr("iterations_per_task",
                         attrs.getI64IntegerAttr(perTask))};
  if (nest.readsOutputs)
    spec.config.push_back(attrs.getNamedAttr("init", attrs.getUnitAttr()));
  for (auto [i, buffer] : llvm::enumerate(nest.buffers)) {
    spec.buffers.push_back(f.views.materialize(buffer));
    if (int64_t(i) >= inputs)
      spec.writes.push_back(i);
  }
  llvm::append_range(spec.buffers, extras);
  spec.scalars = {taskLoop < 0 ? f.index.constant(1) : nest.sizes[taskLoop]};
  llvm::append_range(spec.scalars, scalars);
  spec.tasks = AffineMap::get(0, spec.scalars.size(),
                              attrs.getAffineSymbolExpr(0).ceilDiv(perTask));
  spec.element = std::move(body);
  spec.label = label.str();
  f.launch(spec);
}

/// A nest over the elements of one shape.
static LoopNest getPointwiseNest(FunctionLowering &f,
                                 ArrayRef<Buffer> buffers) {
  LoopNest nest;
  nest.buffers = llvm::to_vector(buffers);
  unsigned rank = buffers[0].getRank();
  nest.maps.assign(buffers.size(),
                   AffineMap::getMultiDimIdentityMap(rank, f.b.getContext()));
  nest.iterators.assign(rank, utils::IteratorType::parallel);
  nest.sizes = buffers[0].sizes;
  nest.indexed.resize(rank);
  return nest;
}

void weft::launchCopy(FunctionLowering &f, const Buffer &from,
                      const Buffer &to) {
  Type type = to.getElementType();
  launchNest(
      f, getPointwiseNest(f, {from, to}), {}, {},
      [&](OpBuilder &b, Region &region) {
        Location loc = f.b.getLoc();
        Block *block = b.createBlock(&region, {}, {type, type}, {loc, loc});
        program::YieldOp::create(b, loc, block->getArgument(0));
      },
      "copy");
}

void weft::launchFill(FunctionLowering &f, Attribute value, const Buffer &to) {
  Type type = to.getElementType();
  launchNest(
      f, getPointwiseNest(f, {to}), {}, {},
      [&](OpBuilder &b, Region &region) {
        Location loc = f.b.getLoc();
        b.createBlock(&region, {}, {type}, {loc});
        Value number =
            arith::ConstantOp::create(b, loc, type, cast<TypedAttr>(value));
        program::YieldOp::create(b, loc, number);
      },
      "fill");
}
