//===- ParameterOps.cpp - Verifiers of weft.parameter and its users -------===//

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
  auto blocks = dyn_cast<BlocksType>(type.getElementType());
  if (!blocks)
    return success();
  int64_t size = blocks.getScheme().getBlockSize();
  if (type.getRank() == 0 || type.getShape().back() % size)
    return emitOpError() << "expected a last axis of whole blocks of " << size
                         << " numbers but got " << type;
  return success();
}

LogicalResult UseOp::verifySymbolUses(SymbolTableCollection &symbols) {
  auto parameter = symbols.lookupNearestSymbolFrom<ParameterOp>(
      *this, getParameterAttr());
  if (!parameter)
    return emitOpError() << "expected a parameter named " << getParameterAttr();
  if (parameter.getType() != getValue().getType())
    return emitOpError() << "expected type " << parameter.getType() << " of "
                         << getParameterAttr() << " but got "
                         << getValue().getType();
  return success();
}

LogicalResult DequantizeOp::verify() {
  auto stored = getStored().getType();
  if (cast<ShapedType>(stored).getShape() != getResult().getType().getShape())
    return emitOpError() << "expected a result shaped as " << stored
                         << " but got " << getResult().getType();
  return success();
}
