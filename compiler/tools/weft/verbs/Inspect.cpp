//===- Inspect.cpp - weft inspect: what a file holds ----------------------===//

#include "compiler/tools/weft/inspect/Reports.h"
#include "compiler/tools/weft/verbs/Verbs.h"
#include "runtime/module/Header.h"
#include "llvm/Support/FileSystem.h"
#include <cstring>
#include <fstream>

using namespace weft;
using namespace weft::cli;

namespace {
struct InspectOptions {
  std::string file, instructions;
};
} // namespace

/// Whether a file begins as an artifact does, whatever its name.
static bool isArtifact(const std::string &path) {
  if (!llvm::sys::fs::exists(path))
    throw Failure(path + ": no such file or folder");
  char magic[sizeof(kMagic)] = {};
  std::ifstream(path, std::ios::binary).read(magic, sizeof(magic));
  return std::memcmp(magic, kMagic, sizeof(kMagic)) == 0 ||
         llvm::StringRef(path).ends_with(".weft");
}

static void inspect(const InspectOptions &options,
                    const CommonOptions &common) {
  Json report;
  if (isArtifact(options.file)) {
    Program program(options.file,
                    WEFT_LOAD_TABLES_ONLY | WEFT_LOAD_SKIP_PARAMETER_HASH);
    if (!options.instructions.empty())
      return printInstructions(program, options.instructions);
    report = reportArtifact(program);
  } else {
    report = reportModel(options.file);
  }
  if (common.json)
    return printJson(report);
  printReport(report);
}

void weft::cli::addInspect(CLI::App &app, CommonOptions &common) {
  auto options = std::make_shared<InspectOptions>();
  CLI::App *verb = addVerb(app, "inspect",
                           "Show what a model file or a compiled model holds",
                           "weft inspect model.weft --json", common);
  verb->add_option("FILE", options->file,
                   "Compiled model (.weft), .gguf, .onnx, .mlir, .safetensors "
                   "or a Hugging Face folder")
      ->required()
      ->type_name("");
  verb->add_option("--instructions", options->instructions,
                   "Show the instructions of a function of a compiled model")
      ->type_name("FUNCTION");
  addJson(verb, common);
  verb->callback([options, &common] { inspect(*options, common); });
}
