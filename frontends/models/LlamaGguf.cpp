//===- LlamaGguf.cpp - Metadata of the Llama family in GGUF files ---------===//

#include "frontends/formats/dequantize/Dequantize.h"
#include "frontends/models/Llama.h"

using namespace mlir;
using namespace weft;
using formats::Config;

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

void weft::buildLlamaFromGguf(const ModelInput &input) {
  Config &config = input.config;
  Parameters &parameters = input.builder.getParameters();
  LlamaConfig c;
  c.vocab = readGgufVocabulary(input, "embed_tokens.weight");
  c.hidden = config.getPositive("embedding_length");
  c.layers.resize(config.getInteger("block_count", 1, 10000));
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
  c.ropes.push_back(
      readGgufRope(input, c.headChannels, c.context,
                   isLlama ? RopePairing::Adjacent : RopePairing::Half));
  const int64_t window =
      config.getInteger("attention.sliding_window", 0, INT32_MAX, 0);
  for (LlamaLayer &layer : c.layers)
    layer.window = window;
  config.require("expert_count", 0);
  checkHeads(config, c, "attention.head_count_kv");
  c.queryBias = parameters.has("layers.0.self_attn.q_proj.bias");
  c.outputBias = parameters.has("layers.0.self_attn.o_proj.bias");
  c.feedForwardBias = parameters.has("layers.0.mlp.down_proj.bias");
  if (parameters.has("layers.0.self_attn.q_norm.weight"))
    c.queryNorm = QueryNorm::Head;
  c.isTied = !parameters.has("lm_head.weight");
  if (config.finish())
    buildLlama(input, c);
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

llvm::ArrayRef<NamePair> weft::getLlamaGgufNames() { return kGgufNames; }
