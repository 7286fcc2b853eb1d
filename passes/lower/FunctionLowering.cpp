//===- FunctionLowering.cpp - From tensors to buffers ---------------------===//

#include "passes/lower/FunctionLowering.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "passes/lower/ParameterValues.h"
#include "passes/lower/Registry.h"
#include "passes/lower/generic/Generic.h"

using namespace mlir;
using namespace weft;

FunctionLowering::FunctionLowering(ModuleLowering &module,
                                   const Registry &registry, func::FuncOp func)
    : b(func.getLoc(), func.getContext()), index(b), views(b, index),
      module(module), registry(registry), func(func) {}

LogicalResult FunctionLowering::run() {
  if (!func.getBody().hasOneBlock())
    return func.emitOpError("expected a single block");
  if (failed(declarePorts()) || failed(lowerBlock(func.front())))
    return failure();
  return lowerReturn();
}

//===----------------------------------------------------------------------===//
// Ops
//===----------------------------------------------------------------------===//

LogicalResult FunctionLowering::lowerBlock(Block &block) {
  for (Operation &op : block.without_terminator()) {
    b.setLoc(op.getLoc());
    if (failed(lowerOp(op)))
      return failure();
  }
  return success();
}

/// Whether `op` computes scalars alone: it is built where a size or the body of
/// a kernel needs it.
static bool isScalar(Operation &op) {
  return op.getNumRegions() == 0 && isMemoryEffectFree(&op) &&
         llvm::none_of(op.getResultTypes(), llvm::IsaPred<TensorType>);
}

/// Whether a branch or a loop of the function depends on `value`.
static bool controls(Value value) {
  return llvm::any_of(value.getUsers(), [](Operation *user) {
    return isa<scf::IfOp, scf::ForOp>(user) ||
           (isScalar(*user) && llvm::any_of(user->getResults(), controls));
  });
}

/// An integer of a tensor, read where it stands: what is computed with it later
/// may be when the tensor is gone.
LogicalResult FunctionLowering::lowerElement(tensor::ExtractOp op) {
  Buffer buffer = getBuffer(op.getTensor());
  SmallVector<Value> at;
  for (Value position : op.getIndices())
    at.push_back(index.value(getIndex(position)));
  Value memory = views.materialize(buffer);
  setIndex(op, memref::LoadOp::create(b, memory, at).getResult());
  return success();
}

LogicalResult FunctionLowering::lowerOp(Operation &op) {
  if (auto extract = dyn_cast<tensor::ExtractOp>(op);
      extract && !isParameterValue(extract) &&
      isa<IntegerType>(extract.getType()) && controls(extract))
    return lowerElement(extract);
  if (isScalar(op) || isOpTriviallyDead(&op))
    return success();
  // What is computed from parameters alone is packed where it is needed.
  if (isa<arith::ConstantOp>(op) ||
      (op.getNumResults() == 1 && (isParameterValue(op.getResult(0)) ||
                                   getParameterRows(op.getResult(0)))))
    return success();
  const Lowering *lowering = registry.find(&op, module);
  if (!lowering)
    return op.emitOpError("has no lowering to launches");
  return lowering->lower(&op, *this);
}

LogicalResult FunctionLowering::lowerReturn() {
  Operation *terminator = func.front().getTerminator();
  std::vector<std::pair<Buffer, Buffer>> copies;
  for (OpOperand &use : terminator->getOpOperands()) {
    unsigned number = use.getOperandNumber();
    b.setLoc(terminator->getLoc());
    Buffer target;
    if (auto mark = func.getResultAttrOfType<StateAttr>(number, "weft.state")) {
      // Rows that are appended are in the state already.
      if (mark.getGrowth() != Growth::Fixed)
        continue;
      auto state =
          module.getState(func.getLoc(), mark.getName(), mark.getGrowth(),
                          cast<RankedTensorType>(use.get().getType()));
      if (failed(state))
        return failure();
      Value root = getStateBuffer(*state);
      IndexExprs sizes;
      for (int64_t size : cast<MemRefType>(root.getType()).getShape())
        sizes.push_back(index.constant(size));
      target = views.whole(root, sizes);
    } else {
      target = outputs.lookup(number);
    }
    Buffer source = getBuffer(use.get());
    for (int64_t axis = 0; axis < source.getRank(); ++axis)
      if (!index.equal(source.sizes[axis], target.sizes[axis]))
        return func.emitOpError()
               << "expected axis " << axis << " of result #" << number
               << " to have the size that its name says";
    if (!isInPlace(use) && !views.isSame(source, target))
      copies.push_back({source, target});
  }
  copyAll(copies);
  program::ReturnOp::create(b, hasStates ? index.value(tokens) : Value(),
                            Value());
  return success();
}

//===----------------------------------------------------------------------===//
// Buffers
//===----------------------------------------------------------------------===//

void FunctionLowering::setBuffer(Value tensor, const Buffer &buffer) {
  buffers[tensor] = buffer;
  residents[buffer.root].push_back(tensor);
}

Buffer FunctionLowering::getBuffer(Value tensor) {
  auto it = buffers.find(tensor);
  if (it != buffers.end())
    return it->second;
  // Without contents: any place will do.
  if (isEmpty(tensor))
    return allocateTemporary(
        cast<RankedTensorType>(tensor.getType()).getElementType(),
        empties.lookup(tensor));
  if (auto constant = tensor.getDefiningOp<arith::ConstantOp>()) {
    Value root = useTable(cast<DenseElementsAttr>(constant.getValue()));
    Buffer buffer = views.whole(root, getSizes(tensor));
    setBuffer(tensor, buffer);
    return buffer;
  }
  assert(isParameterValue(tensor) && "expected a tensor lowered already");
  auto type = cast<RankedTensorType>(tensor.getType());
  if (!type.getElementType().isIntOrIndexOrFloat())
    type = type.clone(b.getF32Type());
  Value root =
      useParameter(tensor, program::RowsAttr::get(b.getContext(), type));
  IndexExprs sizes;
  for (int64_t size : type.getShape())
    sizes.push_back(index.constant(size));
  Buffer buffer = views.whole(root, sizes);
  setBuffer(tensor, buffer);
  return buffer;
}

IndexExprs FunctionLowering::getSizes(Value tensor) {
  if (isEmpty(tensor))
    return empties.lookup(tensor);
  auto type = cast<RankedTensorType>(tensor.getType());
  if (!type.hasStaticShape())
    return getBuffer(tensor).sizes;
  return llvm::map_to_vector(
      type.getShape(), [&](int64_t size) { return index.constant(size); });
}

void FunctionLowering::setEmpty(Value tensor, ArrayRef<IndexExpr> sizes) {
  empties[tensor] = IndexExprs(sizes);
}

Buffer FunctionLowering::allocateTemporary(Type element,
                                           ArrayRef<IndexExpr> sizes) {
  SmallVector<int64_t> shape;
  SmallVector<Value> dynamic;
  for (IndexExpr size : sizes) {
    auto number = getConstantIntValue(size);
    shape.push_back(number.value_or(ShapedType::kDynamic));
    if (!number)
      dynamic.push_back(index.value(size));
  }
  Value root =
      program::AllocOp::create(b, MemRefType::get(shape, element), dynamic);
  owned.insert(root);
  return views.whole(root, sizes);
}

/// Axes 0 .. rank - kept joined, the others by themselves.
static SmallVector<ReassociationIndices> joinOuter(int64_t rank, int64_t kept) {
  SmallVector<ReassociationIndices> groups(1);
  for (int64_t axis = 0; axis < rank - kept; ++axis)
    groups[0].push_back(axis);
  for (int64_t axis = rank - kept; axis < rank; ++axis)
    groups.push_back({axis});
  return groups;
}

Buffer FunctionLowering::allocate(Value tensor, ArrayRef<IndexExpr> sizes,
                                  int64_t kept) {
  Buffer buffer;
  std::optional<Destination> found = findDestination(tensor, sizes);
  if (found && (kept < 0 ||
                views.collapse(found->buffer, joinOuter(sizes.size(), kept)))) {
    inPlace.insert(found->use);
    buffer = found->buffer;
  } else {
    buffer = allocateTemporary(
        cast<RankedTensorType>(tensor.getType()).getElementType(), sizes);
  }
  setBuffer(tensor, buffer);
  return buffer;
}

Buffer FunctionLowering::allocateUpdate(Value old, Value result,
                                        Operation *op) {
  if (isEmpty(old))
    return allocate(result, getSizes(old));
  if (canOverwrite(old, op) && llvm::count(op->getOperands(), old) == 1) {
    Buffer buffer = getBuffer(old);
    setBuffer(result, buffer);
    return buffer;
  }
  Buffer buffer = allocate(result, getSizes(old));
  copy(getBuffer(old), buffer);
  return buffer;
}

std::pair<Buffer, Buffer>
FunctionLowering::allocateCarried(Value initial, Value final,
                                  ArrayRef<IndexExpr> sizes, Operation *op) {
  if (!initial) {
    Buffer buffer = allocate(final, sizes);
    launchFill(*this, b.getF32FloatAttr(0.0f), buffer);
    return {buffer, buffer};
  }
  if (canOverwrite(initial, op) && views.isContiguous(getBuffer(initial))) {
    Buffer buffer = getBuffer(initial);
    setBuffer(final, buffer);
    return {buffer, buffer};
  }
  Buffer from = getContiguous(initial);
  return {from, allocate(final, sizes)};
}

void FunctionLowering::copy(const Buffer &from, const Buffer &to) {
  if (views.isContiguous(from) && views.isContiguous(to)) {
    Value source = views.materialize(from), target = views.materialize(to);
    program::CopyOp::create(b, source, target);
    return;
  }
  launchCopy(*this, from, to);
}

void FunctionLowering::copyAll(std::vector<std::pair<Buffer, Buffer>> copies) {
  // What another copy writes over is saved first.
  for (auto &pair : copies)
    for (auto &other : copies)
      if (pair.first.root == other.second.root) {
        Buffer saved =
            allocateTemporary(pair.first.getElementType(), pair.first.sizes);
        copy(pair.first, saved);
        pair.first = saved;
        break;
      }
  for (auto &[from, to] : copies)
    copy(from, to);
}

Buffer FunctionLowering::getContiguous(Value tensor) {
  Buffer buffer = getBuffer(tensor);
  if (views.isContiguous(buffer))
    return buffer;
  Buffer dense = allocateTemporary(buffer.getElementType(), buffer.sizes);
  copy(buffer, dense);
  return dense;
}

Buffer FunctionLowering::getStrided(Value tensor) {
  Buffer buffer = getBuffer(tensor);
  bool isDense = buffer.getRank() == 0 ||
                 getConstantIntValue(buffer.strides.back()) == 1 ||
                 getConstantIntValue(buffer.sizes.back()) == 1;
  return isDense ? buffer : getContiguous(tensor);
}

Buffer FunctionLowering::getRows(Value tensor, int64_t kept) {
  Buffer buffer = getStrided(tensor);
  auto groups = joinOuter(buffer.getRank(), kept);
  if (auto rows = views.collapse(buffer, groups))
    return *rows;
  return *views.collapse(getContiguous(tensor), groups);
}

Buffer FunctionLowering::joinRows(const Buffer &buffer, int64_t kept) {
  return *views.collapse(buffer, joinOuter(buffer.getRank(), kept));
}

void FunctionLowering::enterLoop(Value carried, const Buffer &buffer) {
  buffers[carried] = buffer;
  residents[buffer.root] = {carried};
}

void FunctionLowering::leaveLoop(Value result, const Buffer &buffer) {
  buffers[result] = buffer;
  residents[buffer.root] = {result};
}

bool FunctionLowering::canOverwrite(Value tensor, Operation *op) {
  auto it = buffers.find(tensor);
  if (it == buffers.end() || !owned.contains(it->second.root))
    return false;
  for (Value resident : residents[it->second.root]) {
    // A tensor of an outer block is read again by the next turn of the loop.
    if (resident.getParentBlock() != op->getBlock())
      return false;
    for (Operation *user : resident.getUsers()) {
      // The op itself may read the tensor that it updates, and no other view.
      if (user == op && resident == tensor)
        continue;
      Operation *ancestor = op->getBlock()->findAncestorOpInBlock(*user);
      if (!ancestor || !ancestor->isBeforeInBlock(op))
        return false;
    }
  }
  return true;
}
