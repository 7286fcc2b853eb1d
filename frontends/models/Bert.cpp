//===- Bert.cpp - BERT and RoBERTa encoders -------------------------------===//
//
// Devlin et al. 2018, Liu et al. 2019: learned positions and token types,
// attention to both sides, layer norm after each part.
//
//===----------------------------------------------------------------------===//

#include "frontends/hf/ConfigKeys.h"
#include "frontends/models/Family.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace weft;
using formats::Config;

namespace {

struct BertConfig {
  int64_t vocab, hidden, layers, heads, feedForward, positions, tokenTypes;
  double epsilon;
  Activation activation;
  /// RoBERTa counts positions of tokens other than this one, from its id + 1
  /// on; this one has its own id as position.
  std::optional<int64_t> paddingId;
};

} // namespace

/// RoBERTa's positions: padding + (number of tokens up to here that are not
/// padding), or padding itself for padding. A sum over the tokens before, so
/// that padding on either side, or inside, counts as in the original.
static Value buildPositions(ModelBuilder &m, Value ids, int64_t padding) {
  m.setName("position_ids");
  ImplicitLocOpBuilder &b = m.getBuilder();
  Value zero = arith::ConstantOp::create(b, b.getI64IntegerAttr(0));
  Value empty = tensor::EmptyOp::create(
      b, tensor::getMixedSizes(b, b.getLoc(), ids), b.getI64Type());
  Value zeros = linalg::FillOp::create(b, zero, empty).getResult(0);
  MLIRContext *context = b.getContext();
  AffineExpr batch = b.getAffineDimExpr(0), token = b.getAffineDimExpr(1),
             before = b.getAffineDimExpr(2);
  auto map = [&](ArrayRef<AffineExpr> exprs) {
    return AffineMap::get(3, 0, exprs, context);
  };
  auto isToken = [&](ImplicitLocOpBuilder &b, Value id) -> Value {
    Value pad = arith::ConstantOp::create(b, b.getI64IntegerAttr(padding));
    return arith::CmpIOp::create(b, arith::CmpIPredicate::ne, id, pad);
  };
  Value counts =
      linalg::GenericOp::create(
          b, zeros.getType(), ids, zeros,
          {map({batch, before}), map({batch, token})},
          {utils::IteratorType::parallel, utils::IteratorType::parallel,
           utils::IteratorType::reduction},
          [&](OpBuilder &nested, Location loc, ValueRange args) {
            ImplicitLocOpBuilder b(loc, nested);
            Value isBefore = arith::CmpIOp::create(
                b, arith::CmpIPredicate::ule, linalg::IndexOp::create(b, 2),
                linalg::IndexOp::create(b, 1));
            Value counts =
                arith::AndIOp::create(b, isBefore, isToken(b, args[0]));
            Value one = arith::ExtUIOp::create(b, b.getI64Type(), counts);
            Value sum = arith::AddIOp::create(b, args[1], one);
            linalg::YieldOp::create(b, sum);
          })
          .getResult(0);
  AffineMap same = AffineMap::getMultiDimIdentityMap(2, context);
  return linalg::GenericOp::create(
             b, empty.getType(), ValueRange{ids, counts}, empty,
             {same, same, same},
             SmallVector<utils::IteratorType>(2, utils::IteratorType::parallel),
             [&](OpBuilder &nested, Location loc, ValueRange args) {
               ImplicitLocOpBuilder b(loc, nested);
               Value pad =
                   arith::ConstantOp::create(b, b.getI64IntegerAttr(padding));
               Value counted = arith::AddIOp::create(b, args[1], pad);
               Value position = arith::SelectOp::create(b, isToken(b, args[0]),
                                                        counted, pad);
               linalg::YieldOp::create(b, position);
             })
      .getResult(0);
}

static Value buildEmbeddings(ModelBuilder &m, const BertConfig &c, Value ids,
                             Value types) {
  Value x = m.embed(ids, "embeddings.word_embeddings", c.vocab, c.hidden);
  Value t = m.embed(types, "embeddings.token_type_embeddings", c.tokenTypes,
                    c.hidden);
  Value positions =
      c.paddingId ? buildPositions(m, ids, *c.paddingId) : m.positions(ids);
  Value p = m.embed(positions, "embeddings.position_embeddings", c.positions,
                    c.hidden);
  return m.layerNorm(m.add(m.add(x, t), p), "embeddings.LayerNorm", c.epsilon);
}

static Value buildLayer(ModelBuilder &m, const BertConfig &c, int64_t i,
                        Value mask, Value x) {
  const std::string layer = "encoder.layer." + std::to_string(i);
  LinearOptions biased;
  biased.bias = true;
  const std::string self = layer + ".attention.self.";
  Value q =
      m.splitHeads(m.linear(x, self + "query", c.hidden, biased), c.heads);
  Value k = m.splitHeads(m.linear(x, self + "key", c.hidden, biased), c.heads);
  Value v =
      m.splitHeads(m.linear(x, self + "value", c.hidden, biased), c.heads);
  m.setName(layer + ".attention");
  AttentionOptions attention;
  attention.valid = mask;
  Value y = m.joinHeads(m.attention(q, k, v, attention));

  LinearOptions output = biased;
  output.residual = x;
  y = m.linear(y, layer + ".attention.output.dense", c.hidden, output);
  x = m.layerNorm(y, layer + ".attention.output.LayerNorm", c.epsilon);
  LinearOptions activated = biased;
  activated.activation = c.activation;
  y = m.linear(x, layer + ".intermediate.dense", c.feedForward, activated);
  output.residual = x;
  y = m.linear(y, layer + ".output.dense", c.hidden, output);
  return m.layerNorm(y, layer + ".output.LayerNorm", c.epsilon);
}

static void build(const ModelInput &input, const BertConfig &c) {
  input.metadata["task"] = "embed";
  input.metadata["context_length"] =
      std::to_string(c.positions - (c.paddingId ? *c.paddingId + 1 : 0));
  input.metadata["vocab_size"] = std::to_string(c.vocab);
  input.metadata["hidden_size"] = std::to_string(c.hidden);

  ModelBuilder &m = input.builder;
  SmallVector<Value> inputs = m.beginFunction("forward",
                                              {{"input_ids", std::nullopt},
                                               {"attention_mask", 1},
                                               {"token_type_ids", 0}},
                                              /*isStream=*/false);
  Value x = buildEmbeddings(m, c, inputs[0], inputs[2]);
  for (int64_t i = 0; i < c.layers && m.getParameters().ok(); ++i)
    x = buildLayer(m, c, i, inputs[1], x);
  m.endFunction("last_hidden_state", x);
}

static void buildFromHf(const ModelInput &input) {
  Config &config = input.config;
  const bool isRoberta = config.getString("model_type") != "bert";
  BertConfig c;
  c.vocab = config.getPositive("vocab_size");
  c.hidden = config.getPositive("hidden_size");
  c.layers = config.getInteger("num_hidden_layers", 1, 10000);
  c.heads = config.getPositive("num_attention_heads");
  c.feedForward = config.getPositive("intermediate_size");
  c.positions = config.getPositive("max_position_embeddings", 512);
  c.tokenTypes = config.getPositive("type_vocab_size", 2);
  c.epsilon = config.getReal("layer_norm_eps", 1e-12);
  c.activation = parseActivation(
      config.getChoice("hidden_act", getActivationNames(), "gelu"));
  if (isRoberta)
    c.paddingId = config.getInteger("pad_token_id", 0, c.vocab - 1, 1);
  if (c.hidden % c.heads != 0)
    config.fail("num_attention_heads",
                "expected a divisor of " + std::to_string(c.hidden) +
                    " but got " + std::to_string(c.heads));
  if (c.paddingId && *c.paddingId + 1 >= c.positions)
    config.fail("max_position_embeddings",
                "expected more than pad_token_id + 1, " +
                    std::to_string(*c.paddingId + 1) + ", but got " +
                    std::to_string(c.positions));
  config.require("position_embedding_type", "absolute");
  config.require("is_decoder", false);
  config.require("add_cross_attention", false);
  // Whether the head of masked words shares the embeddings: not part of the
  // encoder.
  config.ignore({"tie_word_embeddings"});
  // The pooler of the original code, not used by the encoder's states.
  config.ignore({"directionality", "pooler_fc_size",
                 "pooler_num_attention_heads", "pooler_num_fc_layers",
                 "pooler_size_per_head", "pooler_type"});
  readTokenIds(config, input.metadata);
  ignoreCommonKeys(config);
  if (!config.finish())
    return;
  input.builder.getParameters().ignore({"*embeddings.position_ids",
                                        "*embeddings.token_type_ids",
                                        "*pooler.dense.*", "cls.*", "lm_head.*",
                                        "classifier.*", "qa_outputs.*"});
  build(input, c);
}

static void buildFromGguf(const ModelInput &input) {
  Config &config = input.config;
  Parameters &parameters = input.builder.getParameters();
  auto getRows = [&](const char *name) -> int64_t {
    const formats::TensorInfo *tensor = parameters.find(name);
    return tensor && tensor->shape.size() == 2 ? tensor->shape[0] : 1;
  };
  BertConfig c;
  c.vocab = getRows("embeddings.word_embeddings.weight");
  c.tokenTypes = getRows("embeddings.token_type_embeddings.weight");
  c.hidden = config.getPositive("embedding_length");
  c.layers = config.getInteger("block_count", 1, 10000);
  c.heads = config.getPositive("attention.head_count");
  c.feedForward = config.getPositive("feed_forward_length");
  // RoBERTa's rows before the first position are not stored.
  c.positions = config.getPositive("context_length");
  c.epsilon = config.getReal("attention.layer_norm_epsilon");
  c.activation = Activation::Gelu;
  if (c.hidden % c.heads != 0)
    config.fail("attention.head_count",
                "expected a divisor of " + std::to_string(c.hidden) +
                    " but got " + std::to_string(c.heads));
  config.require("attention.causal", false);
  const int64_t pooling = config.getInteger("pooling_type", 0, 2, 0);
  if (pooling != 0)
    input.metadata["pooling"] = pooling == 1 ? "mean" : "cls";
  config.ignore({"vocab_size"});
  if (config.finish())
    build(input, c);
}

static constexpr NamePair kGgufNames[] = {
    {"embeddings.word_embeddings", "token_embd"},
    {"embeddings.token_type_embeddings", "token_types"},
    {"embeddings.position_embeddings", "position_embd"},
    {"embeddings.LayerNorm", "token_embd_norm"},
    {"encoder.layer.{}.attention.self.query", "blk.{}.attn_q"},
    {"encoder.layer.{}.attention.self.key", "blk.{}.attn_k"},
    {"encoder.layer.{}.attention.self.value", "blk.{}.attn_v"},
    {"encoder.layer.{}.attention.output.dense", "blk.{}.attn_output"},
    {"encoder.layer.{}.attention.output.LayerNorm", "blk.{}.attn_output_norm"},
    {"encoder.layer.{}.intermediate.dense", "blk.{}.ffn_up"},
    {"encoder.layer.{}.output.dense", "blk.{}.ffn_down"},
    {"encoder.layer.{}.output.LayerNorm", "blk.{}.layer_output_norm"},
};

static const StringRef kHfTypes[] = {"bert", "camembert", "roberta",
                                     "xlm-roberta"};
static const StringRef kHfPrefixes[] = {"bert.", "roberta.", ""};
static const StringRef kGgufTypes[] = {"bert"};

const ModelFamily weft::kBertFamily = {"bert",       kHfTypes,   kHfPrefixes,
                                       buildFromHf,  kGgufTypes, kGgufNames,
                                       buildFromGguf};
