//===- KernelOps.cpp - Verifiers of kernels and launches ------------------===//

#include "dialects/program/ops/ProgramOps.h"

using namespace mlir;
using namespace weft;
using namespace weft::program;

LogicalResult KernelOp::verify() {
  for (Type type : getOperandTypes().getAsValueRange<TypeAttr>())
    if (!isa<MemRefType>(type))
      return emitOpError() << "expected operands to be memrefs but got "
                           << type;
  AffineMap tasks = getTasks();
  if (tasks.getNumResults() != 1 || tasks.getNumInputs() != getScalars())
    return emitOpError() << "expected tasks as a map of one result on "
                         << int64_t(getScalars()) << " scalars but got "
                         << getTasksAttr();
  if (getElement().empty())
    return success();
  if (!getElement().hasOneBlock())
    return emitOpError("expected an element region of one block");
  if (!isa<weft::YieldOp, program::YieldOp>(getElement().front().back()))
    return emitOpError("expected the element region to end in a yield");
  return success();
}

LogicalResult LaunchOp::verifySymbolUses(SymbolTableCollection &symbols) {
  auto kernel =
      symbols.lookupNearestSymbolFrom<KernelOp>(*this, getKernelAttr());
  if (!kernel)
    return emitOpError() << "expected a kernel named " << getKernelAttr();
  if (kernel.getOperandTypes().size() != getBuffers().size())
    return emitOpError() << "expected " << kernel.getOperandTypes().size()
                         << " buffers for " << getKernelAttr() << " but got "
                         << getBuffers().size();
  for (auto [i, type, buffer] : llvm::enumerate(
           kernel.getOperandTypes().getAsValueRange<TypeAttr>(), getBuffers()))
    if (type != buffer.getType())
      return emitOpError() << "expected buffer " << i << " of type " << type
                           << " but got " << buffer.getType();
  if (int64_t(kernel.getScalars()) != int64_t(getScalars().size()))
    return emitOpError() << "expected " << kernel.getScalars()
                         << " scalars but got " << getScalars().size();
  return success();
}

LogicalResult LaunchOp::verify() {
  int64_t last = -1;
  for (int64_t number : getWrites()) {
    if (number <= last || number >= int64_t(getBuffers().size()))
      return emitOpError() << "expected writes to be numbers of the "
                           << getBuffers().size()
                           << " buffers in increasing order but got " << number;
    last = number;
  }
  if (last < 0)
    return emitOpError("expected a launch to write a buffer");
  return success();
}
