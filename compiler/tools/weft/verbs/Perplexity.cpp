//===- Perplexity.cpp - weft perplexity: how well a text is expected ------===//
//
// The text is cut into windows of equal length without overlap; in each, every
// token but the first is predicted from those before it in the window:
//
//   perplexity = exp(-sum log p(token | before) / tokens)
//
//===----------------------------------------------------------------------===//

#include "compiler/tools/weft/common/Files.h"
#include "compiler/tools/weft/common/Text.h"
#include "compiler/tools/weft/measure/SampleInputs.h"
#include "compiler/tools/weft/verbs/Verbs.h"
#include <cmath>
#include <cstdio>

using namespace weft::cli;

namespace {
struct PerplexityOptions {
  std::string file, textFile;
  int64_t window = 512, maxWindows = 0; // 0: all
  bool bySteps = false;
};

/// Sums -log p over windows, with `forward` where the artifact has it, else, or
/// where asked for, token by token.
class Scorer {
public:
  Scorer(const Program &program, bool bySteps, const CommonOptions &common)
      : session(program, common),
        isWhole(!bySteps && program.hasFunction("forward")),
        function(program.function(isWhole ? "forward" : "step")) {}

  double score(const int64_t *ids, int64_t count) {
    return isWhole ? scoreWhole(ids, count) : scoreSteps(ids, count);
  }
  /// Most tokens of a window.
  int64_t most() const;

private:
  double scoreWhole(const int64_t *ids, int64_t count);
  double scoreSteps(const int64_t *ids, int64_t count);
  Array run(const int64_t *ids, int64_t count);

  Session session;
  bool isWhole;
  Function function;
};
} // namespace

int64_t Scorer::most() const {
  auto symbol = findTokensSymbol(function);
  return isWhole && symbol ? function.symbols[*symbol].max : session.capacity();
}

Array Scorer::run(const int64_t *ids, int64_t count) {
  if (function.inputs.size() != 1)
    throw Failure("function " + function.name +
                  ": expected token ids as its only input");
  Array input = makeIds(function.inputs[0], ids, size_t(count));
  std::vector<Array> results = session.run(function, {&input});
  if (results.empty() || results[0].type() != WEFT_F32)
    throw Failure("function " + function.name + ": expected logits of f32");
  return std::move(results[0]);
}

/// -log of the softmax of a row at `id`.
static double surprise(const float *logits, int64_t size, int64_t id) {
  double max = *std::max_element(logits, logits + size), sum = 0;
  for (int64_t i = 0; i != size; ++i)
    sum += std::exp(logits[i] - max);
  return std::log(sum) + max - logits[id];
}

double Scorer::scoreWhole(const int64_t *ids, int64_t count) {
  Array logits = run(ids, count);
  int64_t size = logits.dims().back();
  double sum = 0;
  for (int64_t i = 0; i + 1 < count; ++i)
    sum += surprise(logits.as<float>() + i * size, size, ids[i + 1]);
  return sum;
}

double Scorer::scoreSteps(const int64_t *ids, int64_t count) {
  session.reset();
  double sum = 0;
  for (int64_t i = 0; i + 1 < count; ++i) {
    Array logits = run(ids + i, 1);
    sum += surprise(logits.as<float>(), logits.dims().back(), ids[i + 1]);
  }
  return sum;
}

static void perplexity(const PerplexityOptions &options,
                       const CommonOptions &common) {
  Program program(options.file);
  auto tokenizer = loadTokenizer(program);
  std::vector<int64_t> ids = encode(*tokenizer, readFile(options.textFile));
  Scorer scorer(program, options.bySteps, common);
  int64_t window = std::min<int64_t>(options.window, ids.size());
  if (window < 2)
    throw Failure(options.textFile + ": expected at least 2 tokens but got " +
                  std::to_string(ids.size()));
  if (window > scorer.most())
    throw Failure(options.file + ": expected --window of at most " +
                  std::to_string(scorer.most()) + " but got " +
                  std::to_string(window));
  int64_t windows = int64_t(ids.size()) / window;
  if (options.maxWindows)
    windows = std::min(windows, options.maxWindows);
  double sum = 0;
  for (int64_t i = 0; i != windows; ++i)
    sum += scorer.score(ids.data() + i * window, window);
  int64_t tokens = windows * (window - 1);
  double result = std::exp(sum / double(tokens));
  if (common.json)
    return printJson({{"perplexity", result}, {"tokens", tokens}});
  std::printf("perplexity %.4f of %lld tokens\n", result, (long long)tokens);
}

void weft::cli::addPerplexity(CLI::App &app, CommonOptions &common) {
  auto options = std::make_shared<PerplexityOptions>();
  CLI::App *verb =
      addVerb(app, "perplexity", "Measure how well a model expects a text",
              "weft perplexity model.weft --file text.txt --json", common);
  addArtifact(verb, options->file);
  verb->add_option("--file", options->textFile, "Text; \"-\" is standard input")
      ->required()
      ->type_name("FILE");
  verb->add_option("--window", options->window, "Tokens of a window")
      ->check(CLI::Range(int64_t(2), int64_t(1) << 31))
      ->capture_default_str()
      ->type_name("N");
  verb->add_flag("--steps", options->bySteps,
                 "Take one token after the other, through the caches");
  verb->add_option("--max-windows", options->maxWindows,
                   "Windows to measure (default: all)")
      ->check(CLI::PositiveNumber)
      ->type_name("N");
  addThreads(verb, common);
  addJson(verb, common);
  verb->callback([options, &common] { perplexity(*options, common); });
}
