//===- Assemble.cpp - Text of an assembler to an object -------------------===//

#include "compiler/artifact/Assemble.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Module.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/ObjCopy/ConfigManager.h"
#include "llvm/ObjCopy/ObjCopy.h"
#include "llvm/Object/ObjectFile.h"
#include "llvm/Support/SmallVectorMemoryBuffer.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/TargetParser/Triple.h"

using namespace llvm;
using namespace weft;

static const Target *findTarget(const Triple &triple, std::string &error) {
  static const bool initialized = [] {
    LLVMInitializeX86TargetInfo();
    LLVMInitializeX86Target();
    LLVMInitializeX86TargetMC();
    LLVMInitializeX86AsmPrinter();
    LLVMInitializeX86AsmParser();
    return true;
  }();
  (void)initialized;
  return TargetRegistry::lookupTarget(triple, error);
}

static std::unique_ptr<MemoryBuffer> makeBuffer(SmallVector<char, 0> bytes,
                                                StringRef name) {
  return std::make_unique<SmallVectorMemoryBuffer>(
      std::move(bytes), name, /*RequiresNullTerminator=*/false);
}

Expected<std::unique_ptr<MemoryBuffer>> artifact::assemble(StringRef text,
                                                           StringRef name) {
  Triple triple("x86_64-unknown-linux-gnu");
  std::string error;
  const Target *target = findTarget(triple, error);
  if (!target)
    return createStringError(error);
  std::unique_ptr<TargetMachine> machine(target->createTargetMachine(
      triple, "x86-64", "", TargetOptions(), Reloc::PIC_));
  LLVMContext context;
  Module module(name, context);
  module.setTargetTriple(triple);
  module.setDataLayout(machine->createDataLayout());
  module.setModuleInlineAsm(text);
  SmallVector<char, 0> bytes;
  raw_svector_ostream out(bytes);
  legacy::PassManager passes;
  if (machine->addPassesToEmitFile(passes, out, nullptr,
                                   CodeGenFileType::ObjectFile))
    return createStringError("the target emits no objects");
  passes.run(module);
  return makeBuffer(std::move(bytes), name);
}

Expected<std::unique_ptr<MemoryBuffer>>
artifact::prefixSymbols(MemoryBufferRef object, StringRef prefix) {
  auto binary = object::ObjectFile::createObjectFile(object);
  if (!binary)
    return binary.takeError();
  objcopy::ConfigManager config;
  config.Common.SymbolsPrefix = prefix;
  config.Common.OutputFilename = object.getBufferIdentifier();
  SmallVector<char, 0> bytes;
  raw_svector_ostream out(bytes);
  if (Error error = objcopy::executeObjcopyOnBinary(config, **binary, out))
    return std::move(error);
  return makeBuffer(std::move(bytes), object.getBufferIdentifier());
}
