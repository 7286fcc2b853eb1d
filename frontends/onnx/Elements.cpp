//===- Elements.cpp - Work on elements of tensors -------------------------===//

#include "frontends/onnx/GraphBuilder.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace weft::onnx;

GraphBuilder::GraphBuilder(Location loc, Block *block)
    : b(loc, OpBuilder::atBlockEnd(block)), table(loc, block),
      functionLoc(loc) {
  b.setInsertionPointToEnd(block);
}

LogicalResult GraphBuilder::fail(const Twine &message) {
  if (error.empty())
    error = message.str();
  return failure();
}

AffineMap GraphBuilder::mapOf(unsigned loops, ArrayRef<int64_t> axes) {
  SmallVector<AffineExpr> exprs;
  for (int64_t axis : axes)
    exprs.push_back(b.getAffineDimExpr(axis));
  return AffineMap::get(loops, 0, exprs, b.getContext());
}

//===----------------------------------------------------------------------===//
// Tensors
//===----------------------------------------------------------------------===//

Tensor GraphBuilder::wrap(Value value, ArrayRef<Size> sizes, bool isParameter) {
  Tensor x;
  x.element = llvm::cast<RankedTensorType>(value.getType()).getElementType();
  x.sizes = Sizes(sizes);
  x.base = value;
  x.map = b.getMultiDimIdentityMap(sizes.size());
  x.isParameter = isParameter;
  return x;
}

Tensor GraphBuilder::makeKnown(ArrayRef<Size> elements, ArrayRef<Size> sizes,
                               Type element) {
  Tensor x;
  x.element = element;
  x.sizes = Sizes(sizes);
  x.known = Sizes(elements);
  return x;
}

Tensor GraphBuilder::makeLiteral(DenseElementsAttr literal) {
  Tensor x;
  x.element = literal.getElementType();
  for (int64_t size : literal.getType().getShape())
    x.sizes.push_back(size);
  x.literal = literal;
  x.isParameter = true;
  return x;
}

TypedAttr weft::onnx::makeNumber(Type type, double number) {
  if (auto real = dyn_cast<FloatType>(type)) {
    APFloat value(number);
    bool isInexact;
    value.convert(real.getFloatSemantics(), APFloat::rmNearestTiesToEven,
                  &isInexact);
    return FloatAttr::get(type, value);
  }
  return IntegerAttr::get(type, int64_t(number));
}

Value weft::onnx::buildNumber(ImplicitLocOpBuilder &b, Type type,
                              double number) {
  return arith::ConstantOp::create(b, makeNumber(type, number));
}

Tensor GraphBuilder::makeSplat(double number, Type element,
                               ArrayRef<Size> sizes) {
  auto scalar = RankedTensorType::get({}, element);
  Tensor x =
      makeLiteral(DenseElementsAttr::get(scalar, makeNumber(element, number)));
  return sizes.empty() ? x : broadcast(x, sizes);
}

//===----------------------------------------------------------------------===//
// Types
//===----------------------------------------------------------------------===//

Type weft::onnx::getComputeType(Type element) {
  auto real = dyn_cast<FloatType>(element);
  return real && real.getWidth() < 32 ? Float32Type::get(element.getContext())
                                      : element;
}

Value weft::onnx::buildCast(ImplicitLocOpBuilder &b, Value x, Type type) {
  Type from = x.getType();
  if (from == type)
    return x;
  auto fromReal = dyn_cast<FloatType>(from), toReal = dyn_cast<FloatType>(type);
  if (type.isInteger(1)) {
    Value zero = buildNumber(b, from, 0);
    if (fromReal)
      return arith::CmpFOp::create(b, arith::CmpFPredicate::UNE, x, zero);
    return arith::CmpIOp::create(b, arith::CmpIPredicate::ne, x, zero);
  }
  if (fromReal && toReal) {
    if (fromReal.getWidth() == toReal.getWidth()) // f16 and bf16
      x = arith::ExtFOp::create(b, b.getF32Type(), x);
    const unsigned width = llvm::cast<FloatType>(x.getType()).getWidth();
    if (width < toReal.getWidth())
      return arith::ExtFOp::create(b, type, x);
    return arith::TruncFOp::create(b, type, x);
  }
  if (fromReal) {
    if (fromReal.getWidth() < 32)
      x = arith::ExtFOp::create(b, b.getF32Type(), x);
    return arith::FPToSIOp::create(b, type, x);
  }
  if (toReal) {
    Type wide = getComputeType(type);
    Value real = from.isInteger(1)
                     ? arith::UIToFPOp::create(b, wide, x).getResult()
                     : arith::SIToFPOp::create(b, wide, x).getResult();
    return buildCast(b, real, type);
  }
  const unsigned width = from.getIntOrFloatBitWidth();
  if (width > type.getIntOrFloatBitWidth())
    return arith::TruncIOp::create(b, type, x);
  if (from.isInteger(1))
    return arith::ExtUIOp::create(b, type, x);
  return arith::ExtSIOp::create(b, type, x);
}

Tensor GraphBuilder::cast(const Tensor &x, Type element) {
  if (x.element == element)
    return x;
  if (x.known && !isa<FloatType>(element) &&
      (!element.isInteger(1) || x.getNumbers())) {
    Tensor result = x;
    result.element = element;
    result.base = nullptr;
    if (element.isInteger(1))
      for (Size &size : *result.known)
        size = size.is(0) ? 0 : 1;
    return result;
  }
  return unary(x, element, [&](ImplicitLocOpBuilder &b, ValueRange args) {
    return buildCast(b, args[0], element);
  });
}

//===----------------------------------------------------------------------===//
// Element-wise
//===----------------------------------------------------------------------===//

FailureOr<Sizes> GraphBuilder::getBroadcastSizes(ArrayRef<Tensor> inputs) {
  Sizes sizes;
  for (const Tensor &input : inputs) {
    if (input.sizes.size() > sizes.size())
      sizes.insert(sizes.begin(), input.sizes.size() - sizes.size(), Size(1));
    for (size_t i = 0; i < input.sizes.size(); ++i) {
      Size &size = sizes[sizes.size() - 1 - i];
      const Size &own = input.sizes[input.sizes.size() - 1 - i];
      if (size.is(1))
        size = own;
      else if (!own.is(1) && own != size)
        return fail("expected sizes that go together but got " +
                    table.str(inputs[0].sizes) + " and " +
                    table.str(input.sizes));
    }
  }
  return sizes;
}

namespace {
/// The operands of a nest: tensors that are one value everywhere are numbers of
/// the body, the others are read by maps.
struct Operands {
  SmallVector<Value> values;
  SmallVector<AffineMap> maps;
  SmallVector<std::optional<double>> splats;
};
} // namespace

/// Calls `body` on the operands, narrow floats widened.
static Value buildBody(ImplicitLocOpBuilder &b, ArrayRef<Tensor> inputs,
                       const Operands &operands, ValueRange args, Body body) {
  SmallVector<Value> values;
  for (auto [input, splat] : llvm::zip_equal(inputs, operands.splats)) {
    Type type = getComputeType(input.element);
    if (splat) {
      values.push_back(buildNumber(b, type, *splat));
    } else {
      values.push_back(buildCast(b, args.front(), type));
      args = args.drop_front();
    }
  }
  llvm::append_range(values, args);
  return body(b, values);
}

FailureOr<Tensor> GraphBuilder::pointwise(ArrayRef<Tensor> inputs, Type element,
                                          Body body) {
  FailureOr<Sizes> found = getBroadcastSizes(inputs);
  if (failed(found))
    return failure();
  const Sizes &sizes = *found;
  const unsigned rank = sizes.size();

  // Loops run as a full-sized input lies in memory.
  AffineMap layout = b.getMultiDimIdentityMap(rank);
  for (const Tensor &input : inputs)
    if (input.base && input.sizes == sizes && input.map.isPermutation()) {
      layout = input.map;
      break;
    }
  SmallVector<AffineExpr> loopOf(rank);
  Sizes loops;
  for (unsigned loop = 0; loop < rank; ++loop) {
    loopOf[layout.getDimPosition(loop)] = b.getAffineDimExpr(loop);
    loops.push_back(sizes[layout.getDimPosition(loop)]);
  }

  Operands operands;
  bool isParameter = true;
  for (const Tensor &input : inputs) {
    isParameter &= input.isParameter || input.getNumbers();
    std::optional<double> splat = input.getSplat();
    // Doubles hold integers of 53 bits.
    if (splat && std::abs(*splat) >= 0x1p53 && !input.isFloat())
      splat = std::nullopt;
    operands.splats.push_back(splat);
    if (splat)
      continue;
    Tensor source = withBase(input);
    SmallVector<AffineExpr> dims;
    for (int64_t axis = 0; axis < input.rank(); ++axis) {
      const unsigned at = rank - input.rank() + axis;
      dims.push_back(input.sizes[axis].is(1) && !sizes[at].is(1)
                         ? b.getAffineConstantExpr(0)
                         : loopOf[at]);
    }
    operands.values.push_back(source.base);
    operands.maps.push_back(
        source.map.replaceDimsAndSymbols(dims, {}, rank, 0));
  }
  operands.maps.push_back(b.getMultiDimIdentityMap(rank));

  Value empty = tensor::EmptyOp::create(b, table.build(loops), element);
  SmallVector<utils::IteratorType> iterators(rank,
                                             utils::IteratorType::parallel);
  auto nest = linalg::GenericOp::create(
      b, empty.getType(), operands.values, empty, operands.maps, iterators,
      [&](OpBuilder &nested, Location loc, ValueRange args) {
        ImplicitLocOpBuilder inner(loc, nested);
        Value result =
            buildBody(inner, inputs, operands, args.drop_back(), body);
        if (result.getType() != element)
          result = buildCast(inner, result, element);
        linalg::YieldOp::create(inner, result);
      });
  Tensor result = wrap(nest.getResult(0), sizes, isParameter);
  result.map = layout;
  return result;
}

Tensor GraphBuilder::unary(const Tensor &x, Type element, Body body) {
  return *pointwise(x, element, body);
}

Tensor GraphBuilder::fromIndices(ArrayRef<Size> sizes, Type element,
                                 Body body) {
  Value empty = tensor::EmptyOp::create(b, table.build(sizes), element);
  const unsigned rank = sizes.size();
  SmallVector<utils::IteratorType> iterators(rank,
                                             utils::IteratorType::parallel);
  auto nest = linalg::GenericOp::create(
      b, empty.getType(), ValueRange(), empty, b.getMultiDimIdentityMap(rank),
      iterators, [&](OpBuilder &nested, Location loc, ValueRange) {
        ImplicitLocOpBuilder inner(loc, nested);
        SmallVector<Value> at;
        for (unsigned i = 0; i < rank; ++i)
          at.push_back(linalg::IndexOp::create(inner, i));
        Value result = body(inner, at);
        if (result.getType() != element)
          result = buildCast(inner, result, element);
        linalg::YieldOp::create(inner, result);
      });
  return wrap(nest.getResult(0), sizes);
}

//===----------------------------------------------------------------------===//
// Reductions
//===----------------------------------------------------------------------===//

/// Whether each loop that is reduced runs along an axis of an operand.
static bool coversLoops(unsigned loops, ArrayRef<int64_t> kept,
                        ArrayRef<AffineMap> maps) {
  for (unsigned loop = 0; loop < loops; ++loop) {
    auto dim = getAffineDimExpr(loop, maps[0].getContext());
    if (!llvm::is_contained(kept, int64_t(loop)) &&
        llvm::none_of(maps, [&](AffineMap map) {
          return map.getResultPosition(dim).has_value();
        }))
      return false;
  }
  return true;
}

Tensor GraphBuilder::reduce(ArrayRef<Size> loops, ArrayRef<int64_t> kept,
                            ArrayRef<Tensor> inputs, ArrayRef<AffineMap> maps,
                            Type element, Attribute init, Body body) {
  const unsigned count = loops.size();
  Type compute = getComputeType(element);
  Operands operands;
  bool isParameter = true;
  for (auto [input, map] : llvm::zip_equal(inputs, maps)) {
    Tensor source = withBase(input);
    isParameter &= input.isParameter;
    operands.splats.push_back(std::nullopt);
    operands.values.push_back(source.base);
    operands.maps.push_back(source.map.compose(map));
  }
  // A loop along repeated elements has its size from a copy of them.
  if (!operands.maps.empty() && !coversLoops(count, kept, operands.maps)) {
    operands.values.clear();
    for (const Tensor &input : inputs)
      operands.values.push_back(dense(input));
    operands.maps.assign(maps.begin(), maps.end());
  }

  Sizes sizes;
  SmallVector<utils::IteratorType> iterators(count,
                                             utils::IteratorType::reduction);
  for (int64_t loop : kept) {
    sizes.push_back(loops[loop]);
    iterators[loop] = utils::IteratorType::parallel;
  }
  operands.maps.push_back(mapOf(count, kept));
  Value empty = tensor::EmptyOp::create(b, table.build(sizes), compute);
  Value start = arith::ConstantOp::create(b, llvm::cast<TypedAttr>(init));
  Value filled = linalg::FillOp::create(b, start, empty).getResult(0);
  auto nest = linalg::GenericOp::create(
      b, empty.getType(), operands.values, filled, operands.maps, iterators,
      [&](OpBuilder &nested, Location loc, ValueRange args) {
        ImplicitLocOpBuilder inner(loc, nested);
        Value result = buildBody(inner, inputs, operands, args, body);
        linalg::YieldOp::create(inner, result);
      });
  return cast(wrap(nest.getResult(0), sizes, isParameter), element);
}

Tensor GraphBuilder::reduceAxes(const Tensor &x, ArrayRef<int64_t> axes,
                                Type element, Attribute init, Body body) {
  SmallVector<int64_t> kept;
  for (int64_t axis = 0; axis < x.rank(); ++axis)
    if (!llvm::is_contained(axes, axis))
      kept.push_back(axis);
  return reduce(x.sizes, kept, x, b.getMultiDimIdentityMap(x.rank()), element,
                init, body);
}

Tensor GraphBuilder::contract(ArrayRef<Size> loops, ArrayRef<int64_t> kept,
                              ArrayRef<Tensor> inputs, ArrayRef<AffineMap> maps,
                              Type element) {
  Type compute = getComputeType(element);
  const bool isReal = isa<FloatType>(compute);
  return reduce(
      loops, kept, inputs, maps, element, makeNumber(compute, 0),
      [&](ImplicitLocOpBuilder &b, ValueRange args) -> Value {
        Value product = args[0];
        for (Value factor : args.drop_front().drop_back())
          product = isReal
                        ? arith::MulFOp::create(b, product, factor).getResult()
                        : arith::MulIOp::create(b, product, factor).getResult();
        if (isReal)
          return arith::AddFOp::create(b, args.back(), product);
        return arith::AddIOp::create(b, args.back(), product);
      });
}
