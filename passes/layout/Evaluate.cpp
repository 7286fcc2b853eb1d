//===- Evaluate.cpp - Computes on parameters at compile time --------------===//

#include "passes/layout/Evaluate.h"
#include "dialects/program/ops/ProgramOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "llvm/ADT/TypeSwitch.h"
#include <cmath>

using namespace mlir;
using namespace weft;

//===----------------------------------------------------------------------===//
// Scalars
//===----------------------------------------------------------------------===//

/// The value of an op of one result on numbers; nothing if it is not known.
static std::optional<double> evaluateScalar(Operation *op, ArrayRef<double> x) {
  using Result = std::optional<double>;
  return llvm::TypeSwitch<Operation *, Result>(op)
      .Case([&](arith::AddFOp) { return x[0] + x[1]; })
      .Case([&](arith::SubFOp) { return x[0] - x[1]; })
      .Case([&](arith::MulFOp) { return x[0] * x[1]; })
      .Case([&](arith::DivFOp) { return x[0] / x[1]; })
      .Case([&](arith::NegFOp) { return -x[0]; })
      .Case([&](arith::MaximumFOp) { return std::fmax(x[0], x[1]); })
      .Case([&](arith::MinimumFOp) { return std::fmin(x[0], x[1]); })
      .Case([&](arith::AddIOp) { return x[0] + x[1]; })
      .Case([&](arith::SubIOp) { return x[0] - x[1]; })
      .Case([&](arith::MulIOp) { return x[0] * x[1]; })
      .Case([&](arith::SelectOp) { return x[0] != 0 ? x[1] : x[2]; })
      .Case<arith::SIToFPOp, arith::ExtFOp, arith::TruncFOp, arith::IndexCastOp,
            arith::ExtSIOp, DequantizeOp>([&](auto) { return x[0]; })
      .Case([&](math::ExpOp) { return std::exp(x[0]); })
      .Case([&](math::Exp2Op) { return std::exp2(x[0]); })
      .Case([&](math::ExpM1Op) { return std::expm1(x[0]); })
      .Case([&](math::LogOp) { return std::log(x[0]); })
      .Case([&](math::Log1pOp) { return std::log1p(x[0]); })
      .Case([&](math::SqrtOp) { return std::sqrt(x[0]); })
      .Case([&](math::RsqrtOp) { return 1.0 / std::sqrt(x[0]); })
      .Case([&](math::TanhOp) { return std::tanh(x[0]); })
      .Case([&](math::SinOp) { return std::sin(x[0]); })
      .Case([&](math::CosOp) { return std::cos(x[0]); })
      .Case([&](math::AbsFOp) { return std::fabs(x[0]); })
      .Case([&](math::ErfOp) { return std::erf(x[0]); })
      .Case([&](math::PowFOp) { return std::pow(x[0], x[1]); })
      .Case([&](math::FmaOp) { return x[0] * x[1] + x[2]; })
      .Default([](Operation *) { return Result(); });
}

static bool isScalarOp(Operation *op) {
  return op->getNumResults() == 1 && op->getNumRegions() == 0 &&
         op->getNumOperands() <= 3 &&
         evaluateScalar(op, {1.0, 1.0, 1.0}).has_value();
}

static double roundTo(Type type, double number) {
  return getElementTypeOrSelf(type).isF32() ? double(float(number)) : number;
}

/// The elements of a constant.
static std::optional<DenseValue> evaluateConstant(arith::ConstantOp op) {
  DenseValue value;
  auto toDouble = [](Attribute element) -> double {
    if (auto number = dyn_cast<FloatAttr>(element))
      return number.getValueAsDouble();
    return cast<IntegerAttr>(element).getInt();
  };
  if (auto elements = dyn_cast<DenseElementsAttr>(op.getValue())) {
    value.shape.assign(elements.getType().getShape().begin(),
                       elements.getType().getShape().end());
    for (Attribute element : elements.getValues<Attribute>())
      value.elements.push_back(toDouble(element));
    return value;
  }
  if (!isa<FloatAttr, IntegerAttr>(op.getValue()))
    return std::nullopt;
  value.elements = {toDouble(op.getValue())};
  return value;
}

//===----------------------------------------------------------------------===//
// What can be evaluated
//===----------------------------------------------------------------------===//

static bool hasConstantSlice(OffsetSizeAndStrideOpInterface op) {
  auto isConstant = [](OpFoldResult value) {
    return getConstantIntValue(value).has_value();
  };
  return llvm::all_of(op.getMixedOffsets(), isConstant) &&
         llvm::all_of(op.getMixedSizes(), isConstant) &&
         llvm::all_of(op.getMixedStrides(), isConstant);
}

bool weft::canEvaluate(Operation *op) {
  if (auto slice = dyn_cast<tensor::ExtractSliceOp>(op))
    return hasConstantSlice(slice);
  if (auto generic = dyn_cast<linalg::GenericOp>(op))
    return op->getNumResults() == 1 &&
           llvm::all_of(
               generic.getBody()->without_terminator(), [](Operation &inner) {
                 return isa<linalg::IndexOp, arith::ConstantOp>(inner) ||
                        isScalarOp(&inner);
               });
  return isScalarOp(op) ||
         isa<arith::ConstantOp, tensor::EmptyOp, tensor::ConcatOp,
             tensor::ExpandShapeOp, tensor::CollapseShapeOp, tensor::CastOp,
             linalg::FillOp, linalg::TransposeOp>(op);
}

//===----------------------------------------------------------------------===//
// Tensors
//===----------------------------------------------------------------------===//

static int64_t getCount(ArrayRef<int64_t> shape) {
  return std::accumulate(shape.begin(), shape.end(), int64_t(1),
                         std::multiplies<int64_t>());
}

/// Calls `body` with every place of a shape, in row-major order.
static void forEachPlace(ArrayRef<int64_t> shape,
                         function_ref<void(ArrayRef<int64_t>)> body) {
  SmallVector<int64_t> place(shape.size(), 0);
  for (int64_t i = 0, count = getCount(shape); i < count; ++i) {
    body(place);
    for (size_t axis = shape.size(); axis-- > 0;) {
      if (++place[axis] < shape[axis])
        break;
      place[axis] = 0;
    }
  }
}

static int64_t linearize(ArrayRef<int64_t> shape, ArrayRef<int64_t> place) {
  int64_t linear = 0;
  for (auto [size, at] : llvm::zip_equal(shape, place))
    linear = linear * size + at;
  return linear;
}

namespace {

/// Evaluates the ops of a region one after the other.
class Evaluator {
public:
  LogicalResult evaluate(Operation &op);
  void set(Value value, DenseValue dense) { values[value] = std::move(dense); }
  const DenseValue &get(Value value) { return values[value]; }

private:
  DenseValue makeResult(Operation &op) {
    DenseValue result;
    if (auto type = dyn_cast<RankedTensorType>(op.getResult(0).getType()))
      result.shape.assign(type.getShape().begin(), type.getShape().end());
    result.elements.resize(getCount(result.shape));
    return result;
  }
  void evaluateElements(Operation &op);
  void evaluateSlice(tensor::ExtractSliceOp op);
  void evaluateConcat(tensor::ConcatOp op);
  void evaluateTranspose(linalg::TransposeOp op);
  void evaluateGeneric(linalg::GenericOp op);

  DenseMap<Value, DenseValue> values;
};

} // namespace

void Evaluator::evaluateElements(Operation &op) {
  DenseValue result = makeResult(op);
  SmallVector<double> x(op.getNumOperands());
  for (size_t i = 0; i < result.elements.size(); ++i) {
    for (auto [k, operand] : llvm::enumerate(op.getOperands())) {
      const DenseValue &value = get(operand);
      x[k] = value.elements[value.shape.empty() ? 0 : i];
    }
    result.elements[i] =
        roundTo(op.getResult(0).getType(), *evaluateScalar(&op, x));
  }
  set(op.getResult(0), result);
}

void Evaluator::evaluateSlice(tensor::ExtractSliceOp op) {
  DenseValue result = makeResult(*op);
  const DenseValue &source = get(op.getSource());
  SmallVector<int64_t> sizes = *getConstantIntValues(op.getMixedSizes());
  SmallVector<int64_t> offsets = *getConstantIntValues(op.getMixedOffsets());
  SmallVector<int64_t> strides = *getConstantIntValues(op.getMixedStrides());
  size_t next = 0;
  forEachPlace(sizes, [&](ArrayRef<int64_t> place) {
    SmallVector<int64_t> from;
    for (auto [at, offset, stride] : llvm::zip_equal(place, offsets, strides))
      from.push_back(offset + at * stride);
    result.elements[next++] = source.elements[linearize(source.shape, from)];
  });
  set(op.getResult(), result);
}

void Evaluator::evaluateConcat(tensor::ConcatOp op) {
  DenseValue result = makeResult(*op);
  int64_t axis = op.getDim(), begin = 0;
  for (Value input : op.getInputs()) {
    const DenseValue &source = get(input);
    size_t next = 0;
    forEachPlace(source.shape, [&](ArrayRef<int64_t> place) {
      SmallVector<int64_t> to(place);
      to[axis] += begin;
      result.elements[linearize(result.shape, to)] = source.elements[next++];
    });
    begin += source.shape[axis];
  }
  set(op.getResult(), result);
}

void Evaluator::evaluateTranspose(linalg::TransposeOp op) {
  DenseValue result = makeResult(*op);
  const DenseValue &source = get(op.getInput());
  size_t next = 0;
  forEachPlace(result.shape, [&](ArrayRef<int64_t> place) {
    SmallVector<int64_t> from(place.size());
    for (auto [axis, source] : llvm::enumerate(op.getPermutation()))
      from[source] = place[axis];
    result.elements[next++] = source.elements[linearize(source.shape, from)];
  });
  set(op->getResult(0), result);
}

void Evaluator::evaluateGeneric(linalg::GenericOp op) {
  DenseValue out = get(op.getDpsInits()[0]);
  SmallVector<int64_t> loops = op.getStaticLoopRanges();
  SmallVector<AffineMap> maps = op.getIndexingMapsArray();
  Evaluator inner;
  // Values from outside are scalars.
  for (Operation &body : op.getBody()->without_terminator())
    for (Value operand : body.getOperands())
      if (operand.getParentBlock() != op.getBody())
        inner.set(operand, get(operand));

  forEachPlace(loops, [&](ArrayRef<int64_t> place) {
    for (OpOperand &operand : op->getOpOperands()) {
      unsigned number = operand.getOperandNumber();
      const DenseValue &tensor =
          op.isDpsInit(&operand) ? out : get(operand.get());
      int64_t at = linearize(tensor.shape, maps[number].compose(place));
      inner.set(op.getBody()->getArgument(number), {{}, {tensor.elements[at]}});
    }
    for (Operation &body : op.getBody()->without_terminator()) {
      if (auto index = dyn_cast<linalg::IndexOp>(body))
        inner.set(index.getResult(), {{}, {double(place[index.getDim()])}});
      else
        (void)inner.evaluate(body);
    }
    Value result = op.getBody()->getTerminator()->getOperand(0);
    const DenseValue &value = result.getParentBlock() == op.getBody()
                                  ? inner.get(result)
                                  : get(result);
    int64_t at = linearize(out.shape, maps.back().compose(place));
    out.elements[at] = value.elements[0];
  });
  set(op.getResult(0), out);
}

LogicalResult Evaluator::evaluate(Operation &op) {
  if (!canEvaluate(&op))
    return op.emitOpError("cannot be evaluated at compile time");
  if (isScalarOp(&op)) {
    evaluateElements(op);
    return success();
  }
  DenseValue result = op.getNumResults() == 1 ? makeResult(op) : DenseValue();
  llvm::TypeSwitch<Operation *>(&op)
      .Case([&](arith::ConstantOp constant) {
        if (auto value = evaluateConstant(constant))
          set(constant.getResult(), *value);
      })
      .Case([&](tensor::EmptyOp empty) { set(empty.getResult(), result); })
      .Case([&](linalg::FillOp fill) {
        result.elements.assign(result.elements.size(),
                               get(fill.getInputs()[0]).elements[0]);
        set(fill.getResult(0), result);
      })
      .Case<tensor::ExpandShapeOp, tensor::CollapseShapeOp, tensor::CastOp>(
          [&](auto) {
            result.elements = get(op.getOperand(0)).elements;
            set(op.getResult(0), result);
          })
      .Case([&](tensor::ExtractSliceOp slice) { evaluateSlice(slice); })
      .Case([&](tensor::ConcatOp concat) { evaluateConcat(concat); })
      .Case(
          [&](linalg::TransposeOp transpose) { evaluateTranspose(transpose); })
      .Case([&](linalg::GenericOp generic) { evaluateGeneric(generic); });
  return success();
}

FailureOr<DenseValue> weft::evaluateCompute(Region &compute,
                                            ArrayRef<DenseValue> sources) {
  Evaluator evaluator;
  for (auto [arg, source] : llvm::zip_equal(compute.getArguments(), sources))
    evaluator.set(arg, source);
  for (Operation &op : compute.front().without_terminator())
    if (failed(evaluator.evaluate(op)))
      return failure();
  return evaluator.get(compute.front().getTerminator()->getOperand(0));
}
