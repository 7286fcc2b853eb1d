//===- FoldColumns.cpp - Wide products reduced by parts -------------------===//
//
// The head of a model makes a number for each word of its vocabulary, of which
// often only the greatest, or a sum, is asked. What reduces a row is a fold: it
// takes up where the part of the columns before left off. So a part of the
// product is made at a time, in one small buffer that stays in the cache.
//
//===----------------------------------------------------------------------===//

#include "dialects/weft/ops/WeftOps.h"
#include "mlir/Analysis/SliceAnalysis.h"
#include "mlir/Analysis/TopologicalSortUtils.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "passes/Passes.h"
#include "passes/lower/Granularity.h"

namespace weft {
#define GEN_PASS_DEF_FOLDCOLUMNSPASS
#include "passes/Passes.h.inc"
} // namespace weft

using namespace mlir;
using namespace weft;

/// Products narrower than this stay whole: a row of them fits the first two
/// caches.
static constexpr int64_t kWide = 16384;
/// Most panels of a part, and fewest where fewer divide the product evenly.
static constexpr int64_t kMostPanels = 128, kFewestPanels = 64;

static int64_t getColumns(Value tensor) {
  return cast<RankedTensorType>(tensor.getType()).getShape().back();
}

/// Columns of a part: whole panels, so that a part of the packed weights is one
/// piece of memory.
static int64_t getPartSize(int64_t columns) {
  int64_t width = granularity::kPanelWidth;
  for (int64_t panels = kMostPanels; panels >= kFewestPanels; --panels)
    if (columns % (panels * width) == 0)
      return panels * width;
  return kMostPanels * width;
}

/// The loop of `op` that runs along the columns of `product`, if it reduces
/// them and nothing else depends on where it stands.
static std::optional<unsigned> getColumnLoop(linalg::GenericOp op,
                                             Value product) {
  auto isProduct = [&](OpOperand *input) { return input->get() == product; };
  SmallVector<OpOperand *> inputs = op.getDpsInputOperands();
  if (llvm::count_if(inputs, isProduct) != 1 || op.getNumReductionLoops() != 1)
    return std::nullopt;
  AffineMap map = op.getMatchingIndexingMap(*llvm::find_if(inputs, isProduct));
  auto column = dyn_cast<AffineDimExpr>(map.getResults().back());
  if (!column || !map.isProjectedPermutation() ||
      op.getIteratorTypesArray()[column.getPosition()] !=
          utils::IteratorType::reduction)
    return std::nullopt;
  for (OpOperand &operand : op->getOpOperands())
    if (operand.get() != product &&
        op.getMatchingIndexingMap(&operand).isFunctionOfDim(
            column.getPosition()))
      return std::nullopt;
  return column.getPosition();
}

namespace {

/// A product, and what reduces its rows.
class ColumnFold {
public:
  /// Nothing where the product is asked for as a whole.
  static std::optional<ColumnFold> find(LinearOp linear);
  void run();

private:
  explicit ColumnFold(LinearOp linear) : linear(linear) {}
  /// Brings all that readers take before the first of them; false where one
  /// waits for another.
  bool gatherOperands();

  /// What the readers give after the `count` columns from `first` on, `before`
  /// being what they gave after those before; they are the first where that is
  /// empty.
  SmallVector<Value> foldPart(OpBuilder &b, Value first, int64_t count,
                              ValueRange before);
  Value multiplyPart(OpBuilder &b, Value first, int64_t count);
  SmallVector<Value> fold(OpBuilder &b, linalg::GenericOp op, Value part,
                          Value first, ValueRange before);
  SmallVector<Value> fold(OpBuilder &b, TopKOp op, Value part, Value first,
                          ValueRange before);

  LinearOp linear;
  SmallVector<Operation *> readers; ///< In the order of the block.
};

} // namespace

std::optional<ColumnFold> ColumnFold::find(LinearOp linear) {
  int64_t columns = getColumns(linear.getOut());
  auto isVector = [](Value extra) {
    return cast<RankedTensorType>(extra.getType()).getRank() == 1;
  };
  if (ShapedType::isDynamic(columns) || columns < kWide ||
      !llvm::all_of(linear.getExtras(), isVector) ||
      llvm::any_of(
          linear.getWeights(),
          [](Value weight) { return !weight.getDefiningOp<UseOp>(); }))
    return std::nullopt;
  ColumnFold fold(linear);
  for (Operation *user : linear.getOut().getUsers()) {
    auto generic = dyn_cast<linalg::GenericOp>(user);
    if (user->getBlock() != linear->getBlock() ||
        !(isa<TopKOp>(user) ||
          (generic && getColumnLoop(generic, linear.getOut()))))
      return std::nullopt;
    fold.readers.push_back(user);
  }
  llvm::sort(fold.readers,
             [](Operation *a, Operation *b) { return a->isBeforeInBlock(b); });
  if (fold.readers.empty() || !fold.gatherOperands())
    return std::nullopt;
  return fold;
}

bool ColumnFold::gatherOperands() {
  Operation *place = readers.front();
  SetVector<Operation *> late;
  BackwardSliceOptions options;
  options.omitUsesFromAbove = false;
  options.filter = [&](Operation *op) {
    return op->getBlock() == place->getBlock() && !op->isBeforeInBlock(place);
  };
  for (Operation *reader : readers)
    if (failed(getBackwardSlice(reader, &late, options)))
      return false;
  if (llvm::any_of(late, [&](Operation *op) {
        return llvm::is_contained(readers, op) || !isMemoryEffectFree(op);
      }))
    return false;
  for (Operation *op : topologicalSort(late))
    op->moveBefore(place);
  return true;
}

/// `count` entries of the last axis but those before it, `axis` of `whole`.
static Value slice(OpBuilder &b, Location loc, Value whole, int64_t axis,
                   Value first, int64_t count) {
  auto type = cast<RankedTensorType>(whole.getType());
  SmallVector<int64_t> shape(type.getShape());
  shape[axis] = count;
  SmallVector<OpFoldResult> offsets(shape.size(), b.getIndexAttr(0)),
      strides(shape.size(), b.getIndexAttr(1)),
      sizes = tensor::getMixedSizes(b, loc, whole);
  offsets[axis] = getAsOpFoldResult(first);
  sizes[axis] = b.getIndexAttr(count);
  return tensor::ExtractSliceOp::create(b, loc, type.clone(shape), whole,
                                        offsets, sizes, strides);
}

Value ColumnFold::multiplyPart(OpBuilder &b, Value first, int64_t count) {
  Location loc = linear.getLoc();
  SmallVector<Value> weights, extras;
  for (Value weight : linear.getWeights())
    weights.push_back(slice(b, loc, weight, 0, first, count));
  for (Value extra : linear.getExtras())
    extras.push_back(slice(b, loc, extra, 0, first, count));
  RankedTensorType type = linear.getOut().getType();
  SmallVector<int64_t> shape(type.getShape());
  shape.back() = count;
  auto part = LinearOp::create(b, loc, type.clone(shape), linear.getInput(),
                               weights, extras);
  part->setDiscardableAttrs(linear->getDiscardableAttrDictionary());
  IRMapping mapping;
  linear.getCombine().cloneInto(&part.getCombine(), mapping);
  return part.getOut();
}

SmallVector<Value> ColumnFold::fold(OpBuilder &b, linalg::GenericOp op,
                                    Value part, Value first,
                                    ValueRange before) {
  unsigned column = *getColumnLoop(op, linear.getOut());
  IRMapping mapping;
  mapping.map(linear.getOut(), part);
  auto next = cast<linalg::GenericOp>(b.clone(*op, mapping));
  if (!before.empty())
    next.getOutputsMutable().assign(before);
  next.walk([&](linalg::IndexOp number) {
    if (number.getDim() != column)
      return;
    OpBuilder inner(number);
    inner.setInsertionPointAfter(number);
    auto sum = arith::AddIOp::create(inner, number.getLoc(), number, first);
    number.getResult().replaceAllUsesExcept(sum, sum);
  });
  return next.getResults();
}

/// For each of the best of two lists, one behind the other, where it stood:
/// `old` for those of the first list, `next` + `first` for those of the second.
static Value findPlaces(OpBuilder &b, Location loc, Value at, Value old,
                        Value next, Value first) {
  auto type = cast<RankedTensorType>(at.getType());
  int64_t rank = type.getRank(), count = type.getShape().back();
  AffineMap map = b.getMultiDimIdentityMap(rank);
  Value empty = tensor::EmptyOp::create(
      b, loc, tensor::getMixedSizes(b, loc, at), type.getElementType());
  auto places = linalg::GenericOp::create(
      b, loc, type, ValueRange{at}, ValueRange{empty}, ArrayRef{map, map},
      SmallVector<utils::IteratorType>(rank, utils::IteratorType::parallel),
      [&](OpBuilder &nested, Location loc, ValueRange args) {
        ImplicitLocOpBuilder b(loc, nested);
        auto toIndex = [&](Value number) -> Value {
          return arith::IndexCastOp::create(b, b.getIndexType(), number);
        };
        SmallVector<Value> position;
        for (int64_t axis = 0; axis + 1 < rank; ++axis)
          position.push_back(linalg::IndexOp::create(b, axis));
        position.push_back(Value());
        auto extract = [&](Value list, Value place) -> Value {
          position.back() = place;
          return tensor::ExtractOp::create(b, list, position);
        };
        Value size = arith::ConstantIndexOp::create(b, count);
        Value place = toIndex(args[0]);
        Value isOld =
            arith::CmpIOp::create(b, arith::CmpIPredicate::ult, place, size);
        // Each list is read at a place that it has.
        Value within = arith::RemUIOp::create(b, place, size);
        Value number = toIndex(extract(next, within));
        Value moved = arith::AddIOp::create(b, number, first);
        Value chosen = arith::SelectOp::create(
            b, isOld, toIndex(extract(old, within)), moved);
        linalg::YieldOp::create(
            b, Value(arith::IndexCastOp::create(b, b.getI64Type(), chosen)));
      });
  return places.getResult(0);
}

SmallVector<Value> ColumnFold::fold(OpBuilder &b, TopKOp op, Value part,
                                    Value first, ValueRange before) {
  Location loc = op.getLoc();
  Type values = op.getValues().getType(), places = op.getPlaces().getType();
  auto best = TopKOp::create(b, loc, values, places, part);
  if (before.empty())
    return best.getResults();
  // Of equal numbers those of earlier parts stand first.
  auto type = cast<RankedTensorType>(values);
  SmallVector<int64_t> shape(type.getShape());
  shape.back() *= 2;
  Value both =
      tensor::ConcatOp::create(b, loc, type.clone(shape), shape.size() - 1,
                               ValueRange{before[0], best.getValues()});
  auto all = TopKOp::create(b, loc, values, places, both);
  return {all.getValues(), findPlaces(b, loc, all.getPlaces(), before[1],
                                      best.getPlaces(), first)};
}

SmallVector<Value> ColumnFold::foldPart(OpBuilder &b, Value first,
                                        int64_t count, ValueRange before) {
  Value part = multiplyPart(b, first, count);
  SmallVector<Value> results;
  for (Operation *reader : readers) {
    ValueRange own =
        before.empty() ? before
                       : before.slice(results.size(), reader->getNumResults());
    llvm::append_range(
        results,
        isa<TopKOp>(reader)
            ? fold(b, cast<TopKOp>(reader), part, first, own)
            : fold(b, cast<linalg::GenericOp>(reader), part, first, own));
  }
  return results;
}

void ColumnFold::run() {
  OpBuilder b(readers.front());
  Location loc = linear.getLoc();
  auto constant = [&](int64_t number) -> Value {
    return arith::ConstantIndexOp::create(b, loc, number);
  };
  int64_t columns = getColumns(linear.getOut()), size = getPartSize(columns);
  int64_t end = columns / size * size;
  SmallVector<Value> results = foldPart(b, constant(0), size, {});
  auto loop = scf::ForOp::create(
      b, loc, constant(size), constant(end), constant(size), results,
      [&](OpBuilder &inner, Location loc, Value first, ValueRange before) {
        scf::YieldOp::create(inner, loc, foldPart(inner, first, size, before));
      });
  results.assign(loop.getResults().begin(), loop.getResults().end());
  if (end < columns)
    results = foldPart(b, constant(end), columns - end, results);
  auto *next = results.begin();
  for (Operation *reader : readers) {
    for (Value result : reader->getResults())
      result.replaceAllUsesWith(*next++);
    reader->erase();
  }
  linear.erase();
}

namespace {

struct FoldColumnsPass
    : public weft::impl::FoldColumnsPassBase<FoldColumnsPass> {
  void runOnOperation() override {
    SmallVector<LinearOp> linears;
    getOperation().walk([&](LinearOp op) { linears.push_back(op); });
    for (LinearOp linear : linears)
      if (auto fold = ColumnFold::find(linear)) {
        fold->run();
        ++folded;
      }
  }
};

} // namespace
