//===- Llama.cpp - Llama and the models that differ in a few settings -----===//
//
// Llama (Touvron et al. 2023) and its kin: RMS norms, rotary positions, grouped
// key heads, gated feed-forward.
//
//===----------------------------------------------------------------------===//

#include "frontends/models/Llama.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace weft;
using formats::Config;

namespace {

/// One layer, part by part.
class Layer {
public:
  Layer(ModelBuilder &m, const LlamaConfig &c, int64_t i)
      : m(m), c(c), layer(c.layers[i]), name("layers." + std::to_string(i)) {}

  Value build(Value x);

private:
  struct Heads {
    Value q, k, v;
  };

  Heads project(Value x);
  Value attend(Value x, Value residual);
  Value feedForward(Value x, Value residual);
  Value norm(Value x, const char *part);
  /// Settings of a part's last product: its residual, unless a norm follows it.
  LinearOptions getOutput(bool bias, Value residual);

  ModelBuilder &m;
  const LlamaConfig &c;
  const LlamaLayer &layer;
  const std::string name;
};

} // namespace

Value Layer::norm(Value x, const char *part) {
  return m.rmsNorm(x, name + "." + part, c.epsilon, c.normOffset);
}

LinearOptions Layer::getOutput(bool bias, Value residual) {
  LinearOptions options;
  options.bias = bias;
  options.scale = c.residualScale;
  options.residual = c.norms == NormPlace::Before ? residual : Value();
  return options;
}

Layer::Heads Layer::project(Value x) {
  const std::string self = name + ".self_attn.";
  const int64_t queries = c.heads * c.headChannels;
  const int64_t keys = c.keyHeads * c.headChannels;
  LinearOptions options;
  options.bias = c.queryBias;
  Heads h;
  if (c.isFused) {
    Value all = m.linear(x, self + "qkv_proj", queries + 2 * keys, options);
    h = {m.slice(all, 0, queries), m.slice(all, queries, keys),
         m.slice(all, queries + keys, keys)};
  } else {
    h.q = m.linear(x, self + "q_proj", queries, options);
    h.k = m.linear(x, self + "k_proj", keys, options);
    h.v = m.linear(x, self + "v_proj", keys, options);
  }
  auto normQueries = [&] {
    h.q = m.rmsNorm(h.q, self + "q_norm", c.epsilon, c.normOffset);
    h.k = m.rmsNorm(h.k, self + "k_norm", c.epsilon, c.normOffset);
  };
  if (c.queryNorm == QueryNorm::All)
    normQueries();
  h.q = m.splitHeads(h.q, c.heads);
  h.k = m.splitHeads(h.k, c.keyHeads);
  h.v = m.splitHeads(h.v, c.keyHeads);
  if (c.queryNorm == QueryNorm::Head)
    normQueries();
  return h;
}

Value Layer::attend(Value x, Value residual) {
  Heads h = project(x);
  m.setName(name + ".self_attn");
  if (layer.rope >= 0) {
    h.q = m.rope(h.q, c.ropes[layer.rope]);
    h.k = m.rope(h.k, c.ropes[layer.rope]);
  }
  AttentionOptions options;
  options.name = name;
  options.causal = true;
  options.window = layer.window;
  options.scale = c.attentionScale;
  options.cap = c.scoreCap;
  return m.linear(m.joinHeads(m.attention(h.q, h.k, h.v, options)),
                  name + ".self_attn.o_proj", c.hidden,
                  getOutput(c.outputBias, residual));
}

Value Layer::feedForward(Value x, Value residual) {
  const std::string mlp = name + ".mlp.";
  if (c.isFused) {
    Value both = m.linear(x, mlp + "gate_up_proj", 2 * c.feedForward);
    Value gate = m.slice(both, 0, c.feedForward);
    Value up = m.slice(both, c.feedForward, c.feedForward);
    x = m.pointwise(
        {gate, up}, [&](ImplicitLocOpBuilder &b, ValueRange args) -> Value {
          return arith::MulFOp::create(
              b, buildActivation(b, c.activation, args[0]), args[1]);
        });
  } else {
    x = m.gatedLinear(x, mlp + "gate_proj", mlp + "up_proj", c.feedForward,
                      c.activation, c.feedForwardBias);
  }
  return m.linear(x, mlp + "down_proj", c.hidden,
                  getOutput(c.feedForwardBias, residual));
}

Value Layer::build(Value x) {
  if (c.norms == NormPlace::Before) {
    x = attend(norm(x, "input_layernorm"), x);
    return feedForward(norm(x, "post_attention_layernorm"), x);
  }
  const bool before = c.norms == NormPlace::Both;
  Value y = attend(before ? norm(x, "input_layernorm") : x, x);
  x = m.add(x, norm(y, "post_attention_layernorm"));
  y = feedForward(before ? norm(x, "pre_feedforward_layernorm") : x, x);
  return m.add(x, norm(y, "post_feedforward_layernorm"));
}

void weft::buildLlama(const ModelInput &input, const LlamaConfig &c) {
  input.metadata["task"] = "generate";
  input.metadata["context_length"] = std::to_string(c.context);
  input.metadata["vocab_size"] = std::to_string(c.vocab);
  input.metadata["hidden_size"] = std::to_string(c.hidden);

  ModelBuilder &m = input.builder;
  Value ids = m.beginFunction("forward", {{"input_ids", std::nullopt}},
                              /*isStream=*/true)[0];
  Value x = m.embed(ids, "embed_tokens", c.vocab, c.hidden);
  if (c.embeddingScale != 1.0)
    x = m.scale(x, c.embeddingScale);
  const auto layers = static_cast<int64_t>(c.layers.size());
  for (int64_t i = 0; i < layers && m.getParameters().ok(); ++i)
    x = Layer(m, c, i).build(x);
  x = m.rmsNorm(x, "norm", c.epsilon, c.normOffset);
  LinearOptions head;
  head.scale = c.logitScale;
  head.cap = c.logitCap;
  m.endFunction("logits", m.linear(x, c.isTied ? "embed_tokens" : "lm_head",
                                   c.vocab, head));
}

int64_t weft::readHeadChannels(Config &config, const char *key,
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

void weft::checkHeads(Config &config, const LlamaConfig &c,
                      const char *keyHeadsKey) {
  if (c.heads % c.keyHeads != 0)
    config.fail(keyHeadsKey, "expected a divisor of " +
                                 std::to_string(c.heads) + " but got " +
                                 std::to_string(c.keyHeads));
}

static const StringRef kHfTypes[] = {
    "gemma", "gemma2", "gemma3_text", "granite", "llama",  "mistral",
    "olmo2", "phi3",   "qwen2",       "qwen3",   "smollm3"};
static const StringRef kHfPrefixes[] = {"model.", ""};
static const StringRef kGgufTypes[] = {"llama", "qwen2", "qwen3"};

const ModelFamily weft::kLlamaFamily = {"llama",           kHfTypes,
                                        kHfPrefixes,       buildLlamaFromHf,
                                        kGgufTypes,        getLlamaGgufNames(),
                                        buildLlamaFromGguf};
