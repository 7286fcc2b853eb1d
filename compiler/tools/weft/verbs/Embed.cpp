//===- Embed.cpp - weft embed: a vector for each text ---------------------===//

#include "compiler/tools/weft/common/Files.h"
#include "compiler/tools/weft/common/Log.h"
#include "compiler/tools/weft/common/Text.h"
#include "compiler/tools/weft/measure/SampleInputs.h"
#include "compiler/tools/weft/verbs/Verbs.h"
#include <charconv>
#include <cmath>
#include <iostream>
#include <sstream>

using namespace weft::cli;

namespace {
struct EmbedOptions {
  std::string file, pooling, textFile;
  std::vector<std::string> texts;
  bool normalize = false;
};

/// An encoder, and how its hidden states become one vector.
class Embedder {
public:
  Embedder(const EmbedOptions &options, const CommonOptions &common);
  std::vector<float> embed(const std::string &text);

private:
  Program program;
  Session session;
  Function forward;
  std::unique_ptr<weft::Tokenizer> tokenizer;
  LogLevel log;
  bool takesMean, normalizes;
  int64_t most = INT64_MAX; // tokens
};
} // namespace

Embedder::Embedder(const EmbedOptions &options, const CommonOptions &common)
    : program(options.file), session(program, common),
      forward(program.function("forward")), tokenizer(loadTokenizer(program)),
      log(logLevel(common)) {
  const Port &hidden = forward.outputs.at(0);
  if (hidden.type != WEFT_F32 || hidden.dims.size() != 3)
    throw Failure(options.file +
                  ": function forward: expected hidden states of shape batch x "
                  "tokens x channels but got " +
                  describe(hidden.type, hidden.dims));
  std::string pooling = options.pooling.empty()
                            ? program.metadata("pooling").value_or("mean")
                            : options.pooling;
  takesMean = pooling != "cls";
  normalizes = options.normalize || program.metadata("normalize") == "true";
  if (auto symbol = findTokensSymbol(forward))
    most = forward.symbols[*symbol].max;
  if (auto length = program.metadata("context_length"))
    most =
        std::min(most, toInteger(*length, program.path() + ": context_length"));
}

/// Mean over tokens, or the first token's row. The sum is kept in double, so
/// that the order of tokens does not matter much.
static std::vector<float> pool(const float *rows, int64_t tokens,
                               int64_t channels, bool takesMean) {
  int64_t count = takesMean ? tokens : 1;
  std::vector<double> sum(channels);
  for (int64_t t = 0; t != count; ++t)
    for (int64_t c = 0; c != channels; ++c)
      sum[c] += rows[t * channels + c];
  std::vector<float> result(channels);
  for (int64_t c = 0; c != channels; ++c)
    result[c] = float(sum[c] / double(count));
  return result;
}

static void normalize(std::vector<float> &vector) {
  double square = 0;
  for (float x : vector)
    square += double(x) * x;
  double scale = square > 0 ? 1 / std::sqrt(square) : 0;
  for (float &x : vector)
    x = float(x * scale);
}

std::vector<float> Embedder::embed(const std::string &text) {
  std::vector<int64_t> ids = encode(*tokenizer, text);
  if (ids.empty())
    throw Failure("expected a text with at least one token");
  if (int64_t(ids.size()) > most) {
    if (log >= LogLevel::Warning)
      printWarning("a text of " + std::to_string(ids.size()) +
                   " tokens is cut to " + std::to_string(most));
    // The closing token stays.
    ids[most - 1] = ids.back();
    ids.resize(most);
  }
  std::vector<Array> arrays = makeSampleInputs(forward, int64_t(ids.size()));
  size_t at = forward.findInput("input_ids").value_or(0);
  arrays[at] = makeIds(forward.inputs[at], ids.data(), ids.size());
  std::vector<const Array *> inputs;
  for (const Array &array : arrays)
    inputs.push_back(&array);
  std::vector<Array> results = session.run(forward, inputs);
  std::vector<float> vector = pool(results[0].as<float>(), int64_t(ids.size()),
                                   results[0].dims()[2], takesMean);
  if (normalizes)
    normalize(vector);
  return vector;
}

/// Prints the shortest decimal of each number that reads back as it.
static void print(const std::vector<float> &vector) {
  char text[32];
  std::cout << "[";
  for (size_t i = 0; i != vector.size(); ++i) {
    auto *end = std::to_chars(text, text + sizeof(text), vector[i]).ptr;
    std::cout << (i ? ", " : "") << std::string_view(text, end - text);
  }
  std::cout << "]";
}

static void embed(const EmbedOptions &options, const CommonOptions &common) {
  std::vector<std::string> texts = options.texts;
  if (!options.textFile.empty()) {
    std::istringstream lines(readFile(options.textFile));
    for (std::string line; std::getline(lines, line);)
      texts.push_back(line);
  }
  Embedder embedder(options, common);
  std::cout << "[";
  for (size_t i = 0; i != texts.size(); ++i) {
    std::cout << (i ? ",\n " : "");
    print(embedder.embed(texts[i]));
  }
  std::cout << "]" << std::endl;
}

void weft::cli::addEmbed(CLI::App &app, CommonOptions &common) {
  auto options = std::make_shared<EmbedOptions>();
  CLI::App *verb = addVerb(
      app, "embed", "Print a vector for each text, as JSON",
      "weft embed model.weft --text \"A man\" --text \"A woman\" --normalize",
      common);
  addArtifact(verb, options->file);
  CLI::Option_group *what = verb->add_option_group("Texts");
  what->add_option("--text", options->texts, "Text")->type_name("TEXT");
  what->add_option("--file", options->textFile,
                   "File with a text a line; \"-\" is standard input")
      ->type_name("FILE");
  what->require_option();
  verb->add_option("--pooling", options->pooling,
                   "How tokens become one vector: mean or cls (default: as the "
                   "model says, or mean)")
      ->check(CLI::IsMember({"mean", "cls"}))
      ->type_name("HOW");
  verb->add_flag("--normalize", options->normalize,
                 "Scale each vector to length 1");
  addThreads(verb, common);
  verb->callback([options, &common] { embed(*options, common); });
}
