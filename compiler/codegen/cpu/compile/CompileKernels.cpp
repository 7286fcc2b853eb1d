//===- CompileKernels.cpp - Kernels of a program to machine code ----------===//

#include "compiler/codegen/cpu/compile/CompileKernels.h"
#include "compiler/codegen/cpu/KernelEmitter.h"
#include "compiler/codegen/cpu/Passes.h"
#include "compiler/codegen/cpu/compile/Link.h"
#include "compiler/codegen/cpu/compile/Machine.h"
#include "compiler/codegen/cpu/compile/ObjectCache.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Process.h"
#include "llvm/Support/ThreadPool.h"

using namespace mlir;
using namespace weft;
using namespace weft::cpu;

namespace {
/// One kernel on its way, in a module of its own so that threads can share the
/// work.
struct Unit {
  program::KernelOp kernel;
  OwningOpRef<ModuleOp> module;
  uint64_t scratch = 0;
  std::string object;
  bool failed = false;
};
} // namespace

/// Loads what lowering needs while there is one thread only.
static void loadDialects(MLIRContext *context) {
  DialectRegistry registry;
  registerBuiltinDialectTranslation(registry);
  registerLLVMDialectTranslation(registry);
  PassManager pm(context);
  pm.addPass(createEmitKernelsPass());
  buildLowerKernels(pm);
  pm.getDependentDialects(registry);
  context->appendDialectRegistry(registry);
  for (StringRef name : registry.getDialectNames())
    context->getOrLoadDialect(name);
}

static std::vector<Unit> getUnits(ModuleOp program) {
  loadDialects(program.getContext());
  std::vector<Unit> units;
  for (auto kernel : program.getOps<program::KernelOp>())
    units.emplace_back().kernel = kernel;
  return units;
}

static LogicalResult emit(Unit &unit, const CpuLevel &level) {
  unit.module = ModuleOp::create(unit.kernel.getLoc());
  FailureOr<func::FuncOp> function =
      emitKernel(unit.kernel, level, *unit.module);
  if (failed(function))
    return failure();
  unit.scratch =
      (*function)->getAttrOfType<IntegerAttr>("program.scratch").getInt();
  return success();
}

static LogicalResult lower(Unit &unit) {
  PassManager pm(unit.module->getContext());
  buildLowerKernels(pm);
  return pm.run(*unit.module);
}

static LogicalResult report(Unit &unit, llvm::Error error) {
  return unit.kernel.emitOpError() << llvm::toString(std::move(error));
}

/// Lowers to LLVM IR for the level, not yet optimised.
static std::unique_ptr<llvm::Module> translate(Unit &unit, Machine &machine,
                                               llvm::LLVMContext &context) {
  if (failed(lower(unit)))
    return nullptr;
  auto module =
      translateModuleToLLVMIR(*unit.module, context, unit.kernel.getSymName());
  if (module)
    machine.setTarget(*module);
  return module;
}

static LogicalResult compileObject(Unit &unit, Machine &machine,
                                   llvm::Module &module) {
  machine.optimize(module);
  SmallString<0> object;
  llvm::raw_svector_ostream out(object);
  if (llvm::Error error =
          machine.emit(module, llvm::CodeGenFileType::ObjectFile, out))
    return report(unit, std::move(error));
  auto undefined = getUndefinedSymbols(object);
  if (!undefined)
    return report(unit, undefined.takeError());
  if (!undefined->empty())
    return unit.kernel.emitOpError()
           << "calls '" << llvm::join(*undefined, "', '")
           << "' but kernels link no library";
  unit.object = object.str().str();
  return success();
}

/// Takes the object that was made of the same kernel before, by what is kept
/// of it: the key of the object and the bytes of scratch.
static bool take(Unit &unit, StringRef key, const ObjectCache &cache) {
  std::optional<std::string> kept = cache.find(key);
  if (!kept)
    return false;
  auto [objectKey, scratch] = StringRef(*kept).split(' ');
  std::optional<std::string> object = cache.find(objectKey);
  if (!object || scratch.getAsInteger(10, unit.scratch))
    return false;
  unit.object = std::move(*object);
  return true;
}

static LogicalResult compile(Unit &unit, const CpuLevel &level,
                             const ObjectCache &cache) {
  const std::string kernelKey = ObjectCache::getKey(unit.kernel, level.name);
  if (take(unit, kernelKey, cache))
    return success();
  if (failed(emit(unit, level)))
    return failure();
  auto machine = Machine::create(level);
  if (!machine)
    return report(unit, machine.takeError());
  llvm::LLVMContext context;
  auto module = translate(unit, **machine, context);
  if (!module)
    return failure();
  const std::string key = ObjectCache::getKey(*module, level.name);
  if (std::optional<std::string> found = cache.find(key))
    unit.object = std::move(*found);
  else if (failed(compileObject(unit, **machine, *module)))
    return failure();
  else
    cache.keep(key, unit.object);
  cache.keep(kernelKey, key + " " + std::to_string(unit.scratch));
  return success();
}

/// What the linker gets where a program has no kernel: copies alone need none.
static llvm::Expected<std::string> makeEmptyObject(const CpuLevel &level) {
  auto machine = Machine::create(level);
  if (!machine)
    return machine.takeError();
  llvm::LLVMContext context;
  llvm::Module module("empty", context);
  (*machine)->setTarget(module);
  SmallString<0> object;
  llvm::raw_svector_ostream out(object);
  if (llvm::Error error =
          (*machine)->emit(module, llvm::CodeGenFileType::ObjectFile, out))
    return std::move(error);
  return object.str().str();
}

std::string cpu::getDefaultCacheDirectory() {
  SmallString<128> path;
  if (!llvm::sys::path::cache_directory(path))
    return {};
  llvm::sys::path::append(path, "weft", "kernels");
  return path.str().str();
}

FailureOr<SharedObject> cpu::compileKernels(ModuleOp program,
                                            const CpuLevel &level,
                                            const CompileOptions &options) {
  std::vector<Unit> units = getUnits(program);
  ObjectCache cache(options.cacheDirectory);
  bool threaded = program.getContext()->isMultithreadingEnabled();
  llvm::DefaultThreadPool pool(
      llvm::hardware_concurrency(threaded ? options.threads : 1));
  for (Unit &unit : units)
    pool.async([&] { unit.failed = failed(compile(unit, level, cache)); });
  pool.wait();
  cache.prune();

  SharedObject result;
  std::string empty;
  SmallVector<StringRef> objects;
  for (Unit &unit : units) {
    if (unit.failed)
      return failure();
    objects.push_back(unit.object);
    result.kernels.push_back({unit.kernel.getSymName().str(), unit.scratch});
  }
  if (objects.empty()) {
    llvm::Expected<std::string> object = makeEmptyObject(level);
    if (!object)
      return program.emitError() << llvm::toString(object.takeError());
    empty = std::move(*object);
    objects.push_back(empty);
  }
  auto linked =
      options.relocatable ? linkRelocatable(objects) : linkShared(objects);
  if (!linked)
    return program.emitError() << llvm::toString(linked.takeError());
  result.object = std::move(*linked);
  return result;
}

static LogicalResult print(Unit &unit, const CpuLevel &level, KernelStage stage,
                           llvm::raw_ostream &out) {
  if (stage == KernelStage::Dialect && failed(lower(unit)))
    return failure();
  if (stage == KernelStage::Kernels || stage == KernelStage::Dialect) {
    unit.module->print(out);
    return success();
  }
  auto machine = Machine::create(level);
  if (!machine)
    return report(unit, machine.takeError());
  llvm::LLVMContext context;
  auto module = translate(unit, **machine, context);
  if (!module)
    return failure();
  (*machine)->optimize(*module);
  if (stage == KernelStage::Llvm) {
    module->print(out, nullptr);
    return success();
  }
  SmallString<0> text;
  llvm::raw_svector_ostream stream(text);
  if (llvm::Error error = (*machine)->emit(
          *module, llvm::CodeGenFileType::AssemblyFile, stream))
    return report(unit, std::move(error));
  out << text;
  return success();
}

LogicalResult cpu::printKernels(ModuleOp program, const CpuLevel &level,
                                KernelStage stage, llvm::raw_ostream &out) {
  std::vector<Unit> units = getUnits(program);
  for (Unit &unit : units)
    if (failed(emit(unit, level)))
      return failure();
  for (Unit &unit : units)
    if (failed(print(unit, level, stage, out)))
      return failure();
  return success();
}
