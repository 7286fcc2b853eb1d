//===- MemoryOps.cpp - Verifiers of parameters, states, buffers -----------===//

#include "dialects/program/ops/ProgramOps.h"

using namespace mlir;
using namespace weft;
using namespace weft::program;

//===----------------------------------------------------------------------===//
// Parameters
//===----------------------------------------------------------------------===//

MemRefType program::ParameterOp::getBufferType() {
  if (auto rows = dyn_cast<RowsAttr>(getLayout()))
    return MemRefType::get(rows.getType().getShape(),
                           rows.getType().getElementType());
  return MemRefType::get({getLayout().getBytes()},
                         IntegerType::get(getContext(), 8));
}

LogicalResult program::ParameterOp::verify() {
  if (bool(getSources()) == bool(getData()))
    return emitOpError("expected either sources or data");
  if (getData()) {
    auto rows = dyn_cast<RowsAttr>(getLayout());
    if (!rows || rows.getType() != getData()->getShapedType())
      return emitOpError() << "expected data of layout " << getLayout()
                           << " but got " << getData()->getShapedType();
  }
  if (getCompute().empty())
    return success();
  if (!getSources())
    return emitOpError("expected sources for compute to work on");
  if (!getCompute().hasOneBlock() ||
      getCompute().getNumArguments() != getSources()->size())
    return emitOpError() << "expected compute on " << getSources()->size()
                         << " sources but got "
                         << (getCompute().hasOneBlock()
                                 ? getCompute().getNumArguments()
                                 : 0);
  auto yield = dyn_cast<program::YieldOp>(getCompute().front().back());
  if (!yield || yield.getValues().size() != 1 ||
      !isa<RankedTensorType>(yield.getValues()[0].getType()))
    return emitOpError("expected compute to yield one tensor");
  return success();
}

LogicalResult
program::ParameterOp::verifySymbolUses(SymbolTableCollection &symbols) {
  if (!getSources())
    return success();
  for (auto source : getSources()->getAsRange<FlatSymbolRefAttr>())
    if (!symbols.lookupNearestSymbolFrom<weft::ParameterOp>(*this, source))
      return emitOpError() << "expected a parameter of the model named "
                           << source;
  return success();
}

LogicalResult UseParameterOp::verifySymbolUses(SymbolTableCollection &symbols) {
  auto parameter = symbols.lookupNearestSymbolFrom<program::ParameterOp>(
      *this, getSymbolAttr());
  if (!parameter)
    return emitOpError() << "expected a packed parameter named "
                         << getSymbolAttr();
  if (parameter.getBufferType() != getBuffer().getType())
    return emitOpError() << "expected type " << parameter.getBufferType()
                         << " but got " << getBuffer().getType();
  return success();
}

//===----------------------------------------------------------------------===//
// States
//===----------------------------------------------------------------------===//

LogicalResult StateOp::verify() {
  auto type = cast<MemRefType>(getType());
  if (!type.hasStaticShape() || !type.getLayout().isIdentity())
    return emitOpError() << "expected a contiguous memref of static shape but "
                            "got "
                         << type;
  int64_t window = getWindow();
  if (getGrowth() != Growth::Last) {
    if (window != 0)
      return emitOpError() << "expected a window of 'last' alone but got "
                           << window;
    return success();
  }
  if (type.getRank() == 0 || window < 1 || window >= type.getDimSize(0))
    return emitOpError() << "expected a window of at least 1 and less than the "
                            "rows of "
                         << type << " but got " << window;
  return success();
}

/// Finds the state that `op` names, or emits.
static StateOp lookupState(Operation *op, FlatSymbolRefAttr name,
                           SymbolTableCollection &symbols) {
  auto state = symbols.lookupNearestSymbolFrom<StateOp>(op, name);
  if (!state)
    op->emitOpError() << "expected a state named " << name;
  return state;
}

LogicalResult UseStateOp::verifySymbolUses(SymbolTableCollection &symbols) {
  StateOp state = lookupState(*this, getSymbolAttr(), symbols);
  if (!state)
    return failure();
  if (state.getType() != getBuffer().getType())
    return emitOpError() << "expected type " << state.getType() << " but got "
                         << getBuffer().getType();
  return success();
}

LogicalResult StateLengthOp::verifySymbolUses(SymbolTableCollection &symbols) {
  return success(bool(lookupState(*this, getSymbolAttr(), symbols)));
}

LogicalResult StateOffsetOp::verifySymbolUses(SymbolTableCollection &symbols) {
  return success(bool(lookupState(*this, getSymbolAttr(), symbols)));
}

//===----------------------------------------------------------------------===//
// Buffers
//===----------------------------------------------------------------------===//

/// Checks that there is a size for each dynamic dimension of `type`.
static LogicalResult verifySizes(Operation *op, MemRefType type, size_t sizes) {
  if (sizes == size_t(type.getNumDynamicDims()))
    return success();
  return op->emitOpError() << "expected " << type.getNumDynamicDims()
                           << " sizes for " << type << " but got " << sizes;
}

LogicalResult AllocOp::verify() {
  auto type = cast<MemRefType>(getBuffer().getType());
  if (!type.getLayout().isIdentity())
    return emitOpError() << "expected a contiguous buffer but got " << type;
  return verifySizes(*this, type, getSizes().size());
}

LogicalResult ArenaOp::verify() {
  auto type = cast<MemRefType>(getBuffer().getType());
  if (!type.getLayout().isIdentity())
    return emitOpError() << "expected a contiguous buffer but got " << type;
  return verifySizes(*this, type, getSizes().size());
}

LogicalResult ViewOp::verify() {
  auto base = cast<MemRefType>(getBase().getType());
  auto view = cast<MemRefType>(getView().getType());
  if (base.getElementType() != view.getElementType() &&
      !base.getElementType().isInteger(8))
    return emitOpError() << "expected elements of " << base << " but got "
                         << view;
  if (failed(verifySizes(*this, view, getSizes().size())))
    return failure();
  if (view.getLayout().isIdentity()) {
    if (getStrides().empty())
      return success();
    return emitOpError() << "expected no strides for " << view << " but got "
                         << getStrides().size();
  }
  auto strided = dyn_cast<StridedLayoutAttr>(view.getLayout());
  if (!strided || strided.getOffset() != 0)
    return emitOpError() << "expected a strided layout of offset 0 but got "
                         << view;
  int64_t dynamic = llvm::count_if(strided.getStrides(), ShapedType::isDynamic);
  if (dynamic != int64_t(getStrides().size()))
    return emitOpError() << "expected " << dynamic << " strides for " << view
                         << " but got " << getStrides().size();
  return success();
}

LogicalResult CopyOp::verify() {
  auto source = cast<MemRefType>(getSource().getType());
  auto target = cast<MemRefType>(getTarget().getType());
  for (MemRefType type : {source, target})
    if (!type.getLayout().isIdentity())
      return emitOpError() << "expected a contiguous buffer but got " << type;
  if (source.getElementType() != target.getElementType() ||
      failed(verifyCompatibleShape(source, target)))
    return emitOpError() << "expected a target shaped as " << source
                         << " but got " << target;
  return success();
}
