//===- Views.cpp - Ops that move no element, or copy some -----------------===//

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "passes/lower/Registry.h"

using namespace mlir;
using namespace weft;

namespace {

class CollapseView : public LoweringOf<tensor::CollapseShapeOp> {
public:
  StringRef getName() const override { return "view"; }
  using LoweringOf::lower;

  LogicalResult lower(tensor::CollapseShapeOp op,
                      FunctionLowering &f) const override {
    auto groups = op.getReassociationIndices();
    auto view = f.views.collapse(f.getBuffer(op.getSrc()), groups);
    if (!view)
      view = f.views.collapse(f.getContiguous(op.getSrc()), groups);
    f.setBuffer(op.getResult(), *view);
    return success();
  }
};

class ExpandView : public LoweringOf<tensor::ExpandShapeOp> {
public:
  StringRef getName() const override { return "view"; }
  using LoweringOf::lower;

  LogicalResult lower(tensor::ExpandShapeOp op,
                      FunctionLowering &f) const override {
    f.setBuffer(op.getResult(),
                f.views.expand(f.getBuffer(op.getSrc()),
                               op.getReassociationIndices(),
                               f.getIndices(op.getMixedOutputShape())));
    return success();
  }
};

class SliceView : public LoweringOf<tensor::ExtractSliceOp> {
public:
  StringRef getName() const override { return "view"; }
  using LoweringOf::lower;

  LogicalResult lower(tensor::ExtractSliceOp op,
                      FunctionLowering &f) const override {
    Buffer view = f.views.slice(
        f.getBuffer(op.getSource()), f.getIndices(op.getMixedOffsets()),
        f.getIndices(op.getMixedSizes()), f.getIndices(op.getMixedStrides()));
    f.setBuffer(op.getResult(), f.views.dropAxes(view, op.getDroppedDims()));
    return success();
  }
};

class TransposeView : public LoweringOf<linalg::TransposeOp> {
public:
  StringRef getName() const override { return "view"; }
  using LoweringOf::lower;

  LogicalResult lower(linalg::TransposeOp op,
                      FunctionLowering &f) const override {
    f.setBuffer(op->getResult(0), f.views.permute(f.getBuffer(op.getInput()),
                                                  op.getPermutation()));
    return success();
  }
};

class CastView : public LoweringOf<tensor::CastOp> {
public:
  StringRef getName() const override { return "view"; }
  using LoweringOf::lower;

  LogicalResult lower(tensor::CastOp op, FunctionLowering &f) const override {
    if (f.isEmpty(op.getSource())) {
      f.setEmpty(op.getDest(), f.getSizes(op.getSource()));
      return success();
    }
    Buffer buffer = f.getBuffer(op.getSource());
    // A size that the new type tells is known from here on.
    auto type = cast<RankedTensorType>(op.getDest().getType());
    for (auto [size, known] : llvm::zip_equal(buffer.sizes, type.getShape()))
      if (!ShapedType::isDynamic(known))
        size = f.index.constant(known);
    f.setBuffer(op.getDest(), buffer);
    return success();
  }
};

class InsertCopy : public LoweringOf<tensor::InsertSliceOp> {
public:
  StringRef getName() const override { return "copy"; }
  using LoweringOf::lower;

  LogicalResult lower(tensor::InsertSliceOp op,
                      FunctionLowering &f) const override {
    Buffer source = f.getBuffer(op.getSource());
    Buffer whole = f.allocateUpdate(op.getDest(), op.getResult(), op);
    Buffer part = f.views.slice(whole, f.getIndices(op.getMixedOffsets()),
                                f.getIndices(op.getMixedSizes()),
                                f.getIndices(op.getMixedStrides()));
    f.copy(source, f.views.dropAxes(part, op.getDroppedDims()));
    return success();
  }
};

/// Inputs that are not in their part of the result yet are copied there.
class ConcatCopy : public LoweringOf<tensor::ConcatOp> {
public:
  StringRef getName() const override { return "copy"; }
  using LoweringOf::lower;

  LogicalResult lower(tensor::ConcatOp op, FunctionLowering &f) const override {
    int64_t axis = op.getDim();
    IndexExprs whole = f.getSizes(op.getInputs()[0]);
    whole[axis] = f.index.constant(0);
    for (Value input : op.getInputs())
      whole[axis] = f.index.add(whole[axis], f.getSizes(input)[axis]);

    std::optional<Buffer> made = f.getConcat(op.getResult());
    if (made)
      f.setBuffer(op.getResult(), *made);
    Buffer target = made ? *made : f.allocate(op.getResult(), whole);
    IndexExprs offsets(whole.size(), f.index.constant(0));
    IndexExprs ones(whole.size(), f.index.constant(1));
    for (OpOperand &use : op->getOpOperands()) {
      IndexExprs sizes = f.getSizes(use.get());
      if (!f.isInPlace(use))
        f.copy(f.getBuffer(use.get()),
               f.views.slice(target, offsets, sizes, ones));
      offsets[axis] = f.index.add(offsets[axis], sizes[axis]);
    }
    return success();
  }
};

} // namespace

void weft::addViewLowerings(Registry &registry) {
  registry.add<CollapseView>();
  registry.add<ExpandView>();
  registry.add<SliceView>();
  registry.add<TransposeView>();
  registry.add<CastView>();
  registry.add<InsertCopy>();
  registry.add<ConcatCopy>();
}
