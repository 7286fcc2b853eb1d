//===- Compile.cpp - From a model to an artifact --------------------------===//
//
// The compiler in one function: run() at the end names the stages in order.
//
//===----------------------------------------------------------------------===//

#include "compiler/pipelines/Compile.h"
#include "compiler/artifact/ArtifactWriter.h"
#include "compiler/artifact/OutputFile.h"
#include "compiler/artifact/StaticLibrary.h"
#include "compiler/artifact/TranslateProgram.h"
#include "compiler/codegen/cpu/compile/CompileKernels.h"
#include "compiler/pipelines/Explain.h"
#include "compiler/pipelines/Metadata.h"
#include "compiler/pipelines/PackParameters.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"
#include "passes/Passes.h"

using namespace mlir;
using namespace weft;
using artifact::Code;

namespace {
class Compiler {
public:
  Compiler(ModelSource &source, const CompileOptions &options, StringRef output)
      : source(source), options(options), output(output),
        module(*source.module),
        context(chooseContext(source, options.maxContext)) {}

  LogicalResult run();

private:
  void begin(const std::string &stage) {
    if (options.beginStage)
      options.beginStage(stage);
  }
  LogicalResult derivePieces();
  LogicalResult lowerToProgram();
  LogicalResult printText();
  LogicalResult compileLevels();
  LogicalResult writeArtifact();
  LogicalResult writeObject();

  ModelSource &source;
  const CompileOptions &options;
  StringRef output;
  ModuleOp module;
  int64_t context; // most tokens of a stream
  std::vector<Code> code;
  SmallVector<uint64_t> scratch; // of each kernel, the most of all levels
};
} // namespace

/// Whether nothing but code is missing.
static bool isProgram(ModuleOp module) {
  return !module.getOps<program::FunctionOp>().empty();
}

LogicalResult Compiler::derivePieces() {
  PassManager pm(module.getContext());
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
  DeriveStepPassOptions derive;
  derive.capacity = context;
  pm.addPass(createDeriveStepPass(derive));
  pm.addNestedPass<func::FuncOp>(createKeepLastTokenPass());
  return pm.run(module);
}

LogicalResult Compiler::lowerToProgram() {
  ModelToProgramOptions lower;
  lower.maxTokens = std::min(options.maxPiece, context);
  lower.maxSequence = context;
  lower.explain = bool(options.explain);
  lower.cache = options.cache;
  // What the text of a model says for itself stays.
  if (options.precision != Precision::F32 && !module->hasAttr("weft.precision"))
    module->setAttr(
        "weft.precision",
        StringAttr::get(module.getContext(), getFacts(options.precision).name));
  PassManager pm(module.getContext());
  buildModelToProgram(pm, lower);
  if (failed(pm.run(module)))
    return failure();
  if (options.explain)
    takeExplanations(module, options.explain);
  return success();
}

static std::optional<cpu::KernelStage> kernelStage(Emit emit) {
  switch (emit) {
  case Emit::Kernels:
    return cpu::KernelStage::Kernels;
  case Emit::Llvm:
    return cpu::KernelStage::Llvm;
  case Emit::Assembly:
    return cpu::KernelStage::Assembly;
  default:
    return std::nullopt;
  }
}

/// Prints the module or its kernels, for the forms that are text.
LogicalResult Compiler::printText() {
  LogicalResult result = success();
  llvm::Error error = writeOutputFile(output, [&](llvm::raw_fd_ostream &out) {
    if (auto stage = kernelStage(options.emit)) {
      for (const cpu::CpuLevel *level : options.levels)
        if (succeeded(result))
          result = cpu::printKernels(module, *level, *stage, out);
    } else {
      module.print(out);
      out << "\n";
    }
    return failed(result) ? llvm::createStringError("nothing was printed")
                          : llvm::Error::success();
  });
  std::string message = llvm::toString(std::move(error));
  if (succeeded(result) && !message.empty())
    return emitError(UnknownLoc::get(module.getContext())) << message;
  return result;
}

LogicalResult Compiler::compileLevels() {
  cpu::CompileOptions kernelOptions;
  kernelOptions.threads = options.threads;
  kernelOptions.cacheDirectory = cpu::getDefaultCacheDirectory();
  kernelOptions.relocatable = options.emit != Emit::Artifact;
  for (const cpu::CpuLevel *level : options.levels) {
    begin("Compile kernels for " + level->name.str());
    auto object = cpu::compileKernels(module, *level, kernelOptions);
    if (failed(object))
      return failure();
    scratch.resize(object->kernels.size());
    for (auto [most, kernel] : llvm::zip_equal(scratch, object->kernels))
      most = std::max(most, kernel.bytes);
    Code &entry = code.emplace_back();
    entry.level = level->name.str();
    entry.rank = level->rank;
    for (StringRef feature : level->required)
      entry.features.push_back(feature.str());
    entry.object = std::move(object->object);
  }
  return success();
}

LogicalResult Compiler::writeArtifact() {
  begin("Pack parameters");
  std::unique_ptr<fb::ProgramT> tables =
      artifact::translateProgram(module, scratch);
  if (!tables)
    return failure();
  addMetadata(source, *tables);
  size_t all = tables->parameters.size();
  auto progress = [&](size_t done) {
    if (options.advance)
      options.advance(done, all);
  };
  artifact::PackParameter pack = makePacker(source);
  if (options.emit == Emit::StaticLibrary)
    return artifact::writeStaticLibrary(module, *tables, code, pack, progress,
                                        output, options.runtimeArchive);
  return artifact::writeArtifact(module, *tables, code, pack, progress, output);
}

/// Writes the kernels alone.
LogicalResult Compiler::writeObject() {
  if (code.size() != 1)
    return module.emitError()
           << "expected one level for an object but got " << code.size();
  llvm::Error error = writeOutputFile(output, [&](llvm::raw_fd_ostream &out) {
    out << code[0].object->getBuffer();
    return llvm::Error::success();
  });
  if (error)
    return module.emitError() << llvm::toString(std::move(error));
  return success();
}

LogicalResult Compiler::run() {
  if (options.emit == Emit::Model)
    return printText();

  if (!isProgram(module)) {
    recordDefaults(source);
    begin("Derive prefill and step");
    if (failed(derivePieces()))
      return failure();
    begin("Fuse, lower to launches and plan memory");
    if (failed(lowerToProgram()))
      return failure();
  }
  if (options.emit == Emit::Program || kernelStage(options.emit))
    return printText();

  if (failed(compileLevels()))
    return failure();
  return options.emit == Emit::Object ? writeObject() : writeArtifact();
}

LogicalResult weft::compile(ModelSource &source, const CompileOptions &options,
                            llvm::StringRef output) {
  return Compiler(source, options, output).run();
}
