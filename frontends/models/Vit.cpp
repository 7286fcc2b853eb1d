//===- Vit.cpp - Vision transformers --------------------------------------===//
//
// Dosovitskiy et al. 2020: an image is a row of patches, with a token of a
// class before them; learned positions, layer norm before each part. DeiT
// (Touvron et al. 2020) has one more token, which a teacher's label is learned
// from.
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

struct VitConfig {
  int64_t hidden, layers, heads, feedForward, colours;
  /// Height and width, in pixels.
  std::array<int64_t, 2> image, patch;
  double epsilon;
  Activation activation;
  bool qkvBias;
  /// Tokens before the patches, by the names of their parameters.
  SmallVector<StringRef> tokens;

  std::array<int64_t, 2> getGrid() const {
    return {image[0] / patch[0], image[1] / patch[1]};
  }
};

} // namespace

/// Each patch as a row: B x colours x H x W to B x patches x (colours · h · w),
/// in the order of the weights of the convolution that this is.
static Value unfold(ModelBuilder &m, const VitConfig &c, Value pixels) {
  m.setName("embeddings.patch_embeddings");
  ImplicitLocOpBuilder &b = m.getBuilder();
  auto [rows, columns] = c.getGrid();
  OpFoldResult batch = tensor::getMixedSize(b, b.getLoc(), pixels, 0);
  auto sized = [&](ArrayRef<int64_t> sizes) {
    SmallVector<OpFoldResult> shape{batch};
    for (int64_t size : sizes)
      shape.push_back(b.getIndexAttr(size));
    return shape;
  };
  const int64_t split[] = {ShapedType::kDynamic, c.colours, rows,
                           c.patch[0],           columns,   c.patch[1]};
  Value parts = tensor::ExpandShapeOp::create(
      b, RankedTensorType::get(split, b.getF32Type()), pixels,
      SmallVector<ReassociationIndices>{{0}, {1}, {2, 3}, {4, 5}},
      sized(ArrayRef(split).drop_front()));
  Value empty = tensor::EmptyOp::create(
      b, sized({rows, columns, c.colours, c.patch[0], c.patch[1]}),
      b.getF32Type());
  Value patches = linalg::TransposeOp::create(
                      b, parts, empty, ArrayRef<int64_t>{0, 2, 4, 1, 3, 5})
                      ->getResult(0);
  return tensor::CollapseShapeOp::create(
      b, patches, SmallVector<ReassociationIndices>{{0}, {1, 2}, {3, 4, 5}});
}

/// A parameter of one token for every image: B x 1 x channels.
static Value repeatToken(ModelBuilder &m, const VitConfig &c, StringRef name,
                         Value batch) {
  m.setName(name);
  ImplicitLocOpBuilder &b = m.getBuilder();
  Value token =
      m.getParameters().useFloat(b, name, {c.hidden}, {1, 1, c.hidden});
  Value empty =
      tensor::EmptyOp::create(b,
                              ArrayRef<OpFoldResult>{batch, b.getIndexAttr(1),
                                                     b.getIndexAttr(c.hidden)},
                              b.getF32Type());
  return linalg::BroadcastOp::create(b, token, empty, ArrayRef<int64_t>{0, 1})
      ->getResult(0);
}

static Value buildEmbeddings(ModelBuilder &m, const VitConfig &c,
                             Value pixels) {
  ImplicitLocOpBuilder &b = m.getBuilder();
  LinearOptions biased;
  biased.bias = true;
  Value patches =
      m.linearOf(unfold(m, c, pixels), "embeddings.patch_embeddings.projection",
                 {c.hidden, c.colours, c.patch[0], c.patch[1]}, biased);
  Value batch = tensor::DimOp::create(b, pixels, 0);
  SmallVector<Value> parts;
  for (StringRef token : c.tokens)
    parts.push_back(repeatToken(m, c, ("embeddings." + token).str(), batch));
  parts.push_back(patches);
  m.setName("embeddings");
  Value x = tensor::ConcatOp::create(b, /*dim=*/1, parts);
  const int64_t count = cast<RankedTensorType>(x.getType()).getDimSize(1);
  Value positions =
      m.getParameters().useFloat(b, "embeddings.position_embeddings",
                                 {count, c.hidden}, {1, count, c.hidden});
  return m.pointwise({x, positions},
                     [](ImplicitLocOpBuilder &b, ValueRange args) -> Value {
                       return arith::AddFOp::create(b, args[0], args[1]);
                     });
}

static Value buildLayer(ModelBuilder &m, const VitConfig &c, int64_t i,
                        Value x) {
  const std::string layer = "encoder.layer." + std::to_string(i);
  const std::string self = layer + ".attention.attention.";
  LinearOptions qkv, biased;
  qkv.bias = c.qkvBias;
  biased.bias = true;
  Value y = m.layerNorm(x, layer + ".layernorm_before", c.epsilon);
  Value q = m.splitHeads(m.linear(y, self + "query", c.hidden, qkv), c.heads);
  Value k = m.splitHeads(m.linear(y, self + "key", c.hidden, qkv), c.heads);
  Value v = m.splitHeads(m.linear(y, self + "value", c.hidden, qkv), c.heads);
  m.setName(layer + ".attention");
  y = m.joinHeads(m.attention(q, k, v, {}));

  LinearOptions output = biased;
  output.residual = x;
  x = m.linear(y, layer + ".attention.output.dense", c.hidden, output);
  y = m.layerNorm(x, layer + ".layernorm_after", c.epsilon);
  LinearOptions activated = biased;
  activated.activation = c.activation;
  y = m.linear(y, layer + ".intermediate.dense", c.feedForward, activated);
  output.residual = x;
  return m.linear(y, layer + ".output.dense", c.hidden, output);
}

/// Logits of each image's class: B x labels. DeiT with a teacher has a head
/// for each of its tokens, and gives their mean.
static Value buildLogits(ModelBuilder &m, ArrayRef<StringRef> heads, Value x) {
  ImplicitLocOpBuilder &b = m.getBuilder();
  Value sum;
  for (auto [token, head] : llvm::enumerate(heads)) {
    const formats::TensorInfo *weight =
        m.getParameters().find((head + ".weight").str());
    const int64_t labels = weight->shape.empty() ? 1 : weight->shape[0];
    LinearOptions options;
    options.bias = true;
    options.scale = 1.0 / static_cast<double>(heads.size());
    options.residual = sum;
    sum = m.linear(m.token(x, static_cast<int64_t>(token)), head, labels,
                   options);
  }
  return tensor::CollapseShapeOp::create(
      b, sum, SmallVector<ReassociationIndices>{{0}, {1, 2}});
}

static void build(const ModelInput &input, const VitConfig &c) {
  input.metadata["task"] = "vision";
  input.metadata["hidden_size"] = std::to_string(c.hidden);

  ModelBuilder &m = input.builder;
  Parameters &parameters = m.getParameters();
  SmallVector<StringRef> heads;
  for (StringRef head :
       {"classifier", "cls_classifier", "distillation_classifier"})
    if (parameters.has((head + ".weight").str()))
      heads.push_back(head);
  Value x = buildEmbeddings(
      m, c,
      m.beginImageFunction("forward", "pixel_values",
                           {c.colours, c.image[0], c.image[1]}));
  for (int64_t i = 0; i < c.layers && parameters.ok(); ++i)
    x = buildLayer(m, c, i, x);
  x = m.layerNorm(x, "layernorm", c.epsilon);
  if (heads.empty() || !parameters.ok())
    m.endFunction("last_hidden_state", x);
  else
    m.endFunction("logits", buildLogits(m, heads, x));
}

/// One size for both axes, or height and width.
static std::array<int64_t, 2> readSizes(Config &config, const std::string &key,
                                        int64_t fallback) {
  std::vector<int64_t> sizes = config.getIntegers(key);
  if (sizes.empty())
    sizes = {fallback};
  for (int64_t size : sizes)
    if (sizes.size() > 2 || size < 1 || size > 65536) {
      config.fail(key, "expected one or two sizes from 1 to 65536");
      return {1, 1};
    }
  return {sizes.front(), sizes.back()};
}

static void buildFromHf(const ModelInput &input) {
  Config &config = input.config;
  VitConfig c;
  c.hidden = config.getPositive("hidden_size", 768);
  c.layers = config.getInteger("num_hidden_layers", 1, 10000, 12);
  c.heads = config.getPositive("num_attention_heads", 12);
  c.feedForward = config.getPositive("intermediate_size", 3072);
  c.colours = config.getPositive("num_channels", 3);
  c.image = readSizes(config, "image_size", 224);
  c.patch = readSizes(config, "patch_size", 16);
  c.epsilon = config.getReal("layer_norm_eps", 1e-12);
  c.activation = parseActivation(
      config.getChoice("hidden_act", getActivationNames(), "gelu"));
  c.qkvBias = config.getBool("qkv_bias", true);
  c.tokens = {"cls_token"};
  if (config.getString("model_type") == "deit")
    c.tokens.push_back("distillation_token");
  if (c.hidden % c.heads != 0)
    config.fail("num_attention_heads",
                "expected a divisor of " + std::to_string(c.hidden) +
                    " but got " + std::to_string(c.heads));
  for (int axis : {0, 1})
    if (c.image[axis] % c.patch[axis] != 0)
      config.fail("patch_size",
                  "expected a divisor of " + std::to_string(c.image[axis]) +
                      " but got " + std::to_string(c.patch[axis]));
  // The decoder of masked pixels, and a pooler that no classifier reads.
  config.ignore({"encoder_stride", "pooler_act", "pooler_output_size"});
  ignoreCommonKeys(config);
  if (!config.finish())
    return;
  input.builder.getParameters().ignore(
      {"pooler.dense.*", "embeddings.mask_token", "decoder.*"});
  build(input, c);
}

static const StringRef kHfTypes[] = {"vit", "deit"};
static const StringRef kHfPrefixes[] = {"vit.", "deit.", ""};

const ModelFamily weft::kVitFamily = {"vit", kHfTypes, kHfPrefixes, buildFromHf,
                                      {},    {},       nullptr};
