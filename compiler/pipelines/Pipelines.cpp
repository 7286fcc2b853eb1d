//===- Pipelines.cpp - Passes in order ------------------------------------===//

#include "compiler/pipelines/Pipelines.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Transforms/Passes.h"
#include "passes/Passes.h"

using namespace mlir;
using namespace weft;

void weft::buildModelPasses(OpPassManager &pm, const PassOptions &options) {
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
  DeriveStepPassOptions derive;
  derive.capacity = options.maxContext;
  pm.addPass(createDeriveStepPass(derive));
  pm.addNestedPass<func::FuncOp>(createKeepLastTokenPass());
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
}

void weft::buildProgramPasses(OpPassManager &pm, const PassOptions &options) {
  LowerToProgramPassOptions lower;
  lower.maxTokens = options.maxPiece;
  lower.maxSequence = options.maxContext;
  lower.explain = options.explain;
  pm.addPass(createLowerToProgramPass(lower));
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
  pm.addPass(createPlanMemoryPass());
}

void weft::registerCompilerPipelines() {
  PassPipelineRegistration<>(
      "weft-model-passes", "Fuses ops and derives prefill and step",
      [](OpPassManager &pm) { buildModelPasses(pm, {}); });
  PassPipelineRegistration<>(
      "weft-program-passes",
      "Lowers the model level to launches over planned memory",
      [](OpPassManager &pm) { buildProgramPasses(pm, {}); });
}
