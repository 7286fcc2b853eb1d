//===- KeepLastToken.cpp - One token where one is used --------------------===//
//
// Backwards: of which values is only one place used, and can the op that makes
// them be built for one place? Forwards: build it so, on cut operands.
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "passes/Passes.h"
#include "passes/derive/StreamingRules.h"

namespace weft {
#define GEN_PASS_DEF_KEEPLASTTOKENPASS
#include "passes/Passes.h.inc"
} // namespace weft

using namespace mlir;
using namespace weft;

namespace {

/// One place, `token`, along an axis of a value.
struct Place {
  int64_t axis;
  Value token;

  bool operator==(const Place &other) const {
    return axis == other.axis && token == other.token;
  }
};

/// An op of whose results only one place is used.
struct Cut {
  Value token;
  SmallVector<int64_t> operandAxes, resultAxes;
};

class LastToken {
public:
  explicit LastToken(Block &block) : block(block) {}

  void run() {
    for (Operation &op : llvm::reverse(block))
      findCut(&op);
    // Slices go while this runs, but none that is cut itself.
    SmallVector<Operation *> ordered;
    for (Operation &op : block)
      if (cuts.contains(&op))
        ordered.push_back(&op);
    for (Operation *op : ordered)
      rewrite(op);
    // The ops that were cut are left without users, last ones first.
    for (Operation &op : llvm::make_early_inc_range(llvm::reverse(block)))
      if (isOpTriviallyDead(&op))
        op.erase();
  }

private:
  void findCut(Operation *op);
  std::optional<Place> getUsedPlace(OpOperand &use);
  std::optional<Place> getSlicedPlace(tensor::ExtractSliceOp slice);
  Value getNumber(int64_t number);
  void rewrite(Operation *op);
  void rewriteSlices(Value result, Value one, int64_t axis);
  Value getOperand(ImplicitLocOpBuilder &b, Value operand, int64_t axis,
                   Value token);

  Block &block;
  DenseMap<Operation *, Cut> cuts;
  DenseMap<Value, Value> tokens;    // The one place of a result of a cut op.
  DenseMap<int64_t, Value> numbers; // Places known at compile time.
};

} // namespace

/// Whether `op` asks for the size of the batch, which a cut leaves as it is.
static bool isBatch(Operation *op) {
  auto dim = dyn_cast<tensor::DimOp>(op);
  return dim && dim.getConstantIndex() == 0;
}

/// Whether `slice` takes everything along an axis.
static bool isWhole(tensor::ExtractSliceOp slice, int64_t axis) {
  RankedTensorType type = slice.getSourceType();
  OpFoldResult size = slice.getMixedSizes()[axis];
  if (!isConstantIntValue(slice.getMixedOffsets()[axis], 0))
    return false;
  if (!type.isDynamicDim(axis))
    return isConstantIntValue(size, type.getDimSize(axis));
  auto value = dyn_cast<Value>(size);
  auto dim = value ? value.getDefiningOp<tensor::DimOp>() : tensor::DimOp();
  if (!dim || dim.getConstantIndex() != axis)
    return false;
  // The batch of an argument is that of every tensor.
  auto argument = dyn_cast<BlockArgument>(dim.getSource());
  auto func = slice->getParentOfType<func::FuncOp>();
  return dim.getSource() == slice.getSource() ||
         (axis == 0 && argument && argument.getOwner() == &func.front() &&
          !func.getArgAttr(argument.getArgNumber(), "weft.symbols"));
}

Value LastToken::getNumber(int64_t number) {
  Value &value = numbers[number];
  if (!value) {
    auto b = OpBuilder::atBlockBegin(&block);
    value = arith::ConstantIndexOp::create(b, b.getUnknownLoc(), number);
  }
  return value;
}

/// The place that `slice` takes, if it takes one along one axis and everything
/// along the others. A position known at compile time is one of the tokens'
/// axis: elsewhere it may be a part of a channel's.
std::optional<Place> LastToken::getSlicedPlace(tensor::ExtractSliceOp slice) {
  RankedTensorType type = slice.getSourceType();
  std::optional<Place> place;
  for (int64_t i = 0; i < type.getRank(); ++i) {
    OpFoldResult offset = slice.getMixedOffsets()[i];
    if (isWhole(slice, i))
      continue;
    if (place || !isConstantIntValue(slice.getMixedSizes()[i], 1))
      return std::nullopt;
    auto token = dyn_cast<Value>(offset);
    auto number = getConstantIntValue(offset);
    if (number && i == 1 && type.getRank() > 2)
      token = getNumber(*number);
    if (!token)
      return std::nullopt;
    place = Place{i, token};
  }
  return place;
}

std::optional<Place> LastToken::getUsedPlace(OpOperand &use) {
  Operation *owner = use.getOwner();
  if (owner->getBlock() != &block)
    return std::nullopt;
  if (auto slice = dyn_cast<tensor::ExtractSliceOp>(owner))
    if (std::optional<Place> place = getSlicedPlace(slice))
      return place;
  auto cut = cuts.find(owner);
  if (cut == cuts.end())
    return std::nullopt;
  int64_t axis = cut->second.operandAxes[use.getOperandNumber()];
  if (axis == kNoSequence)
    return std::nullopt;
  return Place{axis, cut->second.token};
}

void LastToken::findCut(Operation *op) {
  Cut cut;
  for (Value result : op->getResults()) {
    std::optional<Place> place;
    bool needsBatch = false;
    for (OpOperand &use : result.getUses()) {
      if (isBatch(use.getOwner())) {
        needsBatch = true;
        continue;
      }
      std::optional<Place> used = getUsedPlace(use);
      if (!used || (place && !(*place == *used)))
        return;
      place = used;
    }
    cut.resultAxes.push_back(place ? place->axis : kNoSequence);
    if (needsBatch && (!place || place->axis == 0))
      return;
    if (!place)
      continue;
    if (cut.token && cut.token != place->token)
      return;
    cut.token = place->token;
  }
  // The token must be known by then.
  if (!cut.token || (cut.token.getDefiningOp() &&
                     (cut.token.getDefiningOp()->getBlock() != &block ||
                      !cut.token.getDefiningOp()->isBeforeInBlock(op))))
    return;
  FailureOr<SmallVector<int64_t>> axes = inferTokenAxes(op, cut.resultAxes);
  if (failed(axes))
    return;
  cut.operandAxes = std::move(*axes);
  cuts.try_emplace(op, std::move(cut));
}

/// The place `token` of `operand` along `axis`, which stays, with size 1.
Value LastToken::getOperand(ImplicitLocOpBuilder &b, Value operand,
                            int64_t axis, Value token) {
  if (axis == kNoSequence)
    return operand;
  if (Value known = tokens.lookup(operand))
    return known;
  SmallVector<OpFoldResult> sizes =
      tensor::getMixedSizes(b, b.getLoc(), operand);
  SmallVector<OpFoldResult> offsets(sizes.size(), b.getIndexAttr(0));
  SmallVector<OpFoldResult> strides(sizes.size(), b.getIndexAttr(1));
  offsets[axis] = token;
  sizes[axis] = b.getIndexAttr(1);
  return tensor::ExtractSliceOp::create(b, operand, offsets, sizes, strides);
}

/// Lets the slices of `result` read `one`, its one place along `axis`.
void LastToken::rewriteSlices(Value result, Value one, int64_t axis) {
  for (Operation *user : llvm::make_early_inc_range(result.getUsers())) {
    if (axis != 0 && isBatch(user))
      user->replaceUsesOfWith(result, one);
    auto slice = dyn_cast<tensor::ExtractSliceOp>(user);
    if (!slice || slice.getSource() != result || cuts.contains(user))
      continue;
    ImplicitLocOpBuilder b(slice.getLoc(), slice);
    SmallVector<OpFoldResult> offsets = slice.getMixedOffsets();
    offsets[axis] = b.getIndexAttr(0);
    auto replaced = tensor::ExtractSliceOp::create(
        b, slice.getType(), one, offsets, slice.getMixedSizes(),
        slice.getMixedStrides());
    slice.replaceAllUsesWith(replaced.getResult());
    slice.erase();
  }
}

void LastToken::rewrite(Operation *op) {
  const Cut &cut = cuts.find(op)->second;
  ImplicitLocOpBuilder b(op->getLoc(), op);
  SmallVector<Value> operands;
  for (auto [operand, axis] :
       llvm::zip_equal(op->getOperands(), cut.operandAxes))
    operands.push_back(getOperand(b, operand, axis, cut.token));
  SmallVector<Value> results =
      buildToken(b, op, operands, cut.resultAxes, cut.token);
  for (auto [result, one, axis] :
       llvm::zip_equal(op->getResults(), results, cut.resultAxes)) {
    if (axis == kNoSequence)
      continue;
    tokens[result] = one;
    rewriteSlices(result, one, axis);
  }
}

namespace {

struct KeepLastTokenPass
    : public weft::impl::KeepLastTokenPassBase<KeepLastTokenPass> {
  void runOnOperation() override {
    if (getOperation().getBody().hasOneBlock())
      LastToken(getOperation().front()).run();
  }
};

} // namespace
