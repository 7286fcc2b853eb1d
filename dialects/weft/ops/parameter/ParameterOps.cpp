//===- ParameterOps.cpp - Verifiers of weft.parameter and its users -------===//

#include "dialects/weft/ops/Common.h"
#include "dialects/weft/ops/WeftOps.h"

using namespace mlir;
using namespace weft;

LogicalResult ParameterOp::verify() {
  auto type = dyn_cast<RankedTensorType>(getType());
  if (!type || !type.hasStaticShape())
    return emitOpError() << "expected a tensor of static shape but got "
                         << getType();
  if (int64_t(getOffset()) < 0)
    return emitOpError() << "expected an offset of at least 0 but got "
                         << int64_t(getOffset());
  return verifyWholeBlocks(*this, type);
}

LogicalResult UseOp::verifySymbolUses(SymbolTableCollection &symbols) {
  auto parameter =
      symbols.lookupNearestSymbolFrom<ParameterOp>(*this, getParameterAttr());
  if (!parameter)
    return emitOpError() << "expected a parameter named " << getParameterAttr();
  if (parameter.getType() != getValue().getType())
    return emitOpError() << "expected type " << parameter.getType() << " of "
                         << getParameterAttr() << " but got "
                         << getValue().getType();
  return success();
}

LogicalResult DequantizeOp::verify() {
  RankedTensorType stored = getStored().getType();
  if (stored.getShape() != getResult().getType().getShape())
    return emitOpError() << "expected a result shaped as " << stored
                         << " but got " << getResult().getType();
  return verifyWholeBlocks(*this, stored);
}

/// Numbers in f32 are what they are.
OpFoldResult DequantizeOp::fold(FoldAdaptor) {
  return getStored().getType() == getResult().getType() ? getStored() : Value();
}
