//===- weft-import.cpp - Prints a model's files as MODEL-level text -------===//

#include "frontends/Frontends.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/raw_ostream.h"

namespace cl = llvm::cl;

static cl::OptionCategory category("Options");
static cl::opt<std::string> source(cl::Positional, cl::Required,
                                   cl::desc("<directory, .gguf or .mlir>"),
                                   cl::cat(category));
static cl::opt<std::string>
    params("params", cl::desc("safetensors file with a text's parameters"),
           cl::value_desc("file"), cl::cat(category));
static cl::opt<bool> metadata("metadata",
                              cl::desc("Print metadata before the module"),
                              cl::cat(category));

int main(int argc, char **argv) {
  cl::HideUnrelatedOptions(category);
  cl::ParseCommandLineOptions(
      argc, argv,
      "Prints a model as weft IR.\n\nExample: weft-import models/smollm2\n");
  mlir::MLIRContext context;
  auto model = weft::loadModel(context, source, {params, {}});
  if (!model) {
    llvm::errs() << "error: " << model.error().str() << "\n";
    return 1;
  }
  if (metadata)
    for (const auto &[key, value] : model->metadata)
      llvm::outs() << "// " << key << " = " << value << "\n";
  mlir::OpPrintingFlags flags;
  // Frequencies and the like in full; tensors are never inline.
  model->module->print(llvm::outs(), flags);
  llvm::outs() << "\n";
  return 0;
}
