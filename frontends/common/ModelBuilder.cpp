//===- ModelBuilder.cpp - Descriptions of models that read like the model -===//

#include "frontends/common/ModelBuilder.h"

#include "dialects/weft/ops/WeftOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace weft;

static constexpr int64_t kDynamic = ShapedType::kDynamic;

static RankedTensorType getTensorType(Value value) {
  return cast<RankedTensorType>(value.getType());
}

ModelBuilder::ModelBuilder(ModuleOp module, Parameters &parameters)
    : b(module.getLoc(), module.getBodyRegion()), module(module),
      parameters(parameters) {}

void ModelBuilder::setName(StringRef name) {
  b.setLoc(NameLoc::get(b.getStringAttr(name)));
}

void ModelBuilder::nameState(Operation *op, StringRef name) {
  op->setAttr("weft.name", b.getStringAttr(name));
}

int64_t ModelBuilder::getChannels(Value x) {
  return getTensorType(x).getShape().back();
}

//===----------------------------------------------------------------------===//
// Functions
//===----------------------------------------------------------------------===//

SmallVector<Value> ModelBuilder::beginFunction(StringRef name,
                                               ArrayRef<TokenInput> inputs,
                                               bool isStream) {
  setName(name);
  auto type = RankedTensorType::get({kDynamic, kDynamic}, b.getI64Type());
  b.setInsertionPointToEnd(module.getBody());
  function = func::FuncOp::create(
      b, name, b.getFunctionType(SmallVector<Type>(inputs.size(), type), {}));
  if (isStream)
    function->setAttr("weft.stream", b.getUnitAttr());
  for (auto [i, input] : llvm::enumerate(inputs)) {
    function.setArgAttr(i, "weft.name", b.getStringAttr(input.name));
    function.setArgAttr(i, "weft.sequence", b.getI64IntegerAttr(1));
    if (input.fallback)
      function.setArgAttr(i, "weft.default",
                          b.getI64IntegerAttr(*input.fallback));
  }
  Block *body = function.addEntryBlock();
  b.setInsertionPointToStart(body);
  return SmallVector<Value>(body->args_begin(), body->args_end());
}

Value ModelBuilder::beginImageFunction(StringRef name, StringRef inputName,
                                       ArrayRef<int64_t> shape) {
  setName(name);
  SmallVector<int64_t> sizes{kDynamic};
  llvm::append_range(sizes, shape);
  auto type = RankedTensorType::get(sizes, b.getF32Type());
  b.setInsertionPointToEnd(module.getBody());
  function = func::FuncOp::create(b, name, b.getFunctionType(type, {}));
  function.setArgAttr(0, "weft.name", b.getStringAttr(inputName));
  Block *body = function.addEntryBlock();
  b.setInsertionPointToStart(body);
  return body->getArgument(0);
}

void ModelBuilder::endFunction(StringRef resultName, Value result) {
  setName(function.getName());
  func::ReturnOp::create(b, result);
  function.setFunctionType(b.getFunctionType(
      function.getFunctionType().getInputs(), result.getType()));
  function.setResultAttr(0, "weft.name", b.getStringAttr(resultName));
}

//===----------------------------------------------------------------------===//
// Tokens
//===----------------------------------------------------------------------===//

Value ModelBuilder::embed(Value ids, StringRef name, int64_t rows,
                          int64_t channels) {
  setName(name);
  Value table = parameters.use(b, (name + ".weight").str(), {rows, channels});
  auto type =
      RankedTensorType::get({kDynamic, kDynamic, channels}, b.getF32Type());
  return EmbedOp::create(b, type, ids, table);
}

Value ModelBuilder::positions(Value ids, int64_t offset) {
  setName("positions");
  return PositionsOp::create(b, ids.getType(), ids, /*position=*/Value(),
                             static_cast<uint64_t>(offset));
}

//===----------------------------------------------------------------------===//
// Linear layers
//===----------------------------------------------------------------------===//

Value ModelBuilder::buildLinear(Value x, ValueRange weights, ValueRange extras,
                                int64_t outputs, Pointwise combine) {
  SmallVector<int64_t> shape(getTensorType(x).getShape());
  shape.back() = outputs;
  auto type = RankedTensorType::get(shape, b.getF32Type());
  auto op = LinearOp::create(b, type, x, weights, extras);
  if (!combine)
    return op.getOut();
  OpBuilder::InsertionGuard guard(b);
  const size_t count = weights.size() + extras.size();
  Block *block = b.createBlock(&op.getCombine(), {},
                               SmallVector<Type>(count, b.getF32Type()),
                               SmallVector<Location>(count, b.getLoc()));
  weft::YieldOp::create(b, combine(b, block->getArguments()));
  return op.getOut();
}

Value ModelBuilder::finishLinear(Value x, Value weights, StringRef name,
                                 int64_t outputs,
                                 const LinearOptions &options) {
  SmallVector<Value> extras;
  if (options.bias)
    extras.push_back(parameters.useFloat(b, (name + ".bias").str(), {outputs}));
  if (options.residual)
    extras.push_back(options.residual);
  const bool isScaled = options.scale != 1.0;
  if (extras.empty() && !options.activation && !isScaled && options.cap == 0)
    return buildLinear(x, weights, {}, outputs, nullptr);
  return buildLinear(x, weights, extras, outputs,
                     [&](ImplicitLocOpBuilder &b, ValueRange args) {
                       Value value = args[0];
                       if (options.bias)
                         value = arith::AddFOp::create(b, value, args[1]);
                       if (options.activation)
                         value = buildActivation(b, *options.activation, value);
                       if (isScaled)
                         value = buildScale(b, value, options.scale);
                       if (options.cap != 0)
                         value = buildCap(b, value, options.cap);
                       if (options.residual)
                         value = arith::AddFOp::create(b, value, args.back());
                       return value;
                     });
}

Value ModelBuilder::linear(Value x, StringRef name, int64_t outputs,
                           const LinearOptions &options) {
  return linearOf(x, name, {outputs, getChannels(x)}, options);
}

Value ModelBuilder::linearOf(Value x, StringRef name, ArrayRef<int64_t> shape,
                             const LinearOptions &options) {
  setName(name);
  Value weights = parameters.use(b, (name + ".weight").str(),
                                 {shape[0], getChannels(x)}, shape);
  return finishLinear(x, weights, name, shape[0], options);
}

Value ModelBuilder::linearTransposed(Value x, StringRef name, int64_t outputs,
                                     const LinearOptions &options) {
  setName(name);
  // Parameters alone: transposed at compile time.
  Value stored = parameters.useFloat(b, (name + ".weight").str(),
                                     {getChannels(x), outputs});
  Value empty = tensor::EmptyOp::create(
      b, ArrayRef<int64_t>{outputs, getChannels(x)}, b.getF32Type());
  Value weights =
      linalg::TransposeOp::create(b, stored, empty, ArrayRef<int64_t>{1, 0})
          ->getResult(0);
  return finishLinear(x, weights, name, outputs, options);
}

Value ModelBuilder::gatedLinear(Value x, StringRef gate, StringRef up,
                                int64_t outputs, Activation activation,
                                bool bias) {
  setName(gate);
  SmallVector<Value> weights, biases;
  for (StringRef name : {gate, up}) {
    weights.push_back(
        parameters.use(b, (name + ".weight").str(), {outputs, getChannels(x)}));
    if (bias)
      biases.push_back(
          parameters.useFloat(b, (name + ".bias").str(), {outputs}));
  }
  return buildLinear(x, weights, biases, outputs,
                     [&](ImplicitLocOpBuilder &b, ValueRange args) -> Value {
                       Value g = args[0], u = args[1];
                       if (bias) {
                         g = arith::AddFOp::create(b, g, args[2]);
                         u = arith::AddFOp::create(b, u, args[3]);
                       }
                       return arith::MulFOp::create(
                           b, buildActivation(b, activation, g), u);
                     });
}

//===----------------------------------------------------------------------===//
// Norms
//===----------------------------------------------------------------------===//

Value ModelBuilder::rmsNorm(Value x, StringRef name, double epsilon,
                            double offset) {
  setName(name);
  Value scale =
      parameters.useFloat(b, (name + ".weight").str(), {getChannels(x)});
  if (offset != 0)
    scale = pointwise(scale, [&](ImplicitLocOpBuilder &b, ValueRange args) {
      return buildAddConstant(b, args[0], offset);
    });
  return NormOp::create(
      b, x.getType(), NormKindAttr::get(b.getContext(), NormKind::Rms), x,
      scale,
      /*shift=*/Value(), b.getF32FloatAttr(static_cast<float>(epsilon)));
}

Value ModelBuilder::layerNorm(Value x, StringRef name, double epsilon) {
  setName(name);
  Value scale =
      parameters.useFloat(b, (name + ".weight").str(), {getChannels(x)});
  Value shift =
      parameters.useFloat(b, (name + ".bias").str(), {getChannels(x)});
  return NormOp::create(
      b, x.getType(), NormKindAttr::get(b.getContext(), NormKind::Layer), x,
      scale, shift, b.getF32FloatAttr(static_cast<float>(epsilon)));
}

//===----------------------------------------------------------------------===//
// Shapes
//===----------------------------------------------------------------------===//

Value ModelBuilder::splitHeads(Value x, int64_t heads) {
  const int64_t channels = getChannels(x) / heads;
  ArrayRef<int64_t> shape = getTensorType(x).getShape();
  auto type = RankedTensorType::get({shape[0], shape[1], heads, channels},
                                    b.getF32Type());
  SmallVector<OpFoldResult> sizes{tensor::getMixedSize(b, b.getLoc(), x, 0),
                                  tensor::getMixedSize(b, b.getLoc(), x, 1),
                                  b.getIndexAttr(heads),
                                  b.getIndexAttr(channels)};
  SmallVector<ReassociationIndices> groups{{0}, {1}, {2, 3}};
  return tensor::ExpandShapeOp::create(b, type, x, groups, sizes);
}

Value ModelBuilder::joinHeads(Value x) {
  SmallVector<ReassociationIndices> groups{{0}, {1}, {2, 3}};
  return tensor::CollapseShapeOp::create(b, x, groups);
}

Value ModelBuilder::slice(Value x, int64_t begin, int64_t size) {
  const size_t rank = getTensorType(x).getRank();
  SmallVector<OpFoldResult> offsets(rank, b.getIndexAttr(0));
  SmallVector<OpFoldResult> strides(rank, b.getIndexAttr(1));
  SmallVector<OpFoldResult> sizes = tensor::getMixedSizes(b, b.getLoc(), x);
  offsets.back() = b.getIndexAttr(begin);
  sizes.back() = b.getIndexAttr(size);
  return tensor::ExtractSliceOp::create(b, x, offsets, sizes, strides);
}

Value ModelBuilder::token(Value x, int64_t number) {
  const size_t rank = getTensorType(x).getRank();
  SmallVector<OpFoldResult> offsets(rank, b.getIndexAttr(0));
  SmallVector<OpFoldResult> strides(rank, b.getIndexAttr(1));
  SmallVector<OpFoldResult> sizes = tensor::getMixedSizes(b, b.getLoc(), x);
  offsets[1] = b.getIndexAttr(number);
  sizes[1] = b.getIndexAttr(1);
  return tensor::ExtractSliceOp::create(b, x, offsets, sizes, strides);
}

//===----------------------------------------------------------------------===//
// Attention
//===----------------------------------------------------------------------===//

Value ModelBuilder::rope(Value x, const Rope &rope) {
  return RopeOp::create(b, x.getType(), x, /*position=*/Value(),
                        RopePairingAttr::get(b.getContext(), rope.pairing),
                        b.getDenseF64ArrayAttr(rope.frequencies),
                        b.getF64FloatAttr(rope.magnitude));
}

static MaskAttrInterface getMask(MLIRContext *context,
                                 const AttentionOptions &options) {
  SmallVector<MaskAttrInterface> masks;
  if (options.causal)
    masks.push_back(CausalAttr::get(context));
  if (options.window)
    masks.push_back(WindowAttr::get(context, options.window));
  if (masks.empty())
    return nullptr;
  return masks.size() == 1 ? masks[0] : AndAttr::get(context, masks);
}

Value ModelBuilder::attention(Value q, Value k, Value v,
                              const AttentionOptions &options) {
  SmallVector<int64_t> shape(getTensorType(q).getShape());
  shape.back() = getTensorType(v).getShape().back();
  auto type = RankedTensorType::get(shape, b.getF32Type());
  FloatAttr scale;
  if (options.scale)
    scale = b.getF32FloatAttr(static_cast<float>(*options.scale));
  auto op = AttentionOp::create(
      b, type, /*lse=*/Type(), q, k, v, options.valid, /*position=*/Value(),
      /*key_position=*/Value(), SoftmaxAttr::get(b.getContext()),
      getMask(b.getContext(), options), scale);
  if (!options.name.empty())
    nameState(op, options.name);
  if (options.cap != 0) {
    OpBuilder::InsertionGuard guard(b);
    SmallVector<Type> types(5, b.getIndexType()); // batch, head, i, j
    types[0] = b.getF32Type();
    Block *block = b.createBlock(&op.getScore(), {}, types,
                                 SmallVector<Location>(5, b.getLoc()));
    weft::YieldOp::create(b, buildCap(b, block->getArgument(0), options.cap));
  }
  return op.getOut();
}

//===----------------------------------------------------------------------===//
// Pointwise
//===----------------------------------------------------------------------===//

Value ModelBuilder::add(Value x, Value y) {
  return arith::AddFOp::create(b, x, y);
}

Value ModelBuilder::scale(Value x, double factor) {
  return pointwise(x, [&](ImplicitLocOpBuilder &b, ValueRange args) {
    return buildScale(b, args[0], factor);
  });
}

Value ModelBuilder::pointwise(ValueRange inputs, Pointwise body) {
  const RankedTensorType type = getTensorType(inputs[0]);
  const unsigned rank = static_cast<unsigned>(type.getRank());
  SmallVector<AffineMap> maps;
  for (Value input : inputs) {
    // The last axes of the first input.
    const auto own = static_cast<unsigned>(getTensorType(input).getRank());
    maps.push_back(AffineMap::getMultiDimIdentityMap(rank, b.getContext())
                       .getMinorSubMap(own));
  }
  maps.push_back(AffineMap::getMultiDimIdentityMap(rank, b.getContext()));
  Value empty = tensor::EmptyOp::create(
      b, tensor::getMixedSizes(b, b.getLoc(), inputs[0]), b.getF32Type());
  return linalg::GenericOp::create(
             b, empty.getType(), inputs, empty, maps,
             SmallVector<utils::IteratorType>(rank,
                                              utils::IteratorType::parallel),
             [&](OpBuilder &nested, Location loc, ValueRange args) {
               ImplicitLocOpBuilder inner(loc, nested);
               Value result = body(inner, args.drop_back());
               linalg::YieldOp::create(inner, result);
             })
      .getResult(0);
}
