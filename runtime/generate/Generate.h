//===- Generate.h - Token after token from a model --------------*- C++ -*-===//
//
// The loop of text generation: the prompt goes into the model, a token is
// chosen, shown and fed back until something ends it. It knows the model only
// by the interface below, so that every device and every session can stand
// behind it.
//
//===----------------------------------------------------------------------===//

#ifndef WEFT_GENERATE_GENERATE_H
#define WEFT_GENERATE_GENERATE_H

#include "runtime/generate/Sampler.h"
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace weft {

class Tokenizer;

/// A decoder with its state. Logits are of the last token put in; they stay
/// valid until the next call.
class TokenModel {
public:
  virtual ~TokenModel() = default;
  /// Puts `ids` (at least one) after all before. False, with `error` set, if
  /// that fails, for instance since the context is full.
  virtual bool put(const std::vector<int64_t> &ids, std::string &error) = 0;
  virtual const float *logits() const = 0;
  virtual size_t vocabularySize() const = 0;
};

struct GenerateOptions {
  SamplerOptions sampler;
  size_t maxTokens = 128;
  std::vector<int64_t> endIds;    // these end the text and are not part of it
  std::vector<std::string> stops; // and so do these texts
};

enum class FinishReason { MaxTokens, EndToken, StopText, Cancelled };

struct GenerateResult {
  std::vector<int64_t> ids; // the new ones, without the one that ended it
  std::string text;
  FinishReason reason = FinishReason::MaxTokens;
};

/// Receives text as soon as it is certain; false cancels.
using TextSink = std::function<bool(std::string_view)>;

/// Generates after `prompt`. `tokenizer` may be null: then there are ids, but
/// no text, and `stops` has no effect. False, with `error` set, if the model or
/// the decoder fails, or the prompt is empty; `result` then holds what came
/// before.
bool generate(TokenModel &model, const Tokenizer *tokenizer,
              const std::vector<int64_t> &prompt,
              const GenerateOptions &options, const TextSink &sink,
              GenerateResult &result, std::string &error);

} // namespace weft

#endif // WEFT_GENERATE_GENERATE_H
