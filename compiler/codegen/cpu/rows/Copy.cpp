//===- Copy.cpp - Kernels of family copy ----------------------------------===//

#include "compiler/codegen/cpu/KernelEmitter.h"

using namespace mlir;
using namespace weft;
using namespace weft::cpu;

static LogicalResult emitCopy(program::KernelOp kernel, KernelBuilder &b) {
  MemRefType type = b.bufferType(0);
  if (type.getRank() != 1 || !type.hasStaticShape() ||
      type.getShape() != b.bufferType(1).getShape())
    return kernel.emitOpError() << "expected two rows of one size but got "
                                << type << " and " << b.bufferType(1);
  int64_t size = type.getDimSize(0), lanes = b.lanes();
  b.forTasks([&](Value) {
    int64_t even = size - size % lanes;
    b.loop(0, even, lanes, [&](Value i) {
      b.store(b.load(b.buffer(0), {i}), b.buffer(1), {i});
    });
    if (even < size) {
      Value mask = b.tailMask(size - even);
      b.store(b.load(b.buffer(0), {even}, mask), b.buffer(1), {even}, mask);
    }
  });
  return success();
}

static RegisterKernelEmitter copy("copy", emitCopy);
