//===- Activations.cpp - Pointwise functions of models --------------------===//

#include "frontends/common/Activations.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace weft;

namespace {

/// Arithmetic on f32 scalars that reads like its formula.
class Scalar {
public:
  Scalar(ImplicitLocOpBuilder &b, Value value) : b(&b), value(value) {}
  operator Value() const { return value; }

  Scalar constant(double number) const {
    return {*b, arith::ConstantOp::create(
                    *b, b->getF32FloatAttr(static_cast<float>(number)))};
  }
  friend Scalar operator+(Scalar x, Scalar y) {
    return {*x.b, arith::AddFOp::create(*x.b, x, y)};
  }
  friend Scalar operator*(Scalar x, Scalar y) {
    return {*x.b, arith::MulFOp::create(*x.b, x, y)};
  }
  friend Scalar operator/(Scalar x, Scalar y) {
    return {*x.b, arith::DivFOp::create(*x.b, x, y)};
  }
  friend Scalar operator-(Scalar x) {
    return {*x.b, arith::NegFOp::create(*x.b, x)};
  }
  friend Scalar operator+(Scalar x, double y) { return x + x.constant(y); }
  friend Scalar operator*(Scalar x, double y) { return x * x.constant(y); }

  template <typename Function> Scalar apply() const {
    return {*b, Function::create(*b, value)};
  }
  Scalar exp() const { return apply<math::ExpOp>(); }
  /// 1 / (1 + exp(-x))
  Scalar sigmoid() const { return constant(1.0) / ((-*this).exp() + 1.0); }

private:
  ImplicitLocOpBuilder *b;
  Value value;
};

} // namespace

Value weft::buildActivation(ImplicitLocOpBuilder &b, Activation activation,
                            Value value) {
  Scalar x(b, value);
  switch (activation) {
  case Activation::Relu:
    return arith::MaximumFOp::create(b, x, x.constant(0.0));
  case Activation::Silu:
    return x / ((-x).exp() + 1.0);
  case Activation::Gelu:
    return x * 0.5 * ((x * 0.70710678118654752).apply<math::ErfOp>() + 1.0);
  case Activation::GeluTanh: {
    Scalar inner = (x + x * x * x * 0.044715) * 0.79788456080286536;
    return x * 0.5 * (inner.apply<math::TanhOp>() + 1.0);
  }
  case Activation::QuickGelu:
    return x / ((x * -1.702).exp() + 1.0);
  case Activation::Tanh:
    return x.apply<math::TanhOp>();
  case Activation::Sigmoid:
    return x.sigmoid();
  case Activation::Softplus: {
    Scalar soft = x.exp().apply<math::Log1pOp>();
    Value isLarge = arith::CmpFOp::create(b, arith::CmpFPredicate::OGT, x,
                                          x.constant(20.0));
    return arith::SelectOp::create(b, isLarge, x, soft);
  }
  }
  return nullptr;
}

Value weft::buildAddConstant(ImplicitLocOpBuilder &b, Value x,
                             double constant) {
  return Scalar(b, x) + constant;
}

Value weft::buildScale(ImplicitLocOpBuilder &b, Value x, double factor) {
  return Scalar(b, x) * factor;
}

Value weft::buildCap(ImplicitLocOpBuilder &b, Value x, double cap) {
  return (Scalar(b, x) * (1 / cap)).apply<math::TanhOp>() * cap;
}

namespace {
struct NamedActivation {
  const char *name;
  Activation activation;
};
} // namespace

// Names of `transformers.activations`.
static constexpr NamedActivation kNames[] = {
    {"silu", Activation::Silu},
    {"swish", Activation::Silu},
    {"gelu", Activation::Gelu},
    {"gelu_new", Activation::GeluTanh},
    {"gelu_pytorch_tanh", Activation::GeluTanh},
    {"gelu_fast", Activation::GeluTanh},
    {"quick_gelu", Activation::QuickGelu},
    {"relu", Activation::Relu},
    {"tanh", Activation::Tanh},
    {"sigmoid", Activation::Sigmoid},
};

const std::vector<std::string> &weft::getActivationNames() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> result;
    for (const NamedActivation &entry : kNames)
      result.push_back(entry.name);
    return result;
  }();
  return names;
}

Activation weft::parseActivation(const std::string &name) {
  for (const NamedActivation &entry : kNames)
    if (name == entry.name)
      return entry.activation;
  return Activation::Silu; // not reached: names come from getActivationNames
}
