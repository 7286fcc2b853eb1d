//===- Compile.cpp - weft compile: a model to one file --------------------===//

#include "compiler/tools/weft/common/Compiler.h"
#include "compiler/tools/weft/common/Failure.h"
#include "compiler/tools/weft/common/Log.h"
#include "compiler/tools/weft/measure/PrecisionTrial.h"
#include "compiler/tools/weft/verbs/Verbs.h"
#include <iostream>

using namespace weft;
using namespace weft::cli;

static void compile(DriverOptions options, bool explain,
                    const CommonOptions &common) {
  LogLevel level = logLevel(common);
  const CompilerModule &compiler = getCompiler();
  if (options.output.empty()) {
    if (!compiler.isTextForm(options.emit))
      throw CLI::RequiredError("-o");
    options.output = "-";
  }
  if (options.emit == "static-lib")
    options.runtimeArchive = findLibrary("libweft-runtime.a");
  options.threads = unsigned(common.threads);
  Progress progress(level);
  options.report = [&](Severity severity, const std::string &message) {
    if (severity == Severity::Error)
      printError(message);
    else if (level >= LogLevel::Warning)
      printWarning(message);
  };
  if (level >= LogLevel::Warning)
    options.note = [&](const std::string &line) { std::cerr << line << "\n"; };
  if (explain)
    options.explain = [&](const std::string &line) {
      (options.output == "-" ? std::cerr : std::cout) << line << "\n";
    };
  options.beginStage = [&](const std::string &stage) { progress.begin(stage); };
  options.advance = [&](size_t done, size_t all) {
    progress.advance(done, all);
  };
  std::optional<PrecisionTrial> trial;
  if (options.precision == "auto")
    options.measureError = [&](const std::string &precision,
                               const std::string &at) {
      if (!trial)
        trial.emplace(options, common);
      return trial->measure(precision, at);
    };
  if (!compiler.compileFile(options))
    throw Failure(""); // has been reported
}

void weft::cli::addCompile(CLI::App &app, CommonOptions &common) {
  auto options = std::make_shared<DriverOptions>();
  auto explain = std::make_shared<bool>(false);
  CLI::App *verb =
      addVerb(app, "compile", "Compile a model",
              "weft compile model.gguf -o model.weft --mcpu all", common);
  verb->add_option("SOURCE", options->source,
                   "Hugging Face folder, .gguf, .onnx or .mlir")
      ->required()
      ->type_name("");
  verb->add_option("-o,--output", options->output,
                   "File to write; \"-\" is standard output")
      ->type_name("FILE");
  verb->add_option("--params", options->params,
                   "Parameters of a .mlir source, by name")
      ->type_name("FILE.safetensors");
  verb->add_option_function<std::vector<std::string>>(
          "--fix",
          [options](const std::vector<std::string> &given) {
            for (const std::string &text : given) {
              size_t equal = text.find('=');
              if (equal == std::string::npos)
                throw CLI::ValidationError("--fix", "expected NAME=FILE but "
                                                    "got " +
                                                        text);
              options->fixed[text.substr(0, equal)] = text.substr(equal + 1);
            }
          },
          "An input of an .onnx source whose value is known now, as a .npy "
          "file: a shape, axes")
      ->type_name("NAME=FILE");
  // One choice so far; scripts may say it already.
  verb->add_option_function<std::string>(
          "--target", [](const std::string &) {}, "Device to compile for: cpu")
      ->check(CLI::IsMember({"cpu"}))
      ->type_name("DEVICE");
  verb->add_option(
          "--precision", options->precision,
          "Factors of matrix products: f32, IEEE single; f64, the same "
          "with sums in double, slow, for reference; split, two "
          "bf16 each, 16 bits; bf16; int8, eight bits times a scale "
          "of the row and one of the output; int8-groups, weights in "
          "blocks as they are and a scale for each 32 numbers of a "
          "row; auto, the fastest that keeps --tolerance. With split and bf16 "
          "levels without a "
          "matrix unit may be more exact")
      ->check(CLI::IsMember(
          {"f64", "f32", "split", "bf16", "int8-groups", "int8", "auto"}))
      ->capture_default_str()
      ->type_name("HOW");
  verb->add_option("--tolerance", options->tolerance,
                   "Largest error that --precision auto may make, relative, "
                   "root of the mean square: of the results against f32's on "
                   "128 sample tokens or one sample input; of a matrix product "
                   "where this machine cannot run the best level")
      ->check(CLI::PositiveNumber)
      ->capture_default_str()
      ->type_name("E");
  verb->add_option("--cache", options->cache,
                   "Numbers that caches of keys and values hold: f32, f16, "
                   "bf16, or int8, with a scale for each token and head")
      ->check(CLI::IsMember({"f32", "f16", "bf16", "int8"}))
      ->capture_default_str()
      ->type_name("NUMBERS");
  verb->add_option("--mcpu", options->mcpu,
                   "Levels of CPUs to compile for, with commas between: "
                   "native, all, x86-64-v3, x86-64-v4, x86-64-v4-vnni, "
                   "x86-64-v4-amx, or a CPU of LLVM with +features")
      ->capture_default_str()
      ->type_name("LEVEL,...");
  verb->add_option("--max-context", options->maxContext,
                   "Most tokens that caches hold (default: what the model "
                   "says, at most 4096)")
      ->check(CLI::Range(int64_t(1), int64_t(1) << 30))
      ->type_name("N");
  verb->add_option("--max-piece", options->maxPiece,
                   "Most tokens of a prompt that are taken at once: fewer need "
                   "less memory and more time, above all with --precision "
                   "bf16 and int8")
      ->check(CLI::Range(int64_t(1), int64_t(1) << 20))
      ->capture_default_str()
      ->type_name("N");
  verb->add_option("--emit", options->emit, "What to write")
      ->check(CLI::IsMember({"artifact", "model", "program", "kernels", "llvm",
                             "asm", "object", "static-lib"}))
      ->capture_default_str()
      ->type_name("FORM");
  verb->add_flag("--explain", *explain,
                 "For each op, tell the lowering taken, and why not a faster "
                 "one");
  addThreads(verb, common);
  verb->callback(
      [options, explain, &common] { compile(*options, *explain, common); });
}
