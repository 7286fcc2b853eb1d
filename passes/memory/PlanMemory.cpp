//===- PlanMemory.cpp - Places buffers in the arena -----------------------===//
//
// Sizes grow with symbols: a buffer of batch * tokens rows is placed among
// those of its kind only, in a *pool* whose unit is batch * tokens bytes.
// Offsets in a pool are numbers, so that whether two buffers overlap does not
// depend on the symbols; the pools lie one after the other.
//
//===----------------------------------------------------------------------===//

#include "dialects/program/ops/ProgramOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "passes/Passes.h"
#include "passes/lower/IndexBuilder.h"
#include "passes/memory/Placement.h"

namespace weft {
#define GEN_PASS_DEF_PLANMEMORYPASS
#include "passes/Passes.h.inc"
} // namespace weft

using namespace mlir;
using namespace weft;

namespace {

/// The buffers whose bytes are a number times `unit`.
struct Pool {
  Polynomial unit;
  std::vector<program::AllocOp> allocs;
  std::vector<Interval> intervals;
  int64_t size = 0;
};

/// Plans one function.
class Plan {
public:
  explicit Plan(program::FunctionOp function)
      : function(function), b(function.getLoc(), function.getContext()),
        index(b) {}

  /// Emits and fails where a buffer may grow without a bound.
  LogicalResult run();

private:
  void numberOps();
  Interval getLifetime(program::AllocOp alloc);
  LogicalResult addToPool(program::AllocOp alloc);
  IndexExpr build(const Polynomial &polynomial);
  Value buildAtom(Value atom);

  program::FunctionOp function;
  ImplicitLocOpBuilder b;
  IndexBuilder index;
  IndexPolynomials polynomials;
  DenseMap<Operation *, int64_t> numbers;
  std::map<Polynomial, Pool> pools;
};

} // namespace

/// Numbers ops in the order in which they are printed.
void Plan::numberOps() {
  function.walk<WalkOrder::PreOrder>(
      [&](Operation *op) { numbers[op] = numbers.size(); });
}

/// The last number in `op`, its regions included.
static Operation *getLastOp(Operation *op) {
  Operation *last = op;
  op->walk<WalkOrder::PreOrder>([&](Operation *inner) { last = inner; });
  return last;
}

/// From the alloc to the last use of a view of it. A use in a loop that does
/// not hold the alloc lasts until the loop ends.
Interval Plan::getLifetime(program::AllocOp alloc) {
  Interval interval{numbers[alloc], numbers[alloc], 0, 0};
  SmallVector<Value> aliases{alloc.getBuffer()};
  while (!aliases.empty()) {
    for (Operation *user : aliases.pop_back_val().getUsers()) {
      Operation *ancestor = alloc->getBlock()->findAncestorOpInBlock(*user);
      interval.last = std::max(interval.last, numbers[getLastOp(ancestor)]);
      if (isa<program::ViewOp>(user))
        aliases.push_back(user->getResult(0));
    }
  }
  return interval;
}

LogicalResult Plan::addToPool(program::AllocOp alloc) {
  auto type = cast<MemRefType>(alloc.getBuffer().getType());
  Polynomial bytes(llvm::divideCeil(type.getElementTypeBitWidth(), 8));
  size_t next = 0;
  for (int64_t size : type.getShape()) {
    if (!ShapedType::isDynamic(size)) {
      bytes = bytes * Polynomial(size);
      continue;
    }
    Value value = alloc.getSizes()[next++];
    FailureOr<Polynomial> bound = polynomials.getBound(value);
    if (failed(bound))
      return alloc.emitOpError()
             << "expected sizes bounded by the symbols of the function and the "
                "capacities of its states";
    bytes = bytes * *bound;
  }
  if (bytes.getTerms().empty())
    bytes = Polynomial(1);
  int64_t content = bytes.getContent();
  Polynomial unit = bytes.divideExactly(content);
  Pool &pool = pools[unit];
  pool.unit = unit;
  Interval interval = getLifetime(alloc);
  interval.size = llvm::alignTo(content, kArenaAlignment);
  pool.allocs.push_back(alloc);
  pool.intervals.push_back(interval);
  return success();
}

/// Builds an atom, which depends on symbols alone, at the begin of the
/// function.
Value Plan::buildAtom(Value atom) {
  Operation *op = atom.getDefiningOp();
  if (auto symbol = dyn_cast<program::SymbolOp>(op))
    return index.symbol(symbol.getNumber());
  if (std::optional<int64_t> constant = getConstantIntValue(atom))
    return index.value(index.constant(*constant));
  IRMapping mapping;
  for (Value operand : op->getOperands())
    mapping.map(operand, buildAtom(operand));
  return b.clone(*op, mapping)->getResult(0);
}

IndexExpr Plan::build(const Polynomial &polynomial) {
  IndexExpr sum = index.constant(0);
  for (const auto &[monomial, coefficient] : polynomial.getTerms()) {
    IndexExpr product = index.constant(coefficient);
    for (unsigned atom : monomial)
      product = index.mul(product, buildAtom(polynomials.getAtom(atom)));
    sum = index.add(sum, product);
  }
  return sum;
}

LogicalResult Plan::run() {
  numberOps();
  SmallVector<program::AllocOp> allocs;
  function.walk([&](program::AllocOp alloc) { allocs.push_back(alloc); });
  for (program::AllocOp alloc : allocs)
    if (failed(addToPool(alloc)))
      return failure();

  // Offsets stand before everything else, after the constants and symbols that
  // `index` puts first.
  b.setInsertionPointToStart(&function.getBody().front());
  IndexExpr begin = index.constant(0);
  for (auto &[unit, pool] : pools) {
    pool.size = placeIntervals(pool.intervals);
    IndexExpr bytes = build(unit);
    for (auto [alloc, interval] :
         llvm::zip_equal(pool.allocs, pool.intervals)) {
      IndexExpr offset =
          index.add(begin, index.mul(bytes, index.constant(interval.offset)));
      Value value = index.value(offset);
      OpBuilder::InsertionGuard guard(b);
      b.setInsertionPoint(alloc);
      auto arena = program::ArenaOp::create(b, alloc.getBuffer().getType(),
                                            value, alloc.getSizes());
      alloc.replaceAllUsesWith(arena.getResult());
      alloc.erase();
    }
    begin = index.add(begin, index.mul(bytes, index.constant(pool.size)));
  }
  auto terminator =
      cast<program::ReturnOp>(function.getBody().front().getTerminator());
  terminator.getArenaMutable().assign(index.value(begin));
  return success();
}

namespace {

struct PlanMemoryPass : public weft::impl::PlanMemoryPassBase<PlanMemoryPass> {
  void runOnOperation() override {
    if (failed(Plan(getOperation()).run()))
      signalPassFailure();
  }
};

} // namespace
