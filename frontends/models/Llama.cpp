//===- Llama.cpp - Llama and the models that differ in a few settings -----===//
//
// Llama (Touvron et al. 2023), Mistral, Qwen2, Qwen3, SmolLM2: RMS norm before
// each part, rotary positions, grouped key heads, gated feed-forward.
//
//===----------------------------------------------------------------------===//

#include "frontends/formats/dequantize/Dequantize.h"
#include "frontends/hf/ConfigKeys.h"
#include "frontends/models/Family.h"

using namespace mlir;
using namespace weft;
using formats::Config;

namespace {

/// What the models of the family differ in.
struct LlamaConfig {
  int64_t vocab, hidden, layers, heads, keyHeads, headChannels, feedForward;
  int64_t context;
  double epsilon;
  Rope rope;
  Activation activation = Activation::Silu;
  bool queryBias = false, outputBias = false, feedForwardBias = false;
  /// RMS norms on the channels of each head of queries and keys (Qwen3).
  bool headNorms = false;
  /// The logits are products with the embeddings.
  bool isTied = false;
  /// Of each layer; 0: all keys before.
  std::vector<int64_t> windows;
};

} // namespace

//===----------------------------------------------------------------------===//
// The model
//===----------------------------------------------------------------------===//

static Value buildAttention(ModelBuilder &m, const LlamaConfig &c,
                            const std::string &layer, int64_t window, Value x,
                            Value residual) {
  LinearOptions projection;
  projection.bias = c.queryBias;
  const std::string self = layer + ".self_attn.";
  Value q = m.linear(x, self + "q_proj", c.heads * c.headChannels, projection);
  Value k =
      m.linear(x, self + "k_proj", c.keyHeads * c.headChannels, projection);
  Value v =
      m.linear(x, self + "v_proj", c.keyHeads * c.headChannels, projection);
  q = m.splitHeads(q, c.heads);
  k = m.splitHeads(k, c.keyHeads);
  v = m.splitHeads(v, c.keyHeads);
  if (c.headNorms) {
    q = m.rmsNorm(q, self + "q_norm", c.epsilon);
    k = m.rmsNorm(k, self + "k_norm", c.epsilon);
  }
  m.setName(layer + ".self_attn");
  AttentionOptions attention;
  attention.name = layer;
  attention.causal = true;
  attention.window = window;
  x = m.attention(m.rope(q, c.rope), m.rope(k, c.rope), v, attention);

  LinearOptions output;
  output.bias = c.outputBias;
  output.residual = residual;
  return m.linear(m.joinHeads(x), self + "o_proj", c.hidden, output);
}

static Value buildFeedForward(ModelBuilder &m, const LlamaConfig &c,
                              const std::string &layer, Value x,
                              Value residual) {
  x = m.gatedLinear(x, layer + ".mlp.gate_proj", layer + ".mlp.up_proj",
                    c.feedForward, c.activation, c.feedForwardBias);
  LinearOptions down;
  down.bias = c.feedForwardBias;
  down.residual = residual;
  return m.linear(x, layer + ".mlp.down_proj", c.hidden, down);
}

static void build(const ModelInput &input, const LlamaConfig &c) {
  input.metadata["task"] = "generate";
  input.metadata["context_length"] = std::to_string(c.context);
  input.metadata["vocab_size"] = std::to_string(c.vocab);
  input.metadata["hidden_size"] = std::to_string(c.hidden);

  ModelBuilder &m = input.builder;
  Value ids = m.beginFunction("forward", {{"input_ids", std::nullopt}},
                              /*isStream=*/true)[0];
  Value x = m.embed(ids, "embed_tokens", c.vocab, c.hidden);
  for (int64_t i = 0; i < c.layers && m.getParameters().ok(); ++i) {
    const std::string layer = "layers." + std::to_string(i);
    Value y = m.rmsNorm(x, layer + ".input_layernorm", c.epsilon);
    x = buildAttention(m, c, layer, c.windows[i], y, x);
    y = m.rmsNorm(x, layer + ".post_attention_layernorm", c.epsilon);
    x = buildFeedForward(m, c, layer, y, x);
  }
  x = m.rmsNorm(x, "norm", c.epsilon);
  m.endFunction("logits",
                m.linear(x, c.isTied ? "embed_tokens" : "lm_head", c.vocab));
}

/// The channels of a head: given, or else `fallback`. Bounded, for a table is
/// made of them.
static int64_t readHeadChannels(Config &config, const char *key,
                                int64_t fallback) {
  constexpr int64_t kMost = 65536;
  if (!config.has(key) && (fallback < 1 || fallback > kMost)) {
    config.fail(key, "expected channels of a head from 1 to " +
                         std::to_string(kMost) + " but got " +
                         std::to_string(fallback));
    return 1;
  }
  return config.getInteger(key, 1, kMost, fallback);
}

/// Checks what the description divides by.
static void checkHeads(Config &config, const LlamaConfig &c,
                       const char *keyHeadsKey) {
  if (c.heads % c.keyHeads != 0)
    config.fail(keyHeadsKey, "expected a divisor of " +
                                 std::to_string(c.heads) + " but got " +
                                 std::to_string(c.keyHeads));
}

//===----------------------------------------------------------------------===//
// Hugging Face
//===----------------------------------------------------------------------===//

/// Windows by layer. Mistral: one for all. Qwen: by the kind of each layer.
static std::vector<int64_t> readWindows(Config &config, const std::string &type,
                                        int64_t layers) {
  const auto count = static_cast<size_t>(layers);
  if (type == "mistral") {
    // The default of the model's code where the key is absent; null is none.
    const bool isNone =
        config.contains("sliding_window") && !config.has("sliding_window");
    const int64_t window =
        isNone ? 0 : config.getPositive("sliding_window", 4096);
    return std::vector<int64_t>(count, window);
  }
  std::vector<int64_t> windows(count, 0);
  if (type != "qwen2" && type != "qwen3")
    return windows;
  const bool uses = config.getBool("use_sliding_window", false);
  const int64_t window = config.getPositive("sliding_window", 4096);
  const int64_t first =
      config.getInteger("max_window_layers", 0, INT32_MAX, 28);
  const std::vector<std::string> kinds = config.getStrings("layer_types");
  if (!kinds.empty() && kinds.size() != count)
    config.fail("layer_types", "expected " + std::to_string(layers) +
                                   " layers but got " +
                                   std::to_string(kinds.size()));
  for (size_t i = 0; i < count && (kinds.empty() || i < kinds.size()); ++i) {
    bool slides = uses && static_cast<int64_t>(i) >= first;
    if (!kinds.empty()) {
      slides = kinds[i] == "sliding_attention";
      if (!slides && kinds[i] != "full_attention")
        config.fail("layer_types[" + std::to_string(i) + "]",
                    "expected \"full_attention\" or \"sliding_attention\" but "
                    "got \"" +
                        kinds[i] + "\"");
    }
    windows[i] = slides ? window : 0;
    if (slides && !uses)
      config.fail("use_sliding_window",
                  "expected true, for layer_types has sliding_attention");
  }
  return windows;
}

/// The biases that each model type has.
static void readBiases(Config &config, const std::string &type,
                       LlamaConfig &c) {
  if (type == "qwen2") {
    c.queryBias = true;
    return;
  }
  if (type == "mistral")
    return;
  c.queryBias = c.outputBias = config.getBool("attention_bias", false);
  if (type == "llama")
    c.feedForwardBias = config.getBool("mlp_bias", false);
}

static void buildFromHf(const ModelInput &input) {
  Config &config = input.config;
  const std::string type = config.getString("model_type");
  LlamaConfig c;
  c.vocab = config.getPositive("vocab_size");
  c.hidden = config.getPositive("hidden_size");
  c.layers = config.getInteger("num_hidden_layers", 1, 10000);
  c.heads = config.getPositive("num_attention_heads");
  c.keyHeads = config.getPositive("num_key_value_heads",
                                  type == "mistral" ? 8 : c.heads);
  c.headChannels = readHeadChannels(config, "head_dim",
                                    type == "qwen3" ? 128 : c.hidden / c.heads);
  c.feedForward = config.getPositive("intermediate_size");
  c.context = config.getPositive("max_position_embeddings",
                                 type == "mistral" ? 131072 : 2048);
  c.epsilon = config.getReal("rms_norm_eps", 1e-6);
  c.activation = parseActivation(
      config.getChoice("hidden_act", getActivationNames(), "silu"));
  c.isTied = config.getBool("tie_word_embeddings", false);
  c.headNorms = type == "qwen3";
  c.rope = readRope(config, c.headChannels, c.context);
  c.windows = readWindows(config, type, c.layers);
  readBiases(config, type, c);
  checkHeads(config, c, "num_key_value_heads");
  if (type == "llama") {
    config.require("rope_interleaved", false);
    config.ignore({"is_llama_config"});
  }
  readTokenIds(config, input.metadata);
  ignoreCommonKeys(config);
  if (!config.finish())
    return;
  // Tables of rotations, stored by old versions.
  input.builder.getParameters().ignore({"*rotary_emb.inv_freq"});
  if (c.isTied)
    input.builder.getParameters().ignore({"lm_head.weight"});
  build(input, c);
}

//===----------------------------------------------------------------------===//
// GGUF
//===----------------------------------------------------------------------===//

/// Divides each frequency by its factor in `rope_freqs.weight` (Llama 3.1).
static void applyFactors(const ModelInput &input, Rope &rope) {
  Parameters &parameters = input.builder.getParameters();
  const formats::TensorInfo *tensor = parameters.find("rope_freqs.weight");
  if (!tensor)
    return;
  parameters.ignore({"rope_freqs.weight"});
  const auto pairs = static_cast<int64_t>(rope.frequencies.size());
  if (tensor->type != formats::DataType::F32 ||
      tensor->shape != std::vector<int64_t>{pairs}) {
    parameters.fail("rope_freqs.weight",
                    "expected f32 [" + std::to_string(pairs) + "] but got " +
                        formats::getName(tensor->type) + " " +
                        formats::formatShape(tensor->shape));
    return;
  }
  std::vector<float> factors(rope.frequencies.size());
  formats::dequantize(tensor->type,
                      parameters.getStore().getBytes(*tensor).data,
                      factors.size(), factors.data());
  for (auto [f, factor] : llvm::zip_equal(rope.frequencies, factors))
    f /= factor;
}

static Rope readGgufRope(const ModelInput &input, int64_t headChannels,
                         int64_t context, RopePairing pairing) {
  Config &config = input.config;
  const int64_t channels =
      config.getInteger("rope.dimension_count", 2, headChannels, headChannels);
  const double theta = config.getReal("rope.freq_base", 10000.0);
  Rope rope;
  rope.pairing = pairing;
  rope.frequencies = getRopeFrequencies(theta, channels);
  const std::string type =
      config.getChoice("rope.scaling.type", {"none", "linear", "yarn"}, "none");
  const double factor = config.getReal("rope.scaling.factor", 1.0);
  const double original = config.getReal("rope.scaling.original_context_length",
                                         static_cast<double>(context));
  config.ignore({"rope.scaling.finetuned"});
  if (theta <= 0 || channels % 2 != 0 || factor <= 0)
    config.fail("rope", "expected positive freq_base and scaling.factor and an "
                        "even dimension_count");
  else if (type == "linear")
    scaleRopeLinear(rope, factor);
  else if (type == "yarn") {
    scaleRopeYarn(rope, YarnScaling{theta, factor, original});
    rope.magnitude = getYarnMagnitude(factor);
  }
  applyFactors(input, rope);
  return rope;
}

static void buildFromGguf(const ModelInput &input) {
  Config &config = input.config;
  Parameters &parameters = input.builder.getParameters();
  LlamaConfig c;
  const formats::TensorInfo *table = parameters.find("embed_tokens.weight");
  const int64_t rows = table && table->shape.size() == 2 ? table->shape[0] : 1;
  c.vocab = config.getPositive("vocab_size", std::max<int64_t>(rows, 1));
  c.hidden = config.getPositive("embedding_length");
  c.layers = config.getInteger("block_count", 1, 10000);
  c.heads = config.getPositive("attention.head_count");
  c.keyHeads = config.getPositive("attention.head_count_kv", c.heads);
  c.headChannels =
      readHeadChannels(config, "attention.key_length", c.hidden / c.heads);
  if (config.getPositive("attention.value_length", c.headChannels) !=
      c.headChannels)
    config.fail("attention.value_length",
                "expected the key_length, " + std::to_string(c.headChannels));
  c.feedForward = config.getPositive("feed_forward_length");
  c.context = config.getPositive("context_length", 2048);
  c.epsilon = config.getReal("attention.layer_norm_rms_epsilon");
  // Files of the llama architecture have the rows of queries and keys in an
  // order that pairs neighbours; the others keep Hugging Face's.
  const bool isLlama = input.metadata["architecture"] == "llama";
  c.rope = readGgufRope(input, c.headChannels, c.context,
                        isLlama ? RopePairing::Adjacent : RopePairing::Half);
  c.windows.assign(
      static_cast<size_t>(c.layers),
      config.getInteger("attention.sliding_window", 0, INT32_MAX, 0));
  config.require("expert_count", 0);
  checkHeads(config, c, "attention.head_count_kv");
  c.queryBias = parameters.has("layers.0.self_attn.q_proj.bias");
  c.outputBias = parameters.has("layers.0.self_attn.o_proj.bias");
  c.feedForwardBias = parameters.has("layers.0.mlp.down_proj.bias");
  c.headNorms = parameters.has("layers.0.self_attn.q_norm.weight");
  c.isTied = !parameters.has("lm_head.weight");
  if (config.finish())
    build(input, c);
}

static constexpr NamePair kGgufNames[] = {
    {"embed_tokens", "token_embd"},
    {"norm", "output_norm"},
    {"lm_head", "output"},
    {"layers.{}.input_layernorm", "blk.{}.attn_norm"},
    {"layers.{}.self_attn.q_proj", "blk.{}.attn_q"},
    {"layers.{}.self_attn.k_proj", "blk.{}.attn_k"},
    {"layers.{}.self_attn.v_proj", "blk.{}.attn_v"},
    {"layers.{}.self_attn.o_proj", "blk.{}.attn_output"},
    {"layers.{}.self_attn.q_norm", "blk.{}.attn_q_norm"},
    {"layers.{}.self_attn.k_norm", "blk.{}.attn_k_norm"},
    {"layers.{}.post_attention_layernorm", "blk.{}.ffn_norm"},
    {"layers.{}.mlp.gate_proj", "blk.{}.ffn_gate"},
    {"layers.{}.mlp.up_proj", "blk.{}.ffn_up"},
    {"layers.{}.mlp.down_proj", "blk.{}.ffn_down"},
    {"rope_freqs", "rope_freqs"},
};

static const StringRef kHfTypes[] = {"llama", "mistral", "qwen2", "qwen3"};
static const StringRef kHfPrefixes[] = {"model.", ""};
static const StringRef kGgufTypes[] = {"llama", "qwen2", "qwen3"};

const ModelFamily weft::kLlamaFamily = {"llama",      kHfTypes,   kHfPrefixes,
                                        buildFromHf,  kGgufTypes, kGgufNames,
                                        buildFromGguf};
