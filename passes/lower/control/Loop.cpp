//===- Loop.cpp - scf.for and scf.if on buffers ---------------------------===//

#include "mlir/Dialect/SCF/IR/SCF.h"
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
      auto tensor = dyn_cast<RankedTensorType>(type);
      if (!tensor || !tensor.hasStaticShape())
        return "a result is not a tensor of static shape";
    }
    return std::nullopt;
  }

  LogicalResult lower(scf::IfOp op, FunctionLowering &f) const override;
};

} // namespace

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
  SmallVector<Buffer> results;
  for (Value result : op.getResults())
    results.push_back(f.allocate(result, f.getSizes(result)));
  Value condition = f.index.value(f.getIndex(op.getCondition()));
  auto branch = scf::IfOp::create(f.b, condition, !op.getElseRegion().empty());
  for (auto [from, to] : llvm::zip(op->getRegions(), branch->getRegions())) {
    if (from.empty())
      continue;
    OpBuilder::InsertionGuard guard(f.b);
    f.b.setInsertionPoint(to.front().getTerminator());
    if (failed(f.lowerBlock(from.front())))
      return failure();
    for (auto [yielded, buffer] : llvm::zip_equal(
             from.front().getTerminator()->getOperands(), results)) {
      Buffer source = f.getBuffer(yielded);
      if (!f.views.isSame(source, buffer))
        f.copy(source, buffer);
    }
  }
  return success();
}

void weft::addControlLowerings(Registry &registry) {
  registry.add<CarriedLoop>();
  registry.add<BranchedIf>();
}
