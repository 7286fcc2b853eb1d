//===- Gpt2.cpp - GPT-2 ---------------------------------------------------===//
//
// Radford et al. 2019: learned positions, layer norm before each part, weights
// stored inputs x outputs.
//
//===----------------------------------------------------------------------===//

#include "frontends/hf/ConfigKeys.h"
#include "frontends/models/Family.h"

#include <cmath>

using namespace mlir;
using namespace weft;
using formats::Config;

namespace {

struct Gpt2Config {
  int64_t vocab, hidden, layers, heads, feedForward, context;
  double epsilon;
  Activation activation;
  bool isTied;
  /// Products of queries and keys are divided by sqrt of the head's channels,
  /// and by the number of the layer.
  bool scalesByChannels = true, scalesByLayer = false;
  /// Weights are stored inputs x outputs.
  bool isTransposed = true;
};

} // namespace

static Value buildLinear(ModelBuilder &m, const Gpt2Config &c, Value x,
                         const std::string &name, int64_t outputs,
                         const LinearOptions &options) {
  return c.isTransposed ? m.linearTransposed(x, name, outputs, options)
                        : m.linear(x, name, outputs, options);
}

static Value buildLayer(ModelBuilder &m, const Gpt2Config &c, int64_t i,
                        Value x) {
  const std::string layer = "h." + std::to_string(i);
  LinearOptions biased;
  biased.bias = true;
  Value y = m.layerNorm(x, layer + ".ln_1", c.epsilon);
  Value qkv =
      buildLinear(m, c, y, layer + ".attn.c_attn", 3 * c.hidden, biased);
  Value q = m.splitHeads(m.slice(qkv, 0, c.hidden), c.heads);
  Value k = m.splitHeads(m.slice(qkv, c.hidden, c.hidden), c.heads);
  Value v = m.splitHeads(m.slice(qkv, 2 * c.hidden, c.hidden), c.heads);
  m.setName(layer + ".attn");
  AttentionOptions attention;
  attention.name = layer;
  attention.causal = true;
  double scale = 1.0;
  if (c.scalesByChannels)
    scale /= std::sqrt(static_cast<double>(c.hidden / c.heads));
  if (c.scalesByLayer)
    scale /= static_cast<double>(i + 1);
  attention.scale = scale;
  y = m.joinHeads(m.attention(q, k, v, attention));

  LinearOptions output = biased;
  output.residual = x;
  x = buildLinear(m, c, y, layer + ".attn.c_proj", c.hidden, output);
  y = m.layerNorm(x, layer + ".ln_2", c.epsilon);
  LinearOptions activated = biased;
  activated.activation = c.activation;
  y = buildLinear(m, c, y, layer + ".mlp.c_fc", c.feedForward, activated);
  output.residual = x;
  return buildLinear(m, c, y, layer + ".mlp.c_proj", c.hidden, output);
}

static void build(const ModelInput &input, const Gpt2Config &c) {
  input.metadata["task"] = "generate";
  input.metadata["context_length"] = std::to_string(c.context);
  input.metadata["vocab_size"] = std::to_string(c.vocab);
  input.metadata["hidden_size"] = std::to_string(c.hidden);

  ModelBuilder &m = input.builder;
  Value ids = m.beginFunction("forward", {{"input_ids", std::nullopt}},
                              /*isStream=*/true)[0];
  Value x = m.add(m.embed(ids, "wte", c.vocab, c.hidden),
                  m.embed(m.positions(ids), "wpe", c.context, c.hidden));
  for (int64_t i = 0; i < c.layers && m.getParameters().ok(); ++i)
    x = buildLayer(m, c, i, x);
  x = m.layerNorm(x, "ln_f", c.epsilon);
  m.endFunction("logits", m.linear(x, c.isTied ? "wte" : "lm_head", c.vocab));
}

static void buildFromHf(const ModelInput &input) {
  Config &config = input.config;
  Gpt2Config c;
  c.vocab = config.getPositive("vocab_size", 50257);
  c.hidden = config.getPositive("n_embd", 768);
  c.layers = config.getInteger("n_layer", 1, 10000, 12);
  c.heads = config.getPositive("n_head", 12);
  c.feedForward = config.getPositive("n_inner", 4 * c.hidden);
  c.context = config.getPositive("n_positions", 1024);
  c.epsilon = config.getReal("layer_norm_epsilon", 1e-5);
  c.activation = parseActivation(config.getChoice(
      "activation_function", getActivationNames(), "gelu_new"));
  c.isTied = config.getBool("tie_word_embeddings", true);
  c.scalesByChannels = config.getBool("scale_attn_weights", true);
  c.scalesByLayer = config.getBool("scale_attn_by_inverse_layer_idx", false);
  if (c.hidden % c.heads != 0)
    config.fail("n_head", "expected a divisor of " + std::to_string(c.hidden) +
                              " but got " + std::to_string(c.heads));
  config.require("add_cross_attention", false);
  // The order of scaling and product; the numbers are the same but for
  // rounding.
  config.ignore({"reorder_and_upcast_attn", "n_ctx"});
  config.ignore({"summary_activation", "summary_first_dropout",
                 "summary_proj_to_labels", "summary_type", "summary_use_proj"});
  readTokenIds(config, input.metadata);
  ignoreCommonKeys(config);
  if (!config.finish())
    return;
  // The causal mask, stored by old versions.
  input.builder.getParameters().ignore({"*.attn.bias", "*.attn.masked_bias"});
  if (c.isTied)
    input.builder.getParameters().ignore({"lm_head.weight"});
  build(input, c);
}

static void buildFromGguf(const ModelInput &input) {
  Config &config = input.config;
  Parameters &parameters = input.builder.getParameters();
  Gpt2Config c;
  c.vocab = readGgufVocabulary(input, "wte.weight");
  c.hidden = config.getPositive("embedding_length");
  c.layers = config.getInteger("block_count", 1, 10000);
  c.heads = config.getPositive("attention.head_count");
  c.feedForward = config.getPositive("feed_forward_length");
  c.context = config.getPositive("context_length");
  c.epsilon = config.getReal("attention.layer_norm_epsilon");
  c.activation = Activation::GeluTanh;
  c.isTied = !parameters.has("lm_head.weight");
  c.isTransposed = false;
  if (c.hidden % c.heads != 0)
    config.fail("attention.head_count",
                "expected a divisor of " + std::to_string(c.hidden) +
                    " but got " + std::to_string(c.heads));
  if (config.finish())
    build(input, c);
}

static constexpr NamePair kGgufNames[] = {
    {"wte", "token_embd"},
    {"wpe", "position_embd"},
    {"ln_f", "output_norm"},
    {"lm_head", "output"},
    {"h.{}.ln_1", "blk.{}.attn_norm"},
    {"h.{}.attn.c_attn", "blk.{}.attn_qkv"},
    {"h.{}.attn.c_proj", "blk.{}.attn_output"},
    {"h.{}.ln_2", "blk.{}.ffn_norm"},
    {"h.{}.mlp.c_fc", "blk.{}.ffn_up"},
    {"h.{}.mlp.c_proj", "blk.{}.ffn_down"},
};

static const StringRef kHfTypes[] = {"gpt2"};
static const StringRef kHfPrefixes[] = {"transformer.", ""};
static const StringRef kGgufTypes[] = {"gpt2"};

const ModelFamily weft::kGpt2Family = {"gpt2",       kHfTypes,   kHfPrefixes,
                                       buildFromHf,  kGgufTypes, kGgufNames,
                                       buildFromGguf};
