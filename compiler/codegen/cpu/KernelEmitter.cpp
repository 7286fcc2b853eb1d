//===- KernelEmitter.cpp - The registry of emitters -----------------------===//

#include "compiler/codegen/cpu/KernelEmitter.h"
#include "llvm/ADT/StringMap.h"

using namespace mlir;
using namespace weft;
using namespace weft::cpu;

static llvm::StringMap<KernelEmitter> &getEmitters() {
  static llvm::StringMap<KernelEmitter> emitters;
  return emitters;
}

KernelEmitter cpu::findKernelEmitter(StringRef family) {
  return getEmitters().lookup(family);
}

RegisterKernelEmitter::RegisterKernelEmitter(StringRef family,
                                             KernelEmitter emitter) {
  getEmitters()[family] = emitter;
}

FailureOr<func::FuncOp> cpu::emitKernel(program::KernelOp kernel,
                                        const CpuLevel &level,
                                        ModuleOp module) {
  KernelEmitter emitter = findKernelEmitter(kernel.getFamily());
  if (!emitter)
    return kernel.emitOpError()
           << "expected a family with a CPU emitter but got '"
           << kernel.getFamily() << "'";
  KernelBuilder b(kernel, level, module);
  if (failed(emitter(kernel, b)))
    return failure();
  b.finish();
  return b.getFunction();
}
