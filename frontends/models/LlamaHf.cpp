//===- LlamaHf.cpp - Configurations of the Llama family, Hugging Face -----===//
//
// Defaults are those of the transformers package where a key is absent.
//
//===----------------------------------------------------------------------===//

#include "frontends/hf/ConfigKeys.h"
#include "frontends/models/Llama.h"

#include <cmath>

using namespace mlir;
using namespace weft;
using formats::Config;

namespace {

/// Reads one model type; what all types share is read first.
class Reader {
public:
  Reader(Config &config, LlamaConfig &c)
      : config(config), c(c), type(config.getString("model_type")) {}

  void read();

private:
  void readShared();
  void readKinds(bool (*slidesByDefault)(int64_t layer, int64_t first));
  void readLlama();
  void readMistral();
  void readQwen();
  void readGranite();
  void readSmolLm3();
  void readPhi3();
  void readGemma();
  void readGemma3Ropes();
  /// `getReal` of a factor that something is divided by.
  double getDivisor(const char *key);

  Config &config;
  LlamaConfig &c;
  const std::string type;
};

} // namespace

void Reader::readShared() {
  const bool isGemma = StringRef(type).starts_with("gemma");
  c.vocab = config.getPositive("vocab_size");
  c.hidden = config.getPositive("hidden_size");
  c.layers.resize(config.getInteger("num_hidden_layers", 1, 10000));
  c.heads = config.getPositive("num_attention_heads");
  c.keyHeads =
      config.getPositive("num_key_value_heads", type == "mistral"   ? 8
                                                : type == "smollm3" ? 4
                                                                    : c.heads);
  c.headChannels = readHeadChannels(config, "head_dim",
                                    type == "qwen3" ? 128
                                    : isGemma       ? 256
                                                    : c.hidden / c.heads);
  c.feedForward = config.getPositive("intermediate_size");
  c.context = config.getPositive("max_position_embeddings",
                                 type == "mistral" ? 131072 : 2048);
  c.epsilon = config.getReal("rms_norm_eps",
                             type == "olmo2" || type == "phi3" ? 1e-5 : 1e-6);
  // Gemma 2 and 3 have a key of their own.
  const char *activation =
      config.has("hidden_activation") ? "hidden_activation" : "hidden_act";
  c.activation =
      parseActivation(config.getChoice(activation, getActivationNames(),
                                       isGemma ? "gelu_pytorch_tanh" : "silu"));
  c.isTied =
      config.getBool("tie_word_embeddings", isGemma || type == "smollm3");
}

/// Windows of layers: by `layer_types`, or else by the rule of the model type.
void Reader::readKinds(bool (*slidesByDefault)(int64_t, int64_t)) {
  const bool isSwitched = type != "gemma2" && type != "gemma3_text";
  const bool uses = !isSwitched || config.getBool("use_sliding_window", false);
  const int64_t window = config.getPositive("sliding_window", 4096);
  const int64_t first =
      config.getInteger("max_window_layers", 0, INT32_MAX, 28);
  const std::vector<std::string> kinds = config.getStrings("layer_types");
  if (!kinds.empty() && kinds.size() != c.layers.size()) {
    config.fail("layer_types", "expected " + std::to_string(c.layers.size()) +
                                   " layers but got " +
                                   std::to_string(kinds.size()));
    return;
  }
  for (size_t i = 0; i < c.layers.size(); ++i) {
    bool slides = uses && slidesByDefault(static_cast<int64_t>(i), first);
    if (!kinds.empty()) {
      slides = kinds[i] == "sliding_attention";
      if (!slides && kinds[i] != "full_attention")
        config.fail("layer_types[" + std::to_string(i) + "]",
                    "expected \"full_attention\" or \"sliding_attention\" but "
                    "got \"" +
                        kinds[i] + "\"");
      if (slides && !uses)
        config.fail("use_sliding_window",
                    "expected true, for layer_types has sliding_attention");
    }
    c.layers[i].window = slides ? window : 0;
  }
}

double Reader::getDivisor(const char *key) {
  const double value = config.getReal(key, 1.0);
  if (value == 0)
    config.fail(key, "expected a number other than 0");
  return value == 0 ? 1.0 : value;
}

void Reader::readLlama() {
  c.feedForwardBias = config.getBool("mlp_bias", false);
  config.require("rope_interleaved", false);
  config.ignore({"is_llama_config"});
}

void Reader::readMistral() {
  // The default of the model's code where the key is absent; null is none.
  const bool isNone =
      config.contains("sliding_window") && !config.has("sliding_window");
  const int64_t window =
      isNone ? 0 : config.getPositive("sliding_window", 4096);
  for (LlamaLayer &layer : c.layers)
    layer.window = window;
}

void Reader::readQwen() {
  if (type == "qwen2")
    c.queryBias = true;
  else
    c.queryNorm = QueryNorm::Head;
  readKinds([](int64_t layer, int64_t first) { return layer >= first; });
}

void Reader::readGranite() {
  c.feedForwardBias = config.getBool("mlp_bias", false);
  c.embeddingScale = config.getReal("embedding_multiplier", 1.0);
  c.residualScale = config.getReal("residual_multiplier", 1.0);
  c.attentionScale = config.getReal("attention_multiplier", 1.0);
  c.logitScale = 1 / getDivisor("logits_scaling");
}

void Reader::readSmolLm3() {
  c.feedForwardBias = config.getBool("mlp_bias", false);
  config.require("use_sliding_window", false);
  config.ignore({"sliding_window"});
  const int64_t interval = config.getPositive("no_rope_layer_interval", 4);
  const std::vector<int64_t> ropes = config.getIntegers("no_rope_layers");
  if (!ropes.empty() && ropes.size() != c.layers.size())
    config.fail("no_rope_layers",
                "expected " + std::to_string(c.layers.size()) +
                    " layers but got " + std::to_string(ropes.size()));
  for (const std::string &kind : config.getStrings("layer_types"))
    if (kind != "full_attention")
      config.fail("layer_types",
                  "expected \"full_attention\" but got \"" + kind + "\"");
  for (size_t i = 0; i < c.layers.size(); ++i) {
    // The name says the contrary: 1 is a layer with positions.
    const bool hasRope =
        i < ropes.size() ? ropes[i] != 0 : (i + 1) % interval != 0;
    c.layers[i].rope = hasRope ? 0 : -1;
  }
}

void Reader::readPhi3() {
  c.isFused = true;
  // Of longrope, which readRope refuses.
  config.ignore({"original_max_position_embeddings"});
  const int64_t window = config.getInteger("sliding_window", 0, INT32_MAX, 0);
  for (LlamaLayer &layer : c.layers)
    layer.window = window;
}

void Reader::readGemma() {
  c.normOffset = 1.0;
  c.embeddingScale = std::sqrt(static_cast<double>(c.hidden));
  config.require("use_bidirectional_attention", false);
  if (type == "gemma")
    return;
  c.norms = NormPlace::Both;
  const double scalar = config.getReal("query_pre_attn_scalar", 256.0);
  if (scalar <= 0)
    config.fail("query_pre_attn_scalar", "expected a positive number");
  c.attentionScale = 1 / std::sqrt(scalar);
  const bool isGemma2 = type == "gemma2";
  auto getCap = [&](const char *key, double fallback) {
    const bool isAbsent = !config.contains(key);
    return config.getReal(key, isAbsent && isGemma2 ? fallback : 0.0);
  };
  c.scoreCap = getCap("attn_logit_softcapping", 50.0);
  c.logitCap = getCap("final_logit_softcapping", 30.0);
  if (isGemma2) {
    readKinds([](int64_t layer, int64_t) { return layer % 2 == 0; });
    return;
  }
  c.queryNorm = QueryNorm::Head;
  config.ignore({"_sliding_window_pattern"});
  if (config.has("sliding_window_pattern"))
    config.require("sliding_window_pattern", 6);
  readKinds([](int64_t layer, int64_t) { return (layer + 1) % 6 != 0; });
}

/// Gemma 3 has positions of their own for layers with a window.
void Reader::readGemma3Ropes() {
  if (config.has("rope_parameters")) {
    Config both = config.getObject("rope_parameters");
    for (const char *kind : {"full_attention", "sliding_attention"}) {
      Config one = both.getObject(kind);
      c.ropes.push_back(readRopeObject(one, c.headChannels, c.context));
    }
  } else {
    c.ropes.push_back(readRope(config, c.headChannels, c.context, 1000000.0));
    Rope local;
    const double theta = config.getReal("rope_local_base_freq", 10000.0);
    if (theta <= 0)
      config.fail("rope_local_base_freq", "expected a positive number");
    else
      local.frequencies = getRopeFrequencies(theta, c.headChannels);
    c.ropes.push_back(std::move(local));
  }
  for (LlamaLayer &layer : c.layers)
    layer.rope = layer.window ? 1 : 0;
}

void Reader::read() {
  readShared();
  if (type == "llama")
    readLlama();
  else if (type == "mistral")
    readMistral();
  else if (type == "qwen2" || type == "qwen3")
    readQwen();
  else if (type == "granite")
    readGranite();
  else if (type == "smollm3")
    readSmolLm3();
  else if (type == "phi3")
    readPhi3();
  else if (StringRef(type).starts_with("gemma"))
    readGemma();
  else { // olmo2
    c.norms = NormPlace::After;
    c.queryNorm = QueryNorm::All;
  }
  // Mistral, Qwen2 and Phi-3 have no such key.
  if (type != "mistral" && type != "qwen2" && type != "phi3")
    c.queryBias = c.outputBias = config.getBool("attention_bias", false);
  if (type == "gemma3_text")
    readGemma3Ropes();
  else
    c.ropes.push_back(readRope(config, c.headChannels, c.context,
                               type == "smollm3" ? 2000000.0 : 10000.0));
  checkHeads(config, c, "num_key_value_heads");
}

void weft::buildLlamaFromHf(const ModelInput &input) {
  LlamaConfig c;
  Reader(input.config, c).read();
  readTokenIds(input.config, input.metadata);
  ignoreCommonKeys(input.config);
  if (!input.config.finish())
    return;
  // Tables of rotations, stored by old versions.
  input.builder.getParameters().ignore({"*rotary_emb.inv_freq"});
  if (c.isTied)
    input.builder.getParameters().ignore({"lm_head.weight"});
  buildLlama(input, c);
}
