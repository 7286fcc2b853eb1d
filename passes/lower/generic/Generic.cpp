//===- Generic.cpp - linalg.generic to kernels of loop nests --------------===//

#include "passes/lower/generic/Generic.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "passes/lower/ElementRegion.h"
#include "passes/lower/ParameterValues.h"
#include "passes/lower/Registry.h"

using namespace mlir;
using namespace weft;

namespace {

class GenericNest : public LoweringOf<linalg::GenericOp> {
public:
  StringRef getName() const override { return "generic"; }
  using LoweringOf::decline;
  using LoweringOf::lower;

  Declined decline(linalg::GenericOp op, ModuleLowering &) const override {
    if (ElementRegion(op.getRegion()).getForeign())
      return "the body uses a value from outside that is neither an index nor "
             "computed from tensors";
    for (OpOperand *input : op.getDpsInputOperands())
      if (!isa<RankedTensorType>(input->get().getType()))
        return "an input is a scalar";
    return std::nullopt;
  }

  LogicalResult lower(linalg::GenericOp op, FunctionLowering &f) const override;
};

} // namespace

/// The sizes of the loops, each from an axis of a buffer that it runs along.
static FailureOr<IndexExprs> getLoopSizes(linalg::GenericOp op,
                                          ArrayRef<IndexExprs> sizes) {
  IndexExprs loops(op.getNumLoops());
  SmallVector<AffineMap> maps = op.getIndexingMapsArray();
  for (auto [i, loop] : llvm::enumerate(loops)) {
    AffineExpr dim = getAffineDimExpr(i, op.getContext());
    for (auto [map, axes] : llvm::zip_equal(maps, sizes))
      if (auto position = map.getResultPosition(dim)) {
        // A size that is known is preferred.
        if (loop.isNull() || isa<Attribute>(axes[*position]))
          loop = axes[*position];
      }
    if (loop.isNull())
      return op.emitOpError()
             << "expected loop " << i << " to run along an axis of an operand";
  }
  return loops;
}

LogicalResult GenericNest::lower(linalg::GenericOp op,
                                 FunctionLowering &f) const {
  LoopNest nest;
  nest.maps = op.getIndexingMapsArray();
  nest.iterators = op.getIteratorTypesArray();
  nest.outputs = op.getNumDpsInits();
  SmallVector<IndexExprs> sizes;
  for (OpOperand *input : op.getDpsInputOperands()) {
    nest.buffers.push_back(f.getBuffer(input->get()));
    sizes.push_back(nest.buffers.back().sizes);
  }
  for (Value init : op.getDpsInits())
    sizes.push_back(f.getSizes(init));
  FailureOr<IndexExprs> loops = getLoopSizes(op, sizes);
  if (failed(loops))
    return failure();
  nest.sizes = *loops;
  for (OpOperand &init : op.getDpsInitsMutable()) {
    Value result = op.getTiedOpResult(&init);
    bool isRead = op.payloadUsesValueFromOperand(&init);
    nest.buffers.push_back(
        isRead ? f.allocateUpdate(init.get(), result, op)
               : f.allocate(result, sizes[init.getOperandNumber()]));
    nest.readsOutputs |= isRead;
  }
  nest.indexed.resize(op.getNumLoops());
  op.getBody()->walk(
      [&](linalg::IndexOp number) { nest.indexed.set(number.getDim()); });

  ElementRegion element(op.getRegion());
  SmallVector<Value> extras;
  for (Value tensor : element.getTensors())
    extras.push_back(f.views.materialize(f.getBuffer(tensor)));
  IndexExprs scalars;
  for (Value value : element.getIndices())
    scalars.push_back(f.getIndex(value));
  launchNest(f, nest, extras, scalars, [&](OpBuilder &b, Region &region) {
    element.build(b, region, op.getBody()->getArgumentTypes(),
                  ValueRange(extras).getTypes(), /*isGeneric=*/true);
  });
  return success();
}

namespace {

class FillNest : public LoweringOf<linalg::FillOp> {
public:
  StringRef getName() const override { return "fill"; }
  using LoweringOf::decline;
  using LoweringOf::lower;

  Declined decline(linalg::FillOp op, ModuleLowering &) const override {
    if (!getConstant(op))
      return "the value is not a constant";
    return std::nullopt;
  }

  LogicalResult lower(linalg::FillOp op, FunctionLowering &f) const override {
    IndexExprs sizes = f.getSizes(op.getDpsInits()[0]);
    launchFill(f, getConstant(op), f.allocate(op.getResult(0), sizes));
    return success();
  }

private:
  static Attribute getConstant(linalg::FillOp op) {
    Attribute value;
    matchPattern(op.getInputs()[0], m_Constant(&value));
    return value;
  }
};

/// No elements to compute: what is written later has its own place.
class EmptyTensor : public LoweringOf<tensor::EmptyOp> {
public:
  StringRef getName() const override { return "empty"; }
  using LoweringOf::lower;

  LogicalResult lower(tensor::EmptyOp op, FunctionLowering &f) const override {
    f.setEmpty(op.getResult(), f.getIndices(op.getMixedSizes()));
    return success();
  }
};

} // namespace

void weft::addGenericLowerings(Registry &registry) {
  registry.add<GenericNest>();
  registry.add<FillNest>();
  registry.add<EmptyTensor>();
}
