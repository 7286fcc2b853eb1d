//===- ProgramOps.cpp - Verifiers of the program dialect ------------------===//

#include "dialects/program/ops/ProgramOps.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/OpImplementation.h"

using namespace mlir;
using namespace weft;
using namespace weft::program;

#define GET_OP_CLASSES
#include "dialects/program/ProgramOps.cpp.inc"

LogicalResult FunctionOp::verify() {
  size_t ports = getInputNames().size() + getOutputNames().size();
  if (getBody().getNumArguments() != ports)
    return emitOpError() << "expected " << ports
                         << " arguments, one an input and output, but got "
                         << getBody().getNumArguments();
  if (getDims().size() != ports)
    return emitOpError() << "expected dims of " << ports
                         << " inputs and outputs but got " << getDims().size();
  if (getSymbols().size() != getMaxima().size())
    return emitOpError() << "expected a maximum for each of the "
                         << getSymbols().size() << " symbols but got "
                         << getMaxima().size();
  for (Type type : getBody().getArgumentTypes())
    if (!isa<MemRefType>(type))
      return emitOpError() << "expected arguments to be memrefs but got "
                           << type;
  return success();
}

LogicalResult program::ParameterOp::verify() {
  if (bool(getSources()) == bool(getData()))
    return emitOpError("expected either sources or data");
  return success();
}

LogicalResult LaunchOp::verify() {
  auto kernel = SymbolTable::lookupNearestSymbolFrom<KernelOp>(
      *this, getKernelAttr());
  if (!kernel)
    return emitOpError() << "expected a kernel named " << getKernelAttr();
  if (kernel.getOperandTypes().size() != getBuffers().size())
    return emitOpError() << "expected " << kernel.getOperandTypes().size()
                         << " buffers for " << getKernelAttr() << " but got "
                         << getBuffers().size();
  for (auto [i, type, buffer] :
       llvm::enumerate(kernel.getOperandTypes().getAsValueRange<TypeAttr>(),
                       getBuffers()))
    if (type != buffer.getType())
      return emitOpError() << "expected buffer " << i << " of type " << type
                           << " but got " << buffer.getType();
  if (int64_t(kernel.getScalars()) != int64_t(getScalars().size()))
    return emitOpError() << "expected " << kernel.getScalars()
                         << " scalars but got " << getScalars().size();
  return success();
}
