//===- ElementRegion.cpp - Element-wise regions on vectors ----------------===//

#include "compiler/codegen/cpu/ElementRegion.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

using namespace mlir;
using namespace weft;
using namespace weft::cpu;

/// The element type that lanes of `type` have: positions are i32 in lanes.
static Type getLaneType(KernelBuilder &b, Type type) {
  return type.isIndex() ? b.getI32Type() : type;
}

Value LaneValue::getVector(KernelBuilder &b, int64_t lanes) const {
  if (vector)
    return vector;
  Type element = getLaneType(b, scalar.getType());
  Value first = scalar;
  if (scalar.getType().isIndex())
    first = arith::IndexCastOp::create(b, element, scalar);
  VectorType type = b.vectorType(element, lanes);
  Value base = b.broadcast(first, type);
  if (!step)
    return base;
  SmallVector<APInt> numbers;
  for (int64_t i = 0; i < lanes; ++i)
    numbers.emplace_back(element.getIntOrFloatBitWidth(), i);
  Value steps =
      arith::ConstantOp::create(b, DenseElementsAttr::get(type, numbers));
  return arith::AddIOp::create(b, base, steps);
}

namespace {
/// Builds the ops of a region one after the other.
class Lanes {
public:
  Lanes(KernelBuilder &b, int64_t lanes, Value mask)
      : b(b), lanes(lanes), mask(mask) {}

  LogicalResult build(Region &region, ArrayRef<LaneValue> arguments,
                      SmallVectorImpl<LaneValue> &results);

private:
  LaneValue get(Value value);
  LogicalResult build(Operation &op);
  LogicalResult buildLoad(memref::LoadOp op);
  bool buildOffset(Operation &op);
  void cloneUniform(Operation &op);
  LogicalResult cloneVarying(Operation &op);

  KernelBuilder &b;
  int64_t lanes;
  Value mask;
  llvm::DenseMap<Value, LaneValue> values;
};
} // namespace

LaneValue Lanes::get(Value value) {
  auto it = values.find(value);
  // What is not of the region is a constant of the kernel outside it.
  return it == values.end() ? LaneValue::uniform(value) : it->second;
}

LogicalResult Lanes::build(Region &region, ArrayRef<LaneValue> arguments,
                           SmallVectorImpl<LaneValue> &results) {
  Block &block = region.front();
  assert(block.getNumArguments() == arguments.size() && "arguments differ");
  for (auto [formal, actual] : llvm::zip(block.getArguments(), arguments))
    values.insert({formal, actual});
  for (Operation &op : block.without_terminator())
    if (failed(build(op)))
      return failure();
  for (Value value : block.getTerminator()->getOperands())
    results.push_back(get(value));
  return success();
}

LogicalResult Lanes::build(Operation &op) {
  if (auto load = dyn_cast<memref::LoadOp>(op))
    return buildLoad(load);
  if (op.getNumRegions() || !isMemoryEffectFree(&op))
    return op.emitOpError("has no form on vectors in an element region");
  if (llvm::all_of(op.getOperands(),
                   [&](Value v) { return get(v).isUniform(); })) {
    cloneUniform(op);
    return success();
  }
  if (buildOffset(op))
    return success();
  return cloneVarying(op);
}

void Lanes::cloneUniform(Operation &op) {
  IRMapping mapping;
  for (Value operand : op.getOperands())
    mapping.map(operand, get(operand).getScalar());
  Operation *clone = b.clone(op, mapping);
  for (auto [from, to] : llvm::zip(op.getResults(), clone->getResults()))
    values.insert({from, LaneValue::uniform(to)});
}

/// Keeps `consecutive` through sums with a uniform index and index casts.
bool Lanes::buildOffset(Operation &op) {
  auto consecutive = [&](Operation *scalar) {
    values.insert(
        {op.getResult(0), LaneValue::consecutive(scalar->getResult(0))});
    return true;
  };
  IRMapping mapping;
  for (Value operand : op.getOperands()) {
    if (!get(operand).getScalar())
      return false;
    mapping.map(operand, get(operand).getScalar());
  }
  if (isa<arith::IndexCastOp, arith::IndexCastUIOp>(op))
    return consecutive(b.clone(op, mapping));
  if (!isa<arith::AddIOp, arith::SubIOp>(op))
    return false;
  bool rhsUniform = get(op.getOperand(1)).isUniform();
  bool lhsUniform = get(op.getOperand(0)).isUniform();
  if (!rhsUniform && (isa<arith::SubIOp>(op) || !lhsUniform))
    return false;
  return consecutive(b.clone(op, mapping));
}

LogicalResult Lanes::cloneVarying(Operation &op) {
  SmallVector<Value> operands;
  for (Value operand : op.getOperands())
    operands.push_back(get(operand).getVector(b, lanes));
  SmallVector<Type> types;
  for (Type type : op.getResultTypes()) {
    Type element = getLaneType(b, type);
    if (!VectorType::isValidElementType(element))
      return op.emitOpError()
             << "has no form on vectors: result of type " << type;
    types.push_back(b.vectorType(element, lanes));
  }
  // Between lanes an index is an i32 already: a cast to or from it may be none.
  if (isa<arith::IndexCastOp, arith::IndexCastUIOp>(op)) {
    unsigned from = getElementTypeOrSelf(operands[0]).getIntOrFloatBitWidth();
    unsigned to = getElementTypeOrSelf(types[0]).getIntOrFloatBitWidth();
    Value cast = operands[0];
    if (from > to)
      cast = arith::TruncIOp::create(b, types[0], cast);
    else if (from < to && isa<arith::IndexCastOp>(op))
      cast = arith::ExtSIOp::create(b, types[0], cast);
    else if (from < to)
      cast = arith::ExtUIOp::create(b, types[0], cast);
    values.insert({op.getResult(0), LaneValue::varying(cast)});
    return success();
  }
  OperationState state(op.getLoc(), op.getName());
  state.addOperands(operands);
  state.addTypes(types);
  state.addAttributes(op.getDiscardableAttrDictionary().getValue());
  state.propertiesAttr = op.getPropertiesAsAttribute();
  Operation *clone = b.create(state);
  for (auto [from, to] : llvm::zip(op.getResults(), clone->getResults()))
    values.insert({from, LaneValue::varying(to)});
  return success();
}

LogicalResult Lanes::buildLoad(memref::LoadOp op) {
  Value buffer = get(op.getMemref()).getScalar();
  auto type = cast<MemRefType>(buffer.getType());
  SmallVector<LaneValue> at;
  for (Value index : op.getIndices())
    at.push_back(get(index));
  auto isUniform = [](const LaneValue &v) { return v.isUniform(); };
  SmallVector<KernelBuilder::Index> scalars;
  for (const LaneValue &v : at)
    scalars.push_back(v.getScalar());

  if (llvm::all_of(at, isUniform)) {
    values.insert(
        {op.getResult(), LaneValue::uniform(b.loadScalar(buffer, scalars))});
    return success();
  }
  VectorType vector = b.vectorType(type.getElementType(), lanes);
  auto [strides, offset] = type.getStridesAndOffset();
  if (llvm::all_of(ArrayRef(at).drop_back(), isUniform) &&
      at.back().isConsecutive() && strides.back() == 1) {
    Value loaded = b.load(buffer, scalars, mask, vector);
    values.insert({op.getResult(), LaneValue::varying(loaded)});
    return success();
  }
  // The offsets of a gather are along the last axis: the others are folded in.
  if (strides.back() != 1)
    return op.emitOpError() << "expected a last axis that is contiguous for a "
                               "load that differs between lanes but got "
                            << type;
  Value offsets = b.integer(0, b.vectorType(b.getI32Type(), lanes));
  SmallVector<Value> zeros(at.size(), b.index(0));
  auto metadata = memref::ExtractStridedMetadataOp::create(b, buffer);
  for (auto [index, stride, dynamic] :
       llvm::zip(at, strides, metadata.getStrides())) {
    Value step = stride == ShapedType::kDynamic
                     ? LaneValue::uniform(dynamic).getVector(b, lanes)
                     : b.integer(stride, offsets.getType());
    Value term = arith::MulIOp::create(b, index.getVector(b, lanes), step);
    offsets = arith::AddIOp::create(b, offsets, term);
  }
  Value all = mask ? mask : b.integer(1, b.vectorType(b.getI1Type(), lanes));
  Value none = isa<FloatType>(type.getElementType()) ? b.real(0, vector)
                                                     : b.integer(0, vector);
  Value gathered =
      vector::GatherOp::create(b, vector, buffer, zeros, offsets, all, none);
  values.insert({op.getResult(), LaneValue::varying(gathered)});
  return success();
}

FailureOr<SmallVector<LaneValue>>
cpu::buildElements(KernelBuilder &b, Region &region,
                   ArrayRef<LaneValue> arguments, int64_t lanes, Value mask) {
  SmallVector<LaneValue> results;
  if (failed(Lanes(b, lanes, mask).build(region, arguments, results)))
    return failure();
  return results;
}

FailureOr<Value> cpu::buildElement(KernelBuilder &b, Region &region,
                                   ArrayRef<LaneValue> arguments, int64_t lanes,
                                   Value mask) {
  auto results = buildElements(b, region, arguments, lanes, mask);
  if (failed(results))
    return failure();
  return results->front().getVector(b, lanes);
}
