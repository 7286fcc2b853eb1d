//===- Machine.cpp - LLVM IR to machine code of a level -------------------===//

#include "compiler/codegen/cpu/compile/Machine.h"
#include "llvm/Analysis/TargetLibraryInfo.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Module.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Object/ObjectFile.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/TargetParser/Triple.h"

using namespace llvm;
using namespace weft::cpu;

static const char kTriple[] = "x86_64-unknown-linux-gnu";

static const Target *findTarget(std::string &error) {
  static const bool initialized = [] {
    LLVMInitializeX86TargetInfo();
    LLVMInitializeX86Target();
    LLVMInitializeX86TargetMC();
    LLVMInitializeX86AsmPrinter();
    return true;
  }();
  (void)initialized;
  return TargetRegistry::lookupTarget(Triple(kTriple), error);
}

Expected<std::unique_ptr<Machine>> Machine::create(const CpuLevel &level) {
  std::string error;
  const Target *target = findTarget(error);
  if (!target)
    return createStringError(error);
  std::unique_ptr<Machine> machine(new Machine(level));
  machine->target.reset(target->createTargetMachine(
      Triple(kTriple), level.cpu, level.features, TargetOptions(), Reloc::PIC_,
      CodeModel::Small, CodeGenOptLevel::Aggressive));
  return machine;
}

void Machine::setTarget(Module &module) {
  module.setTargetTriple(Triple(kTriple));
  module.setDataLayout(target->createDataLayout());
  for (Function &function : module) {
    if (function.isDeclaration())
      continue;
    function.addFnAttr("target-cpu", level.cpu);
    if (!level.features.empty())
      function.addFnAttr("target-features", level.features);
    function.addFnAttr("tune-cpu", level.tune);
    function.addFnAttr("no-builtins");
    function.addFnAttr(Attribute::NoUnwind);
    // The runtime sets the mode of denormals; LLVM must not count on either.
    function.addFnAttr("denormal-fp-math", "dynamic,dynamic");
  }
}

void Machine::optimize(Module &module) {
  PipelineTuningOptions tuning;
  tuning.LoopVectorization = false;
  tuning.SLPVectorization = false;
  tuning.LoopInterleaving = false;
  LoopAnalysisManager loops;
  FunctionAnalysisManager functions;
  CGSCCAnalysisManager calls;
  ModuleAnalysisManager modules;
  PassBuilder builder(target.get(), tuning);
  TargetLibraryInfoImpl library{Triple(kTriple)};
  library.disableAllFunctions();
  functions.registerPass([&] { return TargetLibraryAnalysis(library); });
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(calls);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, calls, modules);
  builder.buildPerModuleDefaultPipeline(OptimizationLevel::O3)
      .run(module, modules);
}

Error Machine::emit(Module &module, CodeGenFileType type,
                    raw_pwrite_stream &out) {
  legacy::PassManager passes;
  TargetLibraryInfoImpl library{Triple(kTriple)};
  library.disableAllFunctions();
  passes.add(new TargetLibraryInfoWrapperPass(library));
  if (target->addPassesToEmitFile(passes, out, nullptr, type))
    return createStringError("the target cannot write this kind of file");
  passes.run(module);
  return Error::success();
}

Expected<SmallVector<std::string>>
weft::cpu::getUndefinedSymbols(StringRef bytes) {
  auto object =
      object::ObjectFile::createObjectFile(MemoryBufferRef(bytes, "kernel.o"));
  if (!object)
    return object.takeError();
  SmallVector<std::string> names;
  for (const object::SymbolRef &symbol : (*object)->symbols()) {
    Expected<uint32_t> flags = symbol.getFlags();
    if (!flags)
      return flags.takeError();
    Expected<StringRef> name = symbol.getName();
    if (!name)
      return name.takeError();
    if ((*flags & object::SymbolRef::SF_Undefined) && !name->empty() &&
        *name != "_GLOBAL_OFFSET_TABLE_")
      names.push_back(name->str());
  }
  return names;
}
