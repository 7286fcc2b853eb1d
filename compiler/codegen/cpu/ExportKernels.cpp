//===- ExportKernels.cpp - The C type of kernels --------------------------===//

#include "compiler/codegen/cpu/Passes.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

using namespace mlir;

namespace weft::cpu {
#define GEN_PASS_DEF_EXPORTKERNELSPASS
#include "compiler/codegen/cpu/Passes.h.inc"
} // namespace weft::cpu

namespace {
struct ExportKernels : weft::cpu::impl::ExportKernelsPassBase<ExportKernels> {
  using ExportKernelsPassBase::ExportKernelsPassBase;
  void runOnOperation() override;
};

/// Builds the exported function of one kernel.
class Exporter {
public:
  explicit Exporter(LLVM::LLVMFuncOp kernel)
      : b(kernel.getLoc(), kernel), kernel(kernel) {}
  LogicalResult run();

private:
  Value loadSlot(Value array, int64_t slot, Type type);
  Value integer(int64_t value) {
    return LLVM::ConstantOp::create(b, b.getI64Type(),
                                    b.getI64IntegerAttr(value));
  }
  LogicalResult addBuffer(MemRefType type, Value array, int64_t slot);

  ImplicitLocOpBuilder b;
  LLVM::LLVMFuncOp kernel;
  Value scalars;
  int64_t nextScalar = 0;
  SmallVector<Value> arguments;
  SmallVector<unsigned> pointers; ///< Arguments that are aligned pointers.
};
} // namespace

Value Exporter::loadSlot(Value array, int64_t slot, Type type) {
  Value at = LLVM::GEPOp::create(b, array.getType(), type, array,
                                 ArrayRef<LLVM::GEPArg>{int32_t(slot)});
  return LLVM::LoadOp::create(b, type, at);
}

/// Adds what a memref becomes: pointer twice, offset, sizes, strides. Scalars
/// give the dynamic sizes, then the dynamic strides.
LogicalResult Exporter::addBuffer(MemRefType type, Value array, int64_t slot) {
  SmallVector<int64_t> strides;
  int64_t offset;
  if (failed(type.getStridesAndOffset(strides, offset)) || offset > 0)
    return kernel.emitError() << "expected a strided buffer from its first "
                                 "element on but got "
                              << type;
  // Strides that follow from a dynamic size (identity layouts) are products;
  // the launch passes only those that the type leaves open.
  bool isIdentity = type.getLayout().isIdentity();
  Value pointer = loadSlot(array, slot, array.getType());
  pointers.push_back(arguments.size() + 1);
  arguments.append({pointer, pointer, integer(0)});
  SmallVector<Value> sizes, steps(type.getRank());
  for (int64_t size : type.getShape())
    sizes.push_back(ShapedType::isDynamic(size)
                        ? loadSlot(scalars, nextScalar++, b.getI64Type())
                        : integer(size));
  for (int64_t i = type.getRank() - 1; i >= 0; --i) {
    if (!ShapedType::isDynamic(strides[i]))
      steps[i] = integer(strides[i]);
    else if (isIdentity)
      steps[i] = LLVM::MulOp::create(b, steps[i + 1], sizes[i + 1]);
  }
  for (Value &step : steps)
    if (!step)
      step = loadSlot(scalars, nextScalar++, b.getI64Type());
  arguments.append(sizes);
  arguments.append(steps);
  return success();
}

LogicalResult Exporter::run() {
  auto buffers = kernel->getAttrOfType<ArrayAttr>("program.buffers");
  auto numScalars = kernel->getAttrOfType<IntegerAttr>("program.scalars");
  if (!buffers || !numScalars)
    return kernel.emitError(
        "expected the types of the kernel's buffers and its "
        "number of scalars");
  Type ptr = LLVM::LLVMPointerType::get(b.getContext());
  Type i64 = b.getI64Type();
  auto type = LLVM::LLVMFunctionType::get(
      LLVM::LLVMVoidType::get(b.getContext()), {ptr, ptr, i64, i64, ptr});
  std::string name = kernel.getSymName().str();
  kernel.setSymName(name + ".kernel");
  kernel.setLinkage(LLVM::Linkage::Internal);
  kernel.setAlwaysInline(true);

  b.setInsertionPointAfter(kernel);
  auto outer = LLVM::LLVMFuncOp::create(b, name, type);
  Block *entry = outer.addEntryBlock(b);
  b.setInsertionPointToStart(entry);
  scalars = entry->getArgument(1);
  nextScalar = numScalars.getInt();
  for (auto [slot, buffer] :
       llvm::enumerate(buffers.getAsValueRange<TypeAttr>()))
    if (failed(
            addBuffer(cast<MemRefType>(buffer), entry->getArgument(0), slot)))
      return failure();
  for (int64_t i = 0; i < numScalars.getInt(); ++i)
    arguments.push_back(loadSlot(scalars, i, i64));
  arguments.append({entry->getArgument(2), entry->getArgument(3)});
  Value scratch = entry->getArgument(4);
  pointers.push_back(arguments.size() + 1);
  Value bytes =
      integer(kernel->getAttrOfType<IntegerAttr>("program.scratch").getInt());
  arguments.append({scratch, scratch, integer(0), bytes, integer(1)});
  LLVM::CallOp::create(b, kernel, arguments);
  LLVM::ReturnOp::create(b, ValueRange());

  if (!kernel->hasAttr("program.aliased"))
    for (unsigned argument : pointers)
      kernel.setArgAttr(argument, LLVM::LLVMDialect::getNoAliasAttrName(),
                        b.getUnitAttr());
  for (StringRef attr : {"program.kernel", "program.scratch", "program.buffers",
                         "program.scalars", "program.aliased"})
    kernel->removeAttr(attr);
  return success();
}

void ExportKernels::runOnOperation() {
  SmallVector<LLVM::LLVMFuncOp> kernels;
  for (auto function : getOperation().getOps<LLVM::LLVMFuncOp>())
    if (function->hasAttr("program.kernel"))
      kernels.push_back(function);
  for (LLVM::LLVMFuncOp kernel : kernels)
    if (failed(Exporter(kernel).run()))
      return signalPassFailure();
}
