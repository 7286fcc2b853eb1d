//===- EmitKernels.cpp - Kernels to functions -----------------------------===//

#include "compiler/codegen/cpu/KernelEmitter.h"
#include "compiler/codegen/cpu/Passes.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace weft;
using namespace weft::cpu;

namespace weft::cpu {
#define GEN_PASS_DEF_EMITKERNELSPASS
#include "compiler/codegen/cpu/Passes.h.inc"
} // namespace weft::cpu

namespace {
struct EmitKernels : cpu::impl::EmitKernelsPassBase<EmitKernels> {
  using EmitKernelsPassBase::EmitKernelsPassBase;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    const CpuLevel *target = CpuLevel::find(level);
    if (!target) {
      module.emitError() << "expected a level of CPUs but got '" << level
                         << "'";
      return signalPassFailure();
    }
    SmallVector<Operation *> rows;
    for (Operation &op : *module.getBody())
      rows.push_back(&op);
    // Functions take the names of their kernels, so rows go first.
    for (Operation *op : rows) {
      auto kernel = dyn_cast<program::KernelOp>(op);
      if (kernel && failed(emitKernel(kernel, *target, module)))
        return signalPassFailure();
    }
    for (Operation *op : rows)
      op->erase();
  }
};
} // namespace
