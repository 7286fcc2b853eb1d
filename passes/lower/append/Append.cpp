//===- Append.cpp - weft.append to rows of a state ------------------------===//
//
// The tokens of a call lie in the state beside those held before: the runtime
// sees to it that there is room. What is seen is a view, and nothing is moved.
//
//===----------------------------------------------------------------------===//

#include "passes/lower/Registry.h"

using namespace mlir;
using namespace weft;

namespace {

class AppendRows : public LoweringOf<AppendOp> {
public:
  StringRef getName() const override { return "rows of the state"; }
  using LoweringOf::decline;
  using LoweringOf::lower;

  Declined decline(AppendOp op, ModuleLowering &) const override {
    auto state = dyn_cast<BlockArgument>(op.getState());
    auto func = dyn_cast<func::FuncOp>(op->getParentOp());
    if (!state || !func || state.getOwner() != &func.front() ||
        !func.getArgAttr(state.getArgNumber(), "weft.state"))
      return "the state is not an argument marked 'weft.state'";
    auto returnsIt = [&](OpOperand &use) {
      return isa<func::ReturnOp>(use.getOwner()) &&
             func.getResultAttr(use.getOperandNumber(), "weft.state") ==
                 func.getArgAttr(state.getArgNumber(), "weft.state");
    };
    if (!llvm::all_of(op.getNext().getUses(), returnsIt))
      return "the next state is not returned as the same state alone";
    return std::nullopt;
  }

  LogicalResult lower(AppendOp op, FunctionLowering &f) const override {
    program::StateOp state = f.getState(op.getState());
    Buffer tokens = f.getBuffer(op.getTokens());
    Buffer rows = f.getNewRows(state, tokens.sizes);
    if (!f.isInPlace(op.getTokensMutable()))
      f.copy(tokens, rows);

    IndexExpr held = f.getStateLength(state);
    Buffer seen = rows;
    seen.offset = f.index.mul(f.getStateOffset(state), rows.strides[1]);
    seen.sizes[1] = f.index.add(held, tokens.sizes[1]);
    f.setBuffer(op.getSeen(), seen);
    IndexExpr first = op.getGrowth() == Growth::Append
                          ? f.index.constant(0)
                          : f.index.sub(f.getIndex(op.getPosition()), held);
    f.setIndex(op.getFirst(), first);
    return success();
  }
};

} // namespace

void weft::addAppendLowerings(Registry &registry) {
  registry.add<AppendRows>();
}
