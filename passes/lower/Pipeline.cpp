//===- Pipeline.cpp - From MODEL to PROGRAM -------------------------------===//

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Transforms/Passes.h"
#include "passes/Passes.h"

using namespace mlir;

void weft::buildModelToProgram(OpPassManager &pm,
                               const ModelToProgramOptions &options) {
  // Fewer launches: element-wise work into the products before it, then
  // products of one input into one.
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
  pm.addNestedPass<func::FuncOp>(createAssociateScansPass());
  pm.addNestedPass<func::FuncOp>(createFuseElementwisePass());
  pm.addNestedPass<func::FuncOp>(createFuseAttentionPass());
  pm.addPass(createMergeLinearsPass());
  pm.addNestedPass<func::FuncOp>(createFoldColumnsPass());
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());

  LowerToProgramPassOptions lower;
  lower.maxTokens = options.maxTokens;
  lower.maxSequence = options.maxSequence;
  lower.maxBatch = options.maxBatch;
  lower.explain = options.explain;
  llvm::append_range(lower.without, options.without);
  pm.addPass(createLowerToProgramPass(lower));
  NarrowCachesPassOptions narrow;
  narrow.storage = options.cache;
  pm.addPass(createNarrowCachesPass(narrow));
  pm.addPass(createFuseGatesPass());
  pm.addPass(createFuseProloguesPass());
  pm.addPass(createFuseEpiloguesPass());
  pm.addPass(createTileActivationsPass());
  pm.addNestedPass<program::FunctionOp>(createPlanMemoryPass());
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
}

void weft::registerModelToProgram() {
  PassPipelineRegistration<ModelToProgramOptions>(
      "weft-model-to-program", "Fuses, lowers to launches and plans memory",
      buildModelToProgram);
}
