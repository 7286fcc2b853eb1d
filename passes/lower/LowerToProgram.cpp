//===- LowerToProgram.cpp - From functions on tensors to launches ---------===//

#include "mlir/Transforms/CSE.h"
#include "mlir/Transforms/RegionUtils.h"
#include "passes/Passes.h"
#include "passes/lower/Prepare.h"

namespace weft {
#define GEN_PASS_DEF_LOWERTOPROGRAMPASS
#include "passes/Passes.h.inc"
} // namespace weft

using namespace mlir;
using namespace weft;

/// The table of `--explain` of a function: op, place, lowering, why not
/// another, and what makes it slow.
static ArrayAttr buildTable(Builder b, ArrayRef<Explanation> explanations) {
  SmallVector<Attribute> rows;
  for (const Explanation &row : explanations) {
    SmallVector<StringRef> declined(row.declined.begin(), row.declined.end());
    SmallVector<NamedAttribute> entries{
        b.getNamedAttr("op", b.getStringAttr(row.op)),
        b.getNamedAttr("at", b.getStringAttr(row.place)),
        b.getNamedAttr("lowering", b.getStringAttr(row.lowering)),
        b.getNamedAttr("declined", b.getStrArrayAttr(declined))};
    if (row.note)
      entries.push_back(b.getNamedAttr("note", b.getStringAttr(*row.note)));
    rows.push_back(b.getDictionaryAttr(entries));
  }
  return b.getArrayAttr(rows);
}

namespace {

struct LowerToProgramPass
    : public weft::impl::LowerToProgramPassBase<LowerToProgramPass> {
  using LowerToProgramPassBase::LowerToProgramPassBase;

  void runOnOperation() override {
    LowerOptions options;
    options.maxTokens = maxTokens;
    options.maxSequence = maxSequence;
    options.maxBatch = maxBatch;
    options.explain = explain;
    ModuleLowering module(getOperation(), options);
    Registry registry(llvm::to_vector_of<std::string>(without));
    auto funcs = llvm::to_vector(getOperation().getOps<func::FuncOp>());
    llvm::erase_if(funcs, [](func::FuncOp func) { return func.isExternal(); });

    SmallVector<SmallVector<Explanation>> explanations(funcs.size());
    for (auto [func, table] : llvm::zip_equal(funcs, explanations))
      if (failed(prepareFunction(func, registry, module, table)))
        return signalPassFailure();
    for (auto [func, table] : llvm::zip_equal(funcs, explanations)) {
      FunctionLowering lowering(module, registry, func);
      if (failed(lowering.run()))
        return signalPassFailure();
      if (explain)
        lowering.getFunction()->setAttr(
            "explain", buildTable(Builder(&getContext()), table));
      func.erase();
    }
    tidy();
  }

private:
  /// Drops views and sizes that nobody came to use.
  void tidy() {
    IRRewriter rewriter(&getContext());
    DominanceInfo dominance(getOperation());
    for (auto function : getOperation().getOps<program::FunctionOp>())
      eliminateCommonSubExpressions(rewriter, dominance, function);
    (void)runRegionDCE(rewriter, getOperation()->getRegions());
  }
};

} // namespace
