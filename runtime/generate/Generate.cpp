//===- Generate.cpp - Token after token from a model ----------------------===//

#include "runtime/generate/Generate.h"
#include "runtime/generate/StopText.h"
#include "runtime/tokenizer/Tokenizer.h"
#include <algorithm>
#include <memory>

using namespace weft;

namespace {
/// From ids to shown text: decoding, stops, and the sink.
class Output {
public:
  Output(const Tokenizer *tokenizer, const GenerateOptions &options,
         const TextSink &sink, GenerateResult &result)
      : stop(options.stops), sink(sink), result(result) {
    if (tokenizer)
      stream = std::make_unique<DecodeStream>(*tokenizer);
  }

  bool put(int64_t id, std::string &error) {
    result.ids.push_back(id);
    std::string text;
    if (!stream)
      return true;
    if (!stream->put(id, text, error))
      return false;
    show(stop.put(text));
    return true;
  }

  /// Shows what was held back.
  bool finish(std::string &error) {
    std::string text;
    if (!stream || ended())
      return true;
    if (!stream->finish(text, error))
      return false;
    show(stop.put(text));
    if (!stop.stopped())
      show(stop.finish());
    ended();
    return true;
  }

  /// Whether the text ended by itself; sets the reason.
  bool ended() {
    if (cancelled)
      result.reason = FinishReason::Cancelled;
    else if (stop.stopped())
      result.reason = FinishReason::StopText;
    return cancelled || stop.stopped();
  }

private:
  void show(const std::string &text) {
    result.text += text;
    if (!text.empty() && sink && !sink(text))
      cancelled = true;
  }

  std::unique_ptr<DecodeStream> stream;
  StopText stop;
  const TextSink &sink;
  GenerateResult &result;
  bool cancelled = false;
};
} // namespace

bool weft::generate(TokenModel &model, const Tokenizer *tokenizer,
                    const std::vector<int64_t> &prompt,
                    const GenerateOptions &options, const TextSink &sink,
                    GenerateResult &result, std::string &error) {
  result = GenerateResult();
  if (prompt.empty()) {
    error = "expected a prompt of at least one token but got none";
    return false;
  }
  if (options.maxTokens == 0)
    return true;
  Sampler sampler(options.sampler);
  Output output(tokenizer, options, sink, result);
  if (!model.put(prompt, error))
    return false;
  for (;;) {
    int64_t id = sampler.sample(model.logits(), model.vocabularySize());
    if (std::find(options.endIds.begin(), options.endIds.end(), id) !=
        options.endIds.end()) {
      result.reason = FinishReason::EndToken;
      break;
    }
    if (!output.put(id, error))
      return false;
    if (output.ended() || result.ids.size() >= options.maxTokens)
      break;
    if (!model.put({id}, error))
      return false;
  }
  return output.finish(error);
}
