//===- ParameterValues.cpp - Values computed from parameters alone --------===//

#include "passes/lower/ParameterValues.h"
#include "dialects/program/ops/ProgramOps.h"
#include "mlir/Analysis/SliceAnalysis.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/Transforms/RegionUtils.h"
#include "passes/layout/Evaluate.h"
#include "passes/lower/Granularity.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;
using namespace weft;

static bool isStatic(Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  return !tensor || tensor.hasStaticShape();
}

/// What an op reads: its operands, and what its regions use from outside.
static SetVector<Value> getInputs(Operation *op) {
  SetVector<Value> inputs(op->operand_begin(), op->operand_end());
  getUsedValuesDefinedAbove(op->getRegions(), inputs);
  return inputs;
}

namespace {
/// Whether a value can be evaluated, and whether a parameter is among what it
/// is computed from.
struct Origin {
  bool canEvaluate = false, hasParameter = false;
};
} // namespace

static Origin getOrigin(Value value, DenseMap<Value, Origin> &known) {
  auto [it, isNew] = known.try_emplace(value);
  if (!isNew)
    return it->second;
  Operation *op = value.getDefiningOp();
  Origin origin;
  if (op && llvm::all_of(op->getResultTypes(), isStatic)) {
    origin.hasParameter = isa<UseOp>(op);
    origin.canEvaluate = isa<UseOp>(op) || canEvaluate(op);
    for (Value input : getInputs(op)) {
      Origin other = getOrigin(input, known);
      origin.canEvaluate &= other.canEvaluate;
      origin.hasParameter |= other.hasParameter;
    }
  }
  return known[value] = origin;
}

bool weft::isParameterValue(Value value) {
  DenseMap<Value, Origin> known;
  Origin origin = getOrigin(value, known);
  return origin.canEvaluate && origin.hasParameter;
}

/// Whether an index is a multiple of `factor` in every turn of its loop.
static bool isMultiple(OpFoldResult index, int64_t factor) {
  if (auto number = getConstantIntValue(index))
    return *number % factor == 0;
  auto argument = dyn_cast<BlockArgument>(cast<Value>(index));
  auto loop = argument
                  ? dyn_cast<scf::ForOp>(argument.getOwner()->getParentOp())
                  : scf::ForOp();
  return loop && loop.getInductionVar() == argument &&
         isMultiple(loop.getLowerBound(), factor) &&
         isMultiple(loop.getStep(), factor);
}

/// Whether `slice` is rows of a matrix that begin with a panel.
static bool isPanels(tensor::ExtractSliceOp slice) {
  return slice.getType().hasStaticShape() && slice.getType().getRank() == 2 &&
         slice.getSourceType().getRank() == 2 &&
         slice.getType().getDimSize(1) == slice.getSourceType().getDimSize(1) &&
         slice.hasUnitStride() &&
         isMultiple(slice.getMixedOffsets()[0], granularity::kPanelWidth);
}

static bool isWeight(OpOperand &use) {
  auto linear = dyn_cast<LinearOp>(use.getOwner());
  return linear && linear.getInput() != use.get() &&
         !llvm::is_contained(linear.getExtras(), use.get());
}

std::optional<ParameterRows> weft::getParameterRows(Value tensor) {
  auto slice = tensor.getDefiningOp<tensor::ExtractSliceOp>();
  if (!slice || !isPanels(slice) || !isParameterValue(slice.getSource()) ||
      !llvm::all_of(slice->getUses(), isWeight))
    return std::nullopt;
  // Rows that are no panels are packed by themselves: then all are, so that
  // none is stored twice.
  for (Operation *user : slice.getSource().getUsers())
    if (auto other = dyn_cast<tensor::ExtractSliceOp>(user);
        other && !isPanels(other))
      return std::nullopt;
  return ParameterRows{slice.getSource(), slice.getMixedOffsets()[0]};
}

std::optional<SmallVector<Attribute>> weft::getStackedParameters(Value tensor) {
  if (auto use = tensor.getDefiningOp<UseOp>())
    return SmallVector<Attribute>{use.getParameterAttr()};
  auto concat = tensor.getDefiningOp<tensor::ConcatOp>();
  if (!concat || concat.getDim() != 0)
    return std::nullopt;
  SmallVector<Attribute> names;
  for (Value input : concat.getInputs()) {
    auto inner = getStackedParameters(input);
    if (!inner)
      return std::nullopt;
    llvm::append_range(names, *inner);
  }
  return names;
}

/// Collects the ops that `value` is computed by, each after what it needs.
static void collect(Value value, SetVector<Operation *> &ops) {
  Operation *op = value.getDefiningOp();
  if (ops.contains(op))
    return;
  for (Value input : getInputs(op))
    collect(input, ops);
  ops.insert(op);
}

/// Packing hands every parameter over in f32, whatever it is stored in.
static Type widen(Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  if (!tensor || tensor.getElementType().isIntOrIndex() ||
      tensor.getElementType().isF64())
    return type;
  return tensor.clone(Float32Type::get(type.getContext()));
}

SmallVector<Attribute> weft::buildCompute(OpBuilder &b, Region &region,
                                          Value tensor) {
  SetVector<Operation *> ops;
  collect(tensor, ops);

  Block *block = b.createBlock(&region);
  SmallVector<Attribute> names;
  IRMapping mapping;
  for (Operation *op : ops) {
    if (auto use = dyn_cast<UseOp>(op)) {
      Type type = widen(use.getValue().getType());
      names.push_back(use.getParameterAttr());
      mapping.map(use.getValue(), block->addArgument(type, op->getLoc()));
      continue;
    }
    bool widens = isa<DequantizeOp, arith::ExtFOp>(op);
    Value input = widens ? mapping.lookupOrNull(op->getOperand(0)) : Value();
    if (input && input.getType() == op->getResult(0).getType()) {
      mapping.map(op->getResult(0), input);
      continue;
    }
    Operation *clone = b.clone(*op, mapping);
    for (Value result : clone->getResults())
      result.setType(widen(result.getType()));
  }
  program::YieldOp::create(b, tensor.getLoc(), mapping.lookup(tensor));
  return names;
}
