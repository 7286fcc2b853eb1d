//===- Mamba.cpp - Mamba --------------------------------------------------===//
//
// Gu and Dao 2023: short convolution, selective scan and gate in each layer.
//
//===----------------------------------------------------------------------===//

#include "dialects/weft/ops/WeftOps.h"
#include "frontends/hf/ConfigKeys.h"
#include "frontends/models/Family.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace weft;
using formats::Config;

namespace {

struct MambaConfig {
  int64_t vocab, hidden, layers, inner, state, rank, taps;
  double epsilon;
  Activation activation;
  bool linearBias, convBias, isTied;
  /// A is stored, not the logarithm of -A; the filters have no axis of 1.
  bool isGguf = false;
};

/// One layer's mixer, part by part.
class Mixer {
public:
  Mixer(ModelBuilder &m, const MambaConfig &c, const std::string &layer)
      : m(m), b(m.getBuilder()), c(c), layer(layer), name(layer + ".mixer.") {}

  /// `residual` is added to the result.
  Value build(Value x, Value residual);

private:
  /// activation(conv(x) + bias)
  Value convolve(Value x);
  /// y[c] = sum_n C[n] S[n, c] with S the selective scan of x.
  Value scan(Value x);
  /// A = -exp(A_log), or as stored; 1 x state x channels.
  Value getTransition();
  /// (y + x D) activation(gate)
  Value readOut(Value y, Value x, Value gate);

  ModelBuilder &m;
  ImplicitLocOpBuilder &b;
  const MambaConfig &c;
  const std::string layer, name;
};

} // namespace

Value Mixer::convolve(Value x) {
  m.setName(name + "conv1d");
  Parameters &parameters = m.getParameters();
  const int64_t inFile[] = {c.inner, 1, c.taps};
  Value filter =
      parameters.useFloat(b, name + "conv1d.weight", {c.inner, c.taps},
                          c.isGguf ? ArrayRef<int64_t>{} : ArrayRef(inFile));
  SmallVector<Value> extras;
  if (c.convBias)
    extras.push_back(parameters.useFloat(b, name + "conv1d.bias", {c.inner}));
  auto taps = RankedTensorType::get({ShapedType::kDynamic, c.taps - 1, c.inner},
                                    b.getF32Type());
  auto conv = ShortConvOp::create(b, x.getType(), taps, x, filter, extras,
                                  /*initial=*/Value());
  m.nameState(conv, layer);
  OpBuilder::InsertionGuard guard(b);
  const size_t count = 1 + extras.size();
  Block *block = b.createBlock(&conv.getCombine(), {},
                               SmallVector<Type>(count, b.getF32Type()),
                               SmallVector<Location>(count, b.getLoc()));
  Value value = block->getArgument(0);
  if (c.convBias)
    value = arith::AddFOp::create(b, value, block->getArgument(1));
  weft::YieldOp::create(b, buildActivation(b, c.activation, value));
  return conv.getOut();
}

Value Mixer::getTransition() {
  Value log = m.getParameters().useFloat(b, name + "A_log", {c.inner, c.state});
  Value empty = tensor::EmptyOp::create(
      b, ArrayRef<int64_t>{1, c.state, c.inner}, b.getF32Type());
  AffineExpr head = b.getAffineDimExpr(0), row = b.getAffineDimExpr(1),
             column = b.getAffineDimExpr(2);
  MLIRContext *context = b.getContext();
  return linalg::GenericOp::create(
             b, empty.getType(), log, empty,
             {AffineMap::get(3, 0, {column, row}, context),
              AffineMap::get(3, 0, {head, row, column}, context)},
             SmallVector<utils::IteratorType>(3, utils::IteratorType::parallel),
             [&](OpBuilder &nested, Location loc, ValueRange args) {
               ImplicitLocOpBuilder b(loc, nested);
               Value value = args[0];
               if (!c.isGguf) {
                 Value exp = math::ExpOp::create(b, value);
                 value = arith::NegFOp::create(b, exp);
               }
               linalg::YieldOp::create(b, value);
             })
      .getResult(0);
}

Value Mixer::scan(Value x) {
  Value parts = m.linear(x, name + "x_proj", c.rank + 2 * c.state);
  LinearOptions step;
  step.bias = true;
  step.activation = Activation::Softplus;
  Value steps =
      m.linear(m.slice(parts, 0, c.rank), name + "dt_proj", c.inner, step);
  Value key = m.slice(parts, c.rank, c.state);
  Value query = m.slice(parts, c.rank + c.state, c.state);

  m.setName(name + "scan");
  Value value = m.splitHeads(x, 1);
  auto final = RankedTensorType::get(
      {ShapedType::kDynamic, 1, c.state, c.inner}, b.getF32Type());
  auto op = ScanOp::create(
      b, value.getType(), final, /*final_sum=*/Type(), m.splitHeads(query, 1),
      m.splitHeads(key, 1), value,
      ValueRange{m.splitHeads(steps, 1), getTransition()}, /*initial=*/Value(),
      /*initial_sum=*/Value(), SelectiveAttr::get(b.getContext()),
      /*features=*/FeatureMapAttrInterface());
  m.nameState(op, layer);
  return m.joinHeads(op.getOut());
}

Value Mixer::readOut(Value y, Value x, Value gate) {
  m.setName(name + "gate");
  Value skip = m.getParameters().useFloat(b, name + "D", {c.inner});
  return m.pointwise({y, x, gate, skip},
                     [&](ImplicitLocOpBuilder &b, ValueRange args) -> Value {
                       Value skipped =
                           arith::MulFOp::create(b, args[1], args[3]);
                       Value sum = arith::AddFOp::create(b, args[0], skipped);
                       return arith::MulFOp::create(
                           b, sum, buildActivation(b, c.activation, args[2]));
                     });
}

Value Mixer::build(Value x, Value residual) {
  LinearOptions in;
  in.bias = c.linearBias;
  Value both = m.linear(x, name + "in_proj", 2 * c.inner, in);
  Value gate = m.slice(both, c.inner, c.inner);
  x = convolve(m.slice(both, 0, c.inner));
  LinearOptions out;
  out.bias = c.linearBias;
  out.residual = residual;
  return m.linear(readOut(scan(x), x, gate), name + "out_proj", c.hidden, out);
}

static void build(const ModelInput &input, const MambaConfig &c) {
  input.metadata["task"] = "generate";
  input.metadata["vocab_size"] = std::to_string(c.vocab);
  input.metadata["hidden_size"] = std::to_string(c.hidden);

  ModelBuilder &m = input.builder;
  Value ids = m.beginFunction("forward", {{"input_ids", std::nullopt}},
                              /*isStream=*/true)[0];
  Value x = m.embed(ids, "embeddings", c.vocab, c.hidden);
  for (int64_t i = 0; i < c.layers && m.getParameters().ok(); ++i) {
    const std::string layer = "layers." + std::to_string(i);
    Value y = m.rmsNorm(x, layer + ".norm", c.epsilon);
    x = Mixer(m, c, layer).build(y, x);
  }
  x = m.rmsNorm(x, "norm_f", c.epsilon);
  m.endFunction("logits",
                m.linear(x, c.isTied ? "embeddings" : "lm_head", c.vocab));
}

static void buildFromHf(const ModelInput &input) {
  Config &config = input.config;
  MambaConfig c;
  c.vocab = config.getPositive("vocab_size");
  c.hidden = config.getPositive("hidden_size");
  c.layers = config.getInteger("num_hidden_layers", 1, 10000);
  c.inner = config.getPositive("expand", 2) * c.hidden;
  c.state = config.getPositive("state_size", 16);
  c.taps = config.getPositive("conv_kernel", 4);
  c.epsilon = config.getReal("layer_norm_epsilon", 1e-5);
  c.activation = parseActivation(
      config.getChoice("hidden_act", getActivationNames(), "silu"));
  c.linearBias = config.getBool("use_bias", false);
  c.convBias = config.getBool("use_conv_bias", true);
  c.isTied = config.getBool("tie_word_embeddings", true);
  if (c.inner > INT32_MAX)
    config.fail("expand", "expected less than 2^31 channels but got " +
                              std::to_string(c.inner));
  const int64_t rank = (c.hidden + 15) / 16;
  config.require("intermediate_size", c.inner);
  c.rank = rank;
  if (config.isString("time_step_rank"))
    config.require("time_step_rank", "auto");
  else
    c.rank = config.getPositive("time_step_rank", rank);
  // How weights were made, and which of equal ways computes them.
  config.ignore({"rescale_prenorm_residual", "residual_in_fp32",
                 "time_step_floor", "time_step_init_scheme", "time_step_max",
                 "time_step_min", "time_step_scale", "use_associative_scan",
                 "use_mambapy"});
  // Of the original code, where transformers does not read them.
  config.ignore({"d_inner", "d_model", "fused_add_norm", "n_layer",
                 "pad_vocab_size_multiple", "ssm_cfg"});
  config.require("rms_norm", true);
  readTokenIds(config, input.metadata);
  ignoreCommonKeys(config);
  if (!config.finish())
    return;
  if (c.isTied)
    input.builder.getParameters().ignore({"lm_head.weight"});
  build(input, c);
}

static void buildFromGguf(const ModelInput &input) {
  Config &config = input.config;
  Parameters &parameters = input.builder.getParameters();
  MambaConfig c;
  c.vocab = readGgufVocabulary(input, "embeddings.weight");
  c.hidden = config.getPositive("embedding_length");
  c.layers = config.getInteger("block_count", 1, 10000);
  c.inner = config.getPositive("ssm.inner_size");
  c.state = config.getPositive("ssm.state_size");
  c.rank = config.getPositive("ssm.time_step_rank");
  c.taps = config.getPositive("ssm.conv_kernel");
  c.epsilon = config.getReal("attention.layer_norm_rms_epsilon");
  c.activation = Activation::Silu;
  c.linearBias = parameters.has("layers.0.mixer.in_proj.bias");
  c.convBias = parameters.has("layers.0.mixer.conv1d.bias");
  c.isTied = !parameters.has("lm_head.weight");
  c.isGguf = true;
  config.require("ssm.dt_b_c_rms", false);
  config.require("feed_forward_length", 0);
  config.require("attention.head_count", 0);
  input.metadata["context_length"] =
      std::to_string(config.getPositive("context_length", 1048576));
  if (config.finish())
    build(input, c);
}

static constexpr NamePair kGgufNames[] = {
    {"embeddings", "token_embd"},
    {"norm_f", "output_norm"},
    {"lm_head", "output"},
    {"layers.{}.norm", "blk.{}.attn_norm"},
    {"layers.{}.mixer.in_proj", "blk.{}.ssm_in"},
    {"layers.{}.mixer.conv1d", "blk.{}.ssm_conv1d"},
    {"layers.{}.mixer.x_proj", "blk.{}.ssm_x"},
    {"layers.{}.mixer.dt_proj", "blk.{}.ssm_dt"},
    {"layers.{}.mixer.A_log", "blk.{}.ssm_a"},
    {"layers.{}.mixer.D", "blk.{}.ssm_d"},
    {"layers.{}.mixer.out_proj", "blk.{}.ssm_out"},
};

static const StringRef kHfTypes[] = {"mamba"};
static const StringRef kHfPrefixes[] = {"backbone.", ""};
static const StringRef kGgufTypes[] = {"mamba"};

const ModelFamily weft::kMambaFamily = {"mamba",      kHfTypes,   kHfPrefixes,
                                        buildFromHf,  kGgufTypes, kGgufNames,
                                        buildFromGguf};
