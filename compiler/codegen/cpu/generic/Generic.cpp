//===- Generic.cpp - Kernels of family generic ----------------------------===//
//
// Any nest of loops. The task loop is outermost, then the other parallel loops,
// then the reductions, which carry the outputs in registers. One loop may run
// in lanes (LoopNest.h); what is left of it at the end runs element by element,
// by the same ops, so that bits do not depend on where that is. A reduction in
// lanes keeps a vector of parts, which are combined in fixed order at the end.
//
//===----------------------------------------------------------------------===//

#include "compiler/codegen/cpu/ElementRegion.h"
#include "compiler/codegen/cpu/KernelEmitter.h"
#include "compiler/codegen/cpu/generic/LoopNest.h"
#include "mlir/Dialect/Affine/Utils.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/IRMapping.h"

using namespace mlir;
using namespace weft;
using namespace weft::cpu;

namespace {

using Values = KernelBuilder::Values;

class GenericEmitter {
public:
  GenericEmitter(KernelBuilder &b, LoopNest nest)
      : b(b), nest(std::move(nest)), at(this->nest.getNumLoops()) {
    IRMapping mapping;
    b.getKernel().getElement().cloneInto(&body, mapping);
    replaceIndices();
  }

  LogicalResult emit();

private:
  /// Turns each `program.index` of the body into an argument at its end.
  void replaceIndices();
  LogicalResult findSizes();

  /// Calls `inner` in a nest of `loops`, whose places go to `at`.
  void forEach(ArrayRef<unsigned> loops, function_ref<void()> inner);
  /// The outputs' elements at the place `at`, reductions run; `lanes` of them
  /// along the loop in lanes, or one where that is 1.
  void emitElements(int64_t lanes);
  Values reduce(ArrayRef<unsigned> loops, const Values &carried, int64_t lanes);
  Values reduceInLanes(const Values &carried);
  /// Combines the lanes of `vector` with `init` by clones of `combiner`.
  Value combineLanes(Operation *combiner, Value vector, Value init);
  Value combine(Operation *combiner, Value x, Value y);

  /// Runs the body at `at`; `outs` are the outputs so far.
  Values runBody(ValueRange outs, int64_t lanes);
  SmallVector<Value> getPlace(unsigned operand, int64_t lane = 0);
  LaneValue loadOperand(unsigned operand, int64_t lanes);
  void storeOutput(unsigned output, Value value, int64_t lanes);

  KernelBuilder &b;
  LoopNest nest;
  SmallVector<Value> at; // The place along each loop.
  SmallVector<Value> sizes;
  Region body;
  SmallVector<unsigned> indexLoops; // The loops of the body's last arguments.
  LaneChoice choice;
  Value taskFrom, taskTo;
  LogicalResult status = success();
};

} // namespace

void GenericEmitter::replaceIndices() {
  Block &block = body.front();
  for (auto op : llvm::make_early_inc_range(block.getOps<program::IndexOp>())) {
    unsigned loop = op.getLoop();
    auto *known = llvm::find(indexLoops, loop);
    size_t number = known - indexLoops.begin();
    if (known == indexLoops.end()) {
      indexLoops.push_back(loop);
      block.addArgument(b.getIndexType(), op.getLoc());
    }
    unsigned first = block.getNumArguments() - indexLoops.size();
    op.getPlace().replaceAllUsesWith(block.getArgument(first + number));
    op.erase();
  }
}

LogicalResult GenericEmitter::findSizes() {
  sizes.assign(nest.getNumLoops(), Value());
  for (auto [operand, map] : llvm::enumerate(nest.maps))
    for (auto [axis, result] : llvm::enumerate(map.getResults()))
      if (auto dim = dyn_cast<AffineDimExpr>(result))
        if (!sizes[dim.getPosition()])
          sizes[dim.getPosition()] = b.createOrFold<memref::DimOp>(
              b.buffer(operand), b.index(int64_t(axis)));
  for (auto [loop, size] : llvm::enumerate(sizes))
    if (!size)
      return b.getKernel().emitOpError()
             << "expected an axis that is loop " << loop
             << " alone, which gives its size";
  return success();
}

LogicalResult GenericEmitter::emit() {
  if (failed(findSizes()))
    return failure();
  choice = chooseLanes(nest, b.getKernel(), body);

  SmallVector<unsigned> parallel;
  for (unsigned loop = 0; loop < nest.getNumLoops(); ++loop)
    if (nest.isParallel(loop) && int64_t(loop) != nest.taskLoop)
      parallel.push_back(loop);
  // The loop in lanes goes innermost, unless it is cut into tasks: then all
  // else goes around it, each task for itself.
  bool lanesAreTasks =
      choice.kind == LaneChoice::Parallel && choice.loop == nest.taskLoop;
  if (choice.kind == LaneChoice::Parallel && !lanesAreTasks) {
    llvm::erase(parallel, choice.loop);
    parallel.push_back(choice.loop);
  }
  if (nest.taskLoop >= 0) {
    taskFrom = b.mul(b.begin(), nest.iterationsPerTask);
    taskTo =
        b.min(b.mul(b.end(), nest.iterationsPerTask), sizes[nest.taskLoop]);
    parallel.insert(lanesAreTasks ? parallel.end() : parallel.begin(),
                    nest.taskLoop);
    forEach(parallel, [&] { emitElements(1); });
  } else {
    b.forTasks([&](Value) { forEach(parallel, [&] { emitElements(1); }); });
  }
  return status;
}

void GenericEmitter::forEach(ArrayRef<unsigned> loops,
                             function_ref<void()> inner) {
  if (loops.empty())
    return inner();
  unsigned loop = loops.front();
  bool isTask = int64_t(loop) == nest.taskLoop;
  Value from = isTask ? taskFrom : b.index(0);
  Value to = isTask ? taskTo : sizes[loop];
  if (choice.kind == LaneChoice::Parallel && choice.loop == loop) {
    assert(loops.size() == 1 && "the loop in lanes is the innermost");
    int64_t lanes = b.lanes();
    Value length = b.max(b.sub(to, from), 0);
    Value even = b.add(from, b.sub(length, b.rem(length, lanes)));
    b.loop(from, even, lanes, [&](Value i) {
      at[loop] = i;
      emitElements(lanes);
    });
    from = even;
  }
  b.loop(from, to, 1, [&](Value i) {
    at[loop] = i;
    forEach(loops.drop_front(), inner);
  });
}

void GenericEmitter::emitElements(int64_t lanes) {
  Values outs;
  for (unsigned i = 0; i < nest.outputs; ++i) {
    MemRefType type = b.bufferType(nest.inputs + i);
    if (nest.readsOutputs) {
      LaneValue old = loadOperand(nest.inputs + i, lanes);
      outs.push_back(lanes == 1 ? old.getScalar() : old.getVector(b, lanes));
      continue;
    }
    Type element = type.getElementType();
    Type full = lanes == 1 ? element : Type(b.vectorType(element, lanes));
    outs.push_back(isa<FloatType>(element) ? b.real(0, full)
                                           : b.integer(0, full));
  }
  SmallVector<unsigned> reductions;
  for (unsigned loop = 0; loop < nest.getNumLoops(); ++loop)
    if (!nest.isParallel(loop) &&
        !(choice.kind == LaneChoice::Reduction && choice.loop == loop))
      reductions.push_back(loop);
  if (choice.kind == LaneChoice::Reduction) {
    // Parts in lanes first, then what goes element by element.
    Values carried;
    for (auto [i, out] : llvm::enumerate(outs)) {
      Operation *combiner = getCombiner(nest, body, i);
      VectorType type = b.vectorType(out.getType(), b.lanes());
      TypedAttr neutral = *arith::getNeutralElement(combiner);
      carried.push_back(
          arith::ConstantOp::create(b, DenseElementsAttr::get(type, neutral)));
    }
    llvm::append_range(carried, outs);
    carried = reduce(reductions, carried, lanes);
    for (unsigned i = 0; i < nest.outputs; ++i)
      outs[i] = combineLanes(getCombiner(nest, body, i), carried[i],
                             carried[nest.outputs + i]);
  } else {
    outs = reduce(reductions, outs, lanes);
  }
  for (unsigned i = 0; i < nest.outputs; ++i)
    storeOutput(i, outs[i], lanes);
}

Values GenericEmitter::reduce(ArrayRef<unsigned> loops, const Values &carried,
                              int64_t lanes) {
  if (loops.empty())
    return choice.kind == LaneChoice::Reduction ? reduceInLanes(carried)
                                                : runBody(carried, lanes);
  return b.loop(0, sizes[loops.front()], 1, carried,
                [&](Value i, ValueRange args) {
                  at[loops.front()] = i;
                  return reduce(loops.drop_front(), args, lanes);
                });
}

Values GenericEmitter::reduceInLanes(const Values &carried) {
  int64_t lanes = b.lanes();
  Value size = sizes[choice.loop];
  Value even = b.sub(size, b.rem(size, lanes));
  ArrayRef<Value> all = carried;
  Values parts = b.loop(0, even, lanes, all.take_front(nest.outputs),
                        [&](Value i, ValueRange args) {
                          at[choice.loop] = i;
                          return runBody(args, lanes);
                        });
  llvm::append_range(parts, b.loop(even, size, 1, all.drop_front(nest.outputs),
                                   [&](Value i, ValueRange args) {
                                     at[choice.loop] = i;
                                     return runBody(args, 1);
                                   }));
  return parts;
}

Value GenericEmitter::combine(Operation *combiner, Value x, Value y) {
  OperationState state(combiner->getLoc(), combiner->getName());
  state.addOperands({x, y});
  state.addTypes(x.getType());
  state.propertiesAttr = combiner->getPropertiesAsAttribute();
  return b.create(state)->getResult(0);
}

Value GenericEmitter::combineLanes(Operation *combiner, Value vector,
                                   Value init) {
  for (int64_t width = b.lanes(); width > 1; width /= 2) {
    SmallVector<int64_t> low, high;
    for (int64_t i = 0; i < width / 2; ++i) {
      low.push_back(i);
      high.push_back(width / 2 + i);
    }
    vector = combine(combiner, b.shuffle(vector, vector, low),
                     b.shuffle(vector, vector, high));
  }
  Value total = vector::ExtractOp::create(b, vector, int64_t(0));
  return combine(combiner, init, total);
}

Values GenericEmitter::runBody(ValueRange outs, int64_t lanes) {
  bool isVector = lanes != 1;
  SmallVector<LaneValue> arguments;
  for (unsigned i = 0; i < nest.inputs; ++i)
    arguments.push_back(loadOperand(i, lanes));
  for (Value out : outs)
    arguments.push_back(isVector ? LaneValue::varying(out)
                                 : LaneValue::uniform(out));
  for (unsigned i = nest.inputs + nest.outputs; i < b.getNumBuffers(); ++i)
    arguments.push_back(LaneValue::uniform(b.buffer(i)));
  for (unsigned i = 1; i < b.getKernel().getScalars(); ++i)
    arguments.push_back(LaneValue::uniform(b.scalar(i)));
  for (unsigned loop : indexLoops)
    arguments.push_back(isVector && loop == choice.loop
                            ? LaneValue::consecutive(at[loop])
                            : LaneValue::uniform(at[loop]));

  Values results;
  if (!isVector) {
    IRMapping mapping;
    for (auto [formal, actual] :
         llvm::zip_equal(body.getArguments(), arguments))
      mapping.map(formal, actual.getScalar());
    for (Operation &op : body.front().without_terminator())
      b.clone(op, mapping);
    for (Value value : body.front().getTerminator()->getOperands())
      results.push_back(mapping.lookupOrDefault(value));
    return results;
  }
  FailureOr<SmallVector<LaneValue>> built =
      buildElements(b, body, arguments, lanes);
  if (failed(built)) {
    status = failure();
    return Values(outs);
  }
  for (const LaneValue &value : *built)
    results.push_back(value.getVector(b, lanes));
  return results;
}

SmallVector<Value> GenericEmitter::getPlace(unsigned operand, int64_t lane) {
  SmallVector<Value> dims(at);
  // Loops that are not entered yet do not appear in the maps of outputs.
  for (Value &dim : dims)
    if (!dim)
      dim = b.index(0);
  if (lane)
    dims[choice.loop] = b.add(dims[choice.loop], lane);
  SmallVector<Value> place;
  for (AffineExpr expr : nest.maps[operand].getResults())
    place.push_back(affine::expandAffineExpr(b, b.getLoc(), expr, dims, {}));
  return place;
}

LaneValue GenericEmitter::loadOperand(unsigned operand, int64_t lanes) {
  Value buffer = b.buffer(operand);
  MemRefType type = b.bufferType(operand);
  LaneAccess access = nest.getAccess(operand, type, choice.loop);
  SmallVector<KernelBuilder::Index> place(
      llvm::map_range(getPlace(operand), [](Value v) { return v; }));
  if (lanes == 1 || access == LaneAccess::Same)
    return LaneValue::uniform(b.loadScalar(buffer, place));
  VectorType full = b.vectorType(type.getElementType(), lanes);
  if (access == LaneAccess::Consecutive)
    return LaneValue::varying(b.load(buffer, place, {}, full));
  Value vector = isa<FloatType>(type.getElementType()) ? b.real(0, full)
                                                       : b.integer(0, full);
  for (int64_t lane = 0; lane < lanes; ++lane) {
    Value element = memref::LoadOp::create(b, buffer, getPlace(operand, lane));
    vector = vector::InsertOp::create(b, element, vector, lane);
  }
  return LaneValue::varying(vector);
}

void GenericEmitter::storeOutput(unsigned output, Value value, int64_t lanes) {
  unsigned operand = nest.inputs + output;
  SmallVector<KernelBuilder::Index> place(
      llvm::map_range(getPlace(operand), [](Value v) { return v; }));
  if (lanes == 1)
    b.storeScalar(value, b.buffer(operand), place);
  else
    b.store(value, b.buffer(operand), place);
}

static LogicalResult emitGeneric(program::KernelOp kernel, KernelBuilder &b) {
  FailureOr<LoopNest> nest = LoopNest::read(kernel);
  if (failed(nest))
    return failure();
  return GenericEmitter(b, std::move(*nest)).emit();
}

static RegisterKernelEmitter generic("generic", emitGeneric);
