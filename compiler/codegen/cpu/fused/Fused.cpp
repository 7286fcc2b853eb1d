//===- Fused.cpp - Kernels of family fused --------------------------------===//
//
// Stages, each a function that its own family emits: those before the main one
// are called as a whole, into scratch of each call, those after it on what the
// tasks of the call have made. LLVM inlines them.
//
//===----------------------------------------------------------------------===//

#include "compiler/codegen/cpu/KernelEmitter.h"
#include "mlir/Dialect/Affine/Utils.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/IRMapping.h"

using namespace mlir;
using namespace weft;
using namespace weft::cpu;

namespace {

/// A stage of the kernel: how it is described, and what was made of it.
struct Stage {
  DictionaryAttr dict;
  func::FuncOp function;
  Value scratch;

  ArrayRef<int64_t> getNumbers(StringRef name) const {
    return dict.getAs<DenseI64ArrayAttr>(name);
  }
  bool hasSlots() const { return dict.contains("slots"); }
  AffineExpr getTasks() const {
    return dict.getAs<AffineMapAttr>("tasks").getValue().getResult(0);
  }
};

class FusedEmitter {
public:
  explicit FusedEmitter(KernelBuilder &b) : b(b) {}
  LogicalResult emit();

private:
  LogicalResult emitFunction(Stage &stage, size_t number);
  void call(const Stage &stage, bool isMain);
  void callForSlots(const Stage &stage, ValueRange buffers);
  void call(const Stage &stage, ValueRange buffers, Value begin, Value end);
  SmallVector<Value> getBuffers(const Stage &stage);
  Value getPart(Value buffer, Value offset, MemRefType type);

  KernelBuilder &b;
  int64_t main = 0;
  SmallVector<Value> scratch; // between stages
};

} // namespace

/// Types of a stage's buffers: parts begin where only the call knows.
static ArrayAttr getTypes(const Stage &stage) {
  auto types = stage.dict.getAs<ArrayAttr>("operands");
  if (!stage.hasSlots())
    return types;
  SmallVector<Attribute> parts;
  for (auto [type, stride] :
       llvm::zip_equal(types, stage.getNumbers("strides"))) {
    auto whole = cast<MemRefType>(cast<TypeAttr>(type).getValue());
    auto [strides, offset] = whole.getStridesAndOffset();
    auto layout = StridedLayoutAttr::get(whole.getContext(),
                                         ShapedType::kDynamic, strides);
    parts.push_back(stride ? TypeAttr::get(MemRefType::get(
                                 whole.getShape(), whole.getElementType(),
                                 MemRefLayoutAttrInterface(layout)))
                           : type);
  }
  return ArrayAttr::get(stage.dict.getContext(), parts);
}

/// Emits the stage as the kernel that it would be by itself.
LogicalResult FusedEmitter::emitFunction(Stage &stage, size_t number) {
  program::KernelOp whole = b.getKernel();
  OpBuilder nowhere(b.getContext());
  OwningOpRef<program::KernelOp> kernel = program::KernelOp::create(
      nowhere, whole.getLoc(),
      (whole.getSymName() + ".stage" + Twine(number)).str(),
      stage.dict.getAs<StringAttr>("family").getValue(),
      stage.dict.getAs<DictionaryAttr>("config"),
      stage.dict.getAs<AffineMapAttr>("tasks").getValue(), getTypes(stage),
      stage.getNumbers("scalars").size());
  if (int64_t(number) == main) {
    IRMapping mapping;
    whole.getElement().cloneInto(&kernel->getElement(), mapping);
  }
  auto module = b.getFunction()->getParentOfType<ModuleOp>();
  FailureOr<func::FuncOp> function = emitKernel(*kernel, b.getLevel(), module);
  if (failed(function))
    return whole.emitOpError() << "failed in stage " << number;
  stage.function = *function;
  int64_t bytes =
      stage.function->getAttrOfType<IntegerAttr>("program.scratch").getInt();
  // The memref is of as many bytes as the caller says.
  stage.scratch = memref::CastOp::create(
      b, MemRefType::get({ShapedType::kDynamic}, b.getI8Type()),
      b.scratch({bytes}, b.getI8Type()));
  for (StringRef name : {"program.kernel", "program.scratch", "program.buffers",
                         "program.scalars", "program.aliased"})
    stage.function->removeAttr(name);
  stage.function->setAttr(
      "llvm.linkage",
      LLVM::LinkageAttr::get(b.getContext(), LLVM::Linkage::Internal));
  stage.function->setAttr("passthrough", b.getStrArrayAttr({"alwaysinline"}));
  return success();
}

/// `buffer` from element `offset` on.
Value FusedEmitter::getPart(Value buffer, Value offset, MemRefType type) {
  auto [strides, first] = type.getStridesAndOffset();
  return memref::ReinterpretCastOp::create(
      b, type, buffer, OpFoldResult(offset),
      getAsIndexOpFoldResult(b.getContext(), type.getShape()),
      getAsIndexOpFoldResult(b.getContext(), strides));
}

SmallVector<Value> FusedEmitter::getBuffers(const Stage &stage) {
  SmallVector<Value> buffers;
  auto types = stage.dict.getAs<ArrayAttr>("operands");
  for (auto [number, type] :
       llvm::zip_equal(stage.getNumbers("buffers"), types))
    buffers.push_back(
        number >= 0
            ? b.buffer(number)
            : b.view(scratch[-1 - number], 0,
                     cast<MemRefType>(cast<TypeAttr>(type).getValue())));
  return buffers;
}

void FusedEmitter::call(const Stage &stage, ValueRange buffers, Value begin,
                        Value end) {
  SmallVector<Value> arguments(buffers);
  for (int64_t scalar : stage.getNumbers("scalars"))
    arguments.push_back(b.scalar(scalar));
  arguments.append({begin, end, stage.scratch});
  func::CallOp::create(b, stage.function, arguments);
}

void FusedEmitter::callForSlots(const Stage &stage, ValueRange buffers) {
  ArrayRef<int64_t> slots = stage.getNumbers("slots");
  ArrayRef<int64_t> offsets = stage.getNumbers("offsets");
  ArrayRef<int64_t> strides = stage.getNumbers("strides");
  int64_t first = slots[0], last = slots[1], perTask = slots[2];
  Value from = b.max(b.mul(b.begin(), perTask), first);
  Value to = b.min(b.mul(b.end(), perTask), last);
  func::FuncOp function = stage.function;
  b.loop(from, to, 1, [&](Value slot) {
    Value number = b.sub(slot, first);
    SmallVector<Value> parts(buffers);
    for (auto [i, stride] : llvm::enumerate(strides))
      if (stride)
        parts[i] = getPart(parts[i], b.add(b.mul(number, stride), offsets[i]),
                           cast<MemRefType>(function.getArgument(i).getType()));
    call(stage, parts, b.index(0), b.index(1));
  });
}

void FusedEmitter::call(const Stage &stage, bool isMain) {
  SmallVector<Value> buffers = getBuffers(stage);
  if (stage.hasSlots())
    return callForSlots(stage, buffers);
  if (isMain)
    return call(stage, buffers, b.begin(), b.end());
  SmallVector<Value> scalars;
  for (int64_t scalar : stage.getNumbers("scalars"))
    scalars.push_back(b.scalar(scalar));
  Value tasks =
      affine::expandAffineExpr(b, b.getLoc(), stage.getTasks(), {}, scalars);
  call(stage, buffers, b.index(0), tasks);
}

LogicalResult FusedEmitter::emit() {
  main = b.getInt("main", 0);
  auto list = b.get<ArrayAttr>("stages");
  auto sizes = b.get<DenseI64ArrayAttr>("scratch");
  if (!list || !sizes || main >= int64_t(list.size()))
    return b.getKernel().emitOpError(
        "expected 'stages', the number of the 'main' one and 'scratch'");
  for (int64_t bytes : sizes.asArrayRef())
    scratch.push_back(b.scratch({bytes}, b.getI8Type()));
  for (auto [number, dict] :
       llvm::enumerate(list.getAsRange<DictionaryAttr>())) {
    Stage stage{dict, {}, {}};
    if (failed(emitFunction(stage, number)))
      return failure();
    call(stage, int64_t(number) == main);
  }
  return success();
}

static LogicalResult emitFused(program::KernelOp, KernelBuilder &b) {
  return FusedEmitter(b).emit();
}

static RegisterKernelEmitter fused("fused", emitFused);
