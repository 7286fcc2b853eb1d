//===- Loop.cpp - scf.for and scf.if on buffers ---------------------------===//

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "passes/lower/Registry.h"

using namespace mlir;
using namespace weft;

namespace {

/// A tensor carried by a loop is one buffer, written over by each turn.
class CarriedLoop : public LoweringOf<scf::ForOp> {
public:
  StringRef getName() const override { return "loop"; }
  using LoweringOf::decline;
  using LoweringOf::lower;

  Declined decline(scf::ForOp op, ModuleLowering &) const override {
    for (Value init : op.getInitArgs())
      if (!isa<RankedTensorType>(init.getType()))
        return "a carried value is not a tensor";
    return std::nullopt;
  }

  LogicalResult lower(scf::ForOp op, FunctionLowering &f) const override;
};

class BranchedIf : public LoweringOf<scf::IfOp> {
public:
  StringRef getName() const override { return "if"; }
  using LoweringOf::decline;
  using LoweringOf::lower;

  Declined decline(scf::IfOp op, ModuleLowering &) const override {
    for (Type type : op.getResultTypes()) {
      if (!isa<RankedTensorType>(type))
        return "a result is not a tensor";
    }
    return std::nullopt;
  }

  LogicalResult lower(scf::IfOp op, FunctionLowering &f) const override;
};

} // namespace

static std::optional<IndexExprs> findSizes(FunctionLowering &f, Value tensor);

/// An index that is computed from sizes, of what is not lowered yet too.
static std::optional<IndexExpr> findIndex(FunctionLowering &f, Value value) {
  if (f.canGetIndex(value))
    return f.getIndex(value);
  Operation *op = value.getDefiningOp();
  if (auto dim = dyn_cast_or_null<tensor::DimOp>(op)) {
    auto sizes = findSizes(f, dim.getSource());
    std::optional<int64_t> axis = dim.getConstantIndex();
    return sizes && axis ? std::optional((*sizes)[*axis]) : std::nullopt;
  }
  if (!isa_and_present<arith::AddIOp, arith::SubIOp, arith::MulIOp>(op))
    return std::nullopt;
  auto lhs = findIndex(f, op->getOperand(0));
  auto rhs = findIndex(f, op->getOperand(1));
  if (!lhs || !rhs)
    return std::nullopt;
  return isa<arith::AddIOp>(op)   ? f.index.add(*lhs, *rhs)
         : isa<arith::SubIOp>(op) ? f.index.sub(*lhs, *rhs)
                                  : f.index.mul(*lhs, *rhs);
}

/// The sizes of a tensor that may be made in a region that is not lowered yet,
/// from what is known before it.
static std::optional<IndexExprs> findSizes(FunctionLowering &f, Value tensor) {
  auto type = cast<RankedTensorType>(tensor.getType());
  if (type.hasStaticShape() || f.hasSizes(tensor))
    return f.getSizes(tensor);
  if (auto cast = tensor.getDefiningOp<tensor::CastOp>())
    return findSizes(f, cast.getSource());
  auto op = tensor.getDefiningOp<ReifyRankedShapedTypeOpInterface>();
  if (!op)
    return std::nullopt;
  OpBuilder b(op);
  ReifiedRankedShapedTypeDims shapes;
  if (failed(op.reifyResultShapes(b, shapes)))
    return std::nullopt;
  IndexExprs sizes;
  for (OpFoldResult size : shapes[cast<OpResult>(tensor).getResultNumber()]) {
    auto value = dyn_cast<Value>(size);
    auto found = value ? findIndex(f, value) : std::optional<IndexExpr>(size);
    if (!found)
      return std::nullopt;
    sizes.push_back(*found);
  }
  return sizes;
}

LogicalResult CarriedLoop::lower(scf::ForOp op, FunctionLowering &f) const {
  SmallVector<Buffer> carried;
  for (auto [init, result] :
       llvm::zip_equal(op.getInitArgs(), op.getResults())) {
    Buffer buffer = f.allocateUpdate(init, result, op);
    // Two carried tensors that were one before the loop are not in it.
    if (llvm::any_of(carried, [&](const Buffer &other) {
          return other.root == buffer.root;
        })) {
      Buffer own = f.allocateTemporary(buffer.getElementType(), buffer.sizes);
      f.copy(buffer, own);
      buffer = own;
    }
    carried.push_back(buffer);
  }

  auto value = [&](Value bound) { return f.index.value(f.getIndex(bound)); };
  auto loop =
      scf::ForOp::create(f.b, value(op.getLowerBound()),
                         value(op.getUpperBound()), value(op.getStep()));
  OpBuilder::InsertionGuard guard(f.b);
  f.b.setInsertionPoint(loop.getBody()->getTerminator());
  f.setIndex(op.getInductionVar(), loop.getInductionVar());
  // In the body the carried tensor is the only one in the buffer that can be
  // read.
  for (auto [arg, buffer] : llvm::zip_equal(op.getRegionIterArgs(), carried))
    f.enterLoop(arg, buffer);
  if (failed(f.lowerBlock(*op.getBody())))
    return failure();

  f.b.setLoc(op.getLoc());
  std::vector<std::pair<Buffer, Buffer>> copies;
  for (auto [yielded, buffer] :
       llvm::zip_equal(op.getBody()->getTerminator()->getOperands(), carried)) {
    Buffer next = f.getBuffer(yielded);
    if (!f.views.isSame(next, buffer))
      copies.push_back({next, buffer});
  }
  f.copyAll(copies);
  for (auto [result, buffer] : llvm::zip_equal(op.getResults(), carried))
    f.leaveLoop(result, buffer);
  return success();
}

LogicalResult BranchedIf::lower(scf::IfOp op, FunctionLowering &f) const {
  // Both regions write into one buffer, which is there before them.
  SmallVector<Buffer> results;
  for (auto [number, result] : llvm::enumerate(op.getResults())) {
    std::optional<IndexExprs> sizes;
    for (scf::YieldOp yield : {op.thenYield(), op.elseYield()})
      if (!sizes)
        sizes = findSizes(f, yield.getOperand(number));
    if (!sizes)
      return op.emitOpError() << "expected sizes of result #" << number
                              << " that are known before its regions";
    results.push_back(f.allocate(result, *sizes));
  }
  Value condition = f.index.value(f.getIndex(op.getCondition()));
  auto branch = scf::IfOp::create(f.b, condition, !op.getElseRegion().empty());
  for (auto [from, to] : llvm::zip(op->getRegions(), branch->getRegions())) {
    if (from.empty())
      continue;
    OpBuilder::InsertionGuard guard(f.b);
    f.b.setInsertionPoint(to.front().getTerminator());
    if (failed(f.lowerBlock(from.front())))
      return failure();
    for (OpOperand &yielded : from.front().getTerminator()->getOpOperands()) {
      const Buffer &result = results[yielded.getOperandNumber()];
      Buffer source = f.getBuffer(yielded.get());
      for (auto [size, wanted] : llvm::zip_equal(source.sizes, result.sizes))
        if (!f.index.equal(size, wanted))
          return op.emitOpError()
                 << "expected regions that give result #"
                 << yielded.getOperandNumber() << " the same sizes";
      if (!f.isInPlace(yielded) && !f.views.isSame(source, result))
        f.copy(source, result);
    }
  }
  return success();
}

void weft::addControlLowerings(Registry &registry) {
  registry.add<CarriedLoop>();
  registry.add<BranchedIf>();
}
