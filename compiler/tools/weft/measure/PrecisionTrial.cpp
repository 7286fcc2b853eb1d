//===- PrecisionTrial.cpp - How exact a precision is on a model -----------===//

#include "compiler/tools/weft/measure/PrecisionTrial.h"
#include "compiler/tools/weft/common/Compiler.h"
#include "compiler/tools/weft/measure/SampleInputs.h"
#include <cmath>
#include <filesystem>
#include <stdlib.h>

using namespace weft;
using namespace weft::cli;

PrecisionTrial::PrecisionTrial(const DriverOptions &options,
                               const CommonOptions &common)
    : options(options), common(common) {
  std::error_code error;
  std::string pattern =
      (std::filesystem::temp_directory_path(error) / "weft-XXXXXX").string();
  if (error || !mkdtemp(pattern.data()))
    throw Failure("expected a folder for temporary files but cannot make " +
                  pattern);
  folder = pattern;
}

PrecisionTrial::~PrecisionTrial() {
  std::error_code ignored;
  std::filesystem::remove_all(folder, ignored);
}

std::optional<std::vector<float>>
PrecisionTrial::run(const std::string &precision, const std::string &level) {
  // The same model, of which nothing but the precision may differ.
  DriverOptions trial = options;
  trial.mcpu = level;
  trial.emit = "artifact";
  trial.cache = "f32";
  trial.precision = precision;
  trial.note = trial.explain = nullptr;
  trial.measureError = nullptr;
  trial.output = folder + "/" + precision + ".weft";
  trial.report = [](Severity, const std::string &) {};
  trial.beginStage = [&](const std::string &stage) {
    if (options.beginStage)
      options.beginStage("Try " + precision + ": " + stage);
  };
  if (!getCompiler().compileFile(trial))
    return std::nullopt;

  Program program(trial.output);
  std::filesystem::remove(trial.output); // it stays mapped
  Function function = program.function(size_t(0));
  for (const char *name : {"prefill", "forward"})
    if (program.hasFunction(name))
      function = program.function(name);
  int64_t tokens = kTokens;
  if (auto symbol = findTokensSymbol(function))
    tokens = std::min<int64_t>(tokens, function.symbols[*symbol].max);
  std::vector<Array> inputs = makeSampleInputs(function, tokens);
  std::vector<const Array *> pointers;
  for (const Array &input : inputs)
    pointers.push_back(&input);
  std::vector<float> numbers;
  for (const Array &result : Session(program, common).run(function, pointers))
    if (result.type() == WEFT_F32)
      numbers.insert(numbers.end(), result.as<float>(),
                     result.as<float>() + result.elements());
  return numbers;
}

std::optional<double> PrecisionTrial::measure(const std::string &precision,
                                              const std::string &level) {
  std::optional<std::vector<float>> rounded;
  try {
    if (!exact)
      exact = run("f32", level);
    if (exact)
      rounded = run(precision, level);
  } catch (const Failure &) {
    // The compiler asks, which no exception may cross. A model that does not
    // run on sample inputs is not measured.
    return std::nullopt;
  }
  if (!rounded || rounded->empty() || rounded->size() != exact->size())
    return std::nullopt;
  double errors = 0, squares = 0;
  for (size_t i = 0; i != exact->size(); ++i) {
    const double difference = double((*rounded)[i]) - double((*exact)[i]);
    errors += difference * difference;
    squares += double((*exact)[i]) * double((*exact)[i]);
  }
  if (!(squares > 0) || !std::isfinite(errors / squares))
    return std::nullopt;
  return std::sqrt(errors / squares);
}
