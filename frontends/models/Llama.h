//===- Llama.h - What the models of the Llama family differ in ------------===//

#ifndef WEFT_FRONTENDS_MODELS_LLAMA_H
#define WEFT_FRONTENDS_MODELS_LLAMA_H

#include "frontends/models/Family.h"

namespace weft {

/// Where a layer has its norms.
enum class NormPlace {
  /// Before each part (Llama).
  Before,
  /// After each part, before its result is added (OLMo 2).
  After,
  /// Before and after (Gemma 2).
  Both,
};

/// What the norms of queries and keys run over.
enum class QueryNorm {
  None,
  /// The channels of each head (Qwen3).
  Head,
  /// The channels of all heads (OLMo 2).
  All,
};

/// What a layer of its own is.
struct LlamaLayer {
  /// A query sees so many keys, itself included; 0: all before.
  int64_t window = 0;
  /// Index into `LlamaConfig::ropes`, or -1: no positions (SmolLM3).
  int rope = 0;
};

struct LlamaConfig {
  int64_t vocab = 1, hidden = 1, heads = 1, keyHeads = 1, headChannels = 1;
  int64_t feedForward = 1, context = 1;
  double epsilon = 1e-6;
  std::vector<LlamaLayer> layers;
  llvm::SmallVector<Rope, 1> ropes;
  Activation activation = Activation::Silu;
  NormPlace norms = NormPlace::Before;
  QueryNorm queryNorm = QueryNorm::None;
  /// Added to the weights of norms (Gemma stores them around 0).
  double normOffset = 0.0;
  bool queryBias = false, outputBias = false, feedForwardBias = false;
  /// Queries, keys and values are one matrix, and so are gate and up (Phi-3).
  bool isFused = false;
  /// The logits are products with the embeddings.
  bool isTied = false;
  /// Factors on the embeddings, on each part before it is added, and on the
  /// logits.
  double embeddingScale = 1.0, residualScale = 1.0, logitScale = 1.0;
  /// On products of queries and keys; 1 / sqrt(headChannels) if not given.
  std::optional<double> attentionScale;
  /// y = cap tanh(y / cap) on scores and on logits; 0: not.
  double scoreCap = 0.0, logitCap = 0.0;
};

/// Builds the model.
void buildLlama(const ModelInput &input, const LlamaConfig &config);

/// The channels of a head: given by `key`, or else `fallback`. Bounded, for a
/// table is made of them.
int64_t readHeadChannels(formats::Config &config, const char *key,
                         int64_t fallback);

/// Checks what the description divides by.
void checkHeads(formats::Config &config, const LlamaConfig &c,
                const char *keyHeadsKey);

void buildLlamaFromHf(const ModelInput &input);
void buildLlamaFromGguf(const ModelInput &input);
llvm::ArrayRef<NamePair> getLlamaGgufNames();

} // namespace weft

#endif // WEFT_FRONTENDS_MODELS_LLAMA_H
