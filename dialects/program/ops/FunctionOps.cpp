//===- FunctionOps.cpp - Verifiers of functions of an artifact ------------===//

#include "dialects/program/ops/ProgramOps.h"

using namespace mlir;
using namespace weft;
using namespace weft::program;

/// Checks the dimensions of one port, and marks the symbols that they name.
static LogicalResult verifyPort(FunctionOp op, unsigned number, Attribute attr,
                                llvm::SmallBitVector &named) {
  auto dims = dyn_cast<ArrayAttr>(attr);
  auto type = dyn_cast<MemRefType>(op.getBody().getArgument(number).getType());
  if (!type)
    return op.emitOpError() << "expected arguments to be memrefs but got "
                            << op.getBody().getArgument(number).getType();
  if (!dims || int64_t(dims.size()) != type.getRank())
    return op.emitOpError()
           << "expected " << type.getRank() << " dims of argument #" << number
           << " but got " << attr;
  for (auto [axis, size] : llvm::enumerate(type.getShape())) {
    auto dim = dyn_cast<IntegerAttr>(dims[axis]);
    if (!dim)
      return op.emitOpError()
             << "expected dims to be integers but got " << dims[axis];
    int64_t value = dim.getInt();
    if (value >= 0 ? value != size : !ShapedType::isDynamic(size))
      return op.emitOpError()
             << "expected axis " << axis << " of argument #" << number
             << " as its type " << type << " says but got " << value;
    if (value >= 0)
      continue;
    if (-1 - value >= int64_t(op.getSymbols().size()))
      return op.emitOpError()
             << "expected one of the " << op.getSymbols().size()
             << " symbols but got symbol " << -1 - value;
    named.set(-1 - value);
  }
  return success();
}

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
  for (int64_t maximum : getMaxima())
    if (maximum < 1)
      return emitOpError() << "expected maxima of at least 1 but got "
                           << maximum;

  llvm::SmallBitVector named(getSymbols().size());
  for (auto [i, dims] : llvm::enumerate(getDims())) {
    // Outputs are sized by symbols, but only an input gives one its value.
    llvm::SmallBitVector all(named);
    if (failed(verifyPort(*this, i, dims,
                          i < getInputNames().size() ? named : all)))
      return failure();
  }
  int free = named.find_first_unset();
  if (free >= 0)
    return emitOpError() << "expected an input to give symbol "
                         << getSymbols()[free] << " its value";
  return success();
}

LogicalResult SymbolOp::verify() {
  auto function = (*this)->getParentOfType<FunctionOp>();
  if (!function)
    return emitOpError("expected to stand in a function");
  if (int64_t(getNumber()) < 0 ||
      getNumber() >= uint64_t(function.getSymbols().size()))
    return emitOpError() << "expected one of the "
                         << function.getSymbols().size()
                         << " symbols but got symbol " << int64_t(getNumber());
  return success();
}
