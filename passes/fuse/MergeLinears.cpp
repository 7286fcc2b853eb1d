//===- MergeLinears.cpp - Linears of one input become one -----------------===//
//
// Queries, keys and values are products of the same rows: one op with the
// weights stacked reads them once, and its results are slices.
//
//===----------------------------------------------------------------------===//

#include "dialects/weft/ops/WeftOps.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Dominance.h"
#include "passes/Passes.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/StringSet.h"

namespace weft {
#define GEN_PASS_DEF_MERGELINEARSPASS
#include "passes/Passes.h.inc"
} // namespace weft

using namespace mlir;
using namespace weft;

static RankedTensorType getType(Value value) {
  return cast<RankedTensorType>(value.getType());
}

/// Whether the weight can be stacked with others: one parameter that only
/// linears use, else it would be stored twice.
static bool isStackable(LinearOp linear) {
  if (linear.getWeights().size() != 1)
    return false;
  auto use = linear.getWeights()[0].getDefiningOp<UseOp>();
  return use && llvm::all_of(linear.getExtras(), [](Value extra) {
           return getType(extra).getRank() == 1 && extra.getDefiningOp<UseOp>();
         });
}

/// Whether two linears of one input differ in their parameters alone.
static bool isAlike(LinearOp a, LinearOp b) {
  return getType(a.getWeights()[0]).getElementType() ==
             getType(b.getWeights()[0]).getElementType() &&
         a.getExtras().size() == b.getExtras().size() &&
         OperationEquivalence::isRegionEquivalentTo(
             &a.getCombine(), &b.getCombine(),
             OperationEquivalence::IgnoreLocations);
}

/// The names of parameters that something else than a linear uses.
static llvm::StringSet<> getSharedParameters(Operation *root) {
  llvm::StringSet<> shared;
  root->walk([&](UseOp use) {
    if (!llvm::all_of(use->getUsers(), llvm::IsaPred<LinearOp>))
      shared.insert(use.getParameter());
  });
  return shared;
}

/// Builds the stack of a parameter of each linear.
static Value stack(OpBuilder &b, Location loc, ArrayRef<Value> parameters) {
  RankedTensorType first = getType(parameters[0]);
  SmallVector<int64_t> shape(first.getShape());
  shape[0] = 0;
  for (Value parameter : parameters)
    shape[0] += getType(parameter).getDimSize(0);
  return tensor::ConcatOp::create(b, loc, first.clone(shape), /*dim=*/0,
                                  parameters);
}

static void merge(ArrayRef<LinearOp> linears) {
  LinearOp first = linears[0];
  OpBuilder b(first);
  Location loc = first.getLoc();
  // Parameters depend on nothing: they may stand before the first linear.
  auto collect = [&](auto &&get) {
    SmallVector<Value> values;
    for (LinearOp linear : linears) {
      Value value = get(linear);
      value.getDefiningOp()->moveBefore(first);
      values.push_back(value);
    }
    return stack(b, loc, values);
  };
  Value weight = collect([](LinearOp op) { return op.getWeights()[0]; });
  SmallVector<Value> extras;
  for (size_t i = 0; i < first.getExtras().size(); ++i)
    extras.push_back(collect([&](LinearOp op) { return op.getExtras()[i]; }));

  RankedTensorType type = first.getOut().getType();
  SmallVector<int64_t> shape(type.getShape());
  shape.back() = getType(weight).getDimSize(0);
  auto merged = LinearOp::create(b, loc, type.clone(shape), first.getInput(),
                                 weight, extras);
  merged->setDiscardableAttrs(first->getDiscardableAttrDictionary());
  merged.getCombine().takeBody(first.getCombine());

  int64_t begin = 0;
  for (LinearOp linear : linears) {
    RankedTensorType part = linear.getOut().getType();
    SmallVector<OpFoldResult> offsets(shape.size(), b.getIndexAttr(0));
    SmallVector<OpFoldResult> strides(shape.size(), b.getIndexAttr(1));
    SmallVector<OpFoldResult> sizes =
        tensor::getMixedSizes(b, loc, merged.getOut());
    offsets.back() = b.getIndexAttr(begin);
    sizes.back() = b.getIndexAttr(part.getShape().back());
    begin += part.getShape().back();
    Value slice = tensor::ExtractSliceOp::create(
        b, linear.getLoc(), part, merged.getOut(), offsets, sizes, strides);
    linear.getOut().replaceAllUsesWith(slice);
  }
  for (LinearOp linear : linears)
    linear.erase();
}

namespace {

struct MergeLinearsPass
    : public weft::impl::MergeLinearsPassBase<MergeLinearsPass> {
  void runOnOperation() override {
    llvm::StringSet<> shared = getSharedParameters(getOperation());
    getOperation().walk([&](Block *block) { runOnBlock(*block, shared); });
  }

  void runOnBlock(Block &block, const llvm::StringSet<> &shared) {
    llvm::MapVector<Value, SmallVector<LinearOp>> byInput;
    for (auto linear : block.getOps<LinearOp>())
      if (isStackable(linear) &&
          !shared.contains(
              linear.getWeights()[0].getDefiningOp<UseOp>().getParameter()))
        byInput[linear.getInput()].push_back(linear);
    for (auto &entry : byInput) {
      SmallVector<LinearOp> &linears = entry.second;
      // Of each kind of linear one group.
      while (!linears.empty()) {
        SmallVector<LinearOp> group;
        llvm::copy_if(linears, std::back_inserter(group), [&](LinearOp other) {
          return isAlike(linears[0], other);
        });
        llvm::erase_if(linears, [&](LinearOp other) {
          return llvm::is_contained(group, other);
        });
        if (group.size() < 2)
          continue;
        merge(group);
        ++merged;
      }
    }
  }
};

} // namespace
