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

/// What an op of one result computes from numbers.
using ScalarFunction = double (*)(const double *x);

/// The function of an op; null if it is not known.
static ScalarFunction getScalarFunction(Operation *op) {
  using F = ScalarFunction;
  using X = const double *;
  return llvm::TypeSwitch<Operation *, F>(op)
      .Case([](arith::AddFOp) -> F { return [](X x) { return x[0] + x[1]; }; })
      .Case([](arith::SubFOp) -> F { return [](X x) { return x[0] - x[1]; }; })
      .Case([](arith::MulFOp) -> F { return [](X x) { return x[0] * x[1]; }; })
      .Case([](arith::DivFOp) -> F { return [](X x) { return x[0] / x[1]; }; })
      .Case([](arith::NegFOp) -> F { return [](X x) { return -x[0]; }; })
      .Case([](arith::MaximumFOp) -> F {
        return [](X x) { return std::fmax(x[0], x[1]); };
      })
      .Case([](arith::MinimumFOp) -> F {
        return [](X x) { return std::fmin(x[0], x[1]); };
      })
      .Case([](arith::AddIOp) -> F { return [](X x) { return x[0] + x[1]; }; })
      .Case([](arith::SubIOp) -> F { return [](X x) { return x[0] - x[1]; }; })
      .Case([](arith::MulIOp) -> F { return [](X x) { return x[0] * x[1]; }; })
      .Case([](arith::SelectOp) -> F {
        return [](X x) { return x[0] != 0 ? x[1] : x[2]; };
      })
      .Case<arith::SIToFPOp, arith::ExtFOp, arith::TruncFOp, arith::IndexCastOp,
            arith::ExtSIOp, DequantizeOp>(
          [](auto) -> F { return [](X x) { return x[0]; }; })
      .Case([](math::ExpOp) -> F { return [](X x) { return std::exp(x[0]); }; })
      .Case(
          [](math::Exp2Op) -> F { return [](X x) { return std::exp2(x[0]); }; })
      .Case([](math::ExpM1Op) -> F {
        return [](X x) { return std::expm1(x[0]); };
      })
      .Case([](math::LogOp) -> F { return [](X x) { return std::log(x[0]); }; })
      .Case([](math::Log1pOp) -> F {
        return [](X x) { return std::log1p(x[0]); };
      })
      .Case(
          [](math::SqrtOp) -> F { return [](X x) { return std::sqrt(x[0]); }; })
      .Case([](math::RsqrtOp) -> F {
        return [](X x) { return 1.0 / std::sqrt(x[0]); };
      })
      .Case(
          [](math::TanhOp) -> F { return [](X x) { return std::tanh(x[0]); }; })
      .Case([](math::SinOp) -> F { return [](X x) { return std::sin(x[0]); }; })
      .Case([](math::CosOp) -> F { return [](X x) { return std::cos(x[0]); }; })
      .Case(
          [](math::AbsFOp) -> F { return [](X x) { return std::fabs(x[0]); }; })
      .Case([](math::ErfOp) -> F { return [](X x) { return std::erf(x[0]); }; })
      .Case([](math::PowFOp) -> F {
        return [](X x) { return std::pow(x[0], x[1]); };
      })
      .Case([](math::FmaOp) -> F {
        return [](X x) { return x[0] * x[1] + x[2]; };
      })
      .Default([](Operation *) { return F(); });
}

static bool isScalarOp(Operation *op) {
  return op->getNumResults() == 1 && op->getNumRegions() == 0 &&
         op->getNumOperands() <= 3 && getScalarFunction(op);
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
  ScalarFunction function = getScalarFunction(&op);
  SmallVector<const DenseValue *> operands;
  for (Value operand : op.getOperands())
    operands.push_back(&get(operand));
  double x[3];
  for (size_t i = 0; i < result.elements.size(); ++i) {
    for (auto [k, value] : llvm::enumerate(operands))
      x[k] = value->elements[value->shape.empty() ? 0 : i];
    result.elements[i] = roundTo(op.getResult(0).getType(), function(x));
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

namespace {
/// The body of a nest with its values numbered, so that an element costs no
/// lookups.
class ElementBody {
public:
  explicit ElementBody(linalg::GenericOp op) {
    for (Value argument : op.getBody()->getArguments())
      (void)getSlot(argument);
    for (Operation &inner : op.getBody()->without_terminator()) {
      Step step{nullptr, -1, {}, 0, false};
      if (auto index = dyn_cast<linalg::IndexOp>(inner))
        step.loop = index.getDim();
      else if (!isa<arith::ConstantOp>(inner))
        step.function = getScalarFunction(&inner);
      for (Value operand : inner.getOperands())
        step.operands.push_back(getSlot(operand));
      step.result = getSlot(inner.getResult(0));
      step.isSingle = getElementTypeOrSelf(inner.getResult(0)).isF32();
      if (step.function || step.loop >= 0)
        steps.push_back(step);
    }
    result = getSlot(op.getBody()->getTerminator()->getOperand(0));
  }

  /// The values that are not computed by steps, with their slots.
  const DenseMap<Value, unsigned> &getSlots() const { return slots; }
  void set(unsigned slot, double number) { numbers[slot] = number; }

  double run(ArrayRef<int64_t> place) {
    double x[3];
    for (const Step &step : steps) {
      if (step.loop >= 0) {
        numbers[step.result] = double(place[step.loop]);
        continue;
      }
      for (auto [k, slot] : llvm::enumerate(step.operands))
        x[k] = numbers[slot];
      const double number = step.function(x);
      numbers[step.result] = step.isSingle ? double(float(number)) : number;
    }
    return numbers[result];
  }

private:
  struct Step {
    ScalarFunction function;
    int64_t loop;
    SmallVector<unsigned, 3> operands;
    unsigned result;
    bool isSingle;
  };
  unsigned getSlot(Value value) {
    auto [it, isNew] = slots.try_emplace(value, unsigned(numbers.size()));
    if (isNew)
      numbers.push_back(0.0);
    return it->second;
  }
  DenseMap<Value, unsigned> slots;
  std::vector<double> numbers;
  std::vector<Step> steps;
  unsigned result = 0;
};

/// The element of an operand at a place of the loops.
struct Access {
  AffineMap map;
  SmallVector<int64_t> shape, strides; // strides by loop; empty: not affine
  int64_t first = 0;

  Access(AffineMap map, ArrayRef<int64_t> shape) : map(map), shape(shape) {
    SmallVector<int64_t> steps(map.getNumDims(), 0);
    int64_t stride = 1;
    for (unsigned i = map.getNumResults(); i-- > 0; stride *= shape[i]) {
      if (auto dim = dyn_cast<AffineDimExpr>(map.getResult(i)))
        steps[dim.getPosition()] += stride;
      else if (auto number = dyn_cast<AffineConstantExpr>(map.getResult(i)))
        first += stride * number.getValue();
      else
        return;
    }
    strides = steps;
  }

  int64_t at(ArrayRef<int64_t> place) const {
    if (strides.size() != place.size())
      return linearize(shape, map.compose(place));
    int64_t linear = first;
    for (auto [i, stride] : llvm::zip_equal(place, strides))
      linear += i * stride;
    return linear;
  }
};
} // namespace

void Evaluator::evaluateGeneric(linalg::GenericOp op) {
  DenseValue out = get(op.getDpsInits()[0]);
  ElementBody body(op);
  // Constants of the body, and scalars from outside.
  for (auto [value, slot] : body.getSlots()) {
    auto constant = value.getDefiningOp<arith::ConstantOp>();
    if (constant && constant->getBlock() == op.getBody())
      body.set(slot, evaluateConstant(constant)->elements[0]);
    else if (value.getParentBlock() != op.getBody())
      body.set(slot, get(value).elements[0]);
  }
  std::vector<std::pair<const DenseValue *, Access>> operands;
  for (OpOperand &operand : op->getOpOperands()) {
    const DenseValue &tensor =
        op.isDpsInit(&operand) ? out : get(operand.get());
    operands.emplace_back(
        &tensor, Access(op.getMatchingIndexingMap(&operand), tensor.shape));
  }
  forEachPlace(op.getStaticLoopRanges(), [&](ArrayRef<int64_t> place) {
    for (auto [number, operand] : llvm::enumerate(operands))
      body.set(number, operand.first->elements[operand.second.at(place)]);
    out.elements[operands.back().second.at(place)] = body.run(place);
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
